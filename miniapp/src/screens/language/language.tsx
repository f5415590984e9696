import type { JSX } from "preact";

import { Icon } from "../../components/icon.tsx";
import { Remark } from "../../components/remark.tsx";
import { useSay } from "../../components/words.ts";
import { type Language, LANGUAGES, OWN_NAMES } from "../../locales/languages.ts";
import type { TextKey } from "../../locales/texts.ts";

interface LanguageScreenProps {
  chosen: Language;
  remark: TextKey | null;
  onChoose: (language: Language) => void;
  onBack: () => void;
}

export function LanguageScreen({ chosen, remark, onChoose, onBack }: LanguageScreenProps): JSX.Element {
  const say = useSay();
  return (
    <>
      <header class="bar">
        <button type="button" class="bar-back" aria-label={say("back")} onClick={onBack}>
          <Icon name="back" />
        </button>
      </header>
      <main class="page">
        <h1 tabIndex={-1}>{say("language.title")}</h1>
        <fieldset class="card choices">
          <legend class="visually-hidden">{say("language.legend")}</legend>
          {LANGUAGES.map((language) => (
            <label key={language} class="choice">
              <input
                type="radio"
                class="visually-hidden"
                name="language"
                value={language}
                checked={language === chosen}
                onChange={() => onChoose(language)}
              />
              <span lang={language}>{OWN_NAMES[language]}</span>
              <Icon name="check" />
            </label>
          ))}
        </fieldset>
        <Remark text={remark} />
      </main>
    </>
  );
}
