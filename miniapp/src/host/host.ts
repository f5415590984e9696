import { findChannel } from "./channel.ts";
import { type Incoming, type Outgoing, readIncoming } from "./messages.ts";

/** The native app or the page that opened us, whichever it is. */
export interface Host {
  /** Whether anybody is there to hear us. */
  readonly present: boolean;
  send(message: Outgoing): void;
  /** Hear the host from now on. */
  listen(hear: (message: Incoming) => void): void;
}

export function connectHost(page: Window, allowed: readonly string[]): Host {
  return {
    get present() {
      return findChannel(page, allowed) !== null;
    },
    send: (message) => findChannel(page, allowed)?.(message),
    listen(hear) {
      const receive = (message: unknown): void => {
        const incoming = readIncoming(message);
        if (incoming) hear(incoming);
      };
      page.OvqatNative = { postMessage: receive };
      page.addEventListener("message", ({ data, origin, source }) => {
        if (source === page.parent && allowed.includes(origin)) receive(data);
      });
    },
  };
}
