import pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { StrataError } from "#core/errors.ts";
import { emptySnapshot } from "#engine/state/resource-state.ts";
import { InitFailedError, type Provider, ProviderError } from "#providers/contract.ts";
import { diagnosticsOf, fakePackage, MemoryJournal, metadataOf, stepsOf, summaryOf, TestStack } from "#test/lifecycle/harness.ts";
import { Anything, Group, Thing } from "#test/lifecycle/resources.ts";

/** Refuses to create, update or delete resources whose name is listed. */
function failing(verb: "create" | "update" | "delete", names: readonly string[], error: () => Error): Partial<Provider> {
  const refuse = async <T>(name: string, answer: () => T): Promise<T> => {
    if (names.includes(name)) throw error();
    return answer();
  };
  return {
    [verb]: async ({ name, ...request }: { name: string; inputs?: object; news?: object; preview?: boolean }) =>
      refuse(name, () =>
        verb === "create"
          ? { id: request.preview ? "" : `${name}-id`, outputs: request.inputs ?? {} }
          : verb === "update"
            ? { outputs: request.news ?? {} }
            : undefined,
      ),
  };
}

test("a failed creation fails the run and stores nothing of the resource", async () => {
  const stack = new TestStack(fakePackage(failing("create", ["bad"], () => new ProviderError("invalid-argument", "no such colour"))));
  const outcome = await stack.up(async () => void new Thing("bad", { value: 1 }));
  expect(outcome.outcome).toBe("failed");
  expect(outcome.error).toBeUndefined();
  expect(diagnosticsOf(outcome)).toEqual(["error: no such colour", "error: update failed"]);
  expect(metadataOf(outcome.events, "resOpFailedEvent").map(({ op }) => op)).toEqual(["create"]);
  expect(summaryOf(outcome)).toMatchObject({ maybeCorrupt: false, result: "failed" });
  expect(stack.has("bad")).toBe(false);
  expect(stack.snapshot.pendingOperations).toEqual([]);
});

test("a failed update whose effect nobody knows marks the state as possibly corrupt, a failed creation doesn't", async () => {
  const stack = new TestStack(fakePackage(failing("update", ["bad"], () => new Error("connection lost"))));
  await stack.up(async () => void new Thing("bad", { value: 1 }));
  const outcome = await stack.up(async () => void new Thing("bad", { value: 2 }));
  expect(summaryOf(outcome).maybeCorrupt).toBe(true);
  expect(outcome.events.find(({ resOpFailedEvent }) => resOpFailedEvent)?.resOpFailedEvent?.status).toBe(2);
  const fresh = new TestStack(fakePackage(failing("create", ["bad"], () => new Error("connection lost"))));
  expect(summaryOf(await fresh.up(async () => void new Thing("bad"))).maybeCorrupt).toBe(false);
});

test("a failed update keeps the state as it was", async () => {
  const stack = new TestStack(fakePackage(failing("update", ["a"], () => new ProviderError("unavailable", "try later"))));
  await stack.up(async () => void new Thing("a", { value: 1 }));
  const before = stack.resource("a");
  await stack.up(async () => void new Thing("a", { value: 2 }));
  expect(stack.resource("a")).toEqual(before);
});

test("resources that don't depend on the failed one are still made when the run goes on after errors", async () => {
  const stack = new TestStack(fakePackage(failing("create", ["bad"], () => new ProviderError("invalid-argument", "refused"))));
  const outcome = await stack.up(
    async () => {
      const bad = new Thing("bad", { value: 1 });
      new Thing("after-bad", { value: bad.id });
      const good = new Thing("good", { value: 1 });
      new Thing("after-good", { value: good.id });
    },
    { continueOnError: true },
  );
  expect(outcome.outcome).toBe("failed");
  expect(stack.names()).toEqual(expect.arrayContaining(["good", "after-good"]));
  expect(stack.has("after-bad")).toBe(false);
});

