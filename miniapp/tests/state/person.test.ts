import { describe, expect, it } from "vitest";

import type { Me, MePatch } from "../../src/api/client.ts";
import { failed, type Result } from "../../src/api/result.ts";
import { Person } from "../../src/state/person.ts";
import { ALI } from "../support/api.ts";

/** A server whose answers are given by hand. */
function server(): { send: (patch: MePatch) => Promise<Result<Me>>; sent: MePatch[]; answer: (result: Result<Me>) => Promise<void> } {
  const sent: MePatch[] = [];
  const waiting: ((result: Result<Me>) => void)[] = [];
  return {
    sent,
    send: (patch) => {
      sent.push(patch);
      return new Promise((resolve) => waiting.push(resolve));
    },
    answer: async (result) => {
      waiting.shift()?.(result);
      for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
    },
  };
}

const NO: Result<Me> = failed({ kind: "unavailable" });

function welcomed(): Person {
  const person = new Person();
  person.welcome(ALI);
  return person;
}

describe("Person", () => {
  it("shows a change before the server has answered, and keeps it when it agrees", async () => {
    const person = welcomed();
    const { send, answer } = server();

    const change = person.change({ theme: "dark" }, send);
    expect(person.me.value?.theme).toBe("dark");
    await answer({ ok: true, value: { ...ALI, theme: "dark" } });

    expect((await change)?.ok).toBe(true);
    expect(person.me.value?.theme).toBe("dark");
  });

  it("takes a change back when the server refuses it", async () => {
    const person = welcomed();
    const { send, answer } = server();

    const change = person.change({ language: "ru" }, send);
    await answer(NO);

    expect(await change).toEqual(NO);
    expect(person.me.value?.language).toBeNull();
  });

  it("sends one change at a time and the choices made meanwhile together, so that the last one holds", async () => {
    const person = welcomed();
    const { send, sent, answer } = server();

    void person.change({ theme: "dark" }, send);
    void person.change({ theme: "light" }, send);
    void person.change({ language: "en" }, send);
    expect(sent).toEqual([{ theme: "dark" }]);
    await answer({ ok: true, value: { ...ALI, theme: "dark" } });
    expect(person.me.value?.theme).toBe("light");
    await answer({ ok: true, value: { ...ALI, theme: "light", language: "en" } });

    expect(sent).toEqual([{ theme: "dark" }, { theme: "light", language: "en" }]);
    expect(person.me.value).toEqual({ ...ALI, theme: "light", language: "en" });
  });

  it("falls back to what the server last confirmed, not to what was shown before", async () => {
    const person = welcomed();
    const { send, answer } = server();

    void person.change({ theme: "dark" }, send);
    void person.change({ theme: "light" }, send);
    await answer({ ok: true, value: { ...ALI, theme: "dark" } });
    await answer(NO);

    expect(person.me.value?.theme).toBe("dark");
  });

  it("does not give one person the answer meant for another", async () => {
    const person = welcomed();
    const { send, answer } = server();
    void person.change({ theme: "dark" }, send);
    const other: Me = { ...ALI, userId: "other", theme: "light" };

    person.welcome(other);
    await answer({ ok: true, value: { ...ALI, theme: "dark" } });

    expect(person.me.value).toEqual(other);
  });
});
