import pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { Secret } from "#core/property-value.ts";
import { diagnosticsOf, fakePackage, stepsOf, summaryOf, TestStack, urnOf } from "#test/lifecycle/harness.ts";
import { Anything, FakeProvider, Group, Thing } from "#test/lifecycle/resources.ts";

const created = (fake: ReturnType<typeof fakePackage>) => fake.calls.filter(({ method }) => method === "create").map(({ name }) => name);

test("values of every kind survive the way to the provider, to the state and to the program", async () => {
  const value = {
    nothing: null,
    truth: false,
    numbers: [0, -1.5, 1e21, 2 ** 53],
    text: "ü €   \n",
    empty: { list: [], map: {}, text: "" },
    "odd.key": { "[0]": { "": "empty key" } },
    __proto: { constructor: "c", toString: "t" },
  };
  const stack = new TestStack(fakePackage());
  await stack.up(async () => ({ out: new Thing("a", { value }).value }));
  expect(stack.resource("a").inputs).toEqual({ value });
  expect(stack.stackOutputs()).toEqual({ out: value });
  expect(stepsOf(await stack.up(async () => ({ out: new Thing("a", { value }).value })))).toEqual(["same a"]);
});

test("a resource given as an input arrives as what the provider can take", async () => {
  const taken: unknown[] = [];
  const stack = new TestStack(
    fakePackage({
      configure: async () => ({ acceptSecrets: true, acceptResources: false, acceptOutputs: false, supportsPreview: true, supportsAutonaming: false }),
      create: async ({ name, inputs }) => {
        taken.push(inputs["value"]);
        return { id: `${name}-id`, outputs: inputs };
      },
    }),
  );
  await stack.up(async () => {
    const a = new Thing("a", { value: 1 });
    new Thing("b", { value: a });
    new Thing("c", { value: new Group("g") });
  });
  expect(taken.toSorted()).toEqual([1, "a-id", urnOf("test:index:Group", "g")]);
  expect(stack.resource("b").dependencies).toEqual([urnOf("fake:index:Thing", "a")]);
});

test("what depends on a component waits for the component's children", async () => {
  const fake = fakePackage();
  const stack = new TestStack(fake);
  await stack.up(async () => {
    const group = new Group("g");
    new Thing("child", {}, { parent: group });
    new Thing("grandchild", {}, { parent: new Group("inner", {}, { parent: group }) });
    new Thing("after", {}, { dependsOn: [group] });
  });
  expect(created(fake).at(-1)).toBe("after");
  expect(stack.resource("after").dependencies).toEqual(expect.arrayContaining([stack.resource("child").urn, stack.resource("grandchild").urn]));
});

test("a component hands each child the provider of its package", async () => {
  const stack = new TestStack(fakePackage(), fakePackage({}, "other"));
  await stack.up(async () => {
    const fake = new FakeProvider("p");
    const other = new (pulumi.ProviderResource as unknown as new (...args: unknown[]) => pulumi.ProviderResource)("other", "o", {}, { version: "1.0.0" });
    const group = new Group("g", {}, { providers: { fake, other } });
    new Thing("a", {}, { parent: group });
    new Anything("other:index:Thing", "b", {}, { parent: group, version: "1.0.0" });
    new Thing("c", {}, { parent: group, provider: new FakeProvider("own") });
  });
  const providerOf = (name: string) => stack.resource(name).provider.split("::").at(-2);
  expect(["a", "b", "c"].map(providerOf)).toEqual(["p", "o", "own"]);
});

test("a name may hold separators of a URN", async () => {
  const stack = new TestStack(fakePackage());
  const program = async () => void new Thing("a::b$c/d e", { value: 1 });
  await stack.up(program);
  expect(stack.snapshot.resources.at(-1)?.urn).toBe(urnOf("fake:index:Thing", "a::b$c/d e"));
  expect(summaryOf(await stack.up(program)).resourceChanges).toEqual({ same: 2 });
});

test("a resource that moves to another parent without an alias is made anew and the old one deleted", async () => {
  const stack = new TestStack(fakePackage());
  await stack.up(async () => void new Thing("a", {}, { parent: new Group("g") }));
  const outcome = await stack.up(async () => {
    new Group("g");
    new Thing("a");
  });
  expect(stepsOf(outcome).toSorted()).toEqual(["create a", "delete a", "same g"]);
});

