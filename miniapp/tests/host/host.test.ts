import { describe, expect, it, vi } from "vitest";

import { connectHost } from "../../src/host/host.ts";
import { FakePage } from "../support/page.ts";

const BANK = "https://bank.uz";

function listening(): { page: FakePage; hear: ReturnType<typeof vi.fn>; parent: object } {
  const page = new FakePage();
  const parent = { postMessage: vi.fn() };
  page.parent = parent;
  const hear = vi.fn();
  connectHost(page.window, [BANK]).listen(hear);
  return { page, hear, parent };
}

function message(fields: { data: unknown; origin: string; source: unknown }): Event {
  return Object.assign(new Event("message"), fields);
}

const BACK = { type: "BACK_PRESSED" };

describe("connectHost", () => {
  it("hears the parent page at an allowed origin", () => {
    const { page, hear, parent } = listening();

    page.dispatchEvent(message({ data: BACK, origin: BANK, source: parent }));

    expect(hear).toHaveBeenCalledExactlyOnceWith(BACK);
  });

  it("is deaf to other origins", () => {
    const { page, hear, parent } = listening();

    for (const origin of ["https://evil.test", "https://bank.uz.evil.test", "http://bank.uz", "null", ""]) {
      page.dispatchEvent(message({ data: BACK, origin, source: parent }));
    }

    expect(hear).not.toHaveBeenCalled();
  });

  it("is deaf to windows other than the parent, whatever their origin", () => {
    const { page, hear } = listening();

    page.dispatchEvent(message({ data: BACK, origin: BANK, source: {} }));
    page.dispatchEvent(message({ data: BACK, origin: BANK, source: null }));

    expect(hear).not.toHaveBeenCalled();
  });

  it("hears a native app through OvqatNative, and ignores what it cannot read", () => {
    const { page, hear } = listening();

    page.window.OvqatNative?.postMessage('{"type":"SET_TOKEN","token":"a.b.c"}');
    page.window.OvqatNative?.postMessage("{not json");
    page.window.OvqatNative?.postMessage(undefined);

    expect(hear).toHaveBeenCalledExactlyOnceWith({ type: "SET_TOKEN", token: "a.b.c" });
  });

  it("notices a native app that arrives after the page", () => {
    const page = new FakePage();
    const host = connectHost(page.window, []);
    const postMessage = vi.fn();
    expect(host.present).toBe(false);

    page.window.OvqatHost = { postMessage };
    host.send({ type: "READY" });

    expect(host.present).toBe(true);
    expect(postMessage).toHaveBeenCalledExactlyOnceWith('{"type":"READY"}');
  });

  it("sends into the void without complaint when nobody is there", () => {
    expect(() => connectHost(new FakePage().window, []).send({ type: "READY" })).not.toThrow();
  });
});
