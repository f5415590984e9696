export const LANGUAGES = ["uz", "uz-Cyrl", "ru", "en"] as const;

export type Language = (typeof LANGUAGES)[number];

/** Each language by its own name: whoever looks for theirs may not read the one that is shown. */
export const OWN_NAMES: Readonly<Record<Language, string>> = {
  uz: "Oʻzbekcha",
  "uz-Cyrl": "Ўзбекча",
  ru: "Русский",
  en: "English",
};

export function isLanguage(value: unknown): value is Language {
  return LANGUAGES.some((language) => language === value);
}

/** The first of these BCP 47 tags that we speak: `uz-Cyrl-UZ` is Uzbek in Cyrillic, `ru-KZ` is Russian. */
export function matchLanguage(tags: readonly string[]): Language | null {
  for (const tag of tags) {
    const [primary = "", ...subtags] = tag.toLowerCase().split(/[-_]/);
    if (primary === "uz") return subtags.includes("cyrl") ? "uz-Cyrl" : "uz";
    if (isLanguage(primary)) return primary;
  }
  return null;
}
