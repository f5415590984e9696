import type { SafeArea } from "../host/messages.ts";

/** Keep clear of what the host draws over us. The CSS takes the larger of this and the device's own insets. */
export function coverEdges({ style }: HTMLElement, { top, right, bottom, left }: SafeArea): void {
  style.setProperty("--host-top", `${top}px`);
  style.setProperty("--host-right", `${right}px`);
  style.setProperty("--host-bottom", `${bottom}px`);
  style.setProperty("--host-left", `${left}px`);
}
