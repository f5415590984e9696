import { isLanguage, type Language } from "../locales/languages.ts";

/** What we tell the app or page that opened us. */
export type Outgoing =
  | { type: "READY" }
  | { type: "NAVIGATION_CHANGED"; canGoBack: boolean; currentScreen: string; stack: string[] }
  | { type: "REQUEST_THEME" }
  | { type: "REQUEST_TOKEN" }
  | { type: "CLOSE_WEBVIEW" }
  | { type: "HAPTIC"; style: "light" };

export type HostTheme = "light" | "dark";

/** CSS pixels of each edge that the host covers. */
export interface SafeArea {
  top: number;
  right: number;
  bottom: number;
  left: number;
}

/** What the host may tell us. */
export type Incoming =
  | { type: "BACK_PRESSED" }
  | { type: "THEME_CHANGE"; theme: HostTheme }
  | { type: "LANGUAGE_CHANGE"; language: Language }
  | { type: "SET_TOKEN"; token: string }
  | ({ type: "SAFE_AREA" } & SafeArea);

const LONGEST_TOKEN = 4096;

/** The message in an object or a JSON text, or null when it is none of ours: hosts and extensions post a lot. */
export function readIncoming(message: unknown): Incoming | null {
  const fields = typeof message === "string" ? fromJson(message) : message;
  if (!isRecord(fields)) return null;
  switch (fields["type"]) {
    case "BACK_PRESSED":
      return { type: "BACK_PRESSED" };
    case "THEME_CHANGE":
      return readTheme(fields["theme"]);
    case "LANGUAGE_CHANGE":
      return isLanguage(fields["language"]) ? { type: "LANGUAGE_CHANGE", language: fields["language"] } : null;
    case "SET_TOKEN":
      return readToken(fields["token"]);
    case "SAFE_AREA":
      return readSafeArea(fields);
    default:
      return null;
  }
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function readTheme(theme: unknown): Incoming | null {
  return theme === "light" || theme === "dark" ? { type: "THEME_CHANGE", theme } : null;
}

function readToken(token: unknown): Incoming | null {
  const plausible = typeof token === "string" && token !== "" && token.length <= LONGEST_TOKEN;
  return plausible ? { type: "SET_TOKEN", token } : null;
}

function readSafeArea({ top, right, bottom, left }: Record<string, unknown>): Incoming | null {
  if (!isInset(top) || !isInset(right) || !isInset(bottom) || !isInset(left)) return null;
  return { type: "SAFE_AREA", top, right, bottom, left };
}

function isInset(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}