test("a run that goes on after errors doesn't delete what the failed resource depends on", async () => {
  let refuses = false;
  const stack = new TestStack(
    fakePackage({
      delete: async ({ name }) => {
        if (refuses && name === "b") throw new ProviderError("failed-precondition", "in use");
      },
    }),
  );
  await stack.up(async () => {
    const a = new Thing("a", { value: 1 });
    new Thing("b", { value: a.id });
    new Thing("c", { value: 1 });
  });
  refuses = true;
  const outcome = await stack.destroy({ continueOnError: true });
  expect(outcome.outcome).toBe("failed");
  expect(stack.has("a")).toBe(true);
  expect(stack.has("b")).toBe(true);
  expect(stack.has("c")).toBe(false);
});

test("stack outputs that a failed run didn't reach keep their old values", async () => {
  const stack = new TestStack(fakePackage(failing("create", ["bad"], () => new ProviderError("invalid-argument", "refused"))));
  await stack.up(async () => ({ kept: 1, changed: 1 }));
  await stack.up(
    async () => {
      new Thing("bad");
      return { changed: 2 };
    },
    { continueOnError: true },
  );
  expect(stack.stackOutputs()).toEqual({ kept: 1, changed: 2 });
});

test("a resource that isn't ready is stored with the reasons and fails the run", async () => {
  let ready = false;
  const stack = new TestStack(
    fakePackage({
      create: async ({ inputs }) => {
        throw new InitFailedError("not ready", { id: "half-made", outputs: { ...inputs, status: "starting" }, reasons: ["no image", "no node"] });
      },
      update: async ({ news }) => {
        if (!ready) throw new InitFailedError("still not ready", { id: "half-made", outputs: { status: "waiting" }, reasons: ["no node"] });
        return { outputs: news };
      },
    }),
  );
  const program = async () => void new Thing("a", { value: 1 });
  const first = await stack.up(program);
  expect(first.outcome).toBe("failed");
  expect(diagnosticsOf(first)[0]).toBe("error: 2 errors occurred:\n\t* no image\n\t* no node");
  expect(first.events.find(({ resOpFailedEvent }) => resOpFailedEvent)?.resOpFailedEvent?.status).toBe(1);
  expect(stack.resource("a")).toMatchObject({ id: "half-made", initErrors: ["no image", "no node"], outputs: { status: "starting" } });
  const second = await stack.up(program);
  expect(stepsOf(second)).toEqual(["update a"]);
  expect(stack.resource("a")).toMatchObject({ initErrors: ["no node"], outputs: { status: "waiting" } });
  ready = true;
  const third = await stack.up(program);
  expect(third.outcome).toBe("succeeded");
  expect(stack.resource("a")).toMatchObject({ initErrors: [], outputs: { value: 1 } });
});

test("an update that only partly succeeded keeps the old inputs, so that the next run tries again", async () => {
  const stack = new TestStack(
    fakePackage({
      update: async () => {
        throw new InitFailedError("not ready", { id: "a-1", outputs: { value: "half" }, reasons: ["slow"] });
      },
    }),
  );
  await stack.up(async () => void new Thing("a", { value: 1 }));
  await stack.up(async () => void new Thing("a", { value: 2 }));
  expect(stack.resource("a")).toMatchObject({ inputs: { value: 1 }, outputs: { value: "half" }, initErrors: ["slow"] });
});

test("a create that answers no id fails", async () => {
  const stack = new TestStack(fakePackage({ create: async () => ({ id: "", outputs: {} }) }));
  const outcome = await stack.up(async () => void new Thing("a"));
  expect(diagnosticsOf(outcome)[0]).toContain("plugin returned empty resource.ID from create");
});

test("inputs that the provider refuses are reported property by property and nothing is created", async () => {
  const fake = fakePackage({
    check: async ({ news }) => ({
      inputs: news,
      failures: [
        { property: "value", reason: "must be even" },
        { property: "", reason: "is too late" },
      ],
    }),
  });
  const stack = new TestStack(fake);
  const outcome = await stack.up(async () => void new Thing("a", { value: 3 }));
  expect(outcome.outcome).toBe("failed");
  expect(diagnosticsOf(outcome)).toEqual([
    "error: fake:index:Thing resource 'a': property value value {3} has a problem: must be even",
    "error: fake:index:Thing resource 'a' has a problem: is too late",
  ]);
  expect(fake.calls.some(({ method }) => method === "create")).toBe(false);
});

