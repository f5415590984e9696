import { expect, it } from "vitest";

import { greetingAt } from "../../src/screens/home/greeting.ts";

it.each([
  [4, "greeting.night"],
  [5, "greeting.morning"],
  [10, "greeting.morning"],
  [11, "greeting.day"],
  [16, "greeting.day"],
  [17, "greeting.evening"],
  [21, "greeting.evening"],
  [22, "greeting.night"],
  [0, "greeting.night"],
])("greets at %i o'clock with %s", (hour, greeting) => {
  expect(greetingAt(hour)).toBe(greeting);
});
