import { computed, signal } from "@preact/signals";

import type { Me, MePatch } from "../api/client.ts";
import type { Result } from "../api/result.ts";

/** Sends a change; the answer is the person as the server now has them. */
export type Send = (patch: MePatch) => Promise<Result<Me>>;

/**
 * The person and their settings, as they are shown: what the server has confirmed, with the changes on top
 * that it has not answered yet. A change that is refused falls away by itself.
 */
export class Person {
  private readonly confirmed = signal<Me | null>(null);
  private readonly sent = signal<MePatch>({});
  private readonly waiting = signal<MePatch>({});
  private busy = false;

  readonly me = computed<Me | null>(
    () => this.confirmed.value && { ...this.confirmed.value, ...this.sent.value, ...this.waiting.value },
  );

  welcome(me: Me | null): void {
    if (me?.userId !== this.confirmed.value?.userId) this.sent.value = {};
    this.confirmed.value = me;
    this.waiting.value = {};
  }

  /**
   * Show the change at once and send it. One call is under way at a time, so that the last choice is also the
   * last to arrive; choices made meanwhile go together in the next. Gives the result of the last call made, or
   * null when another `change` is already at it.
   */
  async change(patch: MePatch, send: Send): Promise<Result<Me> | null> {
    this.waiting.value = { ...this.waiting.value, ...patch };
    if (this.busy) return null;
    this.busy = true;
    const result = await this.sendWaiting(send);
    this.busy = false;
    return result;
  }

  private async sendWaiting(send: Send): Promise<Result<Me>> {
    this.sent.value = this.waiting.value;
    this.waiting.value = {};
    const result = await send(this.sent.value);
    if (result.ok && result.value.userId === this.confirmed.value?.userId) this.confirmed.value = result.value;
    this.sent.value = {};
    return Object.keys(this.waiting.value).length === 0 ? result : this.sendWaiting(send);
  }
}