test("a refused secret doesn't show in the report", async () => {
  const stack = new TestStack(fakePackage({ check: async ({ news }) => ({ inputs: news, failures: [{ property: "value", reason: "is wrong" }] }) }));
  const outcome = await stack.up(async () => void new Thing("a", { value: pulumi.secret("hunter2") }));
  expect(JSON.stringify(outcome.events)).not.toContain("hunter2");
  expect(diagnosticsOf(outcome)[0]).toContain("{[secret]}");
});

test("a program that throws fails the run, keeps what was made and deletes nothing", async () => {
  const stack = new TestStack(fakePackage());
  await stack.up(async () => {
    new Thing("a", { value: 1 });
    new Thing("b", { value: 1 });
  });
  const outcome = await stack.up(async () => {
    const a = new Thing("a", { value: 2 });
    await new Promise((resolve) => a.id.apply(resolve));
    throw new Error("the program gave up");
  });
  expect(outcome.outcome).toBe("failed");
  expect(diagnosticsOf(outcome).some((text) => text.startsWith("error: Unhandled exception: Error: the program gave up"))).toBe(true);
  expect(diagnosticsOf(outcome)).toContain("error: the program gave up");
  expect(diagnosticsOf(outcome)).not.toContain("error: update failed");
  expect(stack.resource("a").outputs).toEqual({ value: 2 });
  expect(stack.has("b")).toBe(true);
});

test("two resources can't have the same URN", async () => {
  const stack = new TestStack(fakePackage());
  const outcome = await stack.up(async () => {
    new Thing("a");
    new Thing("a");
  });
  expect(outcome.outcome).toBe("failed");
  expect(diagnosticsOf(outcome)[0]).toBe("error: Duplicate resource URN 'urn:pulumi:dev::proj::fake:index:Thing::a'; try giving it a unique name");
});

test("a package that nobody serves is named together with those that are served", async () => {
  const stack = new TestStack(fakePackage());
  const outcome = await stack.up(async () => void new Anything("nowhere:index:Thing", "a", {}));
  expect(outcome.outcome).toBe("failed");
  expect(diagnosticsOf(outcome)[0]).toContain("no provider for package 'nowhere' is available to the embedded engine, which serves 'fake', 'pulumi'");
});

test("dynamic providers are refused with a hint", async () => {
  const outcome = await new TestStack(fakePackage()).up(async () => void new Anything("pulumi-nodejs:dynamic:Resource", "a", {}));
  expect(diagnosticsOf(outcome)[0]).toContain("dynamic providers (package 'pulumi-nodejs') aren't supported by the embedded engine");
});

test("a state that can't be stored stops the run", async () => {
  const fake = fakePackage();
  class FullDisk extends MemoryJournal {
    override async begin(): Promise<number> {
      throw new StrataError("disk_full", "the disk of the data folder is full");
    }
  }
  const stack = new TestStack(fake);
  const outcome = await stack.up(async () => void new Thing("a"), { journal: new FullDisk(emptySnapshot), continueOnError: true });
  expect(outcome.outcome).toBe("failed");
  expect(diagnosticsOf(outcome)[0]).toBe("error: the disk of the data folder is full");
  expect(fake.calls.some(({ method }) => method === "create")).toBe(false);
});

test("a protected resource isn't deleted, but others are", async () => {
  const stack = new TestStack(fakePackage());
  await stack.up(async () => {
    new Thing("kept", {}, { protect: true });
    new Thing("gone");
  });
  const outcome = await stack.up(async () => undefined);
  expect(outcome.outcome).toBe("failed");
  expect(diagnosticsOf(outcome)[0]).toContain("cannot be deleted\nbecause it is protected");
  expect(stack.names().sort()).toEqual(["default_1_0_0", "kept", "proj-dev"]);
});

test("outputs of a component that the program never registered are refused", async () => {
  const stack = new TestStack(fakePackage());
  const outcome = await stack.up(async () => {
    const group = new Group("g");
    (group as unknown as { urn: unknown }).urn = pulumi.output("urn:pulumi:dev::proj::test:index:Group::nobody");
  });
  expect(outcome.outcome).toBe("failed");
  expect(diagnosticsOf(outcome)).toEqual([
    "error: cannot complete a resource 'urn:pulumi:dev::proj::test:index:Group::nobody' whose registration isn't pending",
  ]);
});
