/** One timeout at a time: setting it again takes back the one before. */
export class Timer {
  private id: ReturnType<typeof setTimeout> | undefined;

  set(ms: number, ring: () => void): void {
    this.clear();
    this.id = setTimeout(ring, ms);
  }

  clear(): void {
    clearTimeout(this.id);
  }
}
