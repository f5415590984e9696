import { createContext } from "preact";
import { useContext } from "preact/hooks";

import type { Say } from "../locales/texts.ts";

/** The texts of the language on the screen. Outside of it, keys: seen only if a screen is rendered without. */
export const Words = createContext<Say>((key) => key);

export function useSay(): Say {
  return useContext(Words);
}
