/** A window of the browser, as much of it as the mini-app looks at, with a history that works like a real one. */
export class FakePage extends EventTarget {
  readonly document = document;
  readonly navigator = { languages: ["de-DE"] as readonly string[] };
  readonly reloads: string[] = [];
  readonly systemTheme = new FakeMediaQuery();
  parent: unknown = this;

  private readonly entries: { url: URL; state: unknown }[];
  private at = 0;

  constructor(url = "https://ovqat.test/", state: unknown = null) {
    super();
    this.entries = [{ url: new URL(url), state }];
  }

  /** Given where a Window is wanted: the type has a thousand members, the mini-app uses these few. */
  get window(): Window {
    return this as unknown as Window;
  }

  get location(): object {
    const { hash, search, pathname, origin, href } = this.entry.url;
    return { hash, search, pathname, origin, href, reload: () => this.reloads.push(href) };
  }

  get history(): object {
    return {
      state: this.entry.state,
      pushState: (state: unknown, _title: string, url: string) => {
        this.entries.splice(this.at + 1, Infinity, { state, url: new URL(url, this.entry.url) });
        this.at += 1;
      },
      replaceState: (state: unknown, _title: string, url: string) => {
        this.entries[this.at] = { state, url: new URL(url, this.entry.url) };
      },
      back: () => queueMicrotask(() => this.goBack()),
    };
  }

  /** How many entries lie below the one shown: with none left, Back leaves the app. */
  get below(): number {
    return this.at;
  }

  get url(): string {
    return this.entry.url.href;
  }

  /** The browser's or Android's own Back button. */
  goBack(): void {
    if (this.at === 0) throw new Error("Back has left the app");
    this.at -= 1;
    this.dispatchEvent(new Event("popstate"));
  }

  matchMedia(): MediaQueryList {
    return this.systemTheme as unknown as MediaQueryList;
  }

  private get entry(): { url: URL; state: unknown } {
    const entry = this.entries[this.at];
    if (entry === undefined) throw new Error("no such history entry");
    return entry;
  }
}

class FakeMediaQuery extends EventTarget {
  matches = false;

  turn(dark: boolean): void {
    this.matches = dark;
    this.dispatchEvent(Object.assign(new Event("change"), { matches: dark }));
  }
}
