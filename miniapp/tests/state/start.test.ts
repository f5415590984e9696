import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { Me } from "../../src/api/client.ts";
import type { Phase } from "../../src/state/phase.ts";
import { Start } from "../../src/state/start.ts";
import { ALI, FakeApi } from "../support/api.ts";
import { FakeHost } from "../support/host.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

interface Started {
  start: Start;
  api: FakeApi;
  host: FakeHost;
  kept: (string | null)[];
  welcomed: Me[];
  phases: Phase["name"][];
}

function started(): Started {
  const api = new FakeApi();
  const host = new FakeHost();
  const kept: (string | null)[] = [];
  const welcomed: Me[] = [];
  const start = new Start({
    api,
    host,
    keep: (token) => kept.push(token),
    welcome: (me) => {
      welcomed.push(me);
      return Promise.resolve();
    },
    random: () => 0.5,
  });
  const phases: Phase["name"][] = [];
  start.phase.subscribe(({ name }) => {
    if (phases.at(-1) !== name) phases.push(name);
  });
  return { start, api, host, kept, welcomed, phases };
}

const passes = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

async function offline(): Promise<Started> {
  const parts = started();
  parts.api.answer = { kind: "offline" };
  parts.start.begin("t1");
  await passes(8000);
  parts.api.calls.length = 0;
  return parts;
}

