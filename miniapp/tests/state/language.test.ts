import { signal } from "@preact/signals";
import { describe, expect, it } from "vitest";

import type { Me } from "../../src/api/client.ts";
import { LanguageState } from "../../src/state/language.ts";
import { ALI } from "../support/api.ts";
import { FakeStorage } from "../support/storage.ts";

interface Around {
  me?: Me | null;
  kept?: string;
  search?: string;
  languages?: string[];
}

function speaking({ me = null, kept, search = "", languages = ["de-DE"] }: Around): LanguageState {
  const storage = new FakeStorage(kept === undefined ? {} : { "ovqat.language": kept });
  return new LanguageState(signal(me), storage, { search, languages });
}

describe("LanguageState, before the person is known", () => {
  it.each<[string, Around, string]>([
    ["Uzbek when nothing else is known", {}, "uz"],
    ["the browser's first language that it knows", { languages: ["de-DE", "ru-KZ", "en"] }, "ru"],
    ["Uzbek in Cyrillic for those who read it", { languages: ["uz-Cyrl-UZ"] }, "uz-Cyrl"],
    ["Uzbek in Latin otherwise", { languages: ["uz-UZ"] }, "uz"],
    ["?lang= rather than the browser's", { search: "?lang=en", languages: ["ru"] }, "en"],
    ["the browser's when ?lang= is nonsense", { search: "?lang=xx", languages: ["ru"] }, "ru"],
    ["the last one of this session rather than ?lang=", { kept: "uz-Cyrl", search: "?lang=en" }, "uz-Cyrl"],
    ["?lang= when what was kept is nonsense", { kept: "xx", search: "?lang=en" }, "en"],
  ])("is %s", (_what, around, language) => {
    expect(speaking(around).wanted.value).toBe(language);
  });

  it("is the host's rather than ?lang=, but not rather than the last one", () => {
    const fresh = speaking({ search: "?lang=en" });
    const again = speaking({ kept: "uz", search: "?lang=en" });

    fresh.host.value = "ru";
    again.host.value = "ru";

    expect(fresh.wanted.value).toBe("ru");
    expect(again.wanted.value).toBe("uz");
  });
});

describe("LanguageState, once the person is known", () => {
  it("is the person's, whatever the host says", () => {
    const language = speaking({ me: { ...ALI, language: "en" }, kept: "ru" });

    language.host.value = "uz";

    expect(language.wanted.value).toBe("en");
  });

  it("is the host's while the person has chosen none", () => {
    const language = speaking({ me: ALI, kept: "ru" });
    expect(language.wanted.value).toBe("ru");

    language.host.value = "uz-Cyrl";

    expect(language.wanted.value).toBe("uz-Cyrl");
  });
});
