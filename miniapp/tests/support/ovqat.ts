import en from "../../src/locales/en.json";
import type { Language } from "../../src/locales/languages.ts";
import type { LoadTexts } from "../../src/locales/loader.ts";
import { Ovqat } from "../../src/state/ovqat.ts";
import { FakeApi } from "./api.ts";
import { FakeHost } from "./host.ts";
import { FakePage } from "./page.ts";
import { FakeStorage } from "./storage.ts";

export interface Whole {
  ovqat: Ovqat;
  api: FakeApi;
  host: FakeHost;
  page: FakePage;
  storage: FakeStorage;
  /** The languages whose texts cannot be loaded, and why. */
  missing: Map<Language, Error>;
  /** The languages whose texts do not come before `arrive` is called. */
  slow: Set<Language>;
  arrive: (language: Language) => void;
}

/** The whole state over fakes of what surrounds it. Every language's texts are the English ones. */
export function whole({ page = new FakePage(), storage = new FakeStorage() } = {}): Whole {
  const api = new FakeApi();
  const host = new FakeHost();
  const missing = new Map<Language, Error>();
  const slow = new Set<Language>();
  const waiting: { language: Language; come: () => void }[] = [];
  const arrive = (language: Language): void => {
    for (const texts of waiting) if (texts.language === language) texts.come();
  };
  const loadTexts: LoadTexts = (language) => {
    if (slow.has(language)) return new Promise((resolve) => waiting.push({ language, come: () => resolve(en) }));
    const trouble = missing.get(language);
    return trouble ? Promise.reject(trouble) : Promise.resolve(en);
  };
  const ovqat = new Ovqat({ page: page.window, api, host, storage, loadTexts, random: () => 0.5 });
  return { ovqat, api, host, page, storage, missing, slow, arrive };
}
