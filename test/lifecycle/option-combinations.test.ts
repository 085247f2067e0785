import pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { Secret } from "#core/property-value.ts";
import { type DiffResponse, InitFailedError, type Provider } from "#providers/contract.ts";
import { diagnosticsOf, fakePackage, metadataOf, stepsOf, summaryOf, TestStack, urnOf } from "#test/lifecycle/harness.ts";
import { Anything, FakeProvider, Group, Thing } from "#test/lifecycle/resources.ts";

/** A change of `size` replaces. */
const replacing: Partial<Provider> = {
  diff: async ({ oldInputs, news }): Promise<DiffResponse> => {
    const changed = [...new Set([...Object.keys(oldInputs), ...Object.keys(news)])].filter(
      (key) => JSON.stringify(oldInputs[key]) !== JSON.stringify(news[key]),
    );
    return { changes: changed.length ? "some" : "none", replaces: changed.filter((key) => key === "size"), diffs: changed, deleteBeforeReplace: false };
  },
};
const deletions = (fake: ReturnType<typeof fakePackage>) => fake.calls.filter(({ method }) => method === "delete").map(({ name }) => name);

test("a replaced resource that is to be retained stays where it is", async () => {
  const fake = fakePackage(replacing);
  const stack = new TestStack(fake);
  const program = (size: number) => async () => void new Thing("a", { size }, { retainOnDelete: true });
  await stack.up(program(1));
  const outcome = await stack.up(program(2));
  expect(stepsOf(outcome)).toEqual(["create-replacement a", "replace a", "delete-replaced a"]);
  expect(deletions(fake)).toEqual([]);
});

test("a resource that vanishes with another is replaced with it, without a call to delete it", async () => {
  const fake = fakePackage(replacing);
  const stack = new TestStack(fake);
  const program = (size: number) => async () => {
    const host = new Thing("host", { size }, { deleteBeforeReplace: true });
    new Thing("guest", { value: 1 }, { deletedWith: host });
  };
  await stack.up(program(1));
  const outcome = await stack.up(program(2));
  expect(outcome.outcome).toBe("succeeded");
  expect(stepsOf(outcome)).toEqual([
    "delete-replaced guest",
    "delete-replaced host",
    "replace host",
    "create-replacement host",
    "replace guest",
    "create-replacement guest",
  ]);
  expect(deletions(fake)).toEqual(["host"]);
});

test("a resource that vanishes with one that is replaced after its successor was made is replaced as well", async () => {
  const fake = fakePackage(replacing);
  const stack = new TestStack(fake);
  const program = (size: number) => async () => {
    const host = new Thing("host", { size });
    new Thing("guest", { value: 1 }, { deletedWith: host });
  };
  await stack.up(program(1));
  const outcome = await stack.up(program(2));
  expect(metadataOf(outcome.events, "resourcePreEvent").find(({ op, urn }) => op === "create-replacement" && urn.endsWith("guest"))?.keys).toEqual([
    "deletedWith",
  ]);
  expect(deletions(fake)).toEqual(["host"]);
});

test("a chain of deletedWith needs one call only", async () => {
  const fake = fakePackage();
  const stack = new TestStack(fake);
  await stack.up(async () => {
    const a = new Thing("a");
    const b = new Thing("b", {}, { deletedWith: a });
    new Thing("c", {}, { deletedWith: b });
  });
  await stack.destroy();
  expect(deletions(fake)).toEqual(["a"]);
});

test("children inherit the fate of their component", async () => {
  const fake = fakePackage();
  const stack = new TestStack(fake);
  await stack.up(async () => {
    const host = new Thing("host");
    const group = new Group("g", {}, { deletedWith: host });
    new Thing("child", {}, { parent: group });
  });
  expect(stack.resource("child").deletedWith).toBe(urnOf("fake:index:Thing", "host"));
});

test("replaceWith replaces all that name the replaced resource, directly or by another", async () => {
  const stack = new TestStack(fakePackage(replacing));
  const program = (size: number) => async () => {
    const a = new Thing("a", { size });
    const b = new Thing("b", {}, { replaceWith: [a] });
    new Thing("c", {}, { replaceWith: [b] });
    new Thing("d");
  };
  await stack.up(program(1));
  const outcome = await stack.up(program(2));
  expect(summaryOf(outcome).resourceChanges).toEqual({ same: 2, replace: 3 });
});

test("replaceOnChanges may name all entries of a list", async () => {
  const stack = new TestStack(fakePackage());
  const program = (name: string) => async () =>
    void new Thing(
      "a",
      {
        value: [
          { name: "x", at: 1 },
          { name, at: 2 },
        ],
      },
      { replaceOnChanges: ["value[*].name"] },
    );
  await stack.up(program("y"));
  expect(stepsOf(await stack.up(program("z")))).toEqual(["create-replacement a", "replace a", "delete-replaced a"]);
});

test("replaceOnChanges of everything replaces on any change", async () => {
  const stack = new TestStack(fakePackage());
  const program = (value: number) => async () => void new Thing("a", { value }, { replaceOnChanges: ["*"] });
  await stack.up(program(1));
  expect(stepsOf(await stack.up(program(2)))).toEqual(["create-replacement a", "replace a", "delete-replaced a"]);
});

