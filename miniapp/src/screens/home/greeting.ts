import type { TextKey } from "../../locales/texts.ts";

/** How to greet at this hour (0–23) of the person's own clock. At night nobody says "good night" to a guest. */
export function greetingAt(hour: number): TextKey {
  if (hour >= 5 && hour < 11) return "greeting.morning";
  if (hour >= 11 && hour < 17) return "greeting.day";
  if (hour >= 17 && hour < 22) return "greeting.evening";
  return "greeting.night";
}
