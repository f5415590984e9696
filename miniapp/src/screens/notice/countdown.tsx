import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

import { useSay } from "../../components/words.ts";

/** The time left until a moment (milliseconds since 1970), as minutes and seconds. Not read out: it would never stop. */
export function Countdown({ until }: { until: number }): JSX.Element {
  const say = useSay();
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return <p class="notice-detail">{say("busy.left", { time: minutesAndSeconds(until - now) })}</p>;
}

export function minutesAndSeconds(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