test("replaceOnChanges bears with keys that are no paths", async () => {
  const stack = new TestStack(fakePackage({ diff: async () => ({ changes: "some", replaces: [], diffs: ["odd[key", "value"], deleteBeforeReplace: false }) }));
  const program = (value: number) => async () => void new Thing("a", { value }, { replaceOnChanges: ["value"] });
  await stack.up(program(1));
  expect(stepsOf(await stack.up(program(2)))).toEqual(["create-replacement a", "replace a", "delete-replaced a"]);
});

test("ignoreChanges may name all entries of a list or map", async () => {
  const stack = new TestStack(fakePackage());
  const program = (at: number, label: string) => async () =>
    void new Thing("a", { value: { list: [{ name: "x", at }], labels: { l: label } } }, { ignoreChanges: ["value.list[*].at", "value.labels.*"] });
  await stack.up(program(1, "one"));
  const outcome = await stack.up(program(2, "two"));
  expect(stepsOf(outcome)).toEqual(["same a"]);
  expect(stack.resource("a").inputs).toEqual({ value: { list: [{ name: "x", at: 1 }], labels: { l: "one" } } });
});

test("ignoreChanges of everything keeps a resource as it is", async () => {
  const stack = new TestStack(fakePackage());
  const program = (value: number) => async () => void new Thing("a", { value }, { ignoreChanges: ["*"] });
  await stack.up(program(1));
  expect(stepsOf(await stack.up(program(2)))).toEqual(["same a"]);
});

test("ignoreChanges doesn't count at the creation", async () => {
  const stack = new TestStack(fakePackage());
  await stack.up(async () => void new Thing("a", { value: 1 }, { ignoreChanges: ["value"] }));
  expect(stack.resource("a").inputs).toEqual({ value: 1 });
});

test("a secret within an input stays one in the stored inputs; the output of that name is as the provider answers it", async () => {
  const stack = new TestStack(fakePackage({ create: async () => ({ id: "1", outputs: { value: { a: "plain" } } }) }));
  await stack.up(async () => void new Thing("a", { value: { a: pulumi.secret("s") } }));
  expect(stack.resource("a")).toMatchObject({ inputs: { value: { a: new Secret("s") } }, outputs: { value: { a: "plain" } } });
});

test("a resource that wasn't ready and is to be replaced then is replaced", async () => {
  let ready = false;
  const stack = new TestStack(
    fakePackage({
      create: async ({ inputs, name }) => {
        if (!ready) throw new InitFailedError("not ready", { id: name, outputs: inputs, reasons: ["crash loop"] });
        return { id: `${name}-new`, outputs: inputs };
      },
    }),
  );
  const program = async () => void new Thing("a", { value: 1 }, { replaceOnChanges: ["#initerror"] });
  await stack.up(program);
  ready = true;
  expect(stepsOf(await stack.up(program))).toEqual(["create-replacement a", "replace a", "delete-replaced a"]);
});

test("a replaced resource that isn't ready is kept, and the old one goes in the next run", async () => {
  let ready = true;
  const fake = fakePackage({
    ...replacing,
    create: async ({ inputs, name }) => {
      if (!ready) throw new InitFailedError("not ready", { id: `${name}-bad`, outputs: inputs, reasons: ["crash loop"] });
      return { id: `${name}-good`, outputs: inputs };
    },
  });
  const stack = new TestStack(fake);
  const program = (size: number) => async () => void new Thing("a", { size });
  await stack.up(program(1));
  ready = false;
  expect((await stack.up(program(2))).outcome).toBe("failed");
  expect(stack.snapshot.resources.filter(({ urn }) => urn.endsWith("::a")).map(({ id, delete: isDoomed }) => [id, isDoomed])).toEqual([
    ["a-bad", false],
    ["a-good", true],
  ]);
  const outcome = await stack.up(program(2));
  expect(outcome.outcome).toBe("succeeded");
  expect(stepsOf(outcome)).toEqual(["update a", "delete-replaced a"]);
  expect(stack.resource("a")).toMatchObject({ id: "a-bad", initErrors: [] });
});

test("moving a resource from the default to an explicit provider replaces it only if that provider says so", async () => {
  const stack = new TestStack(fakePackage());
  await stack.up(async () => void new Thing("a", { value: 1 }));
  const outcome = await stack.up(async () => void new Thing("a", { value: 1 }, { provider: new FakeProvider("p") }));
  expect(stepsOf(outcome)).toEqual(["create p", "same a"]);
  expect(stack.resource("a").provider).toContain("::p::");
});

