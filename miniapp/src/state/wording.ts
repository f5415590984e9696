import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";

import { jittered, type Random } from "../api/retry.ts";
import type { Language } from "../locales/languages.ts";
import { type LoadTexts, StaleBuild } from "../locales/loader.ts";
import { type Say, speak, type Texts } from "../locales/texts.ts";
import { Timer } from "./timer.ts";

const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 30_000;

interface Shown {
  language: Language;
  texts: Texts;
}

/** The texts on the screen. They follow the wanted language as soon as its file is there. */
export class Wording {
  private readonly shown = signal<Shown | null>(null);
  private readonly load: LoadTexts;
  private readonly random: Random;
  private readonly timer = new Timer();

  /** The language on the screen; null before the first texts have come. */
  readonly language = computed(() => this.shown.value?.language ?? null);
  /** How to say something, or null before the first texts have come. */
  readonly say = computed<Say | null>(() => this.shown.value && speak(this.shown.value.texts));

  constructor(load: LoadTexts, random: Random) {
    this.load = load;
    this.random = random;
  }

  /** Follow `wanted` from now on, and tell `onStale` when its file belongs to a build that is no longer served. */
  follow(wanted: ReadonlySignal<Language>, onStale: (stale: StaleBuild) => void): void {
    effect(() => {
      const language = wanted.value;
      this.timer.clear();
      void this.show(language, () => wanted.peek() === language, onStale);
    });
  }

  private async show(
    language: Language,
    stillWanted: () => boolean,
    onStale: (stale: StaleBuild) => void,
    pause = FIRST_RETRY_MS,
  ): Promise<void> {
    try {
      const texts = await this.load(language);
      if (stillWanted()) this.shown.value = { language, texts };
    } catch (error) {
      if (!stillWanted()) return;
      if (error instanceof StaleBuild) return onStale(error);
      const again = (): void => void this.show(language, stillWanted, onStale, Math.min(pause * 2, LAST_RETRY_MS));
      this.timer.set(jittered(pause, this.random), again);
    }
  }
}
