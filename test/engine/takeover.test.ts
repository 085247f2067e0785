import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "#core/clock.ts";
import { Secret } from "#core/property-value.ts";
import { checkpointText } from "#engine/backend/checkpoint.ts";
import { integrityProblem } from "#engine/backend/integrity.ts";
import { decodeSnapshot, encodeSnapshot } from "#engine/backend/snapshot-codec.ts";
import { StackStore } from "#engine/backend/stack-store.ts";
import { unsealedSecrets } from "#engine/backend/value-codec.ts";
import { createEmbeddedCommand } from "#engine/embedded-command.ts";
import { PassphraseKeys } from "#engine/secrets/passphrase-keys.ts";
import { PassphraseSecrets } from "#engine/secrets/passphrase-secrets.ts";
import { SecretSeal } from "#engine/secrets/secret-seal.ts";

const golden = new URL("../golden/takeover/", import.meta.url).pathname;
const keys = new PassphraseKeys();
const environment = { PULUMI_CONFIG_PASSPHRASE: "golden" };
let folder: string;
let store: StackStore;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "takeover-"));
  await cp(golden, folder, { recursive: true });
  store = new StackStore(join(folder, "state"), {}, systemClock);
  await store.open();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("a state that the genuine CLI left behind", () => {
  test.each(["random", "gzipped", "kubernetes", "interrupted"])("of stack %s is the same after reading and writing", async (stack) => {
    const { latest } = (await store.read({ project: "takeover", stack }))!;
    expect(integrityProblem(latest!)).toBeUndefined();
    const secrets = await new PassphraseSecrets(keys, environment, folder).open(String(latest!.secrets_providers!.state!.salt));
    const seal = new SecretSeal(secrets);
    const snapshot = decodeSnapshot(latest, unsealedSecrets(seal));
    const written = encodeSnapshot(snapshot, seal, latest!.manifest, latest);
    const { text } = store.prepare({ project: "takeover", stack }, written);
    expect(text).toBe(checkpointText(`organization/takeover/${stack}`, latest));
  });

  test("holds decrypted secrets as secrets", async () => {
    const { latest } = (await store.read({ project: "takeover", stack: "random" }))!;
    const seal = new SecretSeal(await new PassphraseSecrets(keys, environment, folder).open(String(latest!.secrets_providers!.state!.salt)));
    const root = decodeSnapshot(latest, unsealedSecrets(seal)).resources.find((resource) => resource.type === "pulumi:pulumi:Stack")!;
    const password = root.outputs.password as Secret;
    expect(password).toBeInstanceOf(Secret);
    expect(password.element).toHaveLength(16);
  });

  test("keeps its pending operation", async () => {
    const { latest } = (await store.read({ project: "takeover", stack: "interrupted" }))!;
    expect(latest!.pending_operations!.map((operation) => operation.type)).toEqual(["creating"]);
  });
});

describe("commands on it", () => {
  const command = createEmbeddedCommand({ packages: [], environment, runDeployment: () => Promise.reject(new Error("not to be called")) });
  const run = (...args: string[]) =>
    command.run(args, folder, { PULUMI_BACKEND_URL: `file://${folder}/state`, PULUMI_HOME: join(folder, "home"), ...environment });

  test("show outputs with and without secrets", async () => {
    const masked = JSON.parse((await run("stack", "output", "--json", "--stack", "random")).stdout) as Record<string, unknown>;
    expect(masked).toMatchObject({ password: "[secret]", integer: "[secret]", nested: { list: [2, "[secret]"] } });
    const shown = JSON.parse((await run("stack", "output", "--json", "--show-secrets", "--stack", "random")).stdout) as Record<string, unknown>;
    expect(shown.password).toHaveLength(16);
    expect(shown.integer).toBeTypeOf("number");
  });

  test("read the configuration with its secrets", async () => {
    const config = JSON.parse((await run("config", "--json", "--show-secrets", "--stack", "gzipped")).stdout) as Record<string, unknown>;
    expect(config["takeover:token"]).toMatchObject({ secret: true, value: expect.any(String) });
  });

  test("export and import again to the same deployment", async () => {
    const exported = await run("stack", "export", "--stack", "gzipped");
    const file = join(folder, "export.json");
    await run("stack", "export", "--show-secrets", "--stack", "gzipped", "--file", file);
    await run("stack", "import", "--file", file, "--stack", "gzipped");
    const again = await run("stack", "export", "--show-secrets", "--stack", "gzipped");
    expect(JSON.parse(again.stdout)).toEqual(JSON.parse(await (await import("node:fs/promises")).readFile(file, "utf8")));
    expect(JSON.parse(exported.stdout)).toMatchObject({ version: 3 });
  });

  test("that change something are refused while the lock of a killed CLI stands, and go on after cancel", async () => {
    const refused = run("destroy", "--yes", "--skip-preview", "--stack", "interrupted");
    await expect(refused).rejects.toMatchObject({
      name: "ConcurrentUpdateError",
      message: expect.stringContaining("created by root@vm (pid 19214) at 2026-11-21T06:11:36Z"),
    });
    await run("cancel", "--yes", "--stack", "interrupted");
    await expect(run("destroy", "--yes", "--skip-preview", "--stack", "interrupted")).rejects.toThrow("not to be called");
  });

  test("list all of its stacks", async () => {
    const stacks = JSON.parse((await run("stack", "ls", "--json")).stdout) as { name: string; resourceCount: number }[];
    expect(stacks.map((stack) => stack.name)).toEqual(["gzipped", "interrupted", "kubernetes", "random"]);
  });
});
