import type { Result } from "./result.ts";

const FIRST_PAUSE_MS = 500;

/** A fraction in [0, 1). Handed in, so that tests know the pauses. */
export type Random = () => number;

/**
 * Repeat a call while the network or the server fails in a way that may pass, after 0.5, 1, 2, 4… seconds,
 * until `signal` ends it. A try that the signal cuts off says less than the answer before it, which is given then.
 */
export async function retrying<Value>(
  call: (signal: AbortSignal) => Promise<Result<Value>>,
  signal: AbortSignal,
  random: Random,
  pause = FIRST_PAUSE_MS,
): Promise<Result<Value>> {
  const result = await call(signal);
  if (signal.aborted || !mayPass(result)) return result;
  await sleep(jittered(pause, random), signal);
  if (signal.aborted) return result;
  const next = await retrying(call, signal, random, pause * 2);
  const cutOff = signal.aborted && !next.ok && next.failure.kind === "offline";
  return cutOff ? result : next;
}

/** Within a quarter of `ms`, so that the phones of one failed cell do not return all at once. */
export function jittered(ms: number, random: Random): number {
  return ms * (0.75 + random() / 2);
}

function mayPass(result: Result<unknown>): boolean {
  if (result.ok) return false;
  const { kind } = result.failure;
  return kind === "unavailable" || (kind === "offline" && navigator.onLine !== false);
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });
}
