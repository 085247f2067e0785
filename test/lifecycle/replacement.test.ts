import { expect, test } from "vitest";
import { Unknown } from "#core/property-value.ts";
import type { DiffRequest, DiffResponse, Provider } from "#providers/contract.ts";
import { diagnosticsOf, fakePackage, metadataOf, stepsOf, summaryOf, TestStack, urnOf } from "#test/lifecycle/harness.ts";
import { Group, Thing } from "#test/lifecycle/resources.ts";

/** Replaces whenever `value` differs, and when it isn't known. */
const replacing: Partial<Provider> = {
  diff: async ({ oldInputs, news }: DiffRequest): Promise<DiffResponse> => {
    const differs = news["value"] instanceof Unknown || JSON.stringify(oldInputs["value"]) !== JSON.stringify(news["value"]);
    return { changes: differs ? "some" : "none", replaces: differs ? ["value"] : [], diffs: differs ? ["value"] : [], deleteBeforeReplace: false };
  },
};

test("a replacement creates the new resource before it deletes the old one", async () => {
  const fake = fakePackage(replacing);
  const stack = new TestStack(fake);
  await stack.up(async () => void new Thing("a", { value: 1 }));
  const outcome = await stack.up(async () => void new Thing("a", { value: 2 }));
  expect(stepsOf(outcome)).toEqual(["create-replacement a", "replace a", "delete-replaced a"]);
  expect(summaryOf(outcome).resourceChanges).toEqual({ replace: 1, same: 1 });
  expect(fake.calls.filter(({ method }) => method === "create" || method === "delete").map(({ method }) => method)).toEqual(["create", "create", "delete"]);
  expect(stack.resource("a").id).toBe("a-2");
});

test("the events of a replacement name the keys that force it", async () => {
  const stack = new TestStack(fakePackage(replacing));
  await stack.up(async () => void new Thing("a", { value: 1 }));
  const outcome = await stack.up(async () => void new Thing("a", { value: 2 }));
  const created = metadataOf(outcome.events, "resourcePreEvent").find(({ op }) => op === "create-replacement");
  expect(created).toMatchObject({ keys: ["value"], diffs: ["value"], old: { id: "a-1" }, new: { inputs: { value: 2 } } });
});

test("the inputs of a replacement are checked without the old ones", async () => {
  const fake = fakePackage(replacing);
  const stack = new TestStack(fake);
  await stack.up(async () => void new Thing("a", { value: 1 }));
  fake.calls.length = 0;
  await stack.up(async () => void new Thing("a", { value: 2 }));
  const checks = fake.calls.filter(({ method }) => method === "check").map(({ request }) => (request as { olds?: unknown }).olds);
  expect(checks).toEqual([{ value: 1 }, undefined]);
});

test("deleteBeforeReplace deletes the old resource first", async () => {
  const fake = fakePackage(replacing);
  const stack = new TestStack(fake);
  await stack.up(async () => void new Thing("a", { value: 1 }));
  const outcome = await stack.up(async () => void new Thing("a", { value: 2 }, { deleteBeforeReplace: true }));
  expect(stepsOf(outcome)).toEqual(["delete-replaced a", "replace a", "create-replacement a"]);
  expect(stack.names().filter((name) => name === "a")).toHaveLength(1);
});

test("deleteBeforeReplace set to false overrules the provider", async () => {
  const fake = fakePackage({ diff: async (request) => ({ ...(await replacing.diff!(request)), deleteBeforeReplace: true }) });
  const stack = new TestStack(fake);
  await stack.up(async () => void new Thing("a", { value: 1 }));
  const outcome = await stack.up(async () => void new Thing("a", { value: 2 }, { deleteBeforeReplace: false }));
  expect(stepsOf(outcome)).toEqual(["create-replacement a", "replace a", "delete-replaced a"]);
});

