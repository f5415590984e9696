import { effect, signal, untracked } from "@preact/signals";

import type { Api, Me, MePatch, Theme } from "../api/client.ts";
import { failed, type Result } from "../api/result.ts";
import { type Random, retrying } from "../api/retry.ts";
import type { Host } from "../host/host.ts";
import type { Incoming } from "../host/messages.ts";
import type { Language } from "../locales/languages.ts";
import { type LoadTexts, StaleBuild } from "../locales/loader.ts";
import type { TextKey } from "../locales/texts.ts";
import { LanguageState } from "./language.ts";
import { Person } from "./person.ts";
import { Router } from "./router.ts";
import { coverEdges } from "./safe-area.ts";
import { Start } from "./start.ts";
import { RELOADED_KEY, type Storage, TOKEN_KEY } from "./storage.ts";
import { ThemeState } from "./theme.ts";
import { Timer } from "./timer.ts";
import { personOf } from "./token.ts";
import { Wording } from "./wording.ts";

const SAVE_WITHIN_MS = 8000;
const WORDS_WITHIN_MS = 1200;
const REMARK_FOR_MS = 8000;

export interface Surroundings {
  page: Window;
  api: Api;
  host: Host;
  storage: Storage;
  loadTexts: LoadTexts;
  random: Random;
}

/** The whole state of the mini-app and everything a screen can do to it. Screens read and call; they decide nothing. */
export class Ovqat {
  private readonly around: Surroundings;
  private readonly person = new Person();
  private readonly remarkTimer = new Timer();
  private readonly themeState: ThemeState;
  private readonly languageState: LanguageState;
  private readonly start: Start;
  private lastPerson: string | null = null;

  readonly router: Router;
  readonly wording: Wording;
  readonly me = this.person.me;
  /** A language that was tapped and whose texts are still on their way. */
  readonly choosing = signal<Language | null>(null);
  /** One sentence about what went wrong with the last change, for a while. */
  readonly remark = signal<TextKey | null>(null);

  constructor(around: Surroundings) {
    const { page, api, host, storage, loadTexts, random } = around;
    this.around = around;
    this.themeState = new ThemeState(this.me, storage, page.matchMedia("(prefers-color-scheme: dark)"));
    this.languageState = new LanguageState(this.me, storage, {
      search: page.location.search,
      languages: page.navigator.languages,
    });
    this.start = new Start({
      api,
      host,
      random,
      keep: (token) => this.keep(token),
      welcome: (me) => this.welcome(me),
    });
    this.router = new Router(page);
    this.wording = new Wording(loadTexts, random);
  }

  get phase(): Start["phase"] {
    return this.start.phase;
  }

  get hostPresent(): boolean {
    return this.around.host.present;
  }

  /** Begin with the token we were opened with, and with listening to the host. */
  open(token: string | null): void {
    const { page, host } = this.around;
    host.listen((message) => this.hear(message));
    host.send({ type: "READY" });
    host.send({ type: "REQUEST_THEME" });
    this.wording.follow(this.languageState.wanted, (stale) => {
      if (!this.reloadOnce(stale)) this.fail();
    });
    this.paint();
    this.reportNavigation();
    page.addEventListener("online", () => this.start.wake());
    page.document.addEventListener("visibilitychange", () => {
      if (page.document.visibilityState === "visible") this.start.wake();
    });
    this.start.begin(token);
  }

  retry(): void {
    this.start.retry();
  }

  askAgain(): void {
    this.start.askAgain();
  }

  /** Something broke in our own code. */
  fail(): void {
    this.start.fail(null);
  }

  back(): void {
    if (this.phase.value.name === "ready" && this.router.canGoBack.value) this.router.back();
    else this.close();
  }

  close(): void {
    this.around.host.send({ type: "CLOSE_WEBVIEW" });
  }

  openLanguages(): void {
    this.say(null);
    this.router.open("language");
  }

  async chooseLanguage(language: Language): Promise<void> {
    this.acknowledge();
    this.choosing.value = language;
    const trouble = await this.around.loadTexts(language).then(() => null, (error: unknown) => error);
    if (this.choosing.value !== language) return;
    this.choosing.value = null;
    if (trouble === null) return this.change({ language });
    if (trouble instanceof StaleBuild && this.reloadOnce(trouble)) return;
    this.say(trouble instanceof TypeError ? "remark.offline" : "remark.notSaved");
  }

