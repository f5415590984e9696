// @ts-check
/** Learns from the server which calls its API has answered. Only the demo can do this; a partner cannot. */

import { ahead, now } from './clock.js';

/**
 * @typedef {object} ApiCall
 * @property {number} number
 * @property {string} method
 * @property {string} path
 * @property {Record<string, string>} requestHeaders
 * @property {string} requestBody
 * @property {number} status
 * @property {Record<string, string>} answerHeaders
 * @property {string} answerBody
 * @property {number} ms
 * @property {number} began milliseconds since 1970; told by our clock
 */

const PAUSE_MS = 400;
const LONGEST_PAUSE_MS = 10_000;
const PATIENCE_MS = 4000;
const FAILURES_TO_MENTION = 2;

export class ApiCalls {
  /** @type {number | null} The newest call that was told; null before the first answer. */
  #newest = null;
  #failures = 0;
  #timer = 0;
  /** @type {Promise<void>} One question at a time, so that no call is told twice. */
  #asking = Promise.resolve();
  #heard;
  #gone;

  /**
   * @param {(call: ApiCall) => void} heard told of each call, in the order of their answers
   * @param {(gone: boolean) => void} gone told whether the server has stopped answering
   */
  constructor(heard, gone) {
    this.#heard = heard;
    this.#gone = gone;
  }

  /** Go on asking for as long as somebody looks at the page. */
  watch() {
    document.addEventListener('visibilitychange', () => this.#look());
    this.#look();
  }

  /** Tell of every call that has been answered by now. */
  catchUp() {
    this.#asking = this.#asking.then(() => this.#ask());
    return this.#asking;
  }

  #look() {
    clearTimeout(this.#timer);
    if (document.visibilityState === 'visible') void this.catchUp().then(() => this.#lookLater());
  }

  #lookLater() {
    clearTimeout(this.#timer);
    const pause = Math.min(PAUSE_MS * 2 ** this.#failures, LONGEST_PAUSE_MS);
    if (document.visibilityState === 'visible') this.#timer = setTimeout(() => this.#look(), pause);
  }

  async #ask() {
    try {
      const asked = now();
      const answer = await fetchCalls(this.#newest);
      this.#take(answer, ahead(asked, answer.now, now()));
      this.#failures = 0;
    } catch {
      this.#failures += 1;
    }
    this.#gone(this.#failures >= FAILURES_TO_MENTION);
  }

  /**
   * @param {{ calls: ApiCall[], newest: number }} answer
   * @param {number} serverAhead by how much the server's clock is ahead of ours
   */
  #take({ calls, newest }, serverAhead) {
    const restarted = this.#newest !== null && newest < this.#newest;
    this.#newest = restarted ? 0 : newest; // a restarted server counts from one again
    for (const call of calls) this.#heard({ ...call, began: call.began - serverAhead });
  }
}

/**
 * @param {number | null} after null: only the number to ask from next
 * @returns {Promise<{ calls: ApiCall[], newest: number, now: number }>}
 */
async function fetchCalls(after) {
  const query = after === null ? '' : `?after=${after}`;
  const response = await fetch(`/demo/api/calls${query}`, { signal: AbortSignal.timeout(PATIENCE_MS) });
  if (!response.ok) throw new Error(`${response.status}`);
  return response.json();
}
