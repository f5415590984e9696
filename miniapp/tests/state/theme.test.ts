import { signal } from "@preact/signals";
import { describe, expect, it } from "vitest";

import type { Me } from "../../src/api/client.ts";
import { ThemeState } from "../../src/state/theme.ts";
import { ALI } from "../support/api.ts";
import { FakePage } from "../support/page.ts";
import { FakeStorage } from "../support/storage.ts";

function themed({ me = null, kept = {} }: { me?: Me | null; kept?: Record<string, string> } = {}) {
  const page = new FakePage();
  const storage = new FakeStorage(kept);
  const person = signal(me);
  const theme = new ThemeState(person, storage, page.matchMedia());
  return { theme, person, storage, system: page.systemTheme };
}

describe("ThemeState", () => {
  it("follows the system while nobody says otherwise", () => {
    const { theme, system } = themed({ me: ALI });
    expect(theme.look.value).toBe("light");

    system.turn(true);

    expect(theme.look.value).toBe("dark");
  });

  it("follows the host rather than the system", () => {
    const { theme, system } = themed({ me: ALI });
    system.turn(true);

    theme.host.value = "light";

    expect(theme.look.value).toBe("light");
  });

  it("follows the person rather than the host", () => {
    const { theme } = themed({ me: { ...ALI, theme: "light" } });

    theme.host.value = "dark";

    expect(theme.look.value).toBe("light");
  });

  it("begins in the look of before the reload", () => {
    const { theme, person } = themed({ kept: { "ovqat.theme": "dark" } });
    expect(theme.look.value).toBe("dark");

    person.value = ALI;

    expect(theme.look.value).toBe("light");
  });

  it.each([
    ["the person's choice", { ...ALI, theme: "dark" } as const, null, "dark"],
    ["the host's", ALI, "dark" as const, "dark"],
    ["nothing while the system decides", ALI, null, undefined],
  ])("remembers %s", (_what, me, host, kept) => {
    const { theme, storage } = themed({ me, kept: { "ovqat.theme": "light" } });
    theme.host.value = host;

    theme.apply(document.documentElement, storage);

    expect(storage.items["ovqat.theme"]).toBe(kept);
  });

  it("does not believe a stored value that is no look", () => {
    expect(themed({ kept: { "ovqat.theme": "purple" } }).theme.look.value).toBe("light");
  });
});
