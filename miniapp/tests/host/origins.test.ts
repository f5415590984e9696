import { expect, it } from "vitest";

import { allowedOrigins } from "../../src/host/origins.ts";

function pageWith(content: string): Document {
  return new DOMParser().parseFromString(`<meta name="ovqat:allowed-origins" content="${content}">`, "text/html");
}

const OWN = "https://ovqat.test";

it("allows the listed origins and its own, each once", () => {
  const origins = allowedOrigins(pageWith(`https://bank.uz http://localhost:3000  ${OWN}`), OWN);

  expect(origins).toEqual(["https://bank.uz", "http://localhost:3000", OWN]);
});

it.each(["*", "https://*.bank.uz/", "https://bank.uz/", "https://bank.uz/path", "bank.uz", "null", "javascript:alert(1)"])(
  "does not take %s for an origin",
  (content) => {
    expect(allowedOrigins(pageWith(content), OWN)).toEqual([OWN]);
  },
);

it("allows nobody on a page whose own origin is opaque", () => {
  expect(allowedOrigins(pageWith(""), "null")).toEqual([]);
});
