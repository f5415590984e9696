// @ts-check
/** Buttons that copy, and say so to eyes and to screen readers. */

import { make } from './element.js';
import { say } from './language.js';
import { announce } from './notice.js';

const SAID_FOR_MS = 2000;

/**
 * @param {() => string} text asked for when the button is pressed
 * @param {import('./language.js').TextKey} [name]
 * @returns {HTMLButtonElement}
 */
export function copyButton(text, name = 'copy') {
  const button = say(make('button', { type: 'button', class: 'quiet copy' }), name);
  let timer = 0;
  button.addEventListener('click', async () => {
    const outcome = (await copy(text())) ? 'copied' : 'notCopied';
    say(button, outcome);
    announce(outcome);
    clearTimeout(timer);
    timer = setTimeout(() => say(button, name), SAID_FOR_MS);
  });
  return button;
}

/**
 * @param {string} text
 * @returns {Promise<boolean>} whether it is on the clipboard
 */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyTheOldWay(text); // there is no clipboard API over plain HTTP, as on a phone in the same network
  }
}

/** @param {string} text */
function copyTheOldWay(text) {
  const focused = document.activeElement;
  const field = make('textarea', { class: 'unseen' });
  field.value = text;
  document.body.append(field);
  field.select();
  const copied = document.execCommand('copy');
  field.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return copied;
}