  async chooseTheme(theme: Theme): Promise<void> {
    this.acknowledge();
    await this.change({ theme });
  }

  private acknowledge(): void {
    this.around.host.send({ type: "HAPTIC", style: "light" });
    this.say(null);
  }

  private async change(patch: MePatch): Promise<void> {
    const person = this.lastPerson;
    const result = await this.person.change(patch, (changes) => this.save(changes));
    if (result !== null && !result.ok && person === this.lastPerson) this.say(result.failure.kind === "offline" ? "remark.offline" : "remark.notSaved");
  }

  private async save(patch: MePatch): Promise<Result<Me>> {
    const { api, random } = this.around;
    const { token } = this.start;
    if (token === null) return failed({ kind: "refused" });
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), SAVE_WITHIN_MS);
    const result = await retrying((end) => api.updateMe(token, patch, end), patience.signal, random);
    clearTimeout(timer);
    if (this.start.token === token) this.noticeDeadToken(result);
    return result;
  }

  private noticeDeadToken(result: Result<Me>): void {
    if (result.ok) return;
    const { kind } = result.failure;
    if (kind === "expired" || kind === "refused") this.start.lose(kind);
  }

  private say(remark: TextKey | null): void {
    this.remark.value = remark;
    this.remarkTimer.set(REMARK_FOR_MS, () => {
      this.remark.value = null;
    });
  }

  private hear(message: Incoming): void {
    switch (message.type) {
      case "BACK_PRESSED":
        return this.back();
      case "THEME_CHANGE":
        this.themeState.host.value = message.theme;
        return;
      case "LANGUAGE_CHANGE":
        this.languageState.host.value = message.language;
        return;
      case "SET_TOKEN":
        return this.start.begin(message.token);
      case "SAFE_AREA":
        coverEdges(this.around.page.document.documentElement, message);
    }
  }

  /** Greet the person in their own language from the first word, if its texts are not too long in coming. */
  private async welcome(me: Me): Promise<void> {
    this.person.welcome(me);
    const texts = this.around.loadTexts(this.languageState.wanted.value);
    await Promise.race([texts.catch(() => undefined), new Promise((resolve) => setTimeout(resolve, WORDS_WITHIN_MS))]);
  }

  /** Keep the token for a reload, and drop what we know of anybody else. */
  private keep(token: string | null): void {
    const { storage } = this.around;
    storage.set(TOKEN_KEY, token);
    if (token === null) return;
    const person = personOf(token);
    if (this.lastPerson !== null && person !== this.lastPerson) this.forget();
    this.lastPerson = person;
  }

  private forget(): void {
    const { storage } = this.around;
    this.person.welcome(null);
    this.choosing.value = null;
    this.say(null);
    this.languageState.forget(storage);
    this.themeState.forget(storage);
    this.router.reset();
  }

  /** An old page over a new server: take the new page, but never twice for the same missing file. */
  private reloadOnce({ url }: StaleBuild): boolean {
    const { page, storage } = this.around;
    if (!storage.lasting || storage.get(RELOADED_KEY) === url) return false;
    storage.set(RELOADED_KEY, url);
    page.location.reload();
    return true;
  }

  private paint(): void {
    const { page, storage } = this.around;
    const root = page.document.documentElement;
    effect(() => this.themeState.apply(root, storage));
    effect(() => this.languageState.apply(root, storage, this.wording.language.value));
  }

  private reportNavigation(): void {
    let last = "";
    effect(() => {
      const { name } = this.phase.value;
      const inside = name === "ready";
      const canGoBack = inside && this.router.canGoBack.value;
      const stack = inside ? this.router.stack.value : [name];
      const currentScreen = inside ? this.router.screen.value : name;
      const now = JSON.stringify([canGoBack, stack]);
      if (now === last) return;
      last = now;
      untracked(() => this.around.host.send({ type: "NAVIGATION_CHANGED", canGoBack, currentScreen, stack }));
    });
  }
}
