import { expect, test } from "vitest";
import { InitFailedError, type Provider } from "#providers/contract.ts";
import { diagnosticsOf, fakePackage, metadataOf, stepsOf, summaryOf, TestStack } from "#test/lifecycle/harness.ts";
import { FakeProvider, Group, Thing } from "#test/lifecycle/resources.ts";

/** A world outside the stack that the test may change: what `read` finds by id. */
function world(): { readonly things: Map<string, Record<string, number>>; readonly provider: Partial<Provider> } {
  const things = new Map<string, Record<string, number>>();
  let made = 0;
  return {
    things,
    provider: {
      create: async ({ name, inputs, preview }) => {
        const id = preview ? "" : `${name}-${++made}`;
        if (id) things.set(id, inputs as Record<string, number>);
        return { id, outputs: inputs };
      },
      read: async ({ id }) => (things.has(id) ? { id, inputs: things.get(id)!, outputs: things.get(id)! } : { id: undefined, inputs: undefined, outputs: {} }),
      delete: async ({ id }) => void things.delete(id),
    },
  };
}

const chain = async () => {
  const a = new Thing("a", { value: 1 });
  const group = new Group("g", {}, { parent: a });
  new Thing("b", { value: a.value }, { parent: group, dependsOn: a });
};

test("a refresh without drift changes nothing", async () => {
  const { provider } = world();
  const stack = new TestStack(fakePackage(provider));
  await stack.up(chain);
  const outcome = await stack.refresh();
  expect(summaryOf(outcome).resourceChanges).toEqual({ same: 4 });
  expect(stepsOf(outcome).sort()).toEqual(["refresh a", "refresh b", "refresh g"]);
});

test("a refresh takes over what changed outside and says how", async () => {
  const { things, provider } = world();
  const stack = new TestStack(fakePackage(provider));
  await stack.up(chain);
  things.set(stack.resource("a").id, { value: 9, extra: 1 });
  const outcome = await stack.refresh();
  expect(summaryOf(outcome).resourceChanges).toEqual({ same: 3, update: 1 });
  expect(metadataOf(outcome.events, "resOutputsEvent").find(({ op }) => op === "update")).toMatchObject({
    detailedDiff: { value: { diffKind: "update", inputDiff: true }, extra: { diffKind: "add", inputDiff: true } },
  });
  expect(stack.resource("a")).toMatchObject({ inputs: { value: 9, extra: 1 }, outputs: { value: 9, extra: 1 } });
});

test("a refresh forgets what is gone; its children lose their parent and nobody depends on it any more", async () => {
  const { things, provider } = world();
  const stack = new TestStack(fakePackage(provider));
  await stack.up(chain);
  things.delete(stack.resource("a").id);
  const outcome = await stack.refresh();
  expect(summaryOf(outcome).resourceChanges).toEqual({ same: 3, delete: 1 });
  expect(stack.has("a")).toBe(false);
  expect(stack.resource("g").parent).toBeUndefined();
  expect(stack.resource("b").dependencies).toEqual([]);
});

test("a preview of a refresh shows drift and stores nothing", async () => {
  const { things, provider } = world();
  const stack = new TestStack(fakePackage(provider));
  await stack.up(chain);
  const before = stack.snapshot;
  things.set(stack.resource("a").id, { value: 9 });
  const outcome = await stack.refresh({ dryRun: true });
  expect(summaryOf(outcome).resourceChanges).toEqual({ same: 3, update: 1 });
  expect(stack.snapshot).toBe(before);
});

test("a refresh clears creations that were interrupted only when asked to", async () => {
  const { provider } = world();
  const stack = new TestStack(fakePackage(provider));
  await stack.up(chain);
  const resource = stack.resource("b");
  stack.snapshot = {
    ...stack.snapshot,
    pendingOperations: [
      { resource, type: "creating" },
      { resource, type: "updating" },
    ],
  };
  await stack.refresh();
  expect(stack.snapshot.pendingOperations.map(({ type }) => type)).toEqual(["creating"]);
  await stack.refresh({ clearPendingCreates: true });
  expect(stack.snapshot.pendingOperations).toEqual([]);
});

test("an update tells of operations that were interrupted", async () => {
  const stack = new TestStack(fakePackage());
  await stack.up(chain);
  stack.snapshot = { ...stack.snapshot, pendingOperations: [{ resource: stack.resource("b"), type: "creating" }] };
  const outcome = await stack.up(chain);
  expect(diagnosticsOf(outcome)[0]).toContain("with 1 pending operations from previous deployment.\n  * urn:pulumi:dev::proj::");
  expect(stack.snapshot.pendingOperations).toHaveLength(1);
});

test("a read that fails fails the refresh, and the others are refreshed", async () => {
  const { things, provider } = world();
  const stack = new TestStack(
    fakePackage({
      ...provider,
      read: async (request) => {
        if (request.name === "a") throw new Error("no access");
        return await provider.read!(request);
      },
    }),
  );
  await stack.up(chain);
  things.set(stack.resource("b").id, { value: 7 });
  const outcome = await stack.refresh();
  expect(outcome.outcome).toBe("failed");
  expect(diagnosticsOf(outcome)).toEqual(["error: no access", "error: update failed"]);
  expect(stack.resource("b").outputs).toEqual({ value: 7 });
  expect(stack.has("a")).toBe(true);
});