test("deleting a resource before its replacement takes along a dependent that can't live without it", async () => {
  const stack = new TestStack(fakePackage(replacing));
  const program = (value: number) => async () => {
    const a = new Thing("a", { value }, { deleteBeforeReplace: true });
    new Thing("b", { value: a.id });
    new Thing("c", { value: 1 }, { dependsOn: a });
  };
  await stack.up(program(1));
  const outcome = await stack.up(program(2));
  const steps = stepsOf(outcome);
  expect(steps.slice(0, 4)).toEqual(["delete-replaced b", "delete-replaced a", "replace a", "create-replacement a"]);
  expect(steps.slice(4).sort()).toEqual(["create-replacement b", "replace b", "same c"]);
  expect(stack.resource("b").inputs).toEqual({ value: "a-4" });
});

test("a dependent deleted ahead that the program no longer names is forgotten", async () => {
  const stack = new TestStack(fakePackage(replacing));
  await stack.up(async () => {
    const a = new Thing("a", { value: 1 }, { deleteBeforeReplace: true });
    new Thing("b", { value: a.id });
  });
  const outcome = await stack.up(async () => void new Thing("a", { value: 2 }, { deleteBeforeReplace: true }));
  expect(stepsOf(outcome)).toEqual(["delete-replaced b", "delete-replaced a", "replace a", "create-replacement a", "remove-pending-replace b"]);
  expect(stack.has("b")).toBe(false);
});

test("a protected dependent keeps what it depends on from being deleted before its replacement", async () => {
  const stack = new TestStack(fakePackage(replacing));
  const program = (value: number) => async () => {
    const a = new Thing("a", { value }, { deleteBeforeReplace: true });
    new Thing("b", { value: a.id }, { protect: true });
  };
  await stack.up(program(1));
  const outcome = await stack.up(program(2));
  expect(outcome.outcome).toBe("failed");
  expect(diagnosticsOf(outcome).join()).toContain("as part of replacing");
  expect(stack.resource("a").id).toBe("a-1");
});

test("a protected resource isn't replaced", async () => {
  const stack = new TestStack(fakePackage(replacing));
  await stack.up(async () => void new Thing("a", { value: 1 }, { protect: true }));
  const outcome = await stack.up(async () => void new Thing("a", { value: 2 }, { protect: true }));
  expect(outcome.outcome).toBe("failed");
  expect(diagnosticsOf(outcome)[0]).toMatch(/^error: unable to replace resource/);
  expect(stack.resource("a").id).toBe("a-1");
});

test("protection may be lifted in the very run that replaces the resource", async () => {
  const stack = new TestStack(fakePackage(replacing));
  await stack.up(async () => void new Thing("a", { value: 1 }, { protect: true }));
  const outcome = await stack.up(async () => void new Thing("a", { value: 2 }, { protect: false }));
  expect(outcome.outcome).toBe("succeeded");
  expect(stack.resource("a")).toMatchObject({ id: "a-2", protect: false });
});

test("replaceOnChanges turns a change of the named property into a replacement", async () => {
  const stack = new TestStack(fakePackage());
  const program = (value: unknown) => async () => void new Thing("a", { value }, { replaceOnChanges: ["value.inner"] });
  await stack.up(program({ inner: 1, other: 1 }));
  expect(stepsOf(await stack.up(program({ inner: 1, other: 2 })))).toEqual(["update a"]);
  expect(stepsOf(await stack.up(program({ inner: 2, other: 2 })))).toEqual(["create-replacement a", "replace a", "delete-replaced a"]);
});

test("ignoreChanges keeps the old value of the named path", async () => {
  const stack = new TestStack(fakePackage());
  const program = (value: unknown) => async () => void new Thing("a", { value }, { ignoreChanges: ["value.inner"] });
  await stack.up(program({ inner: 1, other: 1 }));
  expect(stepsOf(await stack.up(program({ inner: 2, other: 1 })))).toEqual(["same a"]);
  await stack.up(program({ inner: 2, other: 2 }));
  expect(stack.resource("a").inputs).toEqual({ value: { inner: 1, other: 2 } });
});

