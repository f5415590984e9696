import type { JSX } from "preact";

/** Drawn with a 2-unit pen on a 24 × 24 sheet. */
const STROKES = {
  back: "M15 5l-7 7 7 7",
  forward: "M9 5l7 7-7 7",
  check: "M5 12.5l4.5 4.5L19 7.5",
  language: "M3 12h18M12 3c3 2.6 4 5.7 4 9s-1 6.4-4 9c-3-2.6-4-5.7-4-9s1-6.4 4-9ZM12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18Z",
  theme: "M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5Z",
  offline: "M3 3l18 18M5 12.5a10 10 0 0 1 4-2.4M19 12.5a10 10 0 0 0-5.5-2.9M8.5 16a5 5 0 0 1 7 0M2 8.8a15 15 0 0 1 3.5-2.3M22 8.8A15 15 0 0 0 10 5.1M12 20h.01",
  server: "M4 5h16v6H4zM4 13h16v6H4zM8 8h.01M8 16h.01",
  clock: "M12 7v5l3.5 2M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18Z",
  door: "M13 4h5a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1h-5M4 12h10M10 8l4 4-4 4",
  key: "M14.5 9.5L21 3M17 7l2.5 2.5M8.5 10a5 5 0 1 1 0 10 5 5 0 0 1 0-10Zm3.6 1.5l2.4-2",
  shield: "M12 3l7.5 3v5.5c0 4.6-3.1 8-7.5 9.5-4.4-1.5-7.5-4.9-7.5-9.5V6ZM9.5 9.5l5 5M14.5 9.5l-5 5",
  alert: "M12 4l9 16H3ZM12 10v4.5M12 17.3h.01",
} as const;

export type IconName = keyof typeof STROKES;

/** A picture beside words that say the same, hence hidden from screen readers. */
export function Icon({ name }: { name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={STROKES[name]} />
    </svg>
  );
}

/** The bowl and the leaf. */
export function Mark(): JSX.Element {
  return (
    <svg class="mark" viewBox="0 0 48 48" aria-hidden="true">
      <path class="mark-bowl" d="M6 23h36a18 18 0 0 1-36 0Z" />
      <path class="mark-leaf" d="M24 19C24 10 30 5 39 5c0 9-6 14-15 14Z" />
    </svg>
  );
}
