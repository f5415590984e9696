import "./styles/index.css";

import { effect } from "@preact/signals";
import { render } from "preact";

import { createApi } from "./api/client.ts";
import { App } from "./app.tsx";
import { connectHost } from "./host/host.ts";
import { allowedOrigins } from "./host/origins.ts";
import { createLoader } from "./locales/loader.ts";
import { TEXT_URLS } from "./locales/urls.ts";
import { watchForErrors } from "./state/errors.ts";
import { Ovqat } from "./state/ovqat.ts";
import { openStorage, type Storage, TOKEN_KEY } from "./state/storage.ts";

const fetchHere: typeof fetch = (...request) => fetch(...request);
const storage = openStorage(window);

const ovqat = new Ovqat({
  page: window,
  api: createApi(fetchHere),
  host: connectHost(window, allowedOrigins(document, location.origin)),
  storage,
  loadTexts: createLoader(TEXT_URLS, fetchHere),
  random: Math.random,
});

watchForErrors(window, () => ovqat.fail());
effect(() => {
  if (ovqat.wording.say.value !== null) document.getElementById("boot")?.remove();
  else if (ovqat.phase.value.name === "failed") document.getElementById("boot-stuck")?.removeAttribute("hidden");
});
const app = document.getElementById("app");
if (app === null) throw new Error("index.html has no #app");
render(<App ovqat={ovqat} hour={() => new Date().getHours()} />, app);
ovqat.open(takeToken(storage));

/** The token of the URL, which the launch script has put aside, else that of before the reload. */
function takeToken(kept: Storage): string | null {
  const { ovqatToken } = window;
  delete window.ovqatToken;
  return ovqatToken === undefined ? kept.get(TOKEN_KEY) : ovqatToken || null;
}