test("an option that only the state knows is stored without a call to the provider", async () => {
  const fake = fakePackage();
  const stack = new TestStack(fake);
  await stack.up(async () => void new Thing("a", { value: 1 }));
  const before = stack.resource("a");
  fake.calls.length = 0;
  const outcome = await stack.up(
    async () =>
      void new Thing(
        "a",
        { value: 1 },
        { protect: true, retainOnDelete: true, additionalSecretOutputs: ["value"], customTimeouts: { update: "1h" }, ignoreChanges: ["value"] },
      ),
  );
  expect(stepsOf(outcome)).toEqual(["same a"]);
  expect(fake.calls.some(({ method }) => method === "update")).toBe(false);
  expect(stack.resource("a")).toMatchObject({
    protect: true,
    retainOnDelete: true,
    additionalSecretOutputs: ["value"],
    customTimeouts: { update: 3600 },
    ignoreChanges: ["value"],
    outputs: { value: new Secret(1) },
    modified: before.modified,
  });
});

test("a preview shows that a resource is adopted and then updated", async () => {
  const stack = new TestStack(fakePackage({ read: async ({ id }) => ({ id, inputs: { value: 1 }, outputs: { value: 1 } }) }));
  const outcome = await stack.preview(async () => void new Thing("a", { value: 2 }, { import: "there" }));
  expect(outcome.outcome).toBe("succeeded");
  expect(stepsOf(outcome)).toEqual(["import a", "update a"]);
});

test("a function that throws fails the program with its name", async () => {
  const stack = new TestStack(
    fakePackage({
      invoke: async () => {
        throw new Error("no such image");
      },
    }),
  );
  const outcome = await stack.up(async () => void (await pulumi.runtime.invoke("fake:index:find", {}, { version: "1.0.0" })));
  expect(outcome.outcome).toBe("failed");
  expect(diagnosticsOf(outcome).join("\n")).toContain("invocation of fake:index:find returned an error: no such image");
});

test("an invoke transform may choose another provider", async () => {
  const asked: unknown[] = [];
  let given: unknown;
  const stack = new TestStack(
    fakePackage({
      configure: async ({ inputs }) => {
        given = inputs["region"];
        return { acceptSecrets: true, acceptResources: true, acceptOutputs: false, supportsPreview: true, supportsAutonaming: false };
      },
      invoke: async ({ args }) => {
        asked.push(given);
        return { result: args, failures: [] };
      },
    }),
  );
  await stack.up(async () => {
    const provider = new FakeProvider("p", { region: "north" });
    pulumi.runtime.registerInvokeTransform((args) => ({ args: args.args, opts: { ...args.opts, provider } }));
    await pulumi.runtime.invoke("fake:index:ask", { q: 1 }, { version: "1.0.0" });
  });
  expect(asked).toEqual(["north"]);
});

test("a transform may give a resource an alias, so that it keeps its identity", async () => {
  const stack = new TestStack(fakePackage());
  await stack.up(async () => void new Thing("old", { value: 1 }));
  const { id } = stack.resource("old");
  const outcome = await stack.up(async () => {
    pulumi.runtime.registerResourceTransform((args) => (args.custom ? { props: args.props, opts: { ...args.opts, aliases: [{ name: "old" }] } } : undefined));
    new Thing("new", { value: 1 });
  });
  expect(stepsOf(outcome)).toEqual(["same new"]);
  expect(stack.resource("new").id).toBe(id);
});

test("a transform may take a resource's protection and give it another provider", async () => {
  const stack = new TestStack(fakePackage());
  await stack.up(async () => {
    const provider = new FakeProvider("p");
    pulumi.runtime.registerResourceTransform((args) =>
      args.type === "fake:index:Thing" ? { props: args.props, opts: { ...args.opts, protect: false, provider } } : undefined,
    );
    new Thing("a", {}, { protect: true });
  });
  expect(stack.resource("a").protect).toBe(false);
  expect(stack.resource("a").provider).toContain("::p::");
});

