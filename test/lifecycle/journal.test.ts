import { expect, test } from "vitest";
import { emptySnapshot, type PendingOperation } from "#engine/state/resource-state.ts";
import { fakePackage, MemoryJournal, TestStack } from "#test/lifecycle/harness.ts";
import { Thing } from "#test/lifecycle/resources.ts";

const nameOf = (operation: PendingOperation | undefined) => operation?.resource.urn.split("::").at(-1);

test("an operation is recorded before the provider is called, and its end before the program goes on", async () => {
  const log: string[] = [];
  class Logged extends MemoryJournal {
    override async begin(operation: PendingOperation): Promise<number> {
      await new Promise((resolve) => setImmediate(resolve));
      if (nameOf(operation) === "a") log.push(`begin ${operation.type}`);
      return await super.begin(operation);
    }
    override async end(...args: Parameters<MemoryJournal["end"]>): Promise<void> {
      await new Promise((resolve) => setImmediate(resolve));
      if (args[1]?.put?.urn.endsWith("::a")) log.push("end");
      await super.end(...args);
    }
  }
  const stack = new TestStack(
    fakePackage({
      create: async ({ inputs }) => {
        log.push("create");
        return { id: "x", outputs: inputs };
      },
    }),
  );
  await stack.up(
    async () => {
      const a = new Thing("a");
      await new Promise((resolve) => a.id.apply(resolve));
      log.push("program");
    },
    { journal: new Logged(emptySnapshot) },
  );
  expect(log).toEqual(["begin creating", "create", "end", "program"]);
});

test("every provider call that changes something is recorded with its kind", async () => {
  const stack = new TestStack(fakePackage());
  const kinds = (outcome: { journal: MemoryJournal }) =>
    outcome.journal.records.flatMap(({ operation }) =>
      operation && !nameOf(operation)!.startsWith("default") && operation.resource.custom ? [operation.type] : [],
    );
  expect(kinds(await stack.up(async () => void new Thing("a", { value: 1 })))).toEqual(["creating"]);
  expect(kinds(await stack.up(async () => void new Thing("a", { value: 2 })))).toEqual(["updating"]);
  expect(kinds(await stack.up(async () => void new Thing("a", { value: 2 })))).toEqual([]);
  expect(kinds(await stack.up(async () => void Thing.read("a", "a-1")))).toEqual(["reading"]);
  expect(kinds(await stack.destroy())).toEqual(["deleting"]);
});

test("what a record holds doesn't grow with the stack", async () => {
  const stack = new TestStack(fakePackage());
  const outcome = await stack.up(async () => {
    for (let i = 0; i < 40; i++) new Thing(`t${i}`, { value: i });
  });
  const sizes = outcome.journal.records.map((record) => JSON.stringify(record).length);
  expect(Math.max(...sizes)).toBeLessThan(10_000);
  expect(outcome.journal.records.filter(({ kind }) => kind === "rebase")).toEqual([]);
});

test("the failed end of a call is recorded without a change", async () => {
  const stack = new TestStack(
    fakePackage({
      create: async () => {
        throw new Error("no");
      },
    }),
  );
  const { journal } = await stack.up(async () => void new Thing("a"));
  expect(journal.records.filter(({ kind }) => kind === "end").at(-1)?.change).toBeUndefined();
});
