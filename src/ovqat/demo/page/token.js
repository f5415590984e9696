// @ts-check
/** JSON Web Tokens as anybody may read them (RFC 7519): found in a text, shortened for the eye, decoded. */

import { make } from './element.js';

const TOKEN = /eyJ[\w-]+\.[\w-]+\.[\w-]+/g;
const BEGINNING = 12;
const END = 6;

/**
 * @param {string} text
 * @returns {string[]} each token once
 */
export function tokensIn(text) {
  return [...new Set(text.match(TOKEN))];
}

/**
 * A text to show, its tokens shortened. What is copied is taken from the text itself and stays whole.
 * @param {string} text
 * @returns {(Node | string)[]}
 */
export function shortened(text) {
  const tokens = text.match(TOKEN) ?? [];
  return text.split(TOKEN).flatMap((between, index) => {
    const token = tokens[index];
    return token === undefined ? [between] : [between, make('span', { class: 'token', title: token }, short(token))];
  });
}

/**
 * @param {string} token
 * @returns {{ header: unknown, claims: Record<string, unknown> } | null} null if it cannot be read
 */
export function decode(token) {
  try {
    const [header = '', claims = ''] = token.split('.');
    return { header: readPart(header), claims: readPart(claims) };
  } catch {
    return null;
  }
}

/**
 * The same token with one character of its signature changed.
 * @param {string} token
 */
export function spoiled(token) {
  const start = token.lastIndexOf('.') + 1;
  return token.slice(0, start) + (token[start] === 'A' ? 'B' : 'A') + token.slice(start + 1);
}

/** @param {string} token */
function short(token) {
  return `${token.slice(0, BEGINNING)}…${token.slice(-END)}`;
}

/** @param {string} part base64url of UTF-8 JSON */
function readPart(part) {
  const binary = atob(part.replaceAll('-', '+').replaceAll('_', '/'));
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}