describe("a token that is valid", () => {
  it("is verified, then brings the person in", async () => {
    const { start, api, kept, welcomed, phases } = started();

    start.begin("t1");
    await passes(0);

    expect(api.calls).toEqual(["verify t1", "me t1"]);
    expect(kept).toEqual(["t1"]);
    expect(welcomed).toEqual([ALI]);
    expect(phases).toEqual(["loading", "ready"]);
  });

  it("leaves no timer behind", async () => {
    const { start } = started();

    start.begin("t1");
    await passes(0);

    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("a slow network", () => {
  it("is named after three seconds", async () => {
    const { start, api } = started();
    api.answer = "hang";

    start.begin("t1");
    await passes(2999);
    expect(start.phase.value).toEqual({ name: "loading", slow: false });
    await passes(1);

    expect(start.phase.value).toEqual({ name: "loading", slow: true });
  });

  it.each(["hang", { kind: "offline" }, { kind: "unavailable" }] as const)(
    "ends in a screen within ten seconds when every call answers %o",
    async (answer) => {
      const { start, api } = started();
      api.answer = answer;

      start.begin("t1");
      await passes(9999);

      expect(start.phase.value.name).not.toBe("loading");
    },
  );

  it("ends in a screen within ten seconds even when a dead token is noticed late and the host gives no other", async () => {
    const { start, api } = started();
    api.answer = { kind: "unavailable" };

    start.begin("t1");
    await passes(7000);
    api.answer = { kind: "expired" };
    await passes(2999);

    expect(start.phase.value.name).toBe("expired");
  });

  it("says that the service is down, not the network, when the server has answered so", async () => {
    const { start, api } = started();
    api.answer = { kind: "unavailable" };

    start.begin("t1");
    await passes(7600);
    api.answer = "hang";
    await passes(1000);

    expect(start.phase.value).toEqual({ name: "unavailable", trying: false });
  });
});

describe("no connection", () => {
  it("is retried by itself after 2, 4, 8, 16, 30 and 30 seconds", async () => {
    const { api } = await offline();

    const counts: number[] = [];
    for (const seconds of [2, 4, 8, 16, 30, 30]) {
      await passes(seconds * 1000 - 1);
      counts.push(api.calls.length);
      await passes(1);
      counts.push(api.calls.length);
    }

    expect(counts).toEqual([0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6]);
  });

  it("is left as soon as it is back", async () => {
    const { start, api, phases } = await offline();

    api.answer = "ok";
    start.wake();
    await passes(0);

    expect(phases).toEqual(["loading", "offline", "ready"]);
  });

  it("shows that a try is under way, and ends that try too within ten seconds", async () => {
    const { start, api } = await offline();
    api.answer = "hang";

    start.retry();
    expect(start.phase.value).toEqual({ name: "offline", trying: true });
    await passes(9999);

    expect(start.phase.value).toMatchObject({ name: "offline" });
    expect(api.calls.length).toBeLessThanOrEqual(2);
  });

  it("does not forget the token", async () => {
    const { start } = await offline();

    expect(start.token).toBe("t1");
  });
});

describe("a busy server", () => {
  it("is left alone for as long as it asked, then tried again", async () => {
    const { start, api } = started();
    api.answer = { kind: "busy", seconds: 42 };
    vi.setSystemTime(1_000_000);

    start.begin("t1");
    await passes(0);
    expect(start.phase.value).toEqual({ name: "busy", until: 1_042_000 });
    api.answer = "ok";
    start.wake();
    await passes(41_999);
    expect(api.calls).toEqual(["verify t1"]);
    await passes(1);

    expect(start.phase.value.name).toBe("ready");
  });
});

describe("no token", () => {
  it("is said at once, and the host is asked for one", () => {
    const { start, host, api } = started();

    start.begin(null);

    expect(start.phase.value.name).toBe("noToken");
    expect(host.count("REQUEST_TOKEN")).toBe(1);
    expect(api.calls).toEqual([]);
  });
});

describe.each(["expired", "refused"] as const)("a token that is %s", (kind) => {
  it("is thrown away and replaced by the host's new one", async () => {
    const { start, api, host, kept, phases } = started();
    api.answer = { kind };

    start.begin("old");
    await passes(0);
    expect(start.phase.value.name).toBe("renewing");
    expect(host.count("REQUEST_TOKEN")).toBe(1);
    api.answer = "ok";
    start.begin("new");
    await passes(0);

    expect(kept).toEqual(["old", null, "new"]);
    expect(phases).toEqual(["loading", "renewing", "loading", "ready"]);
  });

  it("is said after five seconds without a new one, and the person can ask again", async () => {
    const { start, api, host } = started();
    api.answer = { kind };

    start.begin("old");
    await passes(4999);
    expect(start.phase.value.name).toBe("renewing");
    await passes(1);
    expect(start.phase.value.name).toBe(kind);
    start.askAgain();

    expect(start.phase.value.name).toBe("renewing");
    expect(host.count("REQUEST_TOKEN")).toBe(2);
    await passes(5000);
    expect(start.phase.value.name).toBe(kind);
  });

  it("is said at once when nobody could give another", async () => {
    const { start, api, host } = started();
    api.answer = { kind };
    host.present = false;

    start.begin("old");
    await passes(0);

    expect(start.phase.value.name).toBe(kind);
    expect(host.count("REQUEST_TOKEN")).toBe(0);
  });

  it("makes us ask by ourselves only once, or a host with the same dead token would keep us in a circle", async () => {
    const { start, api, host } = started();
    api.answer = { kind };

    start.begin("old");
    await passes(0);
    start.begin("old");
    await passes(0);

    expect(start.phase.value.name).toBe(kind);
    expect(host.count("REQUEST_TOKEN")).toBe(1);
  });

  it("is asked for again by itself after it has worked in between", async () => {
    const { start, api, host } = started();

    start.begin("t1");
    await passes(0);
    start.lose(kind);
    start.begin("t2");
    await passes(0);
    api.answer = { kind };
    start.lose(kind);

    expect(host.count("REQUEST_TOKEN")).toBe(2);
  });
});

describe("an error nobody foresaw", () => {
  it("is shown with the number of the request, and can be retried", async () => {
    const { start, api } = started();
    api.answer = { kind: "unexpected", requestId: "req-1" };

    start.begin("t1");
    await passes(0);
    expect(start.phase.value).toEqual({ name: "failed", requestId: "req-1" });
    api.answer = "ok";
    start.retry();
    await passes(0);

    expect(start.phase.value.name).toBe("ready");
  });

  it("stays on the screen when the network changes, so that its number can be read", async () => {
    const { start, api } = started();
    api.answer = { kind: "unexpected", requestId: "req-1" };
    start.begin("t1");
    await passes(0);

    start.wake();

    expect(start.phase.value.name).toBe("failed");
  });
});

describe("a token that arrives while another is being checked", () => {
  it("wins, whatever the first would have given", async () => {
    const { start, api, welcomed } = started();
    api.answer = "hang";
    start.begin("first");
    await passes(100);
    api.answer = "ok";

    start.begin("second");
    await passes(20_000);

    expect(start.token).toBe("second");
    expect(start.phase.value.name).toBe("ready");
    expect(welcomed).toHaveLength(1);
    expect(api.calls).toEqual(["verify first", "verify second", "me second"]);
  });
});
