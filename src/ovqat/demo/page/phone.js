// @ts-check
/** The user's phone: one screen, and the mini-app's iframe on it while it is open. */

import { make } from './element.js';

export class Phone {
  /** @type {HTMLIFrameElement | null} */
  #frame = null;
  #screen;
  #idle;

  /** @param {HTMLElement} screen with what it shows while nothing is open */
  constructor(screen) {
    this.#screen = screen;
    this.#idle = [...screen.childNodes];
  }

  /** Where messages come from and go to; null while nothing is open. */
  get window() {
    return this.#frame?.contentWindow ?? null;
  }

  /**
   * A new iframe each time: changing the `src` of an old one would add to the history of the page, and the user's
   * Back would lead into the mini-app of the last time.
   * @param {string} miniAppUrl
   */
  open(miniAppUrl) {
    this.#frame = make('iframe', { id: 'ovqat-frame', title: 'Ovqat AI', src: miniAppUrl });
    this.#screen.replaceChildren(this.#frame);
    this.#screen.scrollIntoView({ block: 'nearest' }); // on a small window it is below the button
  }

  close() {
    this.#frame = null;
    this.#screen.replaceChildren(...this.#idle);
  }

  /** As a WebView's `reload()`. A page may do so only to a frame of its own origin, as here. */
  reload() {
    this.window?.location.reload();
  }
}
