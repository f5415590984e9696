import { computed, type ReadonlySignal, signal } from "@preact/signals";

import type { Me } from "../api/client.ts";
import { isLanguage, type Language, matchLanguage } from "../locales/languages.ts";
import { LANGUAGE_KEY, type Storage } from "./storage.ts";

const FALLBACK: Language = "uz";

/**
 * Which language to speak: the person's, once we know it; until then the last one of this session, the
 * host's, that of `?lang=`, the browser's, Uzbek.
 */
export class LanguageState {
  readonly host = signal<Language | null>(null);

  private readonly me: ReadonlySignal<Me | null>;
  private readonly remembered = signal<Language | null>(null);
  private readonly guess: Language;

  readonly wanted = computed<Language>(() => {
    const me = this.me.value;
    if (me === null) return this.remembered.value ?? this.host.value ?? this.guess;
    if (isLanguage(me.language)) return me.language;
    return this.host.value ?? this.remembered.value ?? this.guess;
  });

  constructor(me: ReadonlySignal<Me | null>, storage: Storage, { search, languages }: { search: string; languages: readonly string[] }) {
    this.me = me;
    const last = storage.get(LANGUAGE_KEY);
    this.remembered.value = isLanguage(last) ? last : null;
    const asked = new URLSearchParams(search).get("lang");
    this.guess = matchLanguage(asked === null ? languages : [asked, ...languages]) ?? FALLBACK;
  }

  /** Mark the page with the language it now shows, and remember that for a reload. */
  apply(root: HTMLElement, storage: Storage, shown: Language | null): void {
    if (shown === null) return;
    root.lang = shown;
    if (this.me.value !== null) storage.set(LANGUAGE_KEY, shown);
  }

  forget(storage: Storage): void {
    this.remembered.value = null;
    storage.set(LANGUAGE_KEY, null);
  }
}
