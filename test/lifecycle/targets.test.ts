import { expect, test } from "vitest";
import { diagnosticsOf, fakePackage, stepsOf, summaryOf, TestStack, urnOf } from "#test/lifecycle/harness.ts";
import { Group, Thing } from "#test/lifecycle/resources.ts";

const urn = (name: string) => urnOf("fake:index:Thing", name);
const program = (value: number) => async () => {
  const a = new Thing("a", { value });
  new Thing("b", { value: a.value });
  new Thing("c", { value });
};

test("an update of targets leaves the others as they were", async () => {
  const stack = new TestStack(fakePackage());
  await stack.up(program(1));
  const outcome = await stack.up(program(2), { targets: [urn("c")] });
  expect(stepsOf(outcome).sort()).toEqual(["same a", "same b", "update c"]);
  expect(stack.resource("a").inputs).toEqual({ value: 1 });
  expect(stack.resource("c").inputs).toEqual({ value: 2 });
});

test("dependents of a target are updated with it when asked for", async () => {
  const stack = new TestStack(fakePackage());
  await stack.up(program(1));
  const outcome = await stack.up(program(2), { targets: [urn("a")], targetDependents: true });
  expect(stepsOf(outcome).sort()).toEqual(["same c", "update a", "update b"]);
});

test("a target may be a glob", async () => {
  const stack = new TestStack(fakePackage());
  await stack.up(program(1));
  const outcome = await stack.up(program(2), { targets: ["**::fake:index:Thing::*"] });
  expect(summaryOf(outcome).resourceChanges).toEqual({ same: 1, update: 3 });
});

test("a target that exists neither in the state nor in the program is an error", async () => {
  const stack = new TestStack(fakePackage());
  await stack.up(program(1));
  const outcome = await stack.up(program(1), { targets: [urn("nobody")] });
  expect(outcome.outcome).toBe("failed");
  expect(diagnosticsOf(outcome)[0]).toContain(`Target '${urn("nobody")}' could not be found in the stack.`);
});

test("a new resource that isn't a target isn't created", async () => {
  const stack = new TestStack(fakePackage());
  const outcome = await stack.up(program(1), { targets: [urn("c")] });
  expect(outcome.outcome).toBe("succeeded");
  expect(stack.has("a")).toBe(false);
  expect(stack.has("c")).toBe(true);
});

test("a target that needs a resource which isn't created is an error", async () => {
  const stack = new TestStack(fakePackage());
  const outcome = await stack.up(program(1), { targets: [urn("b")] });
  expect(outcome.outcome).toBe("failed");
  expect(diagnosticsOf(outcome)[0]).toBe(`error: Resource '${urn("b")}' depends on '${urn("a")}' which was was not specified in --target list.`);
});

test("excluded resources are left as they were", async () => {
  const stack = new TestStack(fakePackage());
  await stack.up(program(1));
  const outcome = await stack.up(program(2), { excludes: [urn("b")] });
  expect(stepsOf(outcome).sort()).toEqual(["same b", "update a", "update c"]);
});

test("dependents of an excluded resource are left alone too when asked for", async () => {
  const stack = new TestStack(fakePackage());
  await stack.up(program(1));
  const outcome = await stack.up(program(2), { excludes: [urn("a")], excludeDependents: true });
  expect(stepsOf(outcome).sort()).toEqual(["same a", "same b", "update c"]);
});

test("a resource is replaced on request", async () => {
  const stack = new TestStack(fakePackage());
  await stack.up(program(1));
  const outcome = await stack.up(program(1), { replaces: [urn("c")] });
  expect(stepsOf(outcome)).toEqual(expect.arrayContaining(["create-replacement c", "replace c", "delete-replaced c"]));
  expect(stack.resource("c").id).toBe("c-4");
});

test("a destroy of a target that others depend on is refused", async () => {
  const stack = new TestStack(fakePackage());
  await stack.up(program(1));
  const outcome = await stack.destroy({ targets: [urn("a")] });
  expect(outcome.outcome).toBe("failed");
  expect(diagnosticsOf(outcome)).toEqual([
    `error: Resource '${urn("b")}' will be destroyed but was not specified in --target list.\nEither include resource in --target list or pass --target-dependents to proceed.`,
    "error: update failed",
  ]);
  expect(stack.names()).toHaveLength(5);
});

test("a destroy of a target takes its dependents along when asked for", async () => {
  const stack = new TestStack(fakePackage());
  await stack.up(program(1));
  const outcome = await stack.destroy({ targets: [urn("a")], targetDependents: true });
  expect(stepsOf(outcome).filter((step) => step.startsWith("delete"))).toEqual(["delete b", "delete a"]);
  expect(stack.names().sort()).toEqual(["c", "default_1_0_0", "proj-dev"]);
});

test("a destroy of an unknown target can't begin", async () => {
  const stack = new TestStack(fakePackage());
  await stack.up(program(1));
  const outcome = await stack.destroy({ targets: [urn("nobody")] });
  expect(outcome).toMatchObject({ outcome: "failed", error: `no resource named '${urn("nobody")}' found` });
  expect(outcome.events).toEqual([{ cancelEvent: {} }]);
});

test("a destroy leaves excluded resources and what they need", async () => {
  const stack = new TestStack(fakePackage());
  await stack.up(program(1));
  await stack.destroy({ excludes: [urn("b")] });
  expect(stack.names().sort()).toEqual(["a", "b", "default_1_0_0", "proj-dev"]);
});

test("a refresh of targets reads only these", async () => {
  const fake = fakePackage();
  const stack = new TestStack(fake);
  await stack.up(program(1));
  await stack.refresh({ targets: [urn("c")] });
  expect(fake.calls.filter(({ method }) => method === "read").map(({ name }) => name)).toEqual(["c"]);
});

test("what a target depends on is carried along although the program no longer names it", async () => {
  const stack = new TestStack(fakePackage());
  const nested = (withGroup: boolean) => async () => {
    const group = withGroup ? new Group("g") : undefined;
    const base = withGroup ? new Thing("base", { value: 1 }, { parent: group }) : undefined;
    new Thing("a", { value: withGroup ? 1 : 2 }, base ? { dependsOn: base } : {});
  };
  await stack.up(nested(true));
  const outcome = await stack.up(nested(false), { targets: [urn("a")] });
  expect(outcome.outcome).toBe("succeeded");
  expect(stack.names()).toEqual(expect.arrayContaining(["g", "base", "a"]));
});
