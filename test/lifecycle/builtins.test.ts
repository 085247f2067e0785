import pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { Secret } from "#core/property-value.ts";
import { diagnosticsOf, fakePackage, stepsOf, TestStack } from "#test/lifecycle/harness.ts";
import { Anything } from "#test/lifecycle/resources.ts";

const other = async (name: string) => {
  if (name !== "organization/proj/other") throw new Error(`unknown stack "${name}"`);
  return { outputs: { host: "db", password: new Secret("p") }, secretOutputNames: ["password"] };
};

test("a stack reference reads the outputs of another stack, secrets as secrets", async () => {
  const stack = new TestStack();
  const outcome = await stack.up(
    async () => {
      const reference = new pulumi.StackReference("organization/proj/other");
      return { host: reference.getOutput("host"), password: reference.requireOutput("password") };
    },
    { readStackOutputs: other },
  );
  expect(stepsOf(outcome)).toEqual(["read organization/proj/other"]);
  expect(stack.stackOutputs()).toEqual({ host: "db", password: new Secret("p") });
  expect(stack.resource("organization/proj/other").outputs).toEqual({
    name: "organization/proj/other",
    outputs: { host: "db", password: new Secret("p") },
    secretOutputNames: ["password"],
  });
});

test("a reference to a stack that doesn't exist fails with its name", async () => {
  const outcome = await new TestStack().preview(async () => void new pulumi.StackReference("organization/proj/nobody"), { readStackOutputs: other });
  expect(diagnosticsOf(outcome)[0]).toBe('error: Preview failed: unknown stack "organization/proj/nobody"');
});

class Stash extends pulumi.CustomResource {
  declare readonly output: pulumi.Output<unknown>;
  constructor(name: string, input: unknown) {
    super("pulumi:index:Stash", name, { input, output: undefined });
  }
}

test("a stash keeps what it was given first", async () => {
  const stack = new TestStack();
  await stack.up(async () => ({ kept: new Stash("s", "first").output }));
  await stack.up(async () => ({ kept: new Stash("s", "second").output }));
  expect(stack.stackOutputs()).toEqual({ kept: "first" });
  expect(stack.resource("s").inputs).toEqual({ input: "second" });
});

test("log messages of the program become diagnostics", async () => {
  const outcome = await new TestStack(fakePackage()).up(async () => {
    await pulumi.log.info("hello");
    await pulumi.log.warn("careful");
    await pulumi.log.debug("noise");
  });
  expect(diagnosticsOf(outcome)).toEqual(["info: hello", "warning: careful"]);
});

test("the program sees project, stack, organization and configuration", async () => {
  const stack = new TestStack();
  await stack.up(
    async () => ({
      project: pulumi.getProject(),
      stack: pulumi.getStack(),
      organization: pulumi.getOrganization(),
      value: new pulumi.Config().require("value"),
      dryRun: pulumi.runtime.isDryRun(),
    }),
    {
      config: { "proj:value": "v" },
    },
  );
  expect(stack.stackOutputs()).toEqual({ project: "proj", stack: "dev", organization: "organization", value: "v", dryRun: false });
});

test("assets are told apart by their content", async () => {
  const stack = new TestStack(fakePackage());
  const program = (text: string) => async () =>
    void new Anything("fake:index:Thing", "a", {
      file: new pulumi.asset.StringAsset(text),
      all: new pulumi.asset.AssetArchive({ "f.txt": new pulumi.asset.StringAsset(text) }),
    });
  await stack.up(program("one"));
  expect(stepsOf(await stack.up(program("one")))).toEqual(["same a"]);
  expect(stepsOf(await stack.up(program("two")))).toEqual(["update a"]);
  expect(stack.resource("a").inputs["file"]).toMatchObject({ value: "two", hash: "3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3" });
});

test("events begin with the prelude and end with the summary and the cancel event", async () => {
  const { events } = await new TestStack(fakePackage()).up(async () => undefined);
  expect(Object.keys(events[0]!)).toEqual(["preludeEvent"]);
  expect(events.slice(-2).map((event) => Object.keys(event)[0])).toEqual(["summaryEvent", "cancelEvent"]);
});