test("a destroy with the program takes the configuration of providers from it and makes nothing new", async () => {
  const fake = fakePackage();
  const stack = new TestStack(fake);
  const program = (token: string, more: boolean) => async () => {
    const provider = new FakeProvider("p", { token });
    new Thing("a", { value: 1 }, { provider, parent: new Group("g") });
    if (more) new Thing("b", { value: 1 }, { provider });
  };
  await stack.up(program("old", false));
  fake.calls.length = 0;
  const outcome = await stack.destroy({}, program("rotated", true));
  expect(outcome.outcome).toBe("succeeded");
  expect(stack.snapshot.resources).toEqual([]);
  expect(created(fake)).toEqual([]);
  expect(fake.calls.filter(({ method }) => method === "configure").map(({ request }) => (request as { inputs: object }).inputs)).toMatchObject([
    { token: "rotated" },
  ]);
  expect(fake.calls.filter(({ method }) => method === "delete").map(({ name }) => name)).toEqual(["a"]);
});

test("a destroy with the program deletes a provider that has to be replaced first, and its successor", async () => {
  const fake = fakePackage({ diffConfig: async () => ({ changes: "some", replaces: ["region"], diffs: [], deleteBeforeReplace: false }) });
  const stack = new TestStack(fake);
  const program = (region: string) => async () => void new Thing("a", { value: 1 }, { provider: new FakeProvider("p", { region }) });
  await stack.up(program("north"));
  const outcome = await stack.destroy({}, program("south"));
  expect(diagnosticsOf(outcome)).toEqual([]);
  expect(outcome.outcome).toBe("succeeded");
  expect(stack.snapshot.resources).toEqual([]);
  expect(fake.calls.filter(({ method }) => method === "delete").map(({ name }) => name)).toEqual(["a"]);
});

test("a destroy goes on after an error where that is asked for, but keeps what the failed resource needs", async () => {
  const stack = new TestStack(
    fakePackage({
      delete: async ({ name }) => {
        if (name === "stuck") throw new Error("finalizer");
      },
    }),
  );
  await stack.up(async () => {
    const base = new Thing("base");
    new Thing("stuck", { value: base.id });
    const other = new Thing("other");
    new Thing("leaf", { value: other.id });
  });
  const outcome = await stack.destroy({ continueOnError: true });
  expect(outcome.outcome).toBe("failed");
  expect(["base", "stuck", "other", "leaf"].filter((name) => stack.has(name))).toEqual(["base", "stuck"]);
});

test("globs choose whole branches of components", async () => {
  const stack = new TestStack(fakePackage());
  const program = (value: number) => async () => {
    for (const name of ["x", "y"]) {
      const group = new Group(name);
      new Thing(`${name}-a`, { value }, { parent: group });
    }
    new Thing("z", { value });
  };
  await stack.up(program(1));
  const one = await stack.up(program(2), { targets: ["**Group$fake:index:Thing::x-*"] });
  expect(stepsOf(one).filter((step) => step.startsWith("update"))).toEqual(["update x-a"]);
  const rest = await stack.up(program(2), { excludes: ["**::y-*"] });
  expect(stepsOf(rest).filter((step) => step.startsWith("update"))).toEqual(["update z"]);
});

test("resources that register at once are all created, each once", async () => {
  const fake = fakePackage();
  const stack = new TestStack(fake);
  const names = Array.from({ length: 200 }, (_, i) => `t${i}`);
  const outcome = await stack.up(async () => void names.map((name) => new Thing(name)), { parallel: 3 });
  expect(summaryOf(outcome).resourceChanges).toEqual({ create: 201 });
  expect(created(fake).toSorted()).toEqual(names.toSorted());
});

test("a stack output may be a resource, a component or an asset", async () => {
  const stack = new TestStack(fakePackage());
  const program = async () => ({
    thing: new Thing("a", { value: 1 }),
    asset: new pulumi.asset.StringAsset("text"),
    nested: { secret: pulumi.secret({ a: [1] }) },
  });
  expect((await stack.up(program)).outcome).toBe("succeeded");
  const { nested } = stack.stackOutputs();
  expect(nested).toEqual({ secret: new Secret({ a: [1] }) });
  expect(stepsOf(await stack.up(program))).toEqual(["same a"]);
});
