/**
 * Runs inline, before anything else loads: takes the token out of the URL, so that no request, history entry
 * or log ever shows it, and paints the page in the theme and language of the last time.
 */
import { LANGUAGE_KEY, openStorage, THEME_KEY, TOKEN_KEY } from "./state/storage.ts";
import { personOf } from "./state/token.ts";

const SLOW_MS = 3000;
const STUCK_MS = 9000;

const root = document.documentElement;
const storage = openStorage(window);
const url = new URL(location.href);
const fresh = url.searchParams.get("token");

if (fresh !== null) {
  url.searchParams.delete("token");
  history.replaceState(history.state, "", url.href);
  if (personOf(fresh) !== personOf(storage.get(TOKEN_KEY) ?? "")) {
    storage.set(LANGUAGE_KEY, null);
    storage.set(THEME_KEY, null);
  }
  storage.set(TOKEN_KEY, fresh || null);
  window.ovqatToken = fresh;
}

const dark = matchMedia("(prefers-color-scheme: dark)").matches;
root.dataset["theme"] = storage.get(THEME_KEY) ?? (dark ? "dark" : "light");
root.lang = storage.get(LANGUAGE_KEY) ?? root.lang;

const reveal = (id: string): void => document.getElementById(id)?.removeAttribute("hidden");
setTimeout(reveal, SLOW_MS, "boot-slow");
setTimeout(reveal, STUCK_MS, "boot-stuck");
addEventListener("error", ({ target }) => target instanceof HTMLScriptElement && reveal("boot-stuck"), true);
