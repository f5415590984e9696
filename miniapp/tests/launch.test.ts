import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { tokenOf } from "./support/api.ts";

const ALI = tokenOf("ali");

beforeEach(() => {
  vi.useFakeTimers();
  sessionStorage.clear();
  delete window.ovqatToken;
  document.documentElement.lang = "uz";
  document.body.innerHTML = '<p id="boot-slow" hidden></p><p id="boot-stuck" hidden></p>';
});
afterEach(() => vi.useRealTimers());

/** Run the script on a page of this URL, as the browser does for every load. */
async function launchAt(url: string): Promise<void> {
  history.replaceState({ ovqatDepth: 1 }, "", url);
  vi.resetModules();
  await import("../src/launch.ts");
}

const isShown = (id: string): boolean => document.getElementById(id)?.hasAttribute("hidden") === false;

describe("the launch script", () => {
  it("takes the token out of the URL and leaves the rest of it", async () => {
    await launchAt(`/?lang=ru&token=${ALI}&from=bank#language`);

    expect(location.pathname + location.search + location.hash).toBe("/?lang=ru&from=bank#language");
    expect(location.href).not.toContain("token");
    expect(history.state).toEqual({ ovqatDepth: 1 });
  });

  it("hands the token to the app and keeps it for a reload", async () => {
    await launchAt(`/?token=${ALI}`);

    expect(window.ovqatToken).toBe(ALI);
    expect(sessionStorage.getItem("ovqat.token")).toBe(ALI);
  });

  it("hands over nothing after a reload: what is kept is still there", async () => {
    sessionStorage.setItem("ovqat.token", ALI);

    await launchAt("/");

    expect(window.ovqatToken).toBeUndefined();
    expect(sessionStorage.getItem("ovqat.token")).toBe(ALI);
  });

  it("works from memory where storage is forbidden", async () => {
    vi.spyOn(window, "sessionStorage", "get").mockImplementation(() => {
      throw new DOMException("denied", "SecurityError");
    });

    await launchAt(`/?token=${ALI}`);

    expect(window.ovqatToken).toBe(ALI);
    expect(location.search).toBe("");
  });

  it("lets the URL's token replace the kept one, also with none", async () => {
    sessionStorage.setItem("ovqat.token", ALI);

    await launchAt("/?token=");

    expect(window.ovqatToken).toBe("");
    expect(sessionStorage.getItem("ovqat.token")).toBeNull();
  });

  it("keeps language and theme for the same person with a newer token", async () => {
    sessionStorage.setItem("ovqat.token", ALI);
    sessionStorage.setItem("ovqat.language", "ru");
    sessionStorage.setItem("ovqat.theme", "dark");

    await launchAt(`/?token=${tokenOf("ali", "newer")}`);

    expect(document.documentElement.lang).toBe("ru");
    expect(document.documentElement.dataset["theme"]).toBe("dark");
  });

  it("drops language and theme when another person comes", async () => {
    sessionStorage.setItem("ovqat.token", ALI);
    sessionStorage.setItem("ovqat.language", "ru");
    sessionStorage.setItem("ovqat.theme", "dark");

    await launchAt(`/?token=${tokenOf("vali")}`);

    expect(sessionStorage.getItem("ovqat.language")).toBeNull();
    expect(sessionStorage.getItem("ovqat.theme")).toBeNull();
    expect(document.documentElement.lang).toBe("uz");
  });

  it("speaks up by itself when nothing else has come after three and nine seconds", async () => {
    await launchAt("/");

    vi.advanceTimersByTime(2999);
    expect(isShown("boot-slow")).toBe(false);
    vi.advanceTimersByTime(1);
    expect(isShown("boot-slow")).toBe(true);
    expect(isShown("boot-stuck")).toBe(false);
    vi.advanceTimersByTime(6000);
    expect(isShown("boot-stuck")).toBe(true);
  });

  it("speaks up at once when the app's script cannot be loaded", async () => {
    await launchAt("/");
    const script = document.body.appendChild(document.createElement("script"));

    script.dispatchEvent(new Event("error"));

    expect(isShown("boot-stuck")).toBe(true);
  });
});
