import pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { Secret } from "#core/property-value.ts";
import { fakePackage, metadataOf, TestStack } from "#test/lifecycle/harness.ts";
import { Thing } from "#test/lifecycle/resources.ts";

const unawareOfSecrets = {
  configure: async () => ({ acceptSecrets: false, acceptResources: true, acceptOutputs: false, supportsPreview: true, supportsAutonaming: false }),
};

test("an output with the name of a secret input is secret", async () => {
  const stack = new TestStack(fakePackage({ create: async () => ({ id: "x", outputs: { value: "plain", size: 1 } }) }));
  await stack.up(async () => void new Thing("a", { value: pulumi.secret("hidden") }));
  expect(stack.resource("a").outputs).toEqual({ value: new Secret("plain"), size: 1 });
});

test("outputs named in additionalSecretOutputs are secret", async () => {
  const stack = new TestStack(fakePackage());
  let isSecret: unknown;
  await stack.up(async () => {
    const a = new Thing("a", { value: "v", size: 1 }, { additionalSecretOutputs: ["value"] });
    isSecret = await pulumi.isSecret(a.value);
  });
  expect(stack.resource("a")).toMatchObject({ outputs: { value: new Secret("v"), size: 1 }, additionalSecretOutputs: ["value"] });
  expect(isSecret).toBe(true);
});

test("a provider that doesn't know secrets gets them in plain, and what it answers is marked", async () => {
  const fake = fakePackage(unawareOfSecrets);
  const stack = new TestStack(fake);
  await stack.up(async () => void new Thing("a", { value: { open: 1, closed: pulumi.secret("s") } }));
  const created = fake.calls.find(({ method }) => method === "create")?.request as { inputs: unknown };
  expect(created.inputs).toEqual({ value: { open: 1, closed: "s" } });
  expect(stack.resource("a").outputs).toEqual({ value: { open: 1, closed: new Secret("s") } });
});

test("secrets are blinded in every event", async () => {
  const stack = new TestStack(fakePackage());
  const program = async () => {
    new Thing("a", { value: pulumi.secret("hunter2"), nested: [{ deep: pulumi.secret({ key: "hunter2" }) }] });
    return { password: pulumi.secret("hunter2") };
  };
  const outcome = await stack.up(program, { config: { "proj:token": "hunter2" }, configSecretKeys: ["proj:token"] });
  expect(JSON.stringify(outcome.events)).not.toContain("hunter2");
  expect(metadataOf(outcome.events, "resourcePreEvent")[0]?.new?.inputs["value"]).toEqual({
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    ciphertext: "[secret]",
  });
  expect(outcome.events[0]).toEqual({ preludeEvent: { config: { "proj:token": "[secret]" } } });
});

test("secret stack outputs stay secret, also within other values", async () => {
  const stack = new TestStack(fakePackage());
  await stack.up(async () => ({ top: pulumi.secret("a"), inner: { list: [pulumi.secret("b")] } }));
  expect(stack.stackOutputs()["top"]).toEqual(new Secret("a"));
  expect(JSON.stringify(stack.stackOutputs()["inner"])).toContain("b");
});

test("the id can't be made secret and people are told so", async () => {
  const outcome = await new TestStack(fakePackage()).up(async () => void new Thing("a", {}, { additionalSecretOutputs: ["id"] }));
  expect(outcome.events.some(({ diagnosticEvent }) => diagnosticEvent?.message.includes("The 'id' property cannot be made secret"))).toBe(true);
});
