// @vitest-environment node
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { type Api, createApi } from "../../src/api/client.ts";
import { ALI } from "../support/api.ts";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let answer: Answer;
let base: string;
const received: { method: string | undefined; url: string | undefined; headers: IncomingMessage["headers"]; body: string }[] = [];

const server = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on("data", (part: Buffer) => parts.push(part));
  request.on("end", () => {
    const { method, url, headers } = request;
    received.push({ method, url, headers, body: Buffer.concat(parts).toString() });
    answer(request, response);
  });
});

beforeEach(async () => {
  received.length = 0;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function api(): Api {
  return createApi((path, init) => fetch(`${base}${String(path)}`, init));
}

function json(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return (_request, response) => {
    response.writeHead(status, { "Content-Type": "application/json", ...headers });
    response.end(JSON.stringify(body));
  };
}

const patient = new AbortController().signal;

describe("createApi", () => {
  it("asks whether a token is valid", async () => {
    answer = json(200, { valid: true, userId: ALI.userId });

    const result = await api().verify("a.b.c", patient);

    expect(result).toEqual({ ok: true, value: { valid: true, userId: ALI.userId } });
    expect(received).toMatchObject([{ method: "POST", url: "/api/auth/verify", body: '{"token":"a.b.c"}' }]);
    expect(received[0]?.headers["content-type"]).toBe("application/json");
    expect(received[0]?.headers.authorization).toBeUndefined();
  });

  it("reads and changes the person with their token", async () => {
    answer = json(200, ALI);

    await api().me("a.b.c", patient);
    const result = await api().updateMe("a.b.c", { theme: "dark" }, patient);

    expect(result).toEqual({ ok: true, value: ALI });
    expect(received).toMatchObject([
      { method: "GET", url: "/api/me", headers: { authorization: "Bearer a.b.c" } },
      { method: "PATCH", url: "/api/me", headers: { authorization: "Bearer a.b.c" }, body: '{"theme":"dark"}' },
    ]);
  });

  it.each([
    ["an expired token", 401, { "X-Error-Code": "token_expired" }, { kind: "expired" }],
    ["a token of somebody else's making", 401, { "X-Error-Code": "token_invalid" }, { kind: "refused" }],
    ["a revoked token", 401, { "X-Error-Code": "token_revoked" }, { kind: "refused" }],
    ["a limit", 429, { "Retry-After": "42" }, { kind: "busy", seconds: 42 }],
    ["a limit without a time", 429, {}, { kind: "busy", seconds: 5 }],
    ["a limit with a date", 429, { "Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT" }, { kind: "busy", seconds: 5 }],
    ["a limit of no time at all", 429, { "Retry-After": "0" }, { kind: "busy", seconds: 1 }],
    ["a limit of a day", 429, { "Retry-After": "86400" }, { kind: "busy", seconds: 300 }],
    ["a server that fails", 500, {}, { kind: "unavailable" }],
    ["a server that is not ready", 503, {}, { kind: "unavailable" }],
    ["a server that lost patience", 408, {}, { kind: "unavailable" }],
    ["an error it does not know", 403, { "X-Request-Id": "req-1" }, { kind: "unexpected", requestId: "req-1" }],
    ["an error without a number", 400, {}, { kind: "unexpected", requestId: null }],
  ])("tells %s from the others", async (_what, status, headers, failure) => {
    answer = json(status, { valid: false, error: "…" }, headers);

    expect(await api().verify("a.b.c", patient)).toEqual({ ok: false, failure });
  });

  it.each([
    ["a portal's page", "<html>Pay for the Wi-Fi</html>"],
    ["an answer of another shape", '{"valid":false}'],
    ["JSON that is no object", "null"],
  ])("takes %s for having no connection", async (_what, body) => {
    answer = (_request, response) => response.end(body);

    expect(await api().verify("a.b.c", patient)).toEqual({ ok: false, failure: { kind: "offline" } });
  });

  it("takes a broken connection for having none", async () => {
    answer = (request) => request.socket.destroy();

    expect(await api().me("a.b.c", patient)).toEqual({ ok: false, failure: { kind: "offline" } });
  });

  it("stops waiting when it is told to, also in the middle of an answer", async () => {
    const giveUp = new AbortController();
    answer = (_request, response) => {
      response.writeHead(200, { "Content-Type": "application/json" });
      response.write('{"valid":');
      giveUp.abort();
    };

    expect(await api().verify("a.b.c", giveUp.signal)).toEqual({ ok: false, failure: { kind: "offline" } });
  });
});
