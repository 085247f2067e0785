import pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { diagnosticsOf, fakePackage, stepsOf, summaryOf, TestStack, urnOf } from "#test/lifecycle/harness.ts";
import { Group, Thing } from "#test/lifecycle/resources.ts";

test("a resource renamed with an alias stays the same resource", async () => {
  const stack = new TestStack(fakePackage());
  await stack.up(async () => void new Thing("old", { value: 1 }));
  const outcome = await stack.up(async () => void new Thing("new", { value: 1 }, { aliases: [{ name: "old" }] }));
  expect(stepsOf(outcome)).toEqual(["same new"]);
  expect(stack.resource("new")).toMatchObject({ id: "old-1", aliases: [urnOf("fake:index:Thing", "old")] });
  expect(stack.has("old")).toBe(false);
});

test("an alias may be a whole URN", async () => {
  const stack = new TestStack(fakePackage());
  await stack.up(async () => void new Thing("old", { value: 1 }));
  const outcome = await stack.up(async () => void new Thing("new", { value: 1 }, { aliases: [urnOf("fake:index:Thing", "old")] }));
  expect(stepsOf(outcome)).toEqual(["same new"]);
});

test("a child follows the alias of its parent, with the part of its name that is the parent's", async () => {
  const stack = new TestStack(fakePackage());
  const program = (name: string, aliases: pulumi.Alias[]) => async () => {
    const group = new Group(name, {}, { aliases });
    new Thing(`${name}-child`, { value: 1 }, { parent: group });
    new Thing("other", { value: 1 }, { parent: group });
  };
  await stack.up(program("old", []));
  const outcome = await stack.up(program("new", [{ name: "old" }]));
  expect(summaryOf(outcome).resourceChanges).toEqual({ same: 4 });
  expect(stack.names()).toEqual(expect.arrayContaining(["new", "new-child", "other"]));
});

test("a resource moved below a component keeps its identity by an alias for its former parent", async () => {
  const stack = new TestStack(fakePackage());
  await stack.up(async () => void new Thing("a", { value: 1 }));
  const outcome = await stack.up(async () => void new Thing("a", { value: 1 }, { parent: new Group("g"), aliases: [{ parent: pulumi.rootStackResource }] }));
  expect(stepsOf(outcome).sort()).toEqual(["create g", "same a"]);
});

test("two resources can't claim the same former name", async () => {
  const stack = new TestStack(fakePackage());
  await stack.up(async () => void new Thing("old"));
  const outcome = await stack.up(async () => {
    new Thing("one", {}, { aliases: [{ name: "old" }] });
    new Thing("two", {}, { aliases: [{ name: "old" }] });
  });
  expect(outcome.outcome).toBe("failed");
  expect(diagnosticsOf(outcome)[0]).toContain("Duplicate resource alias 'urn:pulumi:dev::proj::fake:index:Thing::old' applied to resource with URN");
});

test("dependents of a renamed resource refer to its new name", async () => {
  const stack = new TestStack(fakePackage());
  const program = (name: string, aliases: pulumi.Alias[]) => async () => {
    const a = new Thing(name, { value: 1 }, { aliases });
    new Thing("b", { value: a.value });
  };
  await stack.up(program("old", []));
  await stack.up(program("new", [{ name: "old" }]));
  expect(stack.resource("b").dependencies).toEqual([urnOf("fake:index:Thing", "new")]);
});
