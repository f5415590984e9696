// @ts-check
/** A row of buttons of which one is on. */

import { make } from './element.js';
import { say } from './language.js';

/**
 * @template {string} Value
 * @typedef {object} Choice
 * @property {Value} value
 * @property {import('./language.js').TextKey | null} text null: the name is the same in every language
 * @property {string} [name]
 * @property {string} [lang] the language of the name
 */

/**
 * @template {string} Value
 * @param {HTMLElement} group
 * @param {readonly Choice<Value>[]} choices
 * @param {Value | null} first
 * @param {(value: Value) => void} chosen
 */
export function segments(group, choices, first, chosen) {
  const buttons = choices.map(({ value, text, name = value, lang }) => {
    const button = make('button', { type: 'button', value, 'aria-pressed': String(value === first) });
    if (lang) button.lang = lang;
    if (text) say(button, text);
    else button.textContent = name;
    button.addEventListener('click', () => {
      for (const other of buttons) other.ariaPressed = String(other === button);
      chosen(value);
    });
    return button;
  });
  group.append(...buttons);
}
