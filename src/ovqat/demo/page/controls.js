// @ts-check
/** Everything a reader can do to the mini-app as its host. */

import { find } from './element.js';
import { segments } from './segments.js';

const NO_NOTCH = { top: 0, right: 0, bottom: 0, left: 0 };
/** The bars that page.css draws over the screen. */
const NOTCH = { top: 28, right: 0, bottom: 20, left: 0 };

/** @type {import('./segments.js').Choice<string>[]} */
const MINI_APP_LANGUAGES = [
  { value: 'uz', text: null, name: 'Oʻzbekcha', lang: 'uz' },
  { value: 'uz-Cyrl', text: null, name: 'Ўзбекча', lang: 'uz-Cyrl' },
  { value: 'ru', text: null, name: 'Русский', lang: 'ru' },
  { value: 'en', text: null, name: 'English', lang: 'en' },
];

/**
 * @param {import('./host.js').Host} host
 * @param {{ close: () => void, reload: () => void, used: () => void }} does `used` is told before anything is done
 */
export function wireControls(host, does) {
  /** @param {() => void} act */
  const press = (act) => () => {
    does.used();
    act();
  };
  /** @param {string} id @param {() => void} act */
  const button = (id, act) => find(id, HTMLButtonElement).addEventListener('click', press(act));

  button('back', () => host.pressBack());
  button('back-pressed', () => host.pressBack());
  button('close', does.close);
  button('reload', does.reload);
  segments(
    find('theme', HTMLElement),
    [{ value: /** @type {const} */ ('light'), text: 'light' }, { value: /** @type {const} */ ('dark'), text: 'dark' }],
    host.theme,
    (theme) => press(() => host.changeTheme(theme))(),
  );
  segments(find('mini-app-language', HTMLElement), MINI_APP_LANGUAGES, host.language, (language) =>
    press(() => host.changeLanguage(language))(),
  );
  wireNotch(host, does.used);
}

/** @param {boolean} open whether there is a mini-app to do something to */
export function enableControls(open) {
  for (const id of ['back', 'back-pressed', 'close', 'reload']) find(id, HTMLButtonElement).disabled = !open;
}

/** Whether the page gives a new token when it is asked; a reader may want to see what happens if it does not. */
export function answersToken() {
  return find('answers-token', HTMLInputElement).checked;
}

/**
 * @param {import('./host.js').Host} host
 * @param {() => void} used
 */
function wireNotch(host, used) {
  const box = find('notch', HTMLInputElement);
  box.checked = false; // Firefox remembers it over a reload, the host does not
  box.addEventListener('change', () => {
    used();
    find('phone', HTMLElement).toggleAttribute('data-notch', box.checked);
    host.coverEdges(box.checked ? NOTCH : NO_NOTCH);
  });
}