test("an unhealthy resource is refreshed with a warning", async () => {
  const { provider } = world();
  const stack = new TestStack(
    fakePackage({
      ...provider,
      read: async ({ id, inputs }) => {
        throw new InitFailedError("not ready", { id, inputs, outputs: { value: "sick" }, reasons: ["no pods"] });
      },
    }),
  );
  await stack.up(async () => void new Thing("a", { value: 1 }));
  const outcome = await stack.refresh();
  expect(outcome.outcome).toBe("succeeded");
  expect(diagnosticsOf(outcome)).toEqual(["warning: Refreshed resource is in an unhealthy state:\n* no pods"]);
  expect(stack.resource("a")).toMatchObject({ initErrors: ["no pods"], outputs: { value: "sick" } });
});

test("an update may refresh first, and then mends the drift", async () => {
  const { things, provider } = world();
  const stack = new TestStack(fakePackage(provider));
  await stack.up(chain);
  things.set(stack.resource("a").id, { value: 9 });
  const outcome = await stack.up(chain, { refresh: true });
  expect(stepsOf(outcome)).toEqual(expect.arrayContaining(["refresh a", "refresh b", "update a"]));
  expect(summaryOf(outcome).resourceChanges).toEqual({ same: 3, update: 1 });
});

test("a refresh that runs the program takes providers from it and creates nothing", async () => {
  const { things, provider } = world();
  const fake = fakePackage(provider);
  const stack = new TestStack(fake);
  const program = (token: string, more: boolean) => async () => {
    const p = new FakeProvider("p", { token });
    new Thing("a", { value: 1 }, { provider: p });
    if (more) new Thing("new", { value: 1 }, { provider: p });
  };
  await stack.up(program("old", false));
  things.set(stack.resource("a").id, { value: 5 });
  fake.calls.length = 0;
  const outcome = await stack.refresh({}, program("rotated", true));
  expect(outcome.outcome).toBe("succeeded");
  expect(stack.has("new")).toBe(false);
  expect(stack.resource("a").outputs).toEqual({ value: 5 });
});

test("a destroy deletes dependents first and leaves nothing", async () => {
  const fake = fakePackage();
  const stack = new TestStack(fake);
  await stack.up(chain);
  const outcome = await stack.destroy();
  expect(stepsOf(outcome)).toEqual(["delete b", "delete g", "delete a"]);
  expect(summaryOf(outcome).resourceChanges).toEqual({ delete: 4 });
  expect(stack.snapshot).toEqual({ resources: [], pendingOperations: [] });
});

test("a preview of a destroy deletes nothing", async () => {
  const fake = fakePackage();
  const stack = new TestStack(fake);
  await stack.up(chain);
  const outcome = await stack.destroy({ dryRun: true });
  expect(summaryOf(outcome).resourceChanges).toEqual({ delete: 4 });
  expect(stack.names()).toHaveLength(5);
  expect(fake.calls.some(({ method }) => method === "delete")).toBe(false);
});

test("a resource that is to be retained is forgotten without a provider call", async () => {
  const fake = fakePackage();
  const stack = new TestStack(fake);
  await stack.up(async () => void new Thing("a", {}, { retainOnDelete: true }));
  await stack.destroy();
  expect(stack.snapshot.resources).toEqual([]);
  expect(fake.calls.some(({ method }) => method === "delete")).toBe(false);
});

test("a resource that vanishes with another is forgotten with it", async () => {
  const fake = fakePackage();
  const stack = new TestStack(fake);
  await stack.up(async () => {
    const a = new Thing("a");
    new Thing("b", {}, { deletedWith: a });
  });
  await stack.destroy();
  expect(fake.calls.filter(({ method }) => method === "delete").map(({ name }) => name)).toEqual(["a"]);
});

test("a destroy may leave protected resources and what they need", async () => {
  const stack = new TestStack(fakePackage());
  await stack.up(async () => {
    const base = new Thing("base", { value: 1 });
    new Thing("kept", { value: base.value }, { protect: true });
    new Thing("gone");
  });
  const outcome = await stack.destroy({ excludeProtected: true });
  expect(outcome.outcome).toBe("succeeded");
  expect(stack.names().sort()).toEqual(["base", "default_1_0_0", "kept", "proj-dev"]);
});

test("a destroy uses the providers' stored configuration", async () => {
  const fake = fakePackage();
  const stack = new TestStack(fake);
  await stack.up(async () => void new Thing("a", {}, { provider: new FakeProvider("p", { token: "t" }) }));
  fake.calls.length = 0;
  await stack.destroy();
  expect(fake.calls.filter(({ method }) => method === "configure").map(({ request }) => request)).toMatchObject([{ inputs: { token: "t" } }]);
});

test("independent resources are deleted at the same time", async () => {
  let running = 0;
  let most = 0;
  const stack = new TestStack(
    fakePackage({
      delete: async () => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setImmediate(resolve));
        running--;
      },
    }),
  );
  await stack.up(async () => {
    for (const name of ["a", "b", "c"]) new Thing(name);
  });
  await stack.destroy();
  expect(most).toBe(3);
});

test("no more steps run at once than allowed", async () => {
  let running = 0;
  let most = 0;
  const stack = new TestStack(
    fakePackage({
      create: async ({ name, inputs }) => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setTimeout(resolve, 5));
        running--;
        return { id: name, outputs: inputs };
      },
    }),
  );
  await stack.up(
    async () => {
      for (let i = 0; i < 6; i++) new Thing(`t${i}`);
    },
    { parallel: 2 },
  );
  expect(most).toBe(2);
});
