// @vitest-environment node
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import config from "../vite.config.ts";

/** What a first open may cost: the page, its script, its style and one language, as they are sent. */
const FIRST_OPEN_BYTES = 20_000;

let folder: string;
let page: string;

beforeAll(async () => {
  vi.stubEnv("NODE_ENV", "production");
  folder = await mkdtemp(join(tmpdir(), "ovqat-build-"));
  await build({
    ...config,
    configFile: false,
    logLevel: "error",
    build: { ...config.build, outDir: folder, rolldownOptions: { input: { index: "index.html" } } },
  });
  page = await readFile(join(folder, "index.html"), "utf8");
}, 60_000);
afterAll(() => rm(folder, { recursive: true }));

async function files(ending: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  return names.filter((name) => name.endsWith(ending)).map((name) => join(folder, name));
}

async function sizes(paths: string[]): Promise<number[]> {
  return Promise.all(paths.map(async (path) => (await readFile(path)).length));
}

describe("the built page", () => {
  it("has one inline script, without attributes, before anything that loads", () => {
    const inline = [...page.matchAll(/<script(?![^>]*\ssrc=)[^>]*>/g)];
    const firstLoad = page.search(/<link|<script [^>]*src=/);

    expect(inline.map(([tag]) => tag)).toEqual(["<script>"]);
    expect(inline[0]?.index).toBeLessThan(firstLoad);
    expect(page).toMatch(/<script>[^<]*ovqat\.token[\s\S]*?<\/script>/);
  });

  it("has the place where the server writes the allowed origins", () => {
    expect(page.split('<meta name="ovqat:allowed-origins" content="">')).toHaveLength(2);
  });

  it("has nothing that its Content-Security-Policy forbids", () => {
    expect(page).not.toMatch(/<style|\sstyle=|\son[a-z]+=|javascript:|https?:/i);
  });

  it("lets everybody zoom", () => {
    expect(page).not.toMatch(/user-scalable|maximum-scale/);
  });

  it("has neither comments nor crossorigin", () => {
    expect(page).not.toMatch(/<!--|crossorigin/);
  });
});

describe("the built files", () => {
  it("stand beside their compressed selves", async () => {
    const [script = ""] = await files(".js");
    const plain = await readFile(script);

    expect(brotliDecompressSync(await readFile(`${script}.br`)).equals(plain)).toBe(true);
    expect(gunzipSync(await readFile(`${script}.gz`)).equals(plain)).toBe(true);
  });

  it("have no source maps", async () => {
    expect(await files(".map")).toEqual([]);
  });

  it("make a first open of at most 20 kB in any language", async () => {
    const [scripts, styles, pages, texts] = await Promise.all([files(".js.br"), files(".css.br"), files(".html.br"), files(".json.br")]);

    const always = await sizes([...scripts, ...styles, ...pages]);
    const oneLanguage = Math.max(...(await sizes(texts)));

    expect([scripts, styles, pages, texts].map(({ length }) => length)).toEqual([1, 1, 1, 4]);
    expect(always.reduce((sum, size) => sum + size) + oneLanguage).toBeLessThanOrEqual(FIRST_OPEN_BYTES);
  });
});
