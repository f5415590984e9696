/** What the launch script, and the native apps that open us, put on the page's window. */
interface Window {
  /** The token of the URL, until the app takes it. Empty when the host said there is none. */
  ovqatToken?: string;

  ReactNativeWebView?: { postMessage(message: string): void };
  webkit?: { messageHandlers?: { ovqat?: { postMessage(message: object): void } } };
  OvqatHost?: { postMessage(message: string): void };

  /** Ours: native apps call it through `evaluateJavascript`. */
  OvqatNative?: { postMessage(message: unknown): void };
}
