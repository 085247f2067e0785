import pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { fakePackage, TestStack, urnOf } from "#test/lifecycle/harness.ts";
import { Group, Thing } from "#test/lifecycle/resources.ts";

const append =
  (text: string): pulumi.ResourceTransform =>
  (args) =>
    args.type === "fake:index:Thing" ? { props: { ...args.props, value: `${args.props["value"]}${text}` }, opts: args.opts } : undefined;

test("transforms run from the resource outwards: own, parents', the stack's", async () => {
  const stack = new TestStack(fakePackage());
  await stack.up(async () => {
    pulumi.runtime.registerResourceTransform(append("-stack"));
    const outer = new Group("outer", {}, { transforms: [append("-outer")] });
    const inner = new Group("inner", {}, { parent: outer, transforms: [append("-inner")] });
    new Thing("a", { value: "v" }, { parent: inner, transforms: [append("-own")] });
  });
  expect(stack.resource("a").inputs["value"]).toBe("v-own-inner-outer-stack");
});

test("a transform may change options", async () => {
  const stack = new TestStack(fakePackage());
  await stack.up(async () => {
    pulumi.runtime.registerResourceTransform((args) =>
      args.custom ? { props: args.props, opts: { ...args.opts, protect: true, ignoreChanges: ["value"], customTimeouts: { create: "90s" } } } : undefined,
    );
    new Thing("a", { value: 1 });
  });
  expect(stack.resource("a")).toMatchObject({ protect: true, ignoreChanges: ["value"], customTimeouts: { create: 90 } });
});

test("a resource keeps its dependencies through a transform", async () => {
  const stack = new TestStack(fakePackage());
  await stack.up(async () => {
    const a = new Thing("a", { value: "open" });
    new Thing("b", { value: a.value }, { transforms: [(args) => ({ props: { size: args.props["value"] }, opts: args.opts })] });
  });
  expect(stack.resource("b")).toMatchObject({ inputs: { size: "open" }, dependencies: [urnOf("fake:index:Thing", "a")] });
});

test("a transform that throws fails the run", async () => {
  const outcome = await new TestStack(fakePackage()).up(async () => {
    const refuse: pulumi.ResourceTransform = () => {
      throw new Error("not on my watch");
    };
    new Thing("a", {}, { transforms: [refuse] });
  });
  expect(outcome.outcome).toBe("failed");
  expect(JSON.stringify(outcome.events)).toContain("not on my watch");
});

test("invoke transforms change the arguments of functions", async () => {
  const fake = fakePackage();
  let answer: unknown;
  await new TestStack(fake).up(async () => {
    pulumi.runtime.registerInvokeTransform((args) => ({ args: { ...args.args, added: true }, opts: args.opts }));
    answer = await pulumi.runtime.invoke("fake:index:look", { at: "me" }, { version: "1.0.0" });
  });
  expect(answer).toEqual({ at: "me", added: true });
});
