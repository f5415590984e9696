import { computed, signal } from "@preact/signals";

export type ScreenName = "home" | "language";

interface Place {
  screen: ScreenName;
  /** How many of our own screens lie below, that Back can return to. */
  depth: number;
}

/** What we write into `history.state`. It survives a reload, and with it the way back. */
interface Entry {
  ovqatDepth: number;
}

/**
 * Which screen is shown. The browser's history is the only stack, so that Android's Back button, the
 * browser's, ours and the host's `BACK_PRESSED` all do the same.
 */
export class Router {
  private readonly page: Window;
  private readonly place = signal<Place>({ screen: "home", depth: 0 });
  private leaving = false;

  readonly screen = computed(() => this.place.value.screen);
  readonly canGoBack = computed(() => this.place.value.depth > 0);
  readonly stack = computed<ScreenName[]>(() => (this.screen.value === "home" ? ["home"] : ["home", this.screen.value]));

  constructor(page: Window) {
    this.page = page;
    this.arrive();
    page.addEventListener("popstate", () => this.arrive());
  }

  open(screen: ScreenName): void {
    if (screen === this.screen.value) return;
    const depth = this.place.value.depth + 1;
    this.page.history.pushState(entry(depth), "", this.urlOf(screen));
    this.place.value = { screen, depth };
  }

  /** One screen back. A second press before the first has had its effect would leave the app, so it is dropped. */
  back(): void {
    if (!this.canGoBack.value || this.leaving) return;
    this.leaving = true;
    this.page.history.back();
  }

  /** Home without a way back: another person has come. */
  reset(): void {
    this.page.history.replaceState(entry(0), "", this.urlOf("home"));
    this.place.value = { screen: "home", depth: 0 };
  }

  private arrive(): void {
    this.leaving = false;
    const screen = screenOf(this.page.location.hash);
    const depth = depthOf(this.page.history.state);
    if (screen !== "home" && depth === 0) return this.layHomeBelow(screen);
    this.place.value = { screen, depth };
  }

  /** Opened on an inner screen by a link: Back must lead home all the same. */
  private layHomeBelow(screen: ScreenName): void {
    this.reset();
    this.open(screen);
  }

  private urlOf(screen: ScreenName): string {
    const { pathname, search } = this.page.location;
    return `${pathname}${search}${screen === "home" ? "" : `#${screen}`}`;
  }
}

function screenOf(hash: string): ScreenName {
  return hash === "#language" ? "language" : "home";
}

function entry(depth: number): Entry {
  return { ovqatDepth: depth };
}

function depthOf(state: unknown): number {
  const depth = typeof state === "object" && state !== null ? (state as Partial<Entry>).ovqatDepth : undefined;
  return Number.isInteger(depth) ? Number(depth) : 0;
}
