// @ts-check
/** The language of the page: which one, and how everything on the page follows it. */

import { locales } from './locales.js';

/** @typedef {keyof typeof locales} Language */
/** @typedef {typeof locales.ru} Texts */
/** @typedef {keyof Texts} TextKey */
/** @typedef {(texts: Texts, language: Language) => string} Words */

/** @type {Record<Language, string>} */
export const OWN_NAMES = { ru: 'Русский', uz: 'Oʻzbekcha', en: 'English' };

const KEPT_AS = 'ovqat-demo.language';

/** @type {WeakMap<Element, Words>} What each element says, so that it can say it in another language. */
const spoken = new WeakMap();
let current = kept() ?? preferred(navigator.languages) ?? 'ru';

/**
 * Let an element say something, now and after a change of language.
 * @template {Element} E
 * @param {E} element
 * @param {TextKey | Words} words
 * @returns {E}
 */
export function say(element, words) {
  const inLanguage = typeof words === 'string' ? (/** @type {Texts} */ texts) => texts[words] : words;
  spoken.set(element, inLanguage);
  element.toggleAttribute('data-spoken', true);
  element.textContent = inLanguage(locales[current], current);
  return element;
}

/** @returns {Texts} */
export function texts() {
  return locales[current];
}

/** @returns {Language} */
export function language() {
  return current;
}

/** @param {Language} wanted */
export function speak(wanted) {
  current = wanted;
  keep(wanted);
  document.documentElement.lang = wanted;
  document.title = texts().title;
  for (const element of document.querySelectorAll('[data-label]')) {
    element.setAttribute('aria-label', texts()[/** @type {TextKey} */ (element.getAttribute('data-label'))]);
  }
  for (const element of document.querySelectorAll('[data-text], [data-spoken]')) {
    say(element, spoken.get(element) ?? /** @type {TextKey} */ (element.getAttribute('data-text')));
  }
  document.dispatchEvent(new Event('demo:language'));
}

/**
 * @param {readonly string[]} tags as in `navigator.languages`
 * @returns {Language | undefined}
 */
function preferred(tags) {
  return tags.map((tag) => tag.toLowerCase().split('-')[0]).find(isLanguage);
}

/** @returns {Language | null} */
function kept() {
  try {
    const language = localStorage.getItem(KEPT_AS);
    return isLanguage(language) ? language : null;
  } catch {
    return null; // storage may be switched off
  }
}

/** @param {Language} language */
function keep(language) {
  try {
    localStorage.setItem(KEPT_AS, language);
  } catch {
    // storage may be switched off; the choice then lasts as long as the page
  }
}

/**
 * @param {unknown} tag
 * @returns {tag is Language}
 */
function isLanguage(tag) {
  return typeof tag === 'string' && Object.hasOwn(locales, tag);
}
