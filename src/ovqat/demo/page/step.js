// @ts-check
/** One step as it is drawn: who tells whom, what, why, and on demand every header and body. */

import { copyButton } from './copy.js';
import { make } from './element.js';
import { say } from './language.js';
import { shortened, tokensIn } from './token.js';
import { tokenView } from './token-view.js';

/**
 * @typedef {'page' | 'backend' | 'api' | 'miniApp' | 'client'} Party
 * @typedef {{ headers?: Record<string, string>, body: string }} Part
 * @typedef {'request' | 'answer' | 'address'} PartName
 */

/**
 * @typedef {object} Step
 * @property {number} at when it began, in milliseconds since 1970
 * @property {Party} from
 * @property {Party} to
 * @property {string} line the call, or the whole message
 * @property {import('./language.js').TextKey} why
 * @property {number} [status]
 * @property {number} [ms]
 * @property {Part} [request]
 * @property {Part} [answer]
 * @property {Part} [address]
 * @property {boolean} [expanded]
 */

const FAILED = 400;

export class StepView {
  #outcome = make('span', { class: 'outcome' });
  #details = make('details');
  element;

  /** @param {Step} step */
  constructor(step) {
    const line = make('code', { class: 'line' }, ...shortened(step.line));
    this.#details.append(make('summary', {}, line));
    const route = make('p', { class: 'route' }, party(step.from), arrow(), party(step.to), this.#outcome);
    const why = say(make('p', { class: 'why' }), step.why);
    this.element = make('li', { class: 'step', 'data-from': step.from }, route, why, ...this.#body(step, line));
    if (step.status !== undefined) this.#show(step.status, step.ms);
    this.#details.open = step.expanded ?? false;
  }

  /**
   * The answer to a step that began without one.
   * @param {{ status: number, body: string, ms: number }} answer
   */
  answered({ status, body, ms }) {
    this.#details.append(partView('answer', { body }));
    this.#show(status, ms);
  }

  /**
   * @param {Step} step
   * @param {HTMLElement} line
   */
  #body(step, line) {
    const names = /** @type {PartName[]} */ (['request', 'answer', 'address']);
    for (const name of names) {
      const part = step[name];
      if (part && (part.body || Object.keys(part.headers ?? {}).length)) this.#details.append(partView(name, part));
    }
    if (this.#details.children.length > 1) return [this.#details];
    return [make('p', { class: 'message' }, line), ...tokensIn(step.line).map(tokenView)];
  }

  /**
   * @param {number} status
   * @param {number} [ms]
   */
  #show(status, ms) {
    this.#outcome.replaceChildren(make('span', { class: status < FAILED ? 'good' : 'bad' }, String(status)));
    if (ms === undefined) return;
    const shown = Number(ms.toPrecision(2));
    this.#outcome.append(
      say(make('span', { class: 'ms' }), (texts, language) => `${shown.toLocaleString(language)} ${texts.ms}`),
    );
  }
}

/** @param {Party} name */
function party(name) {
  return say(make('span', { class: 'party', 'data-party': name }), name);
}

function arrow() {
  return make('span', { class: 'arrow' }, '→');
}

/**
 * @param {PartName} name
 * @param {Part} part
 */
function partView(name, { headers = {}, body }) {
  const lines = Object.entries(headers).map(([header, value]) => `${header}: ${value}`).join('\n');
  const content = pretty(body);
  const code = make('pre');
  if (lines) code.append(make('span', { class: 'headers' }, ...shortened(lines)), content ? '\n\n' : '');
  code.append(...shortened(content));
  const title = say(make('h3'), name);
  const head = make('div', { class: 'part-head' }, title, copyButton(() => content || lines));
  return make('div', { class: 'part' }, head, code, ...tokensIn(`${lines}\n${content}`).map(tokenView));
}

/** @param {string} body */
function pretty(body) {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body; // not JSON, or cut off by the server for being long
  }
}
