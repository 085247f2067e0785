import pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import type { ConstructRequest, Provider } from "#providers/contract.ts";
import { diagnosticsOf, fakePackage, metadataOf, stepsOf, TestStack, urnOf } from "#test/lifecycle/harness.ts";
import { FakeProvider, Group, Thing } from "#test/lifecycle/resources.ts";

test("the URN of a child holds the types of its ancestors", async () => {
  const stack = new TestStack(fakePackage());
  await stack.up(async () => {
    const group = new Group("g");
    new Thing("a", {}, { parent: group });
  });
  expect(stack.resource("a")).toMatchObject({ urn: urnOf("test:index:Group$fake:index:Thing", "a"), parent: urnOf("test:index:Group", "g") });
});

test("outputs that a component registers are stored and reported once more", async () => {
  const stack = new TestStack(fakePackage());
  const program = async () => {
    const group = new Group("g") as Group & { registerOutputs(outputs: object): void };
    group.registerOutputs({ answer: 42 });
  };
  const outcome = await stack.up(program);
  expect(stack.resource("g").outputs).toEqual({ answer: 42 });
  expect(metadataOf(outcome.events, "resOutputsEvent").map(({ new: state }) => state?.outputs)).toEqual([{ answer: 42 }]);
});

test("dependencies of properties are stored with the resource", async () => {
  const stack = new TestStack(fakePackage());
  await stack.up(async () => {
    const a = new Thing("a", { value: 1 });
    new Thing("b", { value: a.value, size: 1 }, { dependsOn: new Thing("c") });
  });
  const [a, c] = [urnOf("fake:index:Thing", "a"), urnOf("fake:index:Thing", "c")];
  expect([...stack.resource("b").dependencies].sort()).toEqual([a, c]);
  expect(stack.resource("b").propertyDependencies).toEqual({ value: [a], size: [] });
});

/** Builds a component `Pair` of two things, the way a plugin would. */
const pairs: Partial<Provider> = {
  construct: async ({ type, name, parent, inputs, options, monitor }: ConstructRequest) => {
    const { urn } = await monitor.registerResource({ type, name, custom: false, parent, inputs: {}, options: { ...options } });
    const left = await monitor.registerResource({
      type: "fake:index:Thing",
      name: `${name}-left`,
      custom: true,
      parent: urn,
      inputs: { value: inputs["value"] ?? null },
      version: "1.0.0",
    });
    await monitor.registerResource({
      type: "fake:index:Thing",
      name: `${name}-right`,
      custom: true,
      parent: urn,
      inputs: { value: left.outputs["value"] ?? null },
      propertyDependencies: { value: [left.urn] },
      version: "1.0.0",
    });
    await monitor.registerResourceOutputs(urn, { total: 2 });
    return { urn, state: { total: 2 }, stateDependencies: { total: [left.urn] } };
  },
};

class Pair extends pulumi.ComponentResource {
  declare readonly total: pulumi.Output<number>;
  constructor(name: string, inputs: pulumi.Inputs, options: pulumi.ComponentResourceOptions = {}) {
    super("fake:index:Pair", name, { total: undefined, ...inputs }, { version: "1.0.0", ...options }, true);
  }
}

test("a remote component is built by its provider, with its children below it", async () => {
  const stack = new TestStack(fakePackage(pairs));
  const outcome = await stack.up(async () => ({ total: new Pair("p", { value: 5 }).total }));
  expect(outcome.outcome).toBe("succeeded");
  expect(stack.stackOutputs()).toEqual({ total: 2 });
  expect(stack.resource("p")).toMatchObject({ custom: false, provider: "", outputs: { total: 2 }, parent: urnOf("pulumi:pulumi:Stack", "proj-dev") });
  const [pair, left] = [urnOf("fake:index:Pair", "p"), urnOf("fake:index:Pair$fake:index:Thing", "p-left")];
  expect(stack.resource("p-left")).toMatchObject({ urn: left, parent: pair, inputs: { value: 5 } });
  expect(stack.resource("p-right")).toMatchObject({ parent: pair, propertyDependencies: { value: [left] } });
});

test("a second update of a remote component changes nothing", async () => {
  const stack = new TestStack(fakePackage(pairs));
  const program = async () => void new Pair("p", { value: 5 });
  await stack.up(program);
  expect(stepsOf(await stack.up(program))).toEqual(["same p", "same p-left", "same p-right"]);
});

test("an explicit provider of a remote component serves its children", async () => {
  const stack = new TestStack(fakePackage(pairs));
  await stack.up(async () => void new Pair("p", { value: 5 }, { provider: new FakeProvider("explicit") }));
  expect(stack.resource("p-left").provider).toContain("::explicit::");
});

test("options of a remote component reach its provider", async () => {
  let options: ConstructRequest["options"] | undefined;
  const fake = fakePackage({
    construct: async (request: ConstructRequest) => {
      ({ options } = request);
      return await pairs.construct!(request);
    },
  });
  await new TestStack(fake).up(async () => void new Pair("p", { value: 1 }, { protect: true, aliases: [{ name: "old" }], dependsOn: new Thing("t") }));
  expect(options).toMatchObject({ protect: true, aliases: [{ name: "old" }], dependencies: [urnOf("fake:index:Thing", "t")] });
});

test("a component that its provider can't build fails the run with the reason", async () => {
  const fake = fakePackage({
    construct: async () => {
      throw new Error("values don't meet the schema");
    },
  });
  const outcome = await new TestStack(fake).up(async () => void new Pair("p", { value: 1 }));
  expect(outcome.outcome).toBe("failed");
  expect(diagnosticsOf(outcome)).toEqual(["error: fake:index:Pair resource 'p' has a problem: values don't meet the schema"]);
});

test("a package without remote components says so", async () => {
  const fake = fakePackage();
  const outcome = await new TestStack({ ...fake, open: (host) => ({ ...fake.open(host), construct: undefined as never }) }).up(
    async () => void new Pair("p", {}),
  );
  expect(diagnosticsOf(outcome)[0]).toContain("package 'fake' has no remote components, so it can't construct 'fake:index:Pair'");
});
