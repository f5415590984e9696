import { expect, it } from "vitest";

import { minutesAndSeconds } from "../../src/screens/notice/countdown.tsx";

it.each([
  [42_000, "0:42"],
  [41_001, "0:42"],
  [300_000, "5:00"],
  [61_000, "1:01"],
  [0, "0:00"],
  [-5000, "0:00"],
])("writes %i ms as %s", (ms, text) => {
  expect(minutesAndSeconds(ms)).toBe(text);
});
