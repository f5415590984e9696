import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { StaleBuild } from "../../src/locales/loader.ts";
import { ALI, tokenOf } from "../support/api.ts";
import { whole, type Whole } from "../support/ovqat.ts";
import { FakePage } from "../support/page.ts";
import { FakeStorage } from "../support/storage.ts";

const TOKEN = tokenOf(ALI.userId);

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const passes = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

async function inside(parts = whole()): Promise<Whole> {
  parts.ovqat.open(TOKEN);
  await passes(0);
  expect(parts.ovqat.phase.value.name).toBe("ready");
  return parts;
}

describe("towards the host", () => {
  it("says that it is ready before anything else, then asks for the theme", async () => {
    const { host } = await inside();

    expect(host.heard.slice(0, 2)).toEqual([{ type: "READY" }, { type: "REQUEST_THEME" }]);
  });

  it("reports every screen once", async () => {
    const { ovqat, host, page } = await inside();
    ovqat.openLanguages();
    page.goBack();

    expect(host.heard.filter(({ type }) => type === "NAVIGATION_CHANGED")).toEqual([
      { type: "NAVIGATION_CHANGED", canGoBack: false, currentScreen: "loading", stack: ["loading"] },
      { type: "NAVIGATION_CHANGED", canGoBack: false, currentScreen: "home", stack: ["home"] },
      { type: "NAVIGATION_CHANGED", canGoBack: true, currentScreen: "language", stack: ["home", "language"] },
      { type: "NAVIGATION_CHANGED", canGoBack: false, currentScreen: "home", stack: ["home"] },
    ]);
  });

  it("goes home on BACK_PRESSED, and asks to be closed on the next", async () => {
    const { ovqat, host } = await inside();
    ovqat.openLanguages();

    host.says({ type: "BACK_PRESSED" });
    await passes(0);
    expect(ovqat.router.screen.value).toBe("home");
    expect(host.count("CLOSE_WEBVIEW")).toBe(0);
    host.says({ type: "BACK_PRESSED" });

    expect(host.count("CLOSE_WEBVIEW")).toBe(1);
  });

  it("asks to be closed on BACK_PRESSED when a notice is shown, even over an inner screen", async () => {
    const { ovqat, host } = await inside();
    ovqat.openLanguages();
    ovqat.fail();

    host.says({ type: "BACK_PRESSED" });

    expect(host.count("CLOSE_WEBVIEW")).toBe(1);
  });

  it("keeps clear of what the host covers", async () => {
    const { host } = await inside();

    host.says({ type: "SAFE_AREA", top: 24, right: 0, bottom: 16.5, left: 0 });

    const { style } = document.documentElement;
    expect(style.getPropertyValue("--host-top")).toBe("24px");
    expect(style.getPropertyValue("--host-bottom")).toBe("16.5px");
  });

  it("paints itself like the host", async () => {
    const { host } = await inside();

    host.says({ type: "THEME_CHANGE", theme: "dark" });

    expect(document.documentElement.dataset["theme"]).toBe("dark");
  });

  it("speaks the host's language while the person has chosen none", async () => {
    const { ovqat, host, storage } = await inside();

    host.says({ type: "LANGUAGE_CHANGE", language: "ru" });
    await passes(0);

    expect(ovqat.wording.language.value).toBe("ru");
    expect(document.documentElement.lang).toBe("ru");
    expect(storage.items["ovqat.language"]).toBe("ru");
  });
});

