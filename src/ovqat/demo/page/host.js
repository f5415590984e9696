// @ts-check
/**
 * The host's half of the protocol: what a partner's page does for the mini-app in its iframe.
 *
 * A WebView speaks the same messages. There the mini-app posts them to `ReactNativeWebView`, to
 * `webkit.messageHandlers.ovqat` or to a channel named `OvqatHost`, and you answer by running
 * `OvqatNative.postMessage({"type": …})` in the page.
 */

/** @typedef {{ type: string, [field: string]: unknown }} Message */
/** @typedef {'light' | 'dark'} Theme */
/** @typedef {{ top: number, right: number, bottom: number, left: number }} Edges in CSS pixels */

/**
 * What the host needs from the app around it.
 * @typedef {object} App
 * @property {() => Promise<string | null>} newToken from the backend; null when there is none to give
 * @property {() => void} close
 * @property {(message: Message, event: MessageEvent) => void} heard
 * @property {(message: Message) => void} told
 */

/** Here one server gives both pages. In yours this is a constant: `https://ovqat-ai.example.com`. */
const MINI_APP_ORIGIN = location.origin;
const HAPTIC_MS = 10;

export class Host {
  /** @type {Theme} */
  theme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  /** @type {string | null} null until the app has one to tell; the mini-app then goes by the browser's. */
  language = null;
  /** @type {Edges | null} */
  covered = null;

  #phone;
  #app;

  /**
   * @param {{ readonly window: Window | null }} phone
   * @param {App} app
   */
  constructor(phone, app) {
    this.#phone = phone;
    this.#app = app;
    addEventListener('message', (event) => this.#receive(event));
  }

  /** The system's Back button. The mini-app goes back, or sends CLOSE_WEBVIEW if it is on its first screen. */
  pressBack() {
    this.#tell({ type: 'BACK_PRESSED' });
  }

  /** @param {Theme} theme */
  changeTheme(theme) {
    this.theme = theme;
    this.#tell({ type: 'THEME_CHANGE', theme });
  }

  /** @param {string} language uz, uz-Cyrl, ru or en */
  changeLanguage(language) {
    this.language = language;
    this.#tell({ type: 'LANGUAGE_CHANGE', language });
  }

  /** @param {Edges} covered what a cutout or a system bar hides of the mini-app */
  coverEdges(covered) {
    this.covered = covered;
    this.#tell({ type: 'SAFE_AREA', ...covered });
  }

  /**
   * Any window may post to this one. Only what our own iframe says, and only from the mini-app's address, counts.
   * @param {MessageEvent} event
   */
  #receive(event) {
    const { data, origin, source } = event;
    const miniApp = this.#phone.window;
    if (miniApp === null || source !== miniApp || origin !== MINI_APP_ORIGIN) return;
    if (typeof data?.type !== 'string') return;
    this.#app.heard(data, event);
    this.#answer(data);
  }

  /** @param {Message} message */
  #answer({ type }) {
    switch (type) {
      case 'READY':
        return this.#introduce();
      case 'REQUEST_THEME':
        return this.#tell({ type: 'THEME_CHANGE', theme: this.theme });
      case 'REQUEST_TOKEN':
        return void this.#renew();
      case 'CLOSE_WEBVIEW':
        return this.#app.close();
      case 'HAPTIC':
        return void navigator.vibrate?.(HAPTIC_MS);
    }
    // NAVIGATION_CHANGED needs no answer; by its `canGoBack` a native app shows or hides its own Back arrow.
  }

  /** What the mini-app does not ask for, told as soon as it listens. */
  #introduce() {
    if (this.language) this.#tell({ type: 'LANGUAGE_CHANGE', language: this.language });
    if (this.covered) this.#tell({ type: 'SAFE_AREA', ...this.covered });
  }

  async #renew() {
    const miniApp = this.#phone.window;
    const token = await this.#app.newToken();
    // By now another user may have opened the mini-app: this token is for the one that asked.
    if (token !== null && miniApp === this.#phone.window) this.#tell({ type: 'SET_TOKEN', token });
  }

  /**
   * To the mini-app's origin and never to `*`: if anything else is in the frame, the token must not reach it.
   * @param {Message} message
   */
  #tell(message) {
    if (this.#phone.window === null) return;
    this.#phone.window.postMessage(message, MINI_APP_ORIGIN);
    this.#app.told(message);
  }
}
