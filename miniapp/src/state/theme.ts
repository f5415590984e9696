import { computed, type ReadonlySignal, signal } from "@preact/signals";

import type { Me } from "../api/client.ts";
import type { HostTheme } from "../host/messages.ts";
import { type Storage, THEME_KEY } from "./storage.ts";

/** Light or dark: what the person chose, else what the host shows, else what the system is set to. */
export class ThemeState {
  readonly host = signal<HostTheme | null>(null);

  private readonly me: ReadonlySignal<Me | null>;
  private readonly systemIsDark = signal(false);
  private readonly remembered = signal<HostTheme | null>(null);

  /** Set by somebody; null when the system alone decides. */
  private readonly pinned = computed<HostTheme | null>(() => {
    const me = this.me.value;
    if (me === null) return this.remembered.value ?? this.host.value;
    return isLook(me.theme) ? me.theme : this.host.value;
  });

  readonly look = computed<HostTheme>(() => this.pinned.value ?? (this.systemIsDark.value ? "dark" : "light"));

  constructor(me: ReadonlySignal<Me | null>, storage: Storage, system: MediaQueryList) {
    this.me = me;
    const last = storage.get(THEME_KEY);
    this.remembered.value = isLook(last) ? last : null;
    this.systemIsDark.value = system.matches;
    system.addEventListener("change", ({ matches }) => {
      this.systemIsDark.value = matches;
    });
  }

  /** Paint the page, and remember for a reload what the system could not tell it. */
  apply(root: HTMLElement, storage: Storage): void {
    root.dataset["theme"] = this.look.value;
    if (this.me.value !== null) storage.set(THEME_KEY, this.pinned.value);
  }

  forget(storage: Storage): void {
    this.remembered.value = null;
    storage.set(THEME_KEY, null);
  }
}

function isLook(value: unknown): value is HostTheme {
  return value === "light" || value === "dark";
}
