import type { Failure } from "./result.ts";

const BUSY_SECONDS = 5;
const BUSY_SECONDS_AT_MOST = 300;

/** What an answer with an error status means for the person. */
export function failureOf({ status, headers }: Response): Failure {
  if (status === 401) return { kind: headers.get("X-Error-Code") === "token_expired" ? "expired" : "refused" };
  if (status === 429) return { kind: "busy", seconds: secondsToWait(headers.get("Retry-After")) };
  if (status === 408 || status >= 500) return { kind: "unavailable" };
  return { kind: "unexpected", requestId: headers.get("X-Request-Id") };
}

/** Retry-After in seconds; our server writes no dates. */
function secondsToWait(retryAfter: string | null): number {
  const seconds = Number(retryAfter ?? BUSY_SECONDS);
  if (!Number.isFinite(seconds)) return BUSY_SECONDS;
  return Math.min(Math.max(Math.ceil(seconds), 1), BUSY_SECONDS_AT_MOST);
}
