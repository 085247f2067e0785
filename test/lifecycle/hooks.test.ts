import pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { diagnosticsOf, fakePackage, TestStack } from "#test/lifecycle/harness.ts";
import { Group, Thing } from "#test/lifecycle/resources.ts";

const hook = (name: string, call: pulumi.ResourceHookFunction, options?: pulumi.ResourceHookOptions) => new pulumi.ResourceHook(name, call, options);

test("hooks run before and after creating, updating and deleting", async () => {
  const seen: string[] = [];
  const stack = new TestStack(fakePackage());
  const program = (value: number | undefined) => async () => {
    const note = (name: string) => hook(name, (args) => void seen.push(`${name} ${args.name} ${JSON.stringify(args.newInputs ?? args.oldInputs)}`));
    const hooks = {
      beforeCreate: [note("before-create")],
      afterCreate: [note("after-create")],
      beforeUpdate: [note("before-update")],
      afterUpdate: [note("after-update")],
      beforeDelete: [note("before-delete")],
      afterDelete: [note("after-delete")],
    };
    if (value !== undefined) new Thing("a", { value }, { hooks });
  };
  await stack.up(program(1));
  await stack.up(program(2));
  await stack.up(program(undefined));
  expect(seen).toEqual([
    'before-create a {"value":1}',
    'after-create a {"value":1}',
    'before-update a {"value":2}',
    'after-update a {"value":2}',
    'before-delete a {"value":2}',
    'after-delete a {"value":2}',
  ]);
});

test("a before hook that fails keeps the provider from being called", async () => {
  const fake = fakePackage();
  const stack = new TestStack(fake);
  const outcome = await stack.up(async () => {
    const refuse = hook("refuse", () => {
      throw new Error("not today");
    });
    new Thing("a", {}, { hooks: { beforeCreate: [refuse] } });
  });
  expect(outcome.outcome).toBe("failed");
  expect(diagnosticsOf(outcome)[0]).toContain('before hook "refuse" failed');
  expect(diagnosticsOf(outcome)[0]).toContain("not today");
  expect(fake.calls.some(({ method }) => method === "create")).toBe(false);
});

test("an after hook that fails fails the run but keeps the resource", async () => {
  const stack = new TestStack(fakePackage());
  const outcome = await stack.up(async () => {
    const complain = hook("complain", () => {
      throw new Error("too late");
    });
    new Thing("a", {}, { hooks: { afterCreate: [complain] } });
  });
  expect(outcome.outcome).toBe("failed");
  expect(diagnosticsOf(outcome)[0]).toContain('after hook "complain" failed');
  expect(stack.has("a")).toBe(true);
});

test("hooks are left out of previews unless they ask for them", async () => {
  const seen: string[] = [];
  await new TestStack(fakePackage()).preview(async () => {
    const quiet = hook("quiet", () => void seen.push("quiet"));
    const eager = hook("eager", () => void seen.push("eager"), { onDryRun: true });
    new Thing("a", {}, { hooks: { beforeCreate: [quiet, eager] } });
  });
  expect(seen).toEqual(["eager"]);
});

test("the after hook of a component waits for its outputs", async () => {
  const seen: unknown[] = [];
  await new TestStack(fakePackage()).up(async () => {
    const note = hook("note", (args) => void seen.push(args.newOutputs));
    const group = new Group("g", {}, { hooks: { afterCreate: [note] } }) as Group & { registerOutputs(outputs: object): void };
    group.registerOutputs({ answer: 42 });
  });
  expect(seen).toEqual([{ answer: 42 }]);
});

test("an error hook may ask for another try", async () => {
  let tries = 0;
  const stack = new TestStack(
    fakePackage({
      create: async ({ inputs }) => {
        if (++tries < 3) throw new Error(`try ${tries}`);
        return { id: "made", outputs: inputs };
      },
    }),
  );
  const seen: string[][] = [];
  const outcome = await stack.up(async () => {
    const again = new pulumi.ErrorHook("again", (args) => {
      seen.push([...args.errors]);
      return true;
    });
    new Thing("a", {}, { hooks: { onError: [again] } });
  });
  expect(outcome.outcome).toBe("succeeded");
  expect(seen).toEqual([["try 1"], ["try 2", "try 1"]]);
  expect(diagnosticsOf(outcome)).toEqual([
    "warning: retrying create due to on-error hook request (1/100)",
    "warning: retrying create due to on-error hook request (2/100)",
  ]);
});

test("destroying without the program is refused while there are delete hooks", async () => {
  const stack = new TestStack(fakePackage());
  await stack.up(async () => void new Thing("a", {}, { hooks: { beforeDelete: [hook("farewell", () => undefined)] } }));
  const outcome = await stack.destroy();
  expect(outcome).toMatchObject({ outcome: "failed", error: "You must run with the `--run-program` flag to use delete hooks during destroy." });
  expect(stack.has("a")).toBe(true);
});

test("destroying with the program runs delete hooks", async () => {
  const seen: string[] = [];
  const stack = new TestStack(fakePackage());
  const program = async () => void new Thing("a", {}, { hooks: { beforeDelete: [hook("farewell", (args) => void seen.push(args.id))] } });
  await stack.up(program);
  const outcome = await stack.destroy({}, program);
  expect(outcome.outcome).toBe("succeeded");
  expect(seen).toEqual(["a-1"]);
  expect(stack.snapshot.resources).toEqual([]);
});