test("a renamed provider keeps its resources", async () => {
  const stack = new TestStack(
    fakePackage({
      diffConfig: async ({ oldInputs, news }) => {
        const moved = oldInputs["region"] !== news["region"];
        return { changes: moved ? "some" : "none", replaces: moved ? ["region"] : [], diffs: [], deleteBeforeReplace: false };
      },
    }),
  );
  await stack.up(async () => void new Thing("a", { value: 1 }, { provider: new FakeProvider("p", { region: "north" }) }));
  const { id } = stack.resource("p");
  const renamed = async () => void new Thing("a", { value: 1 }, { provider: new FakeProvider("q", { region: "north" }, { aliases: [{ name: "p" }] }) });
  expect(stepsOf(await stack.up(renamed))).toEqual(["same q", "same a"]);
  expect(stack.resource("a").provider).toBe(`${urnOf("pulumi:providers:fake", "q")}::${id}`);
});

test("a provider that must go before its successor comes takes its resources along", async () => {
  const stack = new TestStack(
    fakePackage({
      diffConfig: async ({ oldInputs, news }) => {
        const moved = oldInputs["region"] !== news["region"];
        return { changes: moved ? "some" : "none", replaces: moved ? ["region"] : [], diffs: [], deleteBeforeReplace: moved };
      },
    }),
  );
  const program = (region: string) => async () => void new Thing("a", { value: 1 }, { provider: new FakeProvider("p", { region }) });
  await stack.up(program("north"));
  const outcome = await stack.up(program("south"));
  expect(outcome.outcome).toBe("succeeded");
  expect(stepsOf(outcome)).toEqual(["delete-replaced a", "delete-replaced p", "replace p", "create-replacement p", "replace a", "create-replacement a"]);
});

test("a resource whose type changed stays the same by an alias, also below another parent", async () => {
  const stack = new TestStack(fakePackage());
  await stack.up(async () => void new Thing("a", { value: 1 }));
  const { id } = stack.resource("a");
  const outcome = await stack.up(async () => {
    const group = new Group("g");
    new Anything(
      "fake:index:Other",
      "b",
      { value: 1 },
      {
        version: "1.0.0",
        parent: group,
        aliases: [{ name: "a", type: "fake:index:Thing", parent: pulumi.rootStackResource }],
      },
    );
  });
  expect(stepsOf(outcome)).toEqual(["create g", "same b"]);
  expect(stack.resource("b")).toMatchObject({ id, type: "fake:index:Other" });
});

test("adopting a resource keeps what the program ignores as it is found", async () => {
  const stack = new TestStack(fakePackage({ read: async ({ id }) => ({ id, inputs: { value: "there", size: 3 }, outputs: { value: "there", size: 3 } }) }));
  const outcome = await stack.up(async () => void new Thing("a", { value: "mine", size: 3 }, { import: "the-id", ignoreChanges: ["value"] }));
  expect(stepsOf(outcome)).toEqual(["import a"]);
  expect(stack.resource("a")).toMatchObject({ id: "the-id", importId: "the-id", inputs: { value: "there" } });
});

test("a read may depend on what a preview doesn't know", async () => {
  const fake = fakePackage();
  const outcome = await new TestStack(fake).preview(async () => {
    const a = new Thing("a");
    Thing.read("b", a.id);
  });
  expect(outcome.outcome).toBe("succeeded");
  expect(fake.calls.filter(({ method }) => method === "read")).toEqual([]);
});

test("a function that depends on a resource that isn't there yet isn't called in a preview", async () => {
  const fake = fakePackage();
  const program = async () => {
    const a = new Thing("a");
    return { answer: pulumi.runtime.invokeOutput("fake:index:ask", { question: 1 }, { version: "1.0.0", dependsOn: [a] } as pulumi.InvokeOutputOptions) };
  };
  const stack = new TestStack(fake);
  expect((await stack.preview(program)).outcome).toBe("succeeded");
  expect(fake.calls.filter(({ method }) => method === "invoke")).toEqual([]);
  expect((await stack.up(program)).outcome).toBe("succeeded");
  expect(stack.stackOutputs()).toEqual({ answer: { question: 1 } });
});

test("a failure of one resource leaves those that only share its component alone", async () => {
  const stack = new TestStack(
    fakePackage({
      create: async ({ name, inputs }) => {
        if (name === "bad") throw new Error("no");
        return { id: name, outputs: inputs };
      },
    }),
  );
  const outcome = await stack.up(
    async () => {
      const group = new Group("g");
      const bad = new Thing("bad", {}, { parent: group });
      new Thing("good", {}, { parent: group });
      new Thing("late", { value: bad.id }, { parent: group });
    },
    { continueOnError: true },
  );
  expect(outcome.outcome).toBe("failed");
  expect([stack.has("good"), stack.has("bad"), stack.has("late")]).toEqual([true, false, false]);
  expect(diagnosticsOf(outcome)).toContain("error: no");
});

test("a resource protected by its parent's option can be replaced only after that is lifted", async () => {
  const stack = new TestStack(fakePackage(replacing));
  const program = (size: number, protect: boolean) => async () => {
    const group = new Group("g", {}, { protect });
    new Thing("a", { size }, { parent: group });
  };
  await stack.up(program(1, true));
  expect((await stack.up(program(2, true))).outcome).toBe("failed");
  expect((await stack.up(program(2, false))).outcome).toBe("succeeded");
});
