import { expect, test } from "vitest";
import { diagnosticsOf, fakePackage, stepsOf, summaryOf, TestStack } from "#test/lifecycle/harness.ts";
import { Thing } from "#test/lifecycle/resources.ts";

/** A gate that a provider call waits at until the test opens it. */
function gate() {
  const reached = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<void>();
  return {
    reached: reached.promise,
    open: () => opened.resolve(),
    pass: async () => {
      reached.resolve();
      await opened.promise;
    },
  };
}

test("a cancelled run ends what is under way, keeps it and begins nothing more", async () => {
  const { pass, reached, open } = gate();
  const fake = fakePackage({
    create: async ({ name, inputs }) => {
      if (name === "slow") await pass();
      return { id: `${name}-id`, outputs: inputs };
    },
  });
  const stack = new TestStack(fake);
  const cancel = new AbortController();
  const running = stack.up(
    async () => {
      const slow = new Thing("slow", { value: 1 });
      new Thing("later", { value: slow.id });
    },
    { cancel },
  );
  await reached;
  cancel.abort();
  open();
  const outcome = await running;
  expect(outcome.outcome).toBe("cancelled");
  expect(diagnosticsOf(outcome)).toEqual(["error: update canceled"]);
  expect(summaryOf(outcome)).toMatchObject({ result: "failed", resourceChanges: { create: 2 } });
  expect(stack.has("slow")).toBe(true);
  expect(stack.has("later")).toBe(false);
  expect(stack.snapshot.pendingOperations).toEqual([]);
  expect(fake.calls.filter(({ method }) => method === "cancel")).toHaveLength(1);
});

test("a second signal gives up at once and leaves the call as an unfinished operation", async () => {
  const { pass, reached, open } = gate();
  const stack = new TestStack(
    fakePackage({
      create: async ({ name, inputs }) => {
        await pass();
        return { id: `${name}-id`, outputs: inputs };
      },
    }),
  );
  const cancel = new AbortController();
  const terminate = new AbortController();
  const running = stack.up(async () => void new Thing("slow", { value: 1 }), { cancel, terminate });
  await reached;
  cancel.abort();
  terminate.abort();
  const outcome = await running;
  expect(outcome).toMatchObject({ outcome: "terminated", error: "update cancelled" });
  expect(summaryOf(outcome).result).toBe("canceled");
  expect(stack.snapshot.pendingOperations.map(({ type, resource }) => [type, resource.urn.split("::").at(-1)])).toEqual([["creating", "slow"]]);
  const events = outcome.events.length;
  open();
  await new Promise((resolve) => setImmediate(resolve));
  expect(outcome.events).toHaveLength(events);
  expect(outcome.journal.records.filter(({ kind }) => kind === "end")).toEqual([]);
});

test("a run cancelled before it begins does nothing", async () => {
  const cancel = new AbortController();
  cancel.abort();
  const fake = fakePackage();
  const outcome = await new TestStack(fake).up(async () => void new Thing("a"), { cancel });
  expect(outcome.outcome).toBe("cancelled");
  expect(stepsOf(outcome)).toEqual([]);
  expect(fake.calls.some(({ method }) => method === "create")).toBe(false);
});

test("a cancelled destroy stops between its stages", async () => {
  const { pass, reached, open } = gate();
  const stack = new TestStack(fakePackage({ delete: async ({ name }) => (name === "b" ? await pass() : undefined) }));
  await stack.up(async () => {
    const a = new Thing("a", { value: 1 });
    new Thing("b", { value: a.id });
  });
  const cancel = new AbortController();
  const running = stack.destroy({ cancel });
  await reached;
  cancel.abort();
  open();
  const outcome = await running;
  expect(outcome.outcome).toBe("cancelled");
  expect(stack.has("a")).toBe(true);
  expect(stack.has("b")).toBe(false);
});

test("a program that doesn't end by itself doesn't hold up a cancelled run for ever", async () => {
  const reached = Promise.withResolvers<void>();
  const cancel = new AbortController();
  const running = new TestStack(fakePackage()).up(
    async () => {
      reached.resolve();
      await new Promise(() => undefined);
    },
    { cancel },
  );
  await reached.promise;
  cancel.abort();
  expect((await running).outcome).toBe("cancelled");
});
