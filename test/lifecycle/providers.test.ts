import pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { Secret } from "#core/property-value.ts";
import { diagnosticsOf, fakePackage, stepsOf, summaryOf, TestStack } from "#test/lifecycle/harness.ts";
import { FakeProvider, Group, Thing } from "#test/lifecycle/resources.ts";

const providerOf = (stack: TestStack, name: string) => stack.resource(name).provider.split("::").at(-2);

test("a default provider gets the package's configuration, its version and nothing of the engine's own", async () => {
  const fake = fakePackage();
  const stack = new TestStack(fake);
  await stack.up(async () => void new Thing("a"), { config: { "fake:region": "north", "fake:token": "s", "other:x": "y" }, configSecretKeys: ["fake:token"] });
  const provider = stack.resource("default_1_0_0");
  expect(provider.inputs).toEqual({ region: "north", token: new Secret("s"), version: "1.0.0", __internal: {} });
  expect(provider.outputs).toEqual({ region: "north", token: new Secret("s"), version: "1.0.0" });
  expect(provider.id).toMatch(/^[0-9a-f-]{36}$/);
  const configured = fake.calls.find(({ method }) => method === "configure")?.request;
  expect(configured).toMatchObject({ inputs: { region: "north", version: "1.0.0" }, id: provider.id });
  expect(JSON.stringify(configured)).not.toContain("__internal");
});

test("a default provider is registered once for each version in use", async () => {
  const stack = new TestStack(fakePackage());
  const outcome = await stack.up(async () => {
    new Thing("a");
    new Thing("b");
    new Thing("c", {}, { version: "2.0.0-beta.1" });
  });
  expect(
    stack
      .names()
      .filter((name) => name.startsWith("default"))
      .sort(),
  ).toEqual(["default_1_0_0", "default_2_0_0_beta_1"]);
  expect(summaryOf(outcome).resourceChanges).toEqual({ create: 4 });
});

test("a new version of a default provider replaces no resource", async () => {
  const stack = new TestStack(fakePackage());
  await stack.up(async () => void new Thing("a", { value: 1 }, { version: "1.0.0" }));
  const id = stack.resource("a").id;
  const outcome = await stack.up(async () => void new Thing("a", { value: 1 }, { version: "1.1.0" }));
  expect(stepsOf(outcome)).toEqual(["same a"]);
  expect(stack.resource("a").id).toBe(id);
  expect(providerOf(stack, "a")).toBe("default_1_1_0");
  expect(stack.has("default_1_0_0")).toBe(false);
});

test("a provider whose configuration change demands it has its resources replaced", async () => {
  const stack = new TestStack(
    fakePackage({
      diffConfig: async ({ oldInputs, news }) => {
        const moved = oldInputs["region"] !== news["region"];
        return { changes: moved ? "some" : "none", replaces: moved ? ["region"] : [], diffs: [], deleteBeforeReplace: false };
      },
    }),
  );
  const program = (region: string) => async () => void new Thing("a", { value: 1 }, { provider: new FakeProvider("p", { region }) });
  await stack.up(program("north"));
  const outcome = await stack.up(program("south"));
  expect(stepsOf(outcome)).toEqual(["create-replacement p", "replace p", "create-replacement a", "replace a", "delete-replaced a", "delete-replaced p"]);
});

test("a provider whose configuration changes otherwise is updated under the same id", async () => {
  const fake = fakePackage();
  const stack = new TestStack(fake);
  const program = (token: string) => async () => void new Thing("a", { value: 1 }, { provider: new FakeProvider("p", { token }) });
  await stack.up(program("one"));
  const id = stack.resource("p").id;
  const outcome = await stack.up(program("two"));
  expect(stepsOf(outcome)).toEqual(["update p", "same a"]);
  expect(stack.resource("p")).toMatchObject({ id, inputs: { token: "two" } });
});

test("an unchanged provider goes on with the configuration it was stored with", async () => {
  const fake = fakePackage({ diffConfig: async () => ({ changes: "none", replaces: [], diffs: [], deleteBeforeReplace: false }) });
  const stack = new TestStack(fake);
  const program = (token: string) => async () => void new Thing("a", { value: 1 }, { provider: new FakeProvider("p", { token }) });
  await stack.up(program("one"));
  fake.calls.length = 0;
  await stack.up(program("two"));
  expect(fake.calls.filter(({ method }) => method === "configure").map(({ request }) => request)).toMatchObject([{ inputs: { token: "one" } }]);
  expect(stack.resource("p").inputs["token"]).toBe("two");
});

