import { beforeEach, describe, expect, it } from "vitest";

import { openStorage } from "../../src/state/storage.ts";

const FORBIDDEN = {
  get sessionStorage(): globalThis.Storage {
    throw new DOMException("denied", "SecurityError");
  },
};

beforeEach(() => sessionStorage.clear());

describe("openStorage", () => {
  it("keeps things in sessionStorage and leaves nothing else there", () => {
    const storage = openStorage(window);

    storage.set("ovqat.theme", "dark");

    expect(storage.lasting).toBe(true);
    expect(storage.get("ovqat.theme")).toBe("dark");
    expect({ ...sessionStorage }).toEqual({ "ovqat.theme": "dark" });
    storage.set("ovqat.theme", null);
    expect(sessionStorage.length).toBe(0);
  });

  it("keeps things in memory where sessionStorage is forbidden", () => {
    const storage = openStorage(FORBIDDEN);

    storage.set("ovqat.theme", "dark");

    expect(storage.lasting).toBe(false);
    expect(storage.get("ovqat.theme")).toBe("dark");
    storage.set("ovqat.theme", null);
    expect(storage.get("ovqat.theme")).toBeNull();
  });
});
