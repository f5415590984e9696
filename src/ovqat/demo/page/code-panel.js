// @ts-check
/** The tabs with the code to copy. */

import { copyButton } from './copy.js';
import { find, make } from './element.js';
import { texts } from './language.js';
import { SNIPPETS } from './snippets.js';

export class CodePanel {
  #number = find('phone-number', HTMLInputElement);
  #panel = find('snippet', HTMLElement);
  #keyHint = find('key-hint', HTMLElement);
  #tabs = SNIPPETS.map(({ name }) =>
    make('button', { type: 'button', role: 'tab', id: `tab-${name}`, 'aria-controls': 'snippet' }, name),
  );
  #shown = 0;
  #keyed = false;

  constructor() {
    const list = find('snippet-tabs', HTMLElement);
    list.append(...this.#tabs);
    this.#tabs.forEach((tab, index) => tab.addEventListener('click', () => this.#show(index)));
    list.addEventListener('keydown', (event) => this.#walk(event));
    find('snippet-copy', HTMLElement).append(copyButton(() => this.#panel.textContent ?? ''));
    this.#number.addEventListener('input', () => this.#write());
    document.addEventListener('demo:language', () => this.#write());
    this.#show(0);
  }

  /** From now on with a key: the partner's backend was seen to send one. */
  showKey() {
    this.#keyed = true;
    this.#keyHint.hidden = false;
    this.#write();
  }

  /** @param {number} index */
  #show(index) {
    this.#shown = index;
    this.#tabs.forEach((tab, other) => {
      tab.ariaSelected = String(other === index);
      tab.tabIndex = other === index ? 0 : -1;
    });
    this.#panel.setAttribute('aria-labelledby', this.#tabs[index]?.id ?? '');
    this.#write();
  }

  /**
   * Arrows walk through the tabs, as in every tab list (WAI-ARIA Authoring Practices).
   * @param {KeyboardEvent} event
   */
  #walk(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    this.#show((this.#shown + step + this.#tabs.length) % this.#tabs.length);
    this.#tabs[this.#shown]?.focus();
  }

  #write() {
    this.#panel.textContent =
      SNIPPETS[this.#shown]?.write({
        server: location.origin,
        phoneNumber: this.#number.value,
        keyed: this.#keyed,
        texts: texts(),
      }) ?? '';
  }
}
