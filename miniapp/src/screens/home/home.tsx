import type { JSX } from "preact";

import type { Me, Theme } from "../../api/client.ts";
import { Icon, Mark } from "../../components/icon.tsx";
import { Remark } from "../../components/remark.tsx";
import { Segments } from "../../components/segments.tsx";
import { useSay } from "../../components/words.ts";
import { type Language, OWN_NAMES } from "../../locales/languages.ts";
import type { TextKey } from "../../locales/texts.ts";
import { greetingAt } from "./greeting.ts";
import { maskPhone } from "./phone.ts";

const THEMES: readonly Theme[] = ["light", "dark", "system"];

interface HomeProps {
  me: Me;
  language: Language;
  hour: number;
  remark: TextKey | null;
  onLanguage: () => void;
  onTheme: (theme: Theme) => void;
}

export function Home({ me, language, hour, remark, onLanguage, onTheme }: HomeProps): JSX.Element {
  const say = useSay();
  const { shown, start, end } = maskPhone(me.phoneNumber);
  return (
    <>
      <header class="bar bar-brand">
        <Mark />
        <span>{say("app.name")}</span>
      </header>
      <main class="page">
        <div class="greeting">
          <h1 tabIndex={-1}>{say(greetingAt(hour))}</h1>
          <p class="phone">
            <span aria-hidden="true">{shown}</span>
            <span class="visually-hidden">{say("home.phone", { start, end })}</span>
          </p>
        </div>
        <section class="card welcome" aria-labelledby="welcome">
          <div class="welcome-words">
            <h2 id="welcome">{say("home.welcome.title")}</h2>
            <p>{say("home.welcome.text")}</p>
          </div>
          <Mark />
        </section>
        <section aria-labelledby="settings">
          <h2 id="settings" class="section-title">{say("settings.title")}</h2>
          <div class="card settings">
            <button type="button" class="row" onClick={onLanguage}>
              <Icon name="language" />
              <span class="row-name">{say("settings.language")}</span>
              <span class="row-value" lang={language}>{OWN_NAMES[language]}</span>
              <Icon name="forward" />
            </button>
            <Segments
              name="theme"
              legend={<><Icon name="theme" />{say("settings.theme")}</>}
              options={THEMES.map((value) => ({ value, label: say(`theme.${value}`) }))}
              value={me.theme}
              onChoose={onTheme}
            />
          </div>
        </section>
        <Remark text={remark} />
      </main>
    </>
  );
}
