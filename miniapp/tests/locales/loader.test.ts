import { describe, expect, it, vi } from "vitest";

import uz from "../../src/locales/uz.json";
import { createLoader, StaleBuild } from "../../src/locales/loader.ts";

const URLS = { uz: "/assets/uz-1.json", "uz-Cyrl": "/assets/uz-Cyrl-1.json", ru: "/assets/ru-1.json", en: "/assets/en-1.json" };

describe("createLoader", () => {
  it("asks for a language once, however often it is wanted", async () => {
    const fetch = vi.fn(() => Promise.resolve(Response.json(uz)));
    const load = createLoader(URLS, fetch);

    const both = await Promise.all([load("uz"), load("uz")]);

    expect(both).toEqual([uz, uz]);
    expect(fetch).toHaveBeenCalledExactlyOnceWith("/assets/uz-1.json", expect.anything());
  });

  it("asks again after it failed", async () => {
    const fetch = vi.fn(() => Promise.resolve(Response.json(uz)));
    fetch.mockRejectedValueOnce(new TypeError("Failed to fetch"));
    const load = createLoader(URLS, fetch);

    await expect(load("uz")).rejects.toThrow("Failed to fetch");

    expect(await load("uz")).toEqual(uz);
  });

  it("knows a file that is gone from a server that fails", async () => {
    const load = createLoader(URLS, (url) => Promise.resolve(new Response("", { status: url === URLS.ru ? 404 : 502 })));

    await expect(load("ru")).rejects.toBeInstanceOf(StaleBuild);
    await expect(load("en")).rejects.not.toBeInstanceOf(StaleBuild);
  });
});
