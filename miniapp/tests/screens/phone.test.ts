import { describe, expect, it } from "vitest";

import { maskPhone } from "../../src/screens/home/phone.ts";

describe("maskPhone", () => {
  it("groups a number of Uzbekistan as people there do and shows its last two digits", () => {
    expect(maskPhone("998997961877")).toEqual({ shown: "+998 99 ***-**-77", start: "+998 99", end: "77" });
  });

  it.each([
    ["79161234567", "+79 ******* 67"],
    ["4915112345678", "+49 ********* 78"],
    ["123456", "+12 ** 56"],
    ["99899796187", "+99 ******* 87"],
  ])("hides the middle of %s", (digits, shown) => {
    expect(maskPhone(digits).shown).toBe(shown);
  });
});
