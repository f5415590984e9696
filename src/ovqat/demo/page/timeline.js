// @ts-check
/** The list of steps. */

import { find } from './element.js';
import { StepView } from './step.js';

const MOST_STEPS = 300;
const NEARLY_AT_END_PX = 40;

/** @type {WeakMap<Element, number>} When each step began. */
const began = new WeakMap();

export class Timeline {
  #window = find('timeline', HTMLElement);
  #outline = find('outline', HTMLElement);
  #steps = find('steps', HTMLElement);

  constructor() {
    find('expand', HTMLButtonElement).addEventListener('click', () => this.#expand());
    find('clear', HTMLButtonElement).addEventListener('click', () => this.#clear());
  }

  /**
   * Calls of the API are learned of a little late, so a step is put where its time is and not always at the end.
   * @param {import('./step.js').Step} step
   * @returns {StepView}
   */
  add(step) {
    const reading = !this.#atEnd();
    const view = new StepView(step);
    began.set(view.element, step.at);
    const earlier = [...this.#steps.children].findLast((other) => Number(began.get(other)) <= step.at);
    if (earlier) earlier.after(view.element);
    else this.#steps.prepend(view.element);
    this.#outline.hidden = true;
    if (this.#steps.children.length > MOST_STEPS) this.#steps.firstElementChild?.remove();
    if (!reading) this.follow();
    return view;
  }

  /** Show the end of the list, and new steps as they come, until the reader scrolls back. */
  follow() {
    this.#window.scrollTop = this.#window.scrollHeight;
  }

  /** Only of a reader who has come there: the first steps are read from the top. */
  #atEnd() {
    const { scrollTop, scrollHeight, clientHeight } = this.#window;
    return scrollTop > 0 && scrollHeight - clientHeight - scrollTop < NEARLY_AT_END_PX;
  }

  #expand() {
    for (const details of this.#steps.querySelectorAll('details')) details.open = true;
  }

  #clear() {
    this.#steps.replaceChildren();
    this.#outline.hidden = false;
  }
}
