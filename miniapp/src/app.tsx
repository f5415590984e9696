import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { SafetyNet } from "./components/safety-net.tsx";
import { Words } from "./components/words.ts";
import { Home } from "./screens/home/home.tsx";
import { LanguageScreen } from "./screens/language/language.tsx";
import { Notice, type Told } from "./screens/notice/notice.tsx";
import type { Ovqat } from "./state/ovqat.ts";

interface AppProps {
  ovqat: Ovqat;
  /** The hour of the person's own clock, 0–23. */
  hour: () => number;
}

/** Nothing until there are words; until then the page itself shows our name. */
export function App({ ovqat, hour }: AppProps): JSX.Element | null {
  const say = ovqat.wording.say.value;
  if (say === null) return null;
  return (
    <Words.Provider value={say}>
      <SafetyNet
        fallback={(mend) => {
          const retry = (): void => {
            mend();
            ovqat.retry();
          };
          return <Telling ovqat={ovqat} phase={{ name: "failed", requestId: null }} onRetry={retry} />;
        }}
      >
        <CurrentScreen ovqat={ovqat} hour={hour} />
      </SafetyNet>
    </Words.Provider>
  );
}

function CurrentScreen({ ovqat, hour }: AppProps): JSX.Element {
  const phase = ovqat.phase.value;
  const me = ovqat.me.value;
  const screen = ovqat.router.screen.value;
  const language = ovqat.wording.language.value ?? "uz";
  useFocusOnArrival(phase.name === "ready" ? screen : phase.name);

  if (phase.name !== "ready" || me === null) {
    const told: Told = phase.name === "ready" ? { name: "loading", slow: false } : phase;
    return <Telling ovqat={ovqat} phase={told} onRetry={() => ovqat.retry()} />;
  }
  const remark = ovqat.remark.value;
  if (screen === "language") {
    return (
      <LanguageScreen
        chosen={ovqat.choosing.value ?? language}
        remark={remark}
        onChoose={(choice) => void ovqat.chooseLanguage(choice)}
        onBack={() => ovqat.back()}
      />
    );
  }
  return (
    <Home
      me={me}
      language={language}
      hour={hour()}
      remark={remark}
      onLanguage={() => ovqat.openLanguages()}
      onTheme={(theme) => void ovqat.chooseTheme(theme)}
    />
  );
}

function Telling({ ovqat, phase, onRetry }: { ovqat: Ovqat; phase: Told; onRetry: () => void }): JSX.Element {
  return (
    <Notice
      phase={phase}
      onRetry={onRetry}
      onAskAgain={() => ovqat.askAgain()}
      onClose={ovqat.hostPresent ? () => ovqat.close() : null}
    />
  );
}

/** Bring the keyboard and the screen reader along to a new screen. Never on the first, nor out of the host's own page. */
function useFocusOnArrival(screen: string): void {
  const last = useRef<string | null>(null);
  useEffect(() => {
    const moved = last.current !== null && last.current !== screen;
    last.current = screen;
    if (moved && document.hasFocus()) document.querySelector("h1")?.focus();
    if (moved) scrollTo(0, 0);
  }, [screen]);
}
