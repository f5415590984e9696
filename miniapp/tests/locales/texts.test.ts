import { describe, expect, it } from "vitest";

import en from "../../src/locales/en.json";
import { LANGUAGES, matchLanguage, OWN_NAMES } from "../../src/locales/languages.ts";
import ru from "../../src/locales/ru.json";
import { speak, type Texts } from "../../src/locales/texts.ts";
import uz from "../../src/locales/uz.json";
import uzCyrl from "../../src/locales/uz-Cyrl.json";

const ALL: Readonly<Record<string, Record<string, string>>> = { uz, "uz-Cyrl": uzCyrl, ru, en };

const placeholders = (text: string | undefined): Set<string> => new Set(text?.match(/\{\w+\}/g));

describe.each(Object.entries(ALL))("the texts in %s", (language, texts) => {
  it("are those of Uzbek, no more and no fewer, in the same order", () => {
    expect(Object.keys(texts)).toEqual(Object.keys(uz));
  });

  it("have the placeholders of Uzbek", () => {
    for (const [key, text] of Object.entries(uz)) expect(placeholders(texts[key]), key).toEqual(placeholders(text));
  });

  it("are never empty, nor padded", () => {
    for (const [key, text] of Object.entries(texts)) expect(text, key).toMatch(/^\S(?:.*\S)?$/u);
  });

  it("are in the language's own script, but for our name", () => {
    const foreign = language === "ru" || language === "uz-Cyrl" ? /[a-z]/i : /\p{Script=Cyrillic}/u;
    for (const [key, text] of Object.entries(texts)) {
      expect(text.replace(/Ovqat\sAI|\{\w+\}/g, ""), key).not.toMatch(foreign);
    }
  });
});

it("spells Uzbek with its own letters, not with quotation marks that look like them", () => {
  for (const text of [...Object.values(uz), OWN_NAMES.uz]) expect(text).not.toMatch(/['`‘’]/);
});

it("fills in what a text leaves open, also when it looks like a pattern", () => {
  const say = speak(en as Texts);

  expect(say("failed.request", { id: "$&-1" })).toBe("Request number: $&-1");
  expect(say("failed.request")).toBe("Request number: {id}");
});

describe("matchLanguage", () => {
  it.each([
    [["uz"], "uz"],
    [["uz-Latn-UZ"], "uz"],
    [["uz_Cyrl_UZ"], "uz-Cyrl"],
    [["UZ-CYRL"], "uz-Cyrl"],
    [["kk", "en-GB", "ru"], "en"],
    [["kk"], null],
    [[], null],
  ])("finds in %j %s", (tags, language) => {
    expect(matchLanguage(tags)).toBe(language);
  });

  it("finds each of our own languages", () => {
    expect(LANGUAGES.map((language) => matchLanguage([language]))).toEqual([...LANGUAGES]);
  });
});
