// @ts-check
/** The partner's page: the button, the phone, and the list of what happens. Begin to read here. */

import { ApiCalls } from './api-calls.js';
import { openMiniApp, tokenOf } from './backend.js';
import { now, timeOf } from './clock.js';
import { CodePanel } from './code-panel.js';
import { answersToken, enableControls, wireControls } from './controls.js';
import { find } from './element.js';
import { stepOfCall, stepOfFrame, stepOfMessage, stepOfOpening } from './happenings.js';
import { Host } from './host.js';
import { OWN_NAMES, language, speak } from './language.js';
import { announce, forgetTrouble, showApiError, showBackendGone, showPopupBlocked } from './notice.js';
import { Phone } from './phone.js';
import { segments } from './segments.js';
import { Timeline } from './timeline.js';
import { spoiled } from './token.js';

const timeline = new Timeline();
const code = new CodePanel();
const calls = new ApiCalls(noteCall, (gone) => (find('server-gone', HTMLElement).hidden = !gone));
const phone = new Phone(find('screen', HTMLElement));
const host = new Host(phone, {
  newToken,
  close: closeFrame,
  heard: (message, event) => timeline.add(stepOfMessage('miniApp', 'page', message, timeOf(event))),
  told: (message) => timeline.add(stepOfMessage('page', 'miniApp', message, now())),
});

const form = find('partner-form', HTMLFormElement);
form.addEventListener('submit', (event) => {
  event.preventDefault();
  void opening(openInFrame);
});
find('open-tab', HTMLButtonElement).addEventListener('click', () => void opening(openInTab));
find('open-spoiled', HTMLButtonElement).addEventListener('click', () => void opening(openSpoiled));
wireControls(host, { close: closeFrame, reload: reloadFrame, used: () => timeline.follow() });
segments(find('languages', HTMLElement), pageLanguages(), language(), speak);
speak(language());
calls.watch();

/**
 * What every way of opening begins with: one press, one call of the backend.
 * @param {(miniAppUrl: string) => void} open
 */
async function opening(open) {
  if (form.ariaBusy === 'true') return;
  form.ariaBusy = 'true';
  timeline.follow();
  const miniAppUrl = await signIn();
  if (miniAppUrl !== null) open(miniAppUrl);
  form.ariaBusy = 'false';
}

/** The mini-app's address from the partner's backend; null, with the trouble shown, when it gave none. */
async function signIn() {
  forgetTrouble();
  const { value } = find('phone-number', HTMLInputElement);
  const step = timeline.add(stepOfOpening(value));
  try {
    const answer = await openMiniApp(value);
    step.answered(answer);
    await calls.catchUp();
    if (answer.miniAppUrl === null) showApiError(answer.status, answer.body);
    return answer.miniAppUrl;
  } catch {
    showBackendGone();
    return null;
  }
}

/** @param {string} miniAppUrl */
function openInFrame(miniAppUrl) {
  timeline.add(stepOfFrame('frame.open', 'iframe.src = miniAppUrl', miniAppUrl));
  showInFrame(miniAppUrl);
}

/** @param {string} miniAppUrl */
function openSpoiled(miniAppUrl) {
  const token = tokenOf(miniAppUrl);
  const url = miniAppUrl.replace(token, spoiled(token));
  timeline.add(stepOfFrame('frame.spoiled', 'iframe.src = miniAppUrl', url));
  showInFrame(url);
}

/** @param {string} miniAppUrl */
function showInFrame(miniAppUrl) {
  phone.open(miniAppUrl);
  enableControls(true);
  announce('opened');
}

/** @param {string} miniAppUrl */
function openInTab(miniAppUrl) {
  timeline.add(stepOfFrame('frame.tab', "window.open(miniAppUrl, '_blank')", miniAppUrl));
  // The press that allows a new tab may be too long ago when the backend has answered.
  if (window.open(miniAppUrl, '_blank') === null) showPopupBlocked(miniAppUrl);
}

function reloadFrame() {
  timeline.add(stepOfFrame('frame.reload', 'iframe.contentWindow.location.reload()'));
  phone.reload();
}

function closeFrame() {
  timeline.add(stepOfFrame('frame.close', 'iframe.remove()'));
  phone.close();
  enableControls(false);
  announce('closed');
  find('open', HTMLButtonElement).focus({ preventScroll: true });
}

/** For a mini-app whose token is of no use any more. */
async function newToken() {
  if (!answersToken()) return null;
  const miniAppUrl = await signIn();
  return miniAppUrl === null ? null : tokenOf(miniAppUrl);
}

/** @param {import('./api-calls.js').ApiCall} call */
function noteCall(call) {
  timeline.add(stepOfCall(call));
  if (call.path === '/api/auth/phone' && 'x-api-key' in call.requestHeaders) code.showKey();
}

function pageLanguages() {
  const languages = /** @type {import('./language.js').Language[]} */ (Object.keys(OWN_NAMES));
  return languages.map((value) => ({ value, text: null, name: OWN_NAMES[value], lang: value }));
}
