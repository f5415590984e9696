import type { ComponentChildren, JSX } from "preact";

import { Icon, type IconName, Mark } from "../../components/icon.tsx";
import { useSay } from "../../components/words.ts";
import type { TextKey } from "../../locales/texts.ts";
import type { Phase } from "../../state/phase.ts";
import { Countdown } from "./countdown.tsx";

/** The phases that are told by a notice: all but being inside. */
export type Told = Exclude<Phase, { name: "ready" }>;

interface NoticeProps {
  phase: Told;
  onRetry: () => void;
  onAskAgain: () => void;
  /** Null when nobody is there who could close us. */
  onClose: (() => void) | null;
}

const ICONS: Readonly<Record<Exclude<Told["name"], "loading" | "renewing">, IconName>> = {
  offline: "offline",
  unavailable: "server",
  busy: "clock",
  noToken: "door",
  expired: "key",
  refused: "shield",
  failed: "alert",
};

/** A full screen that says what is happening or what went wrong, and what to do about it. */
export function Notice({ phase, onRetry, onAskAgain, onClose }: NoticeProps): JSX.Element {
  const say = useSay();
  const { name } = phase;
  const waiting = name === "loading" || name === "renewing";
  return (
    <main class="notice">
      <div class={waiting ? "notice-picture waiting" : "notice-picture"}>
        {waiting ? <Mark /> : <Icon name={ICONS[name]} />}
      </div>
      <h1 tabIndex={-1}>{say(`${name}.title`)}</h1>
      <output class="notice-text">{say(textOf(phase))}</output>
      {phase.name === "busy" && <Countdown until={phase.until} />}
      {phase.name === "failed" && phase.requestId !== null && (
        <p class="notice-detail selectable">{say("failed.request", { id: phase.requestId })}</p>
      )}
      <div class="notice-actions">
        {(phase.name === "offline" || phase.name === "unavailable") && (
          <Action onPress={onRetry} busy={phase.trying}>{say(phase.trying ? "retrying" : "retry")}</Action>
        )}
        {phase.name === "failed" && <Action onPress={onRetry}>{say("retry")}</Action>}
        {(name === "expired" || name === "refused") && onClose && <Action onPress={onAskAgain}>{say("askAgain")}</Action>}
        {!waiting && onClose && (
          <button type="button" class="button button-quiet" onClick={onClose}>{say("close")}</button>
        )}
      </div>
    </main>
  );
}

function textOf(phase: Told): TextKey {
  return phase.name === "loading" && phase.slow ? "loading.slow" : `${phase.name}.text`;
}

interface ActionProps {
  onPress: () => void;
  busy?: boolean;
  children: ComponentChildren;
}

/** While busy it keeps the focus, which `disabled` would throw away, but does nothing. */
function Action({ onPress, busy = false, children }: ActionProps): JSX.Element {
  return (
    <button type="button" class="button" aria-disabled={busy} onClick={() => !busy && onPress()}>
      {children}
    </button>
  );
}
