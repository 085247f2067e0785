// biome-ignore-all lint/suspicious/noTemplateCurlyInString: such are the patterns of Pulumi
import { expect, test } from "vitest";
import type { CheckRequest, Provider } from "#providers/contract.ts";
import { diagnosticsOf, fakePackage, stepsOf, TestStack } from "#test/lifecycle/harness.ts";
import { Thing } from "#test/lifecycle/resources.ts";

/** A package that follows the configured naming. */
function naming(overrides: Partial<Provider> = {}) {
  return fakePackage({
    configure: async () => ({ acceptSecrets: true, acceptResources: true, acceptOutputs: false, supportsPreview: true, supportsAutonaming: true }),
    check: async ({ news, autonaming }) => ({ inputs: { ...news, name: autonaming?.proposedName ?? "" }, failures: [] }),
    ...overrides,
  });
}

const checks = (fake: ReturnType<typeof fakePackage>) =>
  fake.calls.filter(({ method }) => method === "check").map(({ request }) => (request as CheckRequest).autonaming);
const config = (setting: unknown, others: Record<string, string> = {}) => ({ config: { "pulumi:autonaming": JSON.stringify(setting), ...others } });

test("without a setting, providers name resources as they like", async () => {
  const fake = naming();
  await new TestStack(fake).up(async () => void new Thing("a"));
  expect(checks(fake)).toEqual([undefined]);
});

test.each([
  [{ mode: "verbatim" }, { proposedName: "a", mode: "enforce" }],
  [{ mode: "disabled" }, { proposedName: "", mode: "disable" }],
  [{ mode: "default" }, undefined],
  [{ pattern: "${organization}-${project}-${stack}-${name}" }, { proposedName: "organization-proj-dev-a", mode: "propose" }],
  [
    { pattern: "${name}", enforce: true },
    { proposedName: "a", mode: "enforce" },
  ],
  [{ pattern: "${config.region}-${name}" }, { proposedName: "north-a", mode: "propose" }],
  [
    { mode: "disabled", providers: { fake: { mode: "verbatim" } } },
    { proposedName: "a", mode: "enforce" },
  ],
  [
    { mode: "disabled", providers: { other: { mode: "verbatim" } } },
    { proposedName: "", mode: "disable" },
  ],
  [
    { mode: "disabled", providers: { fake: { resources: { "fake:index:Thing": { pattern: "t-${name}" } } } } },
    { proposedName: "t-a", mode: "propose" },
  ],
  [
    { mode: "verbatim", providers: { fake: { resources: { "fake:index:Other": { mode: "disabled" } } } } },
    { proposedName: "a", mode: "enforce" },
  ],
])("the setting %j reaches the provider", async (setting, expected) => {
  const fake = naming();
  const { outcome } = await new TestStack(fake).up(async () => void new Thing("a"), config(setting, { "proj:region": "north" }));
  expect(outcome).toBe("succeeded");
  expect(checks(fake)).toEqual([expected]);
});

test("random parts of a pattern have the letters and the length asked for", async () => {
  const fake = naming();
  await new TestStack(fake).up(async () => void new Thing("a"), config({ pattern: "${hex(5)}_${alphanum(9)}_${string(7)}_${num(3)}_${uuid}_${uuid}" }));
  expect(checks(fake)[0]?.proposedName).toMatch(
    /^[0-9a-f]{5}_[a-z0-9]{9}_[a-z]{7}_[0-9]{3}_([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})_\1$/,
  );
});

test.each([
  [{ pattern: "${name}" }, ["delete-replaced a", "replace a", "create-replacement a"]],
  [{ pattern: "${name}-${hex(4)}" }, ["create-replacement a", "replace a", "delete-replaced a"]],
])("a name without a random part (%j) makes the old resource go before the new one comes", async (setting, steps) => {
  const stack = new TestStack(naming({ diff: async () => ({ changes: "some", replaces: ["value"], diffs: ["value"], deleteBeforeReplace: false }) }));
  await stack.up(async () => void new Thing("a", { value: 1 }), config(setting));
  const outcome = await stack.up(async () => void new Thing("a", { value: 2 }, { deleteBeforeReplace: false }), config(setting));
  expect(stepsOf(outcome)).toEqual(steps);
});

test("people are told of a demanded name that the provider can't give", async () => {
  const fake = fakePackage();
  const outcome = await new TestStack(fake).up(async () => void new Thing("a"), config({ pattern: "${name}", enforce: true }));
  expect(checks(fake)).toEqual([undefined]);
  expect(diagnosticsOf(outcome)).toEqual([
    "warning: urn:pulumi:dev::proj::fake:index:Thing::a resource has a custom autonaming setting but the provider does not support autonaming configuration, consider upgrading to a newer version",
  ]);
});

test("a name that is merely proposed may be disregarded in silence", async () => {
  expect(diagnosticsOf(await new TestStack(fakePackage()).up(async () => void new Thing("a"), config({ pattern: "${name}" })))).toEqual([]);
});

test.each([
  [{ mode: "random" }, "invalid naming mode: random"],
  [{ mode: "default", pattern: "x" }, "cannot specify both mode and pattern/enforce"],
  [{ enforce: true }, "pattern must be specified when enforce is true"],
  [{ mod: "default" }, 'unknown field "mod"'],
  [{ pattern: "${config.missing}" }, 'no value found for key "missing"'],
  [{ providers: { fake: { resources: [] } } }, 'resources of provider "fake" must be an object'],
  [{ providers: { fake: { resources: { "fake:index:Thing": {} } } } }, 'mode or pattern must be specified for resource "fake:index:Thing"'],
  ["verbatim", "pulumi:autonaming must be an object"],
])("the setting %j is refused before anything begins", async (setting, problem) => {
  const fake = naming();
  const { outcome, error } = await new TestStack(fake).up(async () => void new Thing("a"), config(setting));
  expect(outcome).toBe("failed");
  expect(error).toContain("getting autonaming config: ");
  expect(error).toContain(problem);
  expect(fake.calls).toEqual([]);
});
