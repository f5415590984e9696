import { describe, expect, it, vi } from "vitest";

import { findChannel } from "../../src/host/channel.ts";

const MESSAGE = { type: "REQUEST_TOKEN" } as const;
const BANK = "https://bank.uz";
const MARKET = "https://market.uz";

function embedded(ancestors?: string[]): { page: Window; posted: unknown[][] } {
  const posted: unknown[][] = [];
  const parent = { postMessage: (...sent: unknown[]) => posted.push(sent) };
  return { page: { parent, location: { ancestorOrigins: ancestors } } as unknown as Window, posted };
}

describe("findChannel", () => {
  it("speaks to React Native in JSON, even when every other channel is there too", () => {
    const { page, posted } = embedded([BANK]);
    const postMessage = vi.fn();
    page.ReactNativeWebView = { postMessage };
    page.webkit = { messageHandlers: { ovqat: { postMessage: () => posted.push(["webkit"]) } } };
    page.OvqatHost = { postMessage: () => posted.push(["OvqatHost"]) };

    findChannel(page, [BANK])?.(MESSAGE);

    expect(postMessage).toHaveBeenCalledExactlyOnceWith('{"type":"REQUEST_TOKEN"}');
    expect(posted).toEqual([]);
  });

  it("speaks to a WKWebView in objects", () => {
    const { page } = embedded();
    const postMessage = vi.fn();
    page.webkit = { messageHandlers: { ovqat: { postMessage } } };
    page.OvqatHost = { postMessage: vi.fn() };

    findChannel(page, [])?.(MESSAGE);

    expect(postMessage).toHaveBeenCalledExactlyOnceWith(MESSAGE);
  });

  it("passes over a WKWebView that has no handler for us", () => {
    const { page } = embedded();
    const postMessage = vi.fn();
    page.webkit = { messageHandlers: {} };
    page.OvqatHost = { postMessage };

    findChannel(page, [])?.(MESSAGE);

    expect(postMessage).toHaveBeenCalledExactlyOnceWith('{"type":"REQUEST_TOKEN"}');
  });

  it("speaks to the parent page at its own origin when that may embed us", () => {
    const { page, posted } = embedded([BANK]);

    findChannel(page, [MARKET, BANK])?.(MESSAGE);

    expect(posted).toEqual([[MESSAGE, BANK]]);
  });

  it.each([
    ["the browser does not tell who embeds us", undefined],
    ["a stranger embeds us", ["https://evil.test"]],
  ])("addresses only allowed origins when %s", (_when, ancestors) => {
    const { page, posted } = embedded(ancestors);

    findChannel(page, [MARKET, BANK])?.(MESSAGE);

    expect(posted).toEqual([[MESSAGE, MARKET], [MESSAGE, BANK]]);
  });

  it("finds nobody on a page of its own", () => {
    const page = { location: {} } as { parent?: unknown };
    page.parent = page;

    expect(findChannel(page as Window, [BANK])).toBeNull();
  });
});
