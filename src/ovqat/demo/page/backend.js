// @ts-check
/** The partner's own backend, as its page sees it. */

/**
 * @typedef {object} BackendAnswer
 * @property {number} status
 * @property {string} body
 * @property {number} ms
 * @property {string | null} miniAppUrl null when the API refused
 */

export const OPEN_MINI_APP = '/demo/api/open-mini-app';

/**
 * Ask the backend to sign the user in and to give the mini-app's address.
 *
 * The page sends what it knows of its user to its own server and nothing to ours: the partner's key and the call
 * of `POST /api/auth/phone` stay on the backend. In a real app the number comes from your session, not from a field.
 *
 * @param {string} phoneNumber
 * @returns {Promise<BackendAnswer>}
 * @throws {TypeError} if the backend cannot be reached
 */
export async function openMiniApp(phoneNumber) {
  const started = performance.now();
  const response = await fetch(OPEN_MINI_APP, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ phoneNumber }),
  });
  const body = await response.text();
  return {
    status: response.status,
    body,
    ms: performance.now() - started,
    miniAppUrl: response.ok ? JSON.parse(body).miniAppUrl : null,
  };
}

/**
 * @param {string} miniAppUrl
 * @returns {string}
 */
export function tokenOf(miniAppUrl) {
  return new URL(miniAppUrl).searchParams.get('token') ?? '';
}
