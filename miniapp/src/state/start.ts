import { signal } from "@preact/signals";

import type { Api, Me } from "../api/client.ts";
import type { Failure, Result } from "../api/result.ts";
import { jittered, type Random, retrying } from "../api/retry.ts";
import type { Host } from "../host/host.ts";
import type { Phase } from "./phase.ts";
import { Timer } from "./timer.ts";

const SLOW_MS = 3000;
const DEADLINE_MS = 8000;
const RENEWAL_MS = 5000;
const SCREEN_WITHIN_MS = 9500;
const FIRST_RETRY_MS = 2000;
const LAST_RETRY_MS = 30_000;

interface StartParts {
  api: Api;
  host: Pick<Host, "present" | "send">;
  /** Told of the person, and waited for, before `phase` becomes ready. */
  welcome: (me: Me) => Promise<void>;
  /** Told of the token in use: a new one, or null when it is of no use any more. */
  keep: (token: string | null) => void;
  random: Random;
}

/**
 * From a token to the home screen, or to the screen that says why not, within ten seconds.
 *
 * Passing troubles are retried by themselves; a dead token is replaced by asking the host for another.
 */
export class Start {
  readonly phase = signal<Phase>({ name: "loading", slow: false });

  private readonly parts: StartParts;
  private readonly timer = new Timer();
  private readonly slowTimer = new Timer();
  private attempt: AbortController | null = null;
  private current: string | null = null;
  private beganAt = 0;
  private retries = 0;
  private asked = false;

  constructor(parts: StartParts) {
    this.parts = parts;
  }

  /** The token in use, or null. */
  get token(): string | null {
    return this.current;
  }

  /** Start afresh with this token; null when the host gave none. */
  begin(token: string | null): void {
    this.stop();
    this.take(token);
    this.beganAt = Date.now();
    this.retries = 0;
    if (token === null) {
      this.phase.value = { name: "noToken" };
      this.parts.host.send({ type: "REQUEST_TOKEN" });
      return;
    }
    this.phase.value = { name: "loading", slow: false };
    this.slowTimer.set(SLOW_MS, () => {
      this.phase.value = { name: "loading", slow: true };
    });
    void this.attemptWith(token, (call, until) => retrying(call, until, this.parts.random));
  }

  /** Try again now, because the person asked. */
  retry(): void {
    if (this.phase.value.name === "failed") this.begin(this.current);
    else this.wake();
  }

  /** Try again now if the trouble may have passed: the network came back, or the person came back to us. */
  wake(): void {
    const { name } = this.phase.value;
    if ((name !== "offline" && name !== "unavailable") || this.current === null) return;
    this.stop();
    this.phase.value = { name, trying: true };
    void this.attemptWith(this.current, (call, until) => call(until));
  }

  /** Ask the host once more for a token, after it gave none. */
  askAgain(): void {
    const { name } = this.phase.value;
    if (name === "expired" || name === "refused") this.renew(name, RENEWAL_MS);
  }

  /** The server refused the token in the middle of things. */
  lose(kind: "expired" | "refused"): void {
    this.stop();
    this.beganAt = Date.now();
    this.settle({ kind });
  }

  /** Something broke that we have no better screen for. */
  fail(requestId: string | null): void {
    this.stop();
    this.phase.value = { name: "failed", requestId };
  }

  private take(token: string | null): void {
    this.current = token;
    this.parts.keep(token);
  }

  private stop(): void {
    this.attempt?.abort();
    this.attempt = null;
    this.timer.clear();
    this.slowTimer.clear();
  }

  private async attemptWith(token: string, patience: Patience): Promise<void> {
    const attempt = new AbortController();
    this.attempt = attempt;
    this.timer.set(DEADLINE_MS, () => attempt.abort());
    const result = await this.enter(token, attempt.signal, patience);
    if (this.attempt !== attempt) return;
    this.timer.clear();
    if (result.ok) await this.parts.welcome(result.value);
    if (this.attempt !== attempt) return;
    this.stop();
    if (result.ok) this.arrive();
    else this.settle(result.failure);
  }

  private async enter(token: string, until: AbortSignal, patience: Patience): Promise<Result<Me>> {
    const { api } = this.parts;
    const verified = await patience((end) => api.verify(token, end), until);
    return verified.ok ? patience((end) => api.me(token, end), until) : verified;
  }

  private arrive(): void {
    this.asked = false;
    this.phase.value = { name: "ready" };
  }

  private settle(failure: Failure): void {
    switch (failure.kind) {
      case "offline":
      case "unavailable":
        this.phase.value = { name: failure.kind, trying: false };
        this.timer.set(this.nextPause(), () => this.wake());
        break;
      case "busy":
        this.phase.value = { name: "busy", until: Date.now() + failure.seconds * 1000 };
        this.timer.set(failure.seconds * 1000, () => this.begin(this.current));
        break;
      case "expired":
      case "refused":
        this.replaceToken(failure.kind);
        break;
      case "unexpected":
        this.fail(failure.requestId);
    }
  }

  private nextPause(): number {
    const pause = Math.min(FIRST_RETRY_MS * 2 ** this.retries, LAST_RETRY_MS);
    this.retries += 1;
    return jittered(pause, this.parts.random);
  }

  /** By itself only once: a host that hands out the same dead token again must not make us turn in circles. */
  private replaceToken(kind: "expired" | "refused"): void {
    this.take(null);
    if (this.asked || !this.parts.host.present) {
      this.phase.value = { name: kind };
      return;
    }
    this.asked = true;
    this.renew(kind, Math.min(RENEWAL_MS, SCREEN_WITHIN_MS - (Date.now() - this.beganAt)));
  }

  private renew(kind: "expired" | "refused", ms: number): void {
    this.phase.value = { name: "renewing" };
    this.timer.set(ms, () => {
      this.phase.value = { name: kind };
    });
    this.parts.host.send({ type: "REQUEST_TOKEN" });
  }
}

/** How long to go on with one call: several tries at the start, a single one from a screen that repeats it. */
type Patience = <Value>(
  call: (signal: AbortSignal) => Promise<Result<Value>>,
  signal: AbortSignal,
) => Promise<Result<Value>>;
