/** Why a call gave nothing, told apart only as far as the person can do something different about it. */
export type Failure =
  /** No answer of ours: no network, a portal in between, or time ran out. */
  | { kind: "offline" }
  /** The server answered that it cannot now. */
  | { kind: "unavailable" }
  | { kind: "busy"; seconds: number }
  | { kind: "expired" }
  /** Not a token of ours, or not any more. */
  | { kind: "refused" }
  /** Nothing we know; `requestId` finds it in the server's log. */
  | { kind: "unexpected"; requestId: string | null };

export type Result<Value> = { ok: true; value: Value } | { ok: false; failure: Failure };

export function failed(failure: Failure): { ok: false; failure: Failure } {
  return { ok: false, failure };
}
