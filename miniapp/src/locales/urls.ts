import en from "./en.json?url";
import ru from "./ru.json?url";
import uz from "./uz.json?url";
import uzCyrl from "./uz-Cyrl.json?url";

import type { Language } from "./languages.ts";

/** Where the build put each language's texts. */
export const TEXT_URLS: Readonly<Record<Language, string>> = { uz, "uz-Cyrl": uzCyrl, ru, en };
