import type uz from "./uz.json";

/** Every text of the app in one language. The other languages are held to these keys by a test. */
export type Texts = typeof uz;
export type TextKey = keyof Texts;

/** The text of `key` with its `{placeholders}` filled in. */
export type Say = (key: TextKey, values?: Readonly<Record<string, string>>) => string;

export function speak(texts: Texts): Say {
  return (key, values = {}) => texts[key].replace(/\{(\w+)\}/g, (placeholder, name: string) => values[name] ?? placeholder);
}
