import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { type Failure, failed, type Result } from "../../src/api/result.ts";
import { jittered, retrying } from "../../src/api/retry.ts";

const MIDDLE = (): number => 0.5;
const DOWN: Failure = { kind: "unavailable" };

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function answering(...results: Result<string>[]): ReturnType<typeof vi.fn<() => Promise<Result<string>>>> {
  const last = results.at(-1) ?? failed(DOWN);
  return vi.fn(() => Promise.resolve(results.shift() ?? last));
}

describe("retrying", () => {
  it("goes on after 0.5, 1, 2 and 4 seconds until the answer is good", async () => {
    const call = answering(failed(DOWN), failed(DOWN), failed({ kind: "offline" }), failed(DOWN), { ok: true, value: "in" });

    const result = retrying(call, new AbortController().signal, MIDDLE);
    const counts: number[] = [];
    for (const ms of [499, 1, 999, 1, 1999, 1, 3999, 1]) {
      await vi.advanceTimersByTimeAsync(ms);
      counts.push(call.mock.calls.length);
    }

    expect(counts).toEqual([1, 2, 2, 3, 3, 4, 4, 5]);
    expect(await result).toEqual({ ok: true, value: "in" });
  });

  it.each<Failure>([{ kind: "expired" }, { kind: "refused" }, { kind: "busy", seconds: 3 }, { kind: "unexpected", requestId: null }])(
    "does not repeat what will not pass by itself: %o",
    async (failure) => {
      const call = answering(failed(failure));

      expect(await retrying(call, new AbortController().signal, MIDDLE)).toEqual({ ok: false, failure });
      expect(call).toHaveBeenCalledTimes(1);
    },
  );

  it("does not try in vain while the device itself says it is offline", async () => {
    vi.spyOn(navigator, "onLine", "get").mockReturnValue(false);
    const call = answering(failed({ kind: "offline" }));

    await retrying(call, new AbortController().signal, MIDDLE);

    expect(call).toHaveBeenCalledTimes(1);
  });

  it("stops in the middle of a pause", async () => {
    const giveUp = new AbortController();
    const call = answering(failed(DOWN));
    const result = retrying(call, giveUp.signal, MIDDLE);
    await vi.advanceTimersByTimeAsync(100);

    giveUp.abort();

    expect(await result).toEqual({ ok: false, failure: DOWN });
    expect(call).toHaveBeenCalledTimes(1);
  });

  it("remembers that the server answered, when the last try is cut off", async () => {
    const giveUp = new AbortController();
    let tries = 0;
    const result = retrying<string>(
      (signal) => {
        tries += 1;
        if (tries === 1) return Promise.resolve(failed(DOWN));
        return new Promise((resolve) => signal.addEventListener("abort", () => resolve(failed({ kind: "offline" }))));
      },
      giveUp.signal,
      MIDDLE,
    );
    await vi.advanceTimersByTimeAsync(600);

    giveUp.abort();

    expect(tries).toBe(2);
    expect(await result).toEqual({ ok: false, failure: DOWN });
  });
});

it("spreads pauses over a quarter to either side", () => {
  expect(jittered(1000, () => 0)).toBe(750);
  expect(jittered(1000, MIDDLE)).toBe(1000);
  expect(jittered(1000, () => 1)).toBe(1250);
});
