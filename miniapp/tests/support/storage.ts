import type { Storage } from "../../src/state/storage.ts";

/** sessionStorage that can be looked into. */
export class FakeStorage implements Storage {
  lasting = true;
  readonly items: Record<string, string> = {};

  constructor(items: Readonly<Record<string, string>> = {}) {
    Object.assign(this.items, items);
  }

  get(key: string): string | null {
    return this.items[key] ?? null;
  }

  set(key: string, value: string | null): void {
    if (value === null) delete this.items[key];
    else this.items[key] = value;
  }
}
