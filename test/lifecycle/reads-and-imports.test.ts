import { expect, test } from "vitest";
import { diagnosticsOf, fakePackage, stepsOf, summaryOf, TestStack } from "#test/lifecycle/harness.ts";
import { Thing } from "#test/lifecycle/resources.ts";

const found = { read: async ({ id }: { id: string }) => ({ id, inputs: { value: "found" }, outputs: { value: "found", size: 3 } }) };

test("a resource that is only read is stored as external and never deleted", async () => {
  const fake = fakePackage(found);
  const stack = new TestStack(fake);
  const outcome = await stack.up(async () => ({ size: Thing.read("a", "existing").size }));
  expect(stepsOf(outcome)).toEqual(["read a"]);
  expect(summaryOf(outcome).resourceChanges).toEqual({ create: 1 });
  expect(stack.stackOutputs()).toEqual({ size: 3 });
  expect(stack.resource("a")).toMatchObject({ id: "existing", external: true, outputs: { value: "found", size: 3 } });
  expect(stepsOf(await stack.up(async () => undefined))).toEqual(["discard a"]);
  expect(fake.calls.some(({ method }) => method === "delete")).toBe(false);
});

test("a read counts when it shows something new", async () => {
  let size = 1;
  const stack = new TestStack(fakePackage({ read: async ({ id }) => ({ id, inputs: {}, outputs: { size } }) }));
  const program = async () => void Thing.read("a", "existing");
  await stack.up(program);
  expect(summaryOf(await stack.up(program)).resourceChanges).toEqual({ same: 1 });
  size = 2;
  expect(summaryOf(await stack.up(program)).resourceChanges).toEqual({ read: 1, same: 1 });
});

test("reading what doesn't exist fails", async () => {
  const outcome = await new TestStack(fakePackage({ read: async () => ({ id: undefined, inputs: undefined, outputs: {} }) })).up(
    async () => void Thing.read("a", "nowhere"),
  );
  expect(diagnosticsOf(outcome)[0]).toBe("error: resource 'nowhere' does not exist");
});

test("a read resource that becomes a managed one is created, not adopted", async () => {
  const fake = fakePackage(found);
  const stack = new TestStack(fake);
  await stack.up(async () => void Thing.read("a", "existing"));
  const outcome = await stack.up(async () => void new Thing("a", { value: 1 }));
  expect(stepsOf(outcome)).toEqual(["create-replacement a", "replace a", "discard-replaced a"]);
  expect(stack.resource("a")).toMatchObject({ id: "a-1", external: false });
});

test("a managed resource that becomes a read one of the same id is let go", async () => {
  const fake = fakePackage(found);
  const stack = new TestStack(fake);
  await stack.up(async () => void new Thing("a", { value: 1 }));
  await stack.up(async () => void Thing.read("a", "a-1"));
  expect(stack.resource("a")).toMatchObject({ id: "a-1", external: true });
  await stack.destroy();
  expect(fake.calls.some(({ method }) => method === "delete")).toBe(false);
});

test("importing adopts an existing resource when the program describes it rightly", async () => {
  const fake = fakePackage(found);
  const stack = new TestStack(fake);
  const program = async () => void new Thing("a", { value: "found" }, { import: "existing" });
  const outcome = await stack.up(program);
  expect(stepsOf(outcome)).toEqual(["import a"]);
  expect(stack.resource("a")).toMatchObject({ id: "existing", importId: "existing", external: false, outputs: { size: 3 } });
  expect(fake.calls.some(({ method }) => method === "create" || method === "update")).toBe(false);
  expect(stepsOf(await stack.up(program))).toEqual(["same a"]);
});

test("importing updates what the program wants otherwise", async () => {
  const fake = fakePackage(found);
  const stack = new TestStack(fake);
  const outcome = await stack.up(async () => void new Thing("a", { value: "wanted" }, { import: "existing" }));
  expect(stepsOf(outcome)).toEqual(["import a", "update a"]);
  expect(stack.resource("a")).toMatchObject({ id: "existing", inputs: { value: "wanted" } });
});

test("importing what doesn't exist fails", async () => {
  const outcome = await new TestStack(fakePackage({ read: async () => ({ id: undefined, inputs: undefined, outputs: {} }) })).up(
    async () => void new Thing("a", {}, { import: "nowhere" }),
  );
  expect(diagnosticsOf(outcome)[0]).toBe("error: resource 'nowhere' does not exist");
});

test("importing another resource replaces the one there is", async () => {
  const stack = new TestStack(fakePackage(found));
  await stack.up(async () => void new Thing("a", { value: "found" }));
  const outcome = await stack.up(async () => void new Thing("a", { value: "found" }, { import: "existing" }));
  expect(stepsOf(outcome)).toEqual(["import-replacement a", "replace a", "delete-replaced a"]);
  expect(stack.resource("a").id).toBe("existing");
});

test("a resource that still names what it imports isn't replaced", async () => {
  const fake = fakePackage({ ...found, diff: async () => ({ changes: "some", replaces: ["value"], diffs: ["value"], deleteBeforeReplace: false }) });
  const outcome = await new TestStack(fake).up(async () => void new Thing("a", { value: "wanted" }, { import: "existing" }));
  expect(diagnosticsOf(outcome)[0]).toContain("previously-imported resources that still specify an ID may not be replaced");
});

test("customTimeouts reach the provider in seconds", async () => {
  const fake = fakePackage();
  const stack = new TestStack(fake);
  const program = (value: number) => async () => void new Thing("a", { value }, { customTimeouts: { create: "1m30s", update: "2h", delete: "10s" } });
  await stack.up(program(1));
  await stack.up(program(2));
  await stack.destroy();
  const timeouts = fake.calls
    .filter(({ method }) => ["create", "update", "delete"].includes(method))
    .map(({ method, request }) => [method, (request as { timeout: number }).timeout]);
  expect(timeouts).toEqual([
    ["create", 90],
    ["update", 7200],
    ["delete", 10],
  ]);
});

test("a timeout that isn't a duration is refused", async () => {
  const outcome = await new TestStack(fakePackage()).up(async () => void new Thing("a", {}, { customTimeouts: { create: "soon" } }));
  expect(JSON.stringify(outcome.events)).toContain("unable to parse customTimeout Value soon");
});
