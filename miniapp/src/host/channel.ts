import type { Outgoing } from "./messages.ts";

/** How a message reaches whoever opened us. */
export type Post = (message: Outgoing) => void;

/**
 * The way to the host, or null when there is none. Looked up for every message, because some native apps put
 * their objects on the page only after it has begun.
 */
export function findChannel(page: Window, allowed: readonly string[]): Post | null {
  const { ReactNativeWebView, OvqatHost } = page;
  const webkit = page.webkit?.messageHandlers?.ovqat;
  if (ReactNativeWebView) return (message) => ReactNativeWebView.postMessage(JSON.stringify(message));
  if (webkit) return (message) => webkit.postMessage(message);
  if (OvqatHost) return (message) => OvqatHost.postMessage(JSON.stringify(message));
  if (page.parent !== page) return (message) => postToParent(page, allowed, message);
  return null;
}

/** Never to `*`: the parent's origin if the browser tells it, else each that may embed us; it gets at most one. */
function postToParent(page: Window, allowed: readonly string[], message: Outgoing): void {
  const embedder = page.location.ancestorOrigins?.[0];
  const targets = embedder !== undefined && allowed.includes(embedder) ? [embedder] : allowed;
  for (const origin of targets) page.parent.postMessage(message, origin);
}