test("children of a component use the provider that the component was given", async () => {
  const stack = new TestStack(fakePackage());
  await stack.up(async () => {
    const group = new Group("g", {}, { providers: [new FakeProvider("p")] });
    const inner = new Group("inner", {}, { parent: group });
    new Thing("a", {}, { parent: inner });
    new Thing("b");
  });
  expect(providerOf(stack, "a")).toBe("p");
  expect(providerOf(stack, "b")).toBe("default_1_0_0");
});

test("a child of a custom resource uses its parent's provider", async () => {
  const stack = new TestStack(fakePackage());
  await stack.up(async () => {
    const parent = new Thing("a", {}, { provider: new FakeProvider("p") });
    new Thing("child", {}, { parent });
  });
  expect(providerOf(stack, "child")).toBe("p");
});

test("a child inherits protection and retention unless it says otherwise", async () => {
  const stack = new TestStack(fakePackage());
  await stack.up(async () => {
    const group = new Group("g", {}, { protect: true, retainOnDelete: true });
    new Thing("a", {}, { parent: group });
    new Thing("b", {}, { parent: group, protect: false, retainOnDelete: false });
  });
  expect(stack.resource("a")).toMatchObject({ protect: true, retainOnDelete: true });
  expect(stack.resource("b")).toMatchObject({ protect: false, retainOnDelete: false });
});

test("default providers can be forbidden", async () => {
  const stack = new TestStack(fakePackage());
  const outcome = await stack.up(async () => void new Thing("a"), { config: { "pulumi:disable-default-providers": '["fake"]' } });
  expect(diagnosticsOf(outcome)[0]).toBe(
    "error: Default provider for 'fake' disabled. 'urn:pulumi:dev::proj::fake:index:Thing::a' must use an explicit provider.",
  );
  const explicit = await stack.up(async () => void new Thing("a", {}, { provider: new FakeProvider("p") }), {
    config: { "pulumi:disable-default-providers": '["*"]' },
  });
  expect(explicit.outcome).toBe("succeeded");
});

test("a configuration that the provider refuses fails the run", async () => {
  const stack = new TestStack(fakePackage({ checkConfig: async ({ news }) => ({ inputs: news, failures: [{ property: "region", reason: "is unknown" }] }) }));
  const outcome = await stack.up(async () => void new Thing("a"));
  expect(outcome.outcome).toBe("failed");
  expect(diagnosticsOf(outcome)[0]).toContain("pulumi:providers:fake resource 'default_1_0_0': property region");
});

test("a provider that can't be configured fails the resources that use it", async () => {
  const stack = new TestStack(
    fakePackage({
      configure: async () => {
        throw new Error("no credentials");
      },
    }),
  );
  const outcome = await stack.up(async () => void new Thing("a"));
  expect(outcome.outcome).toBe("failed");
  expect(diagnosticsOf(outcome)).toEqual(["error: no credentials"]);
});

test("every provider is closed when the run is over", async () => {
  const fake = fakePackage();
  const stack = new TestStack(fake);
  await stack.up(async () => {
    new Thing("a");
    new Thing("b", {}, { provider: new FakeProvider("p") });
  });
  expect(fake.calls.filter(({ method }) => method === "close")).toHaveLength(2);
});

test("a function of a provider is called, in previews too", async () => {
  const fake = fakePackage({ invoke: async ({ args, preview }) => ({ result: { ...args, preview }, failures: [] }) });
  const stack = new TestStack(fake);
  const seen: unknown[] = [];
  const program = async () => void seen.push(await pulumi.runtime.invoke("fake:index:look", { at: "me" }, { version: "1.0.0" }));
  await stack.preview(program);
  await stack.up(program);
  expect(seen).toEqual([
    { at: "me", preview: true },
    { at: "me", preview: false },
  ]);
});

test("the answer of a function that got secrets is secret where the provider doesn't know them", async () => {
  const fake = fakePackage({
    configure: async () => ({ acceptSecrets: false, acceptResources: true, acceptOutputs: false, supportsPreview: true, supportsAutonaming: false }),
  });
  const stack = new TestStack(fake);
  await stack.up(async () => ({ answer: pulumi.runtime.invokeOutput("fake:index:look", { at: pulumi.secret("me") }, { version: "1.0.0" }) }));
  expect(fake.calls.find(({ method }) => method === "invoke")?.request).toMatchObject({ args: { at: "me" } });
  expect(stack.stackOutputs()["answer"]).toEqual(new Secret({ at: "me" }));
});

test("failures of a function reach the program", async () => {
  const fake = fakePackage({ invoke: async () => ({ result: {}, failures: [{ property: "at", reason: "nowhere" }] }) });
  const outcome = await new TestStack(fake).up(async () => void (await pulumi.runtime.invoke("fake:index:look", { at: "me" }, { version: "1.0.0" })));
  expect(diagnosticsOf(outcome).join()).toContain("nowhere (at)");
});
