import { describe, expect, it } from "vitest";

import { Router } from "../../src/state/router.ts";
import { FakePage } from "../support/page.ts";

const soon = (): Promise<void> => Promise.resolve();

describe("Router", () => {
  it("opens at home, with no way back", () => {
    const router = new Router(new FakePage().window);

    expect(router.screen.value).toBe("home");
    expect(router.canGoBack.value).toBe(false);
    expect(router.stack.value).toEqual(["home"]);
  });

  it("opens a screen on top of home and keeps the other parameters of the URL", () => {
    const page = new FakePage("https://ovqat.test/?lang=ru");
    const router = new Router(page.window);

    router.open("language");

    expect(router.screen.value).toBe("language");
    expect(router.canGoBack.value).toBe(true);
    expect(router.stack.value).toEqual(["home", "language"]);
    expect(page.url).toBe("https://ovqat.test/?lang=ru#language");
    expect(page.below).toBe(1);
  });

  it("does not pile the same screen up", () => {
    const page = new FakePage();
    const router = new Router(page.window);

    router.open("language");
    router.open("language");

    expect(page.below).toBe(1);
  });

  it("follows the browser's own Back button", () => {
    const page = new FakePage();
    const router = new Router(page.window);
    router.open("language");

    page.goBack();

    expect(router.screen.value).toBe("home");
    expect(router.canGoBack.value).toBe(false);
  });

  it("goes back once, however often Back is pressed before it has happened", async () => {
    const page = new FakePage();
    const router = new Router(page.window);
    router.open("language");

    router.back();
    router.back();
    await soon();

    expect(router.screen.value).toBe("home");
    expect(page.below).toBe(0);
  });

  it("does nothing on Back at home: only the host can close us", async () => {
    const page = new FakePage();
    const router = new Router(page.window);

    router.back();
    await soon();

    expect(page.below).toBe(0);
  });

  it("can go back again after having gone back once", async () => {
    const page = new FakePage();
    const router = new Router(page.window);
    router.open("language");
    router.back();
    await soon();
    router.open("language");

    router.back();
    await soon();

    expect(router.screen.value).toBe("home");
  });

  it("stays on its screen after a reload, with home still below", () => {
    const page = new FakePage();
    new Router(page.window).open("language");

    const reloaded = new Router(page.window);

    expect(reloaded.screen.value).toBe("language");
    expect(reloaded.canGoBack.value).toBe(true);
    expect(page.below).toBe(1);
  });

  it.each([["nothing", null], ["the state of somebody else", "x"]])(
    "lays home below a screen that a link opened, with %s in the history",
    async (_what, state) => {
      const page = new FakePage("https://ovqat.test/#language", state);
      const router = new Router(page.window);
      expect(router.screen.value).toBe("language");

      router.back();
      await soon();

      expect(router.screen.value).toBe("home");
      expect(page.url).toBe("https://ovqat.test/");
    },
  );

  it("takes an unknown screen for home", () => {
    expect(new Router(new FakePage("https://ovqat.test/#nonsense").window).screen.value).toBe("home");
  });
});
