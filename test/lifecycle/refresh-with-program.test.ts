import { expect, test } from "vitest";
import type { PropertyMap } from "#core/property-value.ts";
import type { Provider } from "#providers/contract.ts";
import { fakePackage, stepsOf, summaryOf, TestStack } from "#test/lifecycle/harness.ts";
import { FakeProvider, Thing } from "#test/lifecycle/resources.ts";

/** Resources outside the process, by id; a change of `size` replaces. */
function world(token = { wanted: "" }) {
  const things = new Map<string, PropertyMap>();
  let made = 0;
  let given: unknown = "";
  const provider: Partial<Provider> = {
    configure: async ({ inputs }) => {
      given = inputs["token"] ?? "";
      return { acceptSecrets: true, acceptResources: true, acceptOutputs: false, supportsPreview: true, supportsAutonaming: false };
    },
    diff: async ({ oldInputs, news }) => {
      const keys = [...new Set([...Object.keys(oldInputs), ...Object.keys(news)])].filter((key) => oldInputs[key] !== news[key]);
      const replaces = keys.filter((key) => key === "size");
      return { changes: keys.length ? "some" : "none", replaces, diffs: keys, deleteBeforeReplace: false };
    },
    create: async ({ name, inputs, preview }) => {
      if (preview) return { id: "", outputs: inputs };
      const id = `${name}-${++made}`;
      things.set(id, inputs);
      return { id, outputs: inputs };
    },
    read: async ({ id }) => {
      if (given !== token.wanted) throw new Error("access denied");
      const found = things.get(id);
      return { id: found && id, inputs: found, outputs: found ?? {} };
    },
    update: async ({ id, news, preview }) => {
      if (!preview) things.set(id, news);
      return { outputs: news };
    },
    delete: async ({ id }) => void things.delete(id),
  };
  return { things, provider, token };
}

const program =
  (...names: string[]) =>
  async () =>
    void names.map((name) => new Thing(name, { value: 1, size: 1 }));
const options = { refresh: true, runProgram: true };

test("an update that refreshes with the program mends drift as it goes", async () => {
  const { things, provider } = world();
  const stack = new TestStack(fakePackage(provider));
  await stack.up(program("a", "b"));
  const { id } = stack.resource("a");
  things.set(id, { value: 9, size: 1 });
  const outcome = await stack.up(program("a", "b"), options);
  expect(outcome.outcome).toBe("succeeded");
  expect(stepsOf(outcome).toSorted()).toEqual(["refresh a", "refresh b", "same b", "update a"]);
  expect(summaryOf(outcome).resourceChanges).toEqual({ same: 2, update: 1 });
  expect(things.get(id)).toEqual({ value: 1, size: 1 });
  expect(stack.resource("a")).toMatchObject({ id, inputs: { value: 1 }, outputs: { value: 1 } });
});

test("what is gone is created again", async () => {
  const { things, provider } = world();
  const stack = new TestStack(fakePackage(provider));
  await stack.up(program("a", "b"));
  things.delete(stack.resource("a").id);
  const outcome = await stack.up(program("a", "b"), options);
  expect(stepsOf(outcome).toSorted()).toEqual(["create a", "refresh a", "refresh b", "same b"]);
  expect(things.has(stack.resource("a").id)).toBe(true);
});

test("drift that can't be mended in place replaces the resource", async () => {
  const { things, provider } = world();
  const stack = new TestStack(fakePackage(provider));
  await stack.up(program("a"));
  const { id } = stack.resource("a");
  things.set(id, { value: 1, size: 9 });
  const outcome = await stack.up(program("a"), options);
  expect(outcome.outcome).toBe("succeeded");
  expect(stepsOf(outcome)).toEqual(["refresh a", "create-replacement a", "replace a", "delete-replaced a"]);
  expect(stack.resource("a").id).not.toBe(id);
  expect([...things.keys()]).toEqual([stack.resource("a").id]);
});

test("drift may replace a resource by deleting it first, with what depends on it", async () => {
  const { things, provider } = world();
  const stack = new TestStack(fakePackage(provider));
  const chain = async () => {
    const a = new Thing("a", { value: 1, size: 1 }, { deleteBeforeReplace: true });
    new Thing("b", { value: 1, size: a.size });
  };
  await stack.up(chain);
  things.set(stack.resource("a").id, { value: 1, size: 9 });
  const outcome = await stack.up(chain, options);
  expect(outcome.outcome).toBe("succeeded");
  expect(stepsOf(outcome).filter((step) => !step.startsWith("refresh"))).toEqual([
    "delete-replaced b",
    "delete-replaced a",
    "replace a",
    "create-replacement a",
    "replace b",
    "create-replacement b",
  ]);
  expect(stack.names().filter((name) => name === "a" || name === "b")).toEqual(["a", "b"]);
  expect(things.size).toBe(2);
});

test("what the program no longer names is deleted", async () => {
  const { things, provider } = world();
  const stack = new TestStack(fakePackage(provider));
  await stack.up(program("a", "b"));
  const outcome = await stack.up(program("a"), options);
  expect(stepsOf(outcome)).toEqual(["refresh a", "same a", "delete b"]);
  expect(things.size).toBe(1);
});

test("a refresh with the program reads by the credentials the program now gives, one without it by those that were stored", async () => {
  const { provider, token } = world({ wanted: "old" });
  const stack = new TestStack(fakePackage(provider));
  const withToken = (text: string) => async () => void new Thing("a", { value: 1 }, { provider: new FakeProvider("p", { token: text }) });
  await stack.up(withToken("old"));
  token.wanted = "rotated";
  expect((await stack.up(withToken("rotated"), { refresh: true })).outcome).toBe("failed");
  expect((await stack.up(withToken("rotated"), options)).outcome).toBe("succeeded");
});

test("a preview that refreshes with the program stores nothing", async () => {
  const { things, provider } = world();
  const stack = new TestStack(fakePackage(provider));
  await stack.up(program("a"));
  const before = stack.snapshot;
  things.set(stack.resource("a").id, { value: 9, size: 1 });
  const outcome = await stack.preview(program("a"), options);
  expect(stepsOf(outcome)).toEqual(["refresh a", "update a"]);
  expect(stack.snapshot).toBe(before);
});