describe("a token from the host", () => {
  it("of the same person keeps their screen and what is remembered", async () => {
    const { ovqat, host, storage } = await inside();
    await ovqat.chooseTheme("dark");
    ovqat.openLanguages();
    const renewed = tokenOf(ALI.userId, "renewed");

    host.says({ type: "SET_TOKEN", token: renewed });
    await passes(0);

    expect(ovqat.phase.value.name).toBe("ready");
    expect(ovqat.router.screen.value).toBe("language");
    expect(storage.items).toMatchObject({ "ovqat.token": renewed, "ovqat.theme": "dark" });
  });

  it("of another person is not told, nor painted with, what the first one could not save", async () => {
    const { ovqat, host, api } = await inside();
    api.answer = "hang";
    const saving = ovqat.chooseTheme("dark");
    api.answer = "ok";
    api.person = { ...ALI, userId: "vali" };
    host.says({ type: "SET_TOKEN", token: tokenOf("vali") });
    await passes(0);
    const painted = ovqat.me.value?.theme;
    await passes(9000);
    await saving;

    expect(painted).toBe("system");
    expect(ovqat.remark.value).toBeNull();
  });

  it("of another person forgets the first one before it is even checked", async () => {
    const { ovqat, host, api, storage } = await inside();
    await ovqat.chooseTheme("dark");
    await ovqat.chooseLanguage("ru");
    ovqat.openLanguages();
    api.answer = "hang";

    host.says({ type: "SET_TOKEN", token: tokenOf("vali") });
    await passes(0);

    expect(ovqat.me.value).toBeNull();
    expect(ovqat.router.screen.value).toBe("home");
    expect(storage.items).toEqual({ "ovqat.token": tokenOf("vali") });
  });
});

describe("the first greeting", () => {
  it("waits for the person's own language, so that it does not change before their eyes", async () => {
    const parts = whole();
    parts.api.person = { ...ALI, language: "ru" };
    const seen: (string | null)[] = [];
    parts.ovqat.phase.subscribe(({ name }) => name === "ready" && seen.push(parts.ovqat.wording.language.value));

    await inside(parts);

    expect(seen).toEqual(["ru"]);
  });

  it("does not wait for long", async () => {
    const parts = whole();
    parts.api.person = { ...ALI, language: "ru" };
    parts.slow.add("ru");

    parts.ovqat.open(TOKEN);
    await passes(1199);
    expect(parts.ovqat.phase.value.name).toBe("loading");
    await passes(1);

    expect(parts.ovqat.phase.value.name).toBe("ready");
  });
});

describe("choosing a language", () => {
  it("is felt, shown at once and saved", async () => {
    const { ovqat, host, api } = await inside();

    await ovqat.chooseLanguage("ru");
    await passes(0);

    expect(host.heard.at(-1)).toEqual({ type: "HAPTIC", style: "light" });
    expect(ovqat.wording.language.value).toBe("ru");
    expect(api.patches).toEqual([{ language: "ru" }]);
    expect(ovqat.remark.value).toBeNull();
  });

  it("is taken back with a remark when it cannot be saved, and the remark goes by itself", async () => {
    const { ovqat, api } = await inside();
    api.answer = { kind: "unexpected", requestId: null };

    await ovqat.chooseLanguage("ru");
    await passes(0);
    expect(ovqat.wording.language.value).toBe("uz");
    expect(ovqat.remark.value).toBe("remark.notSaved");
    await passes(8000);

    expect(ovqat.remark.value).toBeNull();
  });

  it("gives up saving after eight seconds without a network", async () => {
    const { ovqat, api } = await inside();
    api.answer = "hang";

    const choice = ovqat.chooseLanguage("ru");
    await passes(8000);
    await choice;

    expect(ovqat.remark.value).toBe("remark.offline");
    expect(ovqat.me.value?.language).toBeNull();
  });

  it("is not even sent when its texts cannot be loaded", async () => {
    const { ovqat, api, missing } = await inside();
    missing.set("ru", new TypeError("Failed to fetch"));

    await ovqat.chooseLanguage("ru");

    expect(api.patches).toEqual([]);
    expect(ovqat.choosing.value).toBeNull();
    expect(ovqat.remark.value).toBe("remark.offline");
  });

  it("holds to the last of several", async () => {
    const { ovqat, api } = await inside();

    const first = ovqat.chooseLanguage("ru");
    const second = ovqat.chooseLanguage("en");
    await Promise.all([first, second]);
    await passes(0);

    expect(ovqat.wording.language.value).toBe("en");
    expect(api.person.language).toBe("en");
  });
});

