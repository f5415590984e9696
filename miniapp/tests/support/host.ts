import type { Host } from "../../src/host/host.ts";
import type { Incoming, Outgoing } from "../../src/host/messages.ts";

/** A host that writes down what it is told. */
export class FakeHost implements Host {
  present = true;
  readonly heard: Outgoing[] = [];
  private hear: (message: Incoming) => void = () => undefined;

  send(message: Outgoing): void {
    this.heard.push(message);
  }

  listen(hear: (message: Incoming) => void): void {
    this.hear = hear;
  }

  says(message: Incoming): void {
    this.hear(message);
  }

  count(type: Outgoing["type"]): number {
    return this.heard.filter((message) => message.type === type).length;
  }
}
