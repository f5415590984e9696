import { describe, expect, it, vi } from "vitest";

import { watchForErrors } from "../../src/state/errors.ts";
import { FakePage } from "../support/page.ts";

function rejection(stack: string): Event {
  return Object.assign(new Event("unhandledrejection", { cancelable: true }), { reason: Object.assign(new Error("x"), { stack }) });
}

function watched(): { page: FakePage; onError: ReturnType<typeof vi.fn<() => void>> } {
  const page = new FakePage();
  const onError = vi.fn<() => void>();
  watchForErrors(page.window, onError);
  return { page, onError };
}

describe("watchForErrors", () => {
  it("hears of our own rejections and errors, and does not hide them from the console", () => {
    const { page, onError } = watched();
    const ours = rejection("Error: x\n at https://ovqat.test/assets/index-1.js:1:2");

    page.dispatchEvent(ours);
    page.dispatchEvent(Object.assign(new Event("error"), { filename: "https://ovqat.test/assets/index-1.js" }));

    expect(onError).toHaveBeenCalledTimes(2);
    expect(ours.defaultPrevented).toBe(false);
  });

  it("lets the scripts of the host fail as they like", () => {
    const { page, onError } = watched();

    page.dispatchEvent(rejection("Error: x\n at <anonymous>:1:2"));
    page.dispatchEvent(Object.assign(new Event("unhandledrejection"), { reason: "x" }));
    page.dispatchEvent(Object.assign(new Event("error"), { filename: "" }));

    expect(onError).not.toHaveBeenCalled();
  });
});
