import { expect, test } from "vitest";
import { fakePackage, stepsOf, summaryOf, TestStack } from "#test/lifecycle/harness.ts";
import { Group, Thing } from "#test/lifecycle/resources.ts";

test("a first update creates every resource and stores it with its provider", async () => {
  const stack = new TestStack(fakePackage());
  const outcome = await stack.up(async () => {
    const a = new Thing("a", { value: 1 });
    return { value: a.value };
  });
  expect(outcome.outcome).toBe("succeeded");
  expect(summaryOf(outcome).resourceChanges).toEqual({ create: 2 });
  expect(stack.names().sort()).toEqual(["a", "default_1_0_0", "proj-dev"]);
  expect(stack.resource("a")).toMatchObject({ id: "a-1", inputs: { value: 1 }, outputs: { value: 1 } });
  expect(stack.stackOutputs()).toEqual({ value: 1 });
});

test("a second update of the same program changes nothing", async () => {
  const stack = new TestStack(fakePackage());
  const program = async () => {
    const group = new Group("g");
    new Thing("a", { value: 1 }, { parent: group });
  };
  await stack.up(program);
  const before = stack.snapshot.resources;
  const outcome = await stack.up(program);
  expect(summaryOf(outcome).resourceChanges).toEqual({ same: 3 });
  expect(stack.snapshot.resources).toEqual(before);
});

test("a changed input updates the resource in place", async () => {
  const stack = new TestStack(fakePackage());
  await stack.up(async () => void new Thing("a", { value: 1 }));
  const outcome = await stack.up(async () => void new Thing("a", { value: 2 }));
  expect(stepsOf(outcome)).toEqual(["update a"]);
  expect(stack.resource("a")).toMatchObject({ id: "a-1", outputs: { value: 2 } });
});

test("a resource that the program no longer names is deleted", async () => {
  const fake = fakePackage();
  const stack = new TestStack(fake);
  await stack.up(async () => void new Thing("a", { value: 1 }));
  const outcome = await stack.up(async () => undefined);
  expect(summaryOf(outcome).resourceChanges).toEqual({ delete: 1, same: 1 });
  expect(stack.names()).toEqual(["proj-dev"]);
  expect(fake.calls.filter(({ method }) => method === "delete").map(({ name }) => name)).toEqual(["a"]);
});
