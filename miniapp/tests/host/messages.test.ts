import { describe, expect, it } from "vitest";

import { readIncoming } from "../../src/host/messages.ts";

describe("readIncoming", () => {
  it.each([
    { type: "BACK_PRESSED" },
    { type: "THEME_CHANGE", theme: "dark" },
    { type: "THEME_CHANGE", theme: "light" },
    { type: "LANGUAGE_CHANGE", language: "uz-Cyrl" },
    { type: "SET_TOKEN", token: "a.b.c" },
    { type: "SAFE_AREA", top: 24, right: 0, bottom: 16.5, left: 0 },
  ])("takes %o, as an object and as a JSON text", (message) => {
    expect(readIncoming(message)).toEqual(message);
    expect(readIncoming(JSON.stringify(message))).toEqual(message);
  });

  it("keeps only the fields it knows", () => {
    expect(readIncoming({ type: "BACK_PRESSED", script: "alert(1)" })).toEqual({ type: "BACK_PRESSED" });
  });

  it.each([
    ["nothing", undefined],
    ["null", null],
    ["a number", 7],
    ["malformed JSON", "{"],
    ["an empty text", ""],
    ["JSON that is no object", '"BACK_PRESSED"'],
    ["no type", {}],
    ["an unknown type", { type: "OPEN_URL", url: "https://evil.test" }],
    ["a type of the wrong type", { type: ["BACK_PRESSED"] }],
    ["a theme we do not have", { type: "THEME_CHANGE", theme: "system" }],
    ["no theme", { type: "THEME_CHANGE" }],
    ["a language we do not speak", { type: "LANGUAGE_CHANGE", language: "de" }],
    ["a token that is no text", { type: "SET_TOKEN", token: { toString: "x" } }],
    ["an empty token", { type: "SET_TOKEN", token: "" }],
    ["a token too long to be ours", { type: "SET_TOKEN", token: "x".repeat(5000) }],
    ["a negative inset", { type: "SAFE_AREA", top: -1, right: 0, bottom: 0, left: 0 }],
    ["an infinite inset", { type: "SAFE_AREA", top: 0, right: Infinity, bottom: 0, left: 0 }],
    ["an inset in words", { type: "SAFE_AREA", top: "24px", right: 0, bottom: 0, left: 0 }],
    ["a missing inset", { type: "SAFE_AREA", top: 0, right: 0, bottom: 0 }],
  ])("ignores %s", (_what, message) => {
    expect(readIncoming(message)).toBeNull();
  });
});