describe("texts that come too late", () => {
  it("do not bring back a language that was tapped before the last", async () => {
    const { ovqat, api, slow, arrive } = await inside();
    slow.add("ru");
    const first = ovqat.chooseLanguage("ru");
    await ovqat.chooseLanguage("en");

    arrive("ru");
    await first;
    await passes(0);

    expect(api.patches).toEqual([{ language: "en" }]);
    expect(ovqat.wording.language.value).toBe("en");
  });

  it("are not one person's choice for another who came meanwhile", async () => {
    const { ovqat, host, api, slow, arrive } = await inside();
    slow.add("ru");
    const chosen = ovqat.chooseLanguage("ru");
    api.person = { ...ALI, userId: "vali" };
    host.says({ type: "SET_TOKEN", token: tokenOf("vali") });
    await passes(0);

    arrive("ru");
    await chosen;
    await passes(0);

    expect(api.patches).toEqual([]);
    expect(ovqat.me.value?.language).toBeNull();
  });

  it("do not bring back a language that the host has left again", async () => {
    const { ovqat, host, slow, arrive } = await inside();
    slow.add("ru");
    host.says({ type: "LANGUAGE_CHANGE", language: "ru" });
    host.says({ type: "LANGUAGE_CHANGE", language: "en" });
    await passes(0);

    arrive("ru");
    await passes(0);

    expect(ovqat.wording.language.value).toBe("en");
  });
});

describe("a token that dies while something is saved", () => {
  it("is replaced through the host", async () => {
    const { ovqat, api, host, storage } = await inside();
    api.answer = { kind: "expired" };

    await ovqat.chooseTheme("dark");

    expect(ovqat.phase.value.name).toBe("renewing");
    expect(host.count("REQUEST_TOKEN")).toBe(1);
    expect(storage.items["ovqat.token"]).toBeUndefined();
  });
});

describe("a page older than the server", () => {
  const GONE = new StaleBuild("/assets/uz-1.json");

  it("is reloaded once for a file that is gone", async () => {
    const { ovqat, page, storage, missing } = whole();
    missing.set("uz", GONE);

    ovqat.open(TOKEN);
    await passes(0);

    expect(page.reloads).toHaveLength(1);
    expect(storage.items["ovqat.reloaded"]).toBe(GONE.url);
  });

  it("is not reloaded again for the same file: it says that something is wrong", async () => {
    const { ovqat, page, missing } = whole({ storage: new FakeStorage({ "ovqat.reloaded": GONE.url }) });
    missing.set("uz", GONE);

    ovqat.open(TOKEN);
    await passes(0);

    expect(page.reloads).toEqual([]);
    expect(ovqat.phase.value.name).toBe("failed");
  });

  it("is not reloaded where it could not remember having been", async () => {
    const storage = new FakeStorage();
    storage.lasting = false;
    const { ovqat, page, missing } = whole({ storage });
    missing.set("uz", GONE);

    ovqat.open(TOKEN);
    await passes(0);

    expect(page.reloads).toEqual([]);
  });
});

describe("texts that do not come", () => {
  it("are asked for again until they do", async () => {
    const { ovqat, missing } = whole();
    missing.set("uz", new TypeError("Failed to fetch"));
    ovqat.open(TOKEN);
    await passes(0);
    expect(ovqat.wording.say.value).toBeNull();

    missing.clear();
    await passes(1000);

    expect(ovqat.wording.say.value?.("retry")).toBe("Try again");
  });
});

describe("a network that comes back", () => {
  it.each(["online", "visibilitychange"])("is used at once, told by %s", async (event) => {
    const page = new FakePage();
    const { ovqat, api } = whole({ page });
    api.answer = { kind: "offline" };
    ovqat.open(TOKEN);
    await passes(8000);
    expect(ovqat.phase.value.name).toBe("offline");
    api.answer = "ok";

    (event === "online" ? page : document).dispatchEvent(new Event(event));
    await passes(0);

    expect(ovqat.phase.value.name).toBe("ready");
  });
});
