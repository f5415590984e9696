/** The only things the mini-app keeps, and only for the life of the tab. */
export const TOKEN_KEY = "ovqat.token";
export const LANGUAGE_KEY = "ovqat.language";
export const THEME_KEY = "ovqat.theme";
export const RELOADED_KEY = "ovqat.reloaded";

/** sessionStorage that never throws: in an iframe a browser may forbid it, even merely to look at it. */
export interface Storage {
  /** Whether what is set survives a reload. */
  readonly lasting: boolean;
  get(key: string): string | null;
  set(key: string, value: string | null): void;
}

export function openStorage(page: Pick<Window, "sessionStorage">): Storage {
  const memory = new Map<string, string>();
  const session = permitted(page);
  return {
    lasting: session !== null,
    get: (key) => (session === null ? (memory.get(key) ?? null) : session.getItem(key)),
    set(key, value) {
      if (session === null) keep(memory, key, value);
      else if (value === null) session.removeItem(key);
      else session.setItem(key, value);
    },
  };
}

function permitted(page: Pick<Window, "sessionStorage">): globalThis.Storage | null {
  const probe = "ovqat.probe";
  try {
    page.sessionStorage.setItem(probe, probe);
    page.sessionStorage.removeItem(probe);
    return page.sessionStorage;
  } catch {
    return null;
  }
}

function keep(memory: Map<string, string>, key: string, value: string | null): void {
  if (value === null) memory.delete(key);
  else memory.set(key, value);
}
