import { defineConfig } from "vite";

import { launchScript } from "./plugins/launch-script.ts";
import { precompress } from "./plugins/precompress.ts";

/** WebViews and browsers of the last four years or so; what lacks a feature gets the fallback in the CSS. */
const OLDEST_BROWSERS = ["chrome90", "safari15", "firefox91"];

export default defineConfig({
  base: "/",
  plugins: [launchScript({ page: "index.html", source: "src/launch.ts" }), precompress()],
  build: {
    outDir: "../src/ovqat/static",
    emptyOutDir: true,
    target: OLDEST_BROWSERS,
    sourcemap: false,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 2000,
    rolldownOptions: {
      input: { index: "index.html", docs: "docs.html" },
      checks: { pluginTimings: false },
    },
  },
  server: { proxy: { "/api": "http://127.0.0.1:3001", "/openapi.json": "http://127.0.0.1:3001" } },
});
