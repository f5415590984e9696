import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { App } from "../src/app.tsx";
import { SafetyNet } from "../src/components/safety-net.tsx";
import { ALI, tokenOf } from "./support/api.ts";
import { whole, type Whole } from "./support/ovqat.ts";

let root: HTMLElement;

beforeEach(() => {
  vi.useFakeTimers();
  root = document.body.appendChild(document.createElement("div"));
});
afterEach(() => {
  render(null, root);
  root.remove();
  vi.useRealTimers();
});

const settle = (ms = 0): Promise<void> => act(async () => void (await vi.advanceTimersByTimeAsync(ms)));

async function opened(prepare: (parts: Whole) => void = () => undefined): Promise<Whole> {
  const parts = whole();
  prepare(parts);
  await act(() => render(<App ovqat={parts.ovqat} hour={() => 9} />, root));
  parts.ovqat.open(tokenOf(ALI.userId));
  await settle();
  return parts;
}

const title = (): string | undefined => root.querySelector("h1")?.textContent;
const buttons = (): string[] => [...root.querySelectorAll("button")].map(({ textContent }) => textContent);
const radio = (value: string): HTMLInputElement | null => root.querySelector(`input[type=radio][value="${value}"]`);
const press = (text: string): Promise<void> =>
  act(() => [...root.querySelectorAll("button")].find(({ textContent }) => textContent.includes(text))?.click());

describe("the first screen", () => {
  it("greets the person and shows their number with its middle hidden", async () => {
    await opened();

    expect(title()).toBe("Good morning!");
    expect(root.textContent).toContain("+998 99 ***-**-77");
    expect(root.innerHTML).not.toContain("998997961877");
  });

  it("shows the theme that holds, and takes another one back when it cannot be saved", async () => {
    const { api } = await opened();
    expect(radio("system")?.checked).toBe(true);
    api.answer = { kind: "unexpected", requestId: null };

    await act(() => radio("dark")?.click());
    await settle();

    expect(radio("system")?.checked).toBe(true);
    expect(root.querySelector("output")?.textContent).toContain("Not saved");
  });

  it("shows nothing at all before there are words", async () => {
    await opened(({ missing }) => missing.set("uz", new TypeError("Failed to fetch")));

    expect(root.textContent).toBe("");
  });
});

describe("the language screen", () => {
  it("is opened from home, has the keyboard at its title, and leads back", async () => {
    await opened();

    await press("Language");
    await settle();
    expect(title()).toBe("Language");
    expect(document.activeElement?.tagName).toBe("H1");
    expect(radio("uz")?.checked).toBe(true);
    await act(() => root.querySelector("button")?.click());
    await settle();

    expect(title()).toBe("Good morning!");
  });

  it("marks the language that was chosen", async () => {
    const { api } = await opened();
    await press("Language");

    await act(() => radio("ru")?.click());
    await settle();

    expect(radio("ru")?.checked).toBe(true);
    expect(api.patches).toEqual([{ language: "ru" }]);
  });
});

describe("a notice", () => {
  it("offers to try again without a network, and says that it is trying", async () => {
    const { api } = await opened((parts) => {
      parts.api.answer = { kind: "offline" };
    });
    await settle(8000);
    expect(title()).toBe("No internet connection");
    expect(buttons()).toEqual(["Try again", "Close"]);
    api.answer = "hang";

    await press("Try again");

    expect(buttons()).toEqual(["Checking…", "Close"]);
  });

  it("offers only what somebody would hear", async () => {
    await opened(({ api, host }) => {
      api.answer = { kind: "expired" };
      host.present = false;
    });

    expect(title()).toBe("Your session has expired");
    expect(buttons()).toEqual([]);
  });

  it("offers to ask the host again, or to close", async () => {
    await opened(({ api }) => {
      api.answer = { kind: "refused" };
    });
    await settle(5000);

    expect(title()).toBe("We could not sign you in");
    expect(buttons()).toEqual(["Sign in again", "Close"]);
  });

  it("counts down while the server is busy", async () => {
    await opened(({ api }) => {
      api.answer = { kind: "busy", seconds: 42 };
    });
    expect(root.textContent).toContain("Time left: 0:42");

    await settle(2000);

    expect(root.textContent).toContain("Time left: 0:40");
  });

  it("tells the number of a request that failed", async () => {
    await opened(({ api }) => {
      api.answer = { kind: "unexpected", requestId: "req-1" };
    });

    expect(root.textContent).toContain("Request number: req-1");
  });
});

describe("SafetyNet", () => {
  it("shows its fallback for a screen that breaks, reports the error, and can be mended", async () => {
    const reported: unknown[] = [];
    vi.spyOn(globalThis, "queueMicrotask").mockImplementation((report) => {
      try {
        report();
      } catch (error) {
        reported.push(error);
      }
    });
    const broken = new Error("broken");
    let works = false;
    const Screen = (): string => {
      if (!works) throw broken;
      return "screen";
    };
    const net = (
      <SafetyNet fallback={(mend) => <button type="button" onClick={mend}>again</button>}>
        <Screen />
      </SafetyNet>
    );

    await act(() => render(net, root));
    expect(root.textContent).toBe("again");
    expect(reported).toEqual([broken]);
    works = true;
    await press("again");

    expect(root.textContent).toBe("screen");
  });
});
