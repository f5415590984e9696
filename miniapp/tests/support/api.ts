import type { Api, Me, MePatch } from "../../src/api/client.ts";
import { type Failure, failed, type Result } from "../../src/api/result.ts";

export const ALI: Me = {
  userId: "27a2b872-93b4-44ba-8835-75163463e903",
  phoneNumber: "998997961877",
  language: null,
  theme: "system",
  timeZone: "Asia/Tashkent",
  createdAt: "2026-01-01T00:00:00Z",
};

/** A token as the server makes them, for this person. */
export function tokenOf(userId: string, salt = ""): string {
  return `e30.${btoa(JSON.stringify({ userId, salt }))}.signature`;
}

/** Answers every call as `answer` says at that moment; "hang" answers only once the caller has given up. */
export class FakeApi implements Api {
  answer: "ok" | "hang" | Failure = "ok";
  person: Me = ALI;
  readonly calls: string[] = [];
  readonly patches: MePatch[] = [];

  verify(token: string, signal: AbortSignal): Promise<Result<{ valid: true; userId: string }>> {
    this.calls.push(`verify ${token}`);
    return this.give({ valid: true, userId: this.person.userId }, signal);
  }

  me(token: string, signal: AbortSignal): Promise<Result<Me>> {
    this.calls.push(`me ${token}`);
    return this.give(this.person, signal);
  }

  updateMe(_token: string, patch: MePatch, signal: AbortSignal): Promise<Result<Me>> {
    this.patches.push(patch);
    if (this.answer === "ok") this.person = { ...this.person, ...patch };
    return this.give(this.person, signal);
  }

  private give<Value>(value: Value, signal: AbortSignal): Promise<Result<Value>> {
    const { answer } = this;
    if (answer === "ok") return Promise.resolve({ ok: true, value });
    if (answer !== "hang") return Promise.resolve(failed(answer));
    return new Promise((resolve) => signal.addEventListener("abort", () => resolve(failed({ kind: "offline" }))));
  }
}
