import { failureOf } from "./failure.ts";
import { failed, type Result } from "./result.ts";
import type { components } from "./schema.d.ts";

type Schemas = components["schemas"];
export type Me = Schemas["Me"];
export type MePatch = Schemas["MePatch"];
export type Theme = Schemas["Theme"];
export type Verified = Schemas["Verified"];

/** The calls of `openapi.yaml` that the mini-app makes. None of them throws; `signal` ends the wait. */
export interface Api {
  verify(token: string, signal: AbortSignal): Promise<Result<Verified>>;
  me(token: string, signal: AbortSignal): Promise<Result<Me>>;
  updateMe(token: string, patch: MePatch, signal: AbortSignal): Promise<Result<Me>>;
}

export function createApi(fetch: typeof globalThis.fetch): Api {
  async function call<Answer>(
    path: string,
    { is, ...init }: RequestInit & { is: (answer: unknown) => answer is Answer },
  ): Promise<Result<Answer>> {
    try {
      const response = await fetch(path, { cache: "no-store", credentials: "omit", ...init });
      if (!response.ok) return failed(failureOf(response));
      const answer: unknown = await response.json();
      return is(answer) ? { ok: true, value: answer } : failed({ kind: "offline" });
    } catch {
      return failed({ kind: "offline" });
    }
  }

  return {
    verify: (token, signal) =>
      call("/api/auth/verify", { method: "POST", headers: JSON_BODY, body: JSON.stringify({ token }), signal, is: isVerified }),
    me: (token, signal) => call("/api/me", { headers: bearer(token), signal, is: isMe }),
    updateMe: (token, patch, signal) =>
      call("/api/me", {
        method: "PATCH",
        headers: { ...JSON_BODY, ...bearer(token) },
        body: JSON.stringify(patch),
        signal,
        is: isMe,
      }),
  };
}

const JSON_BODY = { "Content-Type": "application/json" };

function bearer(token: string): Record<string, string> {
  return { Authorization: `Bearer ${token}` };
}

/** The pages that hotel and operator networks answer with, status 200, are not our server's. */
function isVerified(answer: unknown): answer is Verified {
  return isRecord(answer) && answer["valid"] === true && typeof answer["userId"] === "string";
}

function isMe(answer: unknown): answer is Me {
  return isRecord(answer) && typeof answer["userId"] === "string" && typeof answer["phoneNumber"] === "string";
}

function isRecord(answer: unknown): answer is Record<string, unknown> {
  return typeof answer === "object" && answer !== null;
}
