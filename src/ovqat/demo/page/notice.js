// @ts-check
/** What the page tells its reader: a word for screen readers, and troubles for everybody. */

import { find, make } from './element.js';
import { say } from './language.js';

/** @param {import('./language.js').TextKey} words */
export function announce(words) {
  say(find('notice', HTMLElement), words);
}

export function forgetTrouble() {
  find('trouble', HTMLElement).replaceChildren();
}

/**
 * An error of the API as it came.
 * @param {number} status
 * @param {string} body
 */
export function showApiError(status, body) {
  showTrouble(say(make('p'), 'apiError'), make('pre', {}, `${status} ${body}`));
}

export function showBackendGone() {
  showTrouble(say(make('p'), 'backendGone'));
}

/** @param {string} url of a tab that the browser did not let us open */
export function showPopupBlocked(url) {
  const link = say(make('a', { href: url, target: '_blank' }), 'popupLink');
  showTrouble(make('p', {}, say(make('span'), 'popupBlocked'), ' ', link));
}

/** @param {...Node} content */
function showTrouble(...content) {
  find('trouble', HTMLElement).replaceChildren(make('div', { class: 'trouble' }, ...content));
}
