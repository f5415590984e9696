import type { Language } from "./languages.ts";
import type { Texts } from "./texts.ts";

const PATIENCE_MS = 8000;

/** The server no longer has this build's files: a newer one was deployed since the page was opened. */
export class StaleBuild extends Error {
  constructor(readonly url: string) {
    super(`${url} is gone`);
  }
}

/** Gives a language's texts, fetched once; rejects with StaleBuild, or with anything else when it may be tried again. */
export type LoadTexts = (language: Language) => Promise<Texts>;

/**
 * The texts are fetched, not imported: browsers remember a failed `import()` for as long as the page lives, and
 * a person who lost the network for a moment could not change the language any more.
 */
export function createLoader(urls: Readonly<Record<Language, string>>, fetch: typeof globalThis.fetch): LoadTexts {
  const loaded = new Map<Language, Promise<Texts>>();

  return (language) => {
    const known = loaded.get(language);
    if (known) return known;
    const texts = load(urls[language], fetch);
    loaded.set(language, texts);
    texts.catch(() => loaded.delete(language));
    return texts;
  };
}

async function load(url: string, fetch: typeof globalThis.fetch): Promise<Texts> {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
  try {
    const response = await fetch(url, { signal: patience.signal });
    if (response.status === 404) throw new StaleBuild(url);
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
    return (await response.json()) as Texts;
  } finally {
    clearTimeout(timer);
  }
}
