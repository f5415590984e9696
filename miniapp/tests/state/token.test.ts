import { expect, it } from "vitest";

import { personOf } from "../../src/state/token.ts";

it("reads the person out of a token of the contract", () => {
  const payload =
    "eyJ1c2VySWQiOiIyN2EyYjg3Mi05M2I0LTQ0YmEtODgzNS03NTE2MzQ2M2U5MDMiLCJwaG9uZU51bWJlciI6Ijk5ODk5Nzk2MTg3NyIsImlhdCI6MTcwMzI1MjAwMCwiZXhwIjoxNzAzODU2ODAwfQ";

  expect(personOf(`eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.${payload}.abc123`)).toBe("27a2b872-93b4-44ba-8835-75163463e903");
});

it("reads the URL's own alphabet of base64", () => {
  const payload = btoa(JSON.stringify({ userId: "ÿþ?>" })).replace(/\+/g, "-").replace(/\//g, "_");

  expect(personOf(`e30.${payload}.x`)).toBe("ÿþ?>");
});

it.each(["", "nonsense", "a.b.c", "e30.e30"])("takes the unreadable %j for somebody of its own, without throwing", (token) => {
  expect(typeof personOf(token)).toBe("string");
});
