// @ts-check
/** The small "what is in the token" under everything that carries one. */

import { copyButton } from './copy.js';
import { make } from './element.js';
import { say } from './language.js';
import { decode } from './token.js';

/** @typedef {import('./language.js').TextKey} TextKey */

/**
 * @param {string} token
 * @returns {HTMLElement}
 */
export function tokenView(token) {
  const view = make('details', { class: 'inside' }, say(make('summary'), 'token.toggle'));
  const content = decode(token);
  if (content === null) return view;
  const { header, claims } = content;
  view.append(
    say(make('h4'), 'token.header'),
    make('pre', {}, JSON.stringify(header)),
    say(make('h4'), 'token.claims'),
    make('pre', {}, JSON.stringify(claims, null, 2)),
    make('p', {}, moment('token.issued', claims.iat), make('br'), moment('token.expires', claims.exp)),
    say(make('p', { class: 'soft' }), 'token.note'),
    copyButton(() => token, 'token.copy'),
  );
  return view;
}

/**
 * @param {TextKey} name
 * @param {unknown} seconds since 1970, as `iat` and `exp` are
 */
function moment(name, seconds) {
  const date = new Date(Number(seconds) * 1000).toLocaleString('sv-SE'); // in Sweden as in ISO 8601: 2026-01-31 23:59:59
  return say(make('span'), (texts) => `${texts[name]}: ${date}`);
}
