import type { JSX } from "preact";

import type { TextKey } from "../locales/texts.ts";
import { useSay } from "./words.ts";

/** One sentence that comes and goes. The empty element stays, or screen readers would miss what appears in it. */
export function Remark({ text }: { text: TextKey | null }): JSX.Element {
  const say = useSay();
  return (
    <output class="remark-place">
      {text !== null && <span class="remark">{say(text)}</span>}
    </output>
  );
}
