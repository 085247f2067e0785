import { expect, test } from "vitest";
import { Unknown, unknown } from "#core/property-value.ts";
import { unknownString } from "#core/wire-value.ts";
import { diagnosticsOf, fakePackage, metadataOf, stepsOf, summaryOf, TestStack } from "#test/lifecycle/harness.ts";
import { FakeProvider, Thing } from "#test/lifecycle/resources.ts";

test("a preview changes and stores nothing", async () => {
  const fake = fakePackage();
  const stack = new TestStack(fake);
  await stack.up(async () => void new Thing("old", { value: 1 }));
  const before = stack.snapshot;
  const outcome = await stack.preview(async () => void new Thing("new", { value: 1 }));
  expect(stepsOf(outcome).sort()).toEqual(["create new", "delete old"]);
  expect(summaryOf(outcome)).toMatchObject({ isPreview: true, resourceChanges: { create: 1, delete: 1, same: 1 } });
  expect(outcome.snapshot).toBe(before);
  expect(fake.calls.filter(({ method }) => method === "delete")).toEqual([]);
});

test("events of a preview say that it is one", async () => {
  const outcome = await new TestStack(fakePackage()).preview(async () => void new Thing("a"));
  const planned = outcome.events.flatMap(({ resourcePreEvent, resOutputsEvent }) => resourcePreEvent ?? resOutputsEvent ?? []);
  expect(planned.length).toBeGreaterThan(2);
  expect(planned.every(({ planning }) => planning)).toBe(true);
});

test("what a new resource will answer is unknown to its dependents", async () => {
  const fake = fakePackage({ create: async ({ preview, inputs }) => ({ id: preview ? "" : "id", outputs: preview ? { ...inputs, size: unknown } : inputs }) });
  const outcome = await new TestStack(fake).preview(async () => {
    const a = new Thing("a", { value: 1 });
    new Thing("b", { value: a.size, id2: a.id, known: a.value });
  });
  const check = fake.calls.find(({ method, name }) => method === "check" && name === "b")?.request as { news: Record<string, unknown> };
  expect(check.news["value"]).toBeInstanceOf(Unknown);
  expect(check.news["id2"]).toBeInstanceOf(Unknown);
  expect(check.news["known"]).toBe(1);
  expect(metadataOf(outcome.events, "resourcePreEvent").find(({ urn }) => urn.endsWith("::b"))?.new?.inputs["value"]).toBe(unknownString);
});

test("a provider that can't preview isn't asked; its resources answer their inputs", async () => {
  const fake = fakePackage({
    configure: async () => ({ acceptSecrets: true, acceptResources: true, acceptOutputs: false, supportsPreview: false, supportsAutonaming: false }),
  });
  let seen: unknown;
  await new TestStack(fake).preview(async () => {
    const a = new Thing("a", { value: 7 });
    a.value.apply((value) => {
      seen = value;
    });
  });
  expect(seen).toBe(7);
  expect(fake.calls.some(({ method }) => method === "create")).toBe(false);
});

test("resources of a provider whose configuration isn't known yet are planned with a warning", async () => {
  const fake = fakePackage();
  const stack = new TestStack(fake);
  const program = (value: number) => async () => {
    const host = new Thing("host", { value });
    const provider = new FakeProvider("p", { address: host.id });
    new Thing("a", { value: 1 }, { provider });
  };
  const first = await stack.preview(program(1));
  expect(stepsOf(first).sort()).toEqual(["create a", "create host", "create p"]);
  await stack.up(program(1));
  const replacing = fakePackage({
    diff: async ({ name }) => ({
      changes: name === "host" ? "some" : "unknown",
      replaces: name === "host" ? ["value"] : [],
      diffs: [],
      deleteBeforeReplace: false,
    }),
  });
  const again = new TestStack(replacing);
  again.snapshot = stack.snapshot;
  const outcome = await again.preview(program(2));
  expect(diagnosticsOf(outcome)[0]).toContain("The provider for this resource has inputs that are not known during preview");
  expect(stepsOf(outcome)).toContain("update a");
});

test("a preview goes on after telling that a protected resource would be replaced", async () => {
  const fake = fakePackage({
    diff: async ({ name }) => ({ changes: "some", replaces: name === "a" ? ["value"] : [], diffs: ["value"], deleteBeforeReplace: false }),
  });
  const stack = new TestStack(fake);
  const program = (value: number) => async () => {
    new Thing("a", { value }, { protect: true });
    new Thing("b", { value });
  };
  await stack.up(program(1));
  const outcome = await stack.preview(program(2));
  expect(outcome.outcome).toBe("failed");
  expect(stepsOf(outcome)).toEqual(expect.arrayContaining(["create-replacement a", "update b"]));
  expect(diagnosticsOf(outcome).at(-1)).toBe("error: preview failed");
});

test("a failing step of a preview is reported as such", async () => {
  const fake = fakePackage({
    create: async () => {
      throw new Error("no quota");
    },
  });
  const outcome = await new TestStack(fake).preview(async () => void new Thing("a"));
  expect(diagnosticsOf(outcome)).toEqual(["error: Preview failed: no quota", "error: preview failed"]);
  expect(outcome.events.some(({ resOpFailedEvent }) => resOpFailedEvent)).toBe(false);
});
