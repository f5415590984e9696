import { Component, type ComponentChildren } from "preact";

interface SafetyNetProps {
  children: ComponentChildren;
  /** What to show in place of a screen that broke; `mend` shows the screens again. */
  fallback: (mend: () => void) => ComponentChildren;
}

/** Catches what a screen throws while it renders, so that the person reads a sentence instead of nothing. */
export class SafetyNet extends Component<SafetyNetProps, { broken: boolean }> {
  override state = { broken: false };

  override componentDidCatch(error: unknown): void {
    this.setState({ broken: true });
    queueMicrotask(() => {
      throw error;
    });
  }

  override render(): ComponentChildren {
    const { children, fallback } = this.props;
    return this.state.broken ? fallback(() => this.setState({ broken: false })) : children;
  }
}
