// @ts-check
/** What each call and each message is for, in terms of the protocol. */

import { OPEN_MINI_APP } from './backend.js';
import { now } from './clock.js';
import { ru } from './locales.js';

/** @typedef {import('./language.js').TextKey} TextKey */
/** @typedef {import('./step.js').Step} Step */
/** @typedef {import('./step.js').Party} Party */

/** @type {Record<string, { from: Party, why: TextKey }>} */
const CALLS = {
  'POST /api/auth/phone': { from: 'backend', why: 'call.phone' },
  'POST /api/auth/verify': { from: 'miniApp', why: 'call.verify' },
  'GET /api/me': { from: 'miniApp', why: 'call.me' },
  'PATCH /api/me': { from: 'miniApp', why: 'call.me.patch' },
  'DELETE /api/me': { from: 'miniApp', why: 'call.me.delete' },
  'GET /api/health': { from: 'client', why: 'call.health' },
  'GET /api/ready': { from: 'client', why: 'call.health' },
};

/**
 * @param {import('./api-calls.js').ApiCall} call
 * @returns {Step}
 */
export function stepOfCall(call) {
  const line = `${call.method} ${call.path}`;
  const known = CALLS[line] ?? { from: 'miniApp', why: 'call.other' };
  const failed = call.status >= 400;
  return {
    at: call.began,
    from: known.from,
    to: 'api',
    line,
    why: failed ? whyRefused(line, call.status) : known.why,
    status: call.status,
    ms: call.ms,
    request: { headers: call.requestHeaders, body: call.requestBody },
    answer: { headers: call.answerHeaders, body: call.answerBody },
    // The one call that a partner writes is shown in full.
    expanded: failed || known.from === 'backend',
  };
}

/**
 * @param {Party} from
 * @param {Party} to
 * @param {import('./host.js').Message} message
 * @param {number} at
 * @returns {Step}
 */
export function stepOfMessage(from, to, message, at) {
  const why = `message.${message.type}`;
  return { at, from, to, line: onOneLine(message), why: isText(why) ? why : 'message.other' };
}

/**
 * @param {string} phoneNumber
 * @returns {Step}
 */
export function stepOfOpening(phoneNumber) {
  return {
    at: now(),
    from: 'page',
    to: 'backend',
    line: `POST ${OPEN_MINI_APP}`,
    why: 'call.open',
    request: { headers: { 'content-type': 'application/json' }, body: JSON.stringify({ phoneNumber }) },
  };
}

/**
 * @param {TextKey} why
 * @param {string} line
 * @param {string} [url]
 * @returns {Step}
 */
export function stepOfFrame(why, line, url) {
  return { at: now(), from: 'page', to: 'miniApp', line, why, ...(url === undefined ? {} : { address: { body: url } }) };
}

/**
 * JSON with spaces, so that a long message breaks between its fields.
 * @param {unknown} value
 */
function onOneLine(value) {
  return JSON.stringify(value, null, 1).replaceAll(/\n */g, ' ');
}

/**
 * @param {string} line
 * @param {number} status
 * @returns {TextKey}
 */
function whyRefused(line, status) {
  return line === 'POST /api/auth/verify' && status === 401 ? 'call.verify.refused' : 'call.refused';
}

/**
 * @param {string} key
 * @returns {key is TextKey}
 */
function isText(key) {
  return Object.hasOwn(ru, key);
}