test("a changed replacement trigger replaces the resource", async () => {
  const stack = new TestStack(fakePackage());
  const program = (replacementTrigger: unknown) => async () => void new Thing("a", { value: 1 }, { replacementTrigger } as object);
  await stack.up(program("one"));
  expect(stepsOf(await stack.up(program("one")))).toEqual(["same a"]);
  expect(stepsOf(await stack.up(program("two")))).toEqual(["create-replacement a", "replace a", "delete-replaced a"]);
});

test("a resource is replaced together with the one it names in replaceWith", async () => {
  const stack = new TestStack(fakePackage(replacing));
  const program = (value: number) => async () => {
    const a = new Thing("a", { value });
    new Thing("b", { value: 1 }, { replaceWith: [a] } as object);
  };
  await stack.up(program(1));
  const outcome = await stack.up(program(2));
  expect(summaryOf(outcome).resourceChanges).toEqual({ replace: 2, same: 1 });
  expect(stack.resource("b")).toMatchObject({ id: "b-4", replaceWith: [urnOf("fake:index:Thing", "a")] });
});

test("the old resource that couldn't be deleted after a replacement is deleted by the next run", async () => {
  let refuses = true;
  const stack = new TestStack(
    fakePackage({
      ...replacing,
      delete: async () => {
        if (refuses) throw new Error("still in use");
      },
    }),
  );
  await stack.up(async () => void new Thing("a", { value: 1 }));
  const failed = await stack.up(async () => void new Thing("a", { value: 2 }));
  expect(failed.outcome).toBe("failed");
  expect(stack.snapshot.resources.filter(({ urn }) => urn.endsWith("::a")).map((state) => ({ id: state.id, waits: state.delete }))).toEqual([
    { id: "a-2", waits: false },
    { id: "a-1", waits: true },
  ]);
  refuses = false;
  const outcome = await stack.up(async () => void new Thing("a", { value: 2 }));
  expect(stepsOf(outcome)).toEqual(["same a", "delete-replaced a"]);
  expect(stack.resource("a").id).toBe("a-2");
});

test("a resource that was deleted but couldn't be made again is made by the next run", async () => {
  let refuses = false;
  const base = fakePackage();
  const stack = new TestStack(
    fakePackage({
      ...replacing,
      create: async (request) => {
        if (refuses) throw new Error("no room");
        return { id: request.preview ? "" : `${request.name}-x${base.calls.push({ method: "", name: "", request: {} })}`, outputs: request.inputs };
      },
    }),
  );
  const program = (value: number) => async () => void new Thing("a", { value }, { deleteBeforeReplace: true });
  await stack.up(program(1));
  refuses = true;
  await stack.up(program(2));
  expect(stack.resource("a")).toMatchObject({ id: "a-x1", pendingReplacement: true });
  refuses = false;
  const outcome = await stack.up(program(2));
  expect(stepsOf(outcome)).toEqual(["replace a", "create-replacement a"]);
  expect(stack.resource("a")).toMatchObject({ id: "a-x2", pendingReplacement: false });
});

test("a provider that leaves the comparison to the engine gets updates with a detailed diff of the inputs", async () => {
  const stack = new TestStack(fakePackage());
  await stack.up(async () => void new Thing("a", { value: { keep: 1, change: 1, drop: 1 } }));
  const outcome = await stack.up(async () => void new Thing("a", { value: { keep: 1, change: 2, add: 1 } }));
  expect(metadataOf(outcome.events, "resourcePreEvent")[0]).toMatchObject({
    op: "update",
    diffs: ["value"],
    detailedDiff: {
      "value.add": { diffKind: "add", inputDiff: true },
      "value.change": { diffKind: "update", inputDiff: true },
      "value.drop": { diffKind: "delete", inputDiff: true },
    },
  });
});

test("changed inputs of a component are an update without a provider call", async () => {
  const fake = fakePackage();
  const stack = new TestStack(fake);
  await stack.up(async () => void new Group("g", { colour: "red" }));
  const outcome = await stack.up(async () => void new Group("g", { colour: "blue" }));
  expect(stepsOf(outcome)).toEqual(["update g"]);
  expect(fake.calls).toEqual([]);
  expect(stack.resource("g").inputs).toEqual({ colour: "blue" });
});
