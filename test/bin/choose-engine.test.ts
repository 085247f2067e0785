import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { chooseEngine } from "#bin/choose-engine.ts";

const require = createRequire(import.meta.url);
const versionOf = (name: string) => (require(`@pulumi/${name}/package.json`) as { version: string }).version.replace(/^v/, "");

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "strata-engine-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** An executable that only tells its version, as much of a CLI as the choice looks at. */
async function installCli(script: string): Promise<Record<string, string>> {
  const bin = join(folder, "bin");
  await mkdir(bin, { recursive: true });
  await writeFile(join(bin, "pulumi"), `#!/bin/sh\n${script}\n`);
  await chmod(join(bin, "pulumi"), 0o755);
  return { PATH: `${bin}:/usr/bin:/bin`, PULUMI_HOME: join(folder, "home") };
}

async function installPlugins(...names: string[]): Promise<void> {
  for (const name of names) await mkdir(join(folder, "home/plugins", `resource-${name}-v${versionOf(name)}`), { recursive: true });
}

test("without a CLI on PATH the embedded engine is chosen, and the reason says so", async () => {
  const choice = await chooseEngine("auto", { PATH: join(folder, "nothing") });
  expect(choice).toMatchObject({ kind: "embedded", version: versionOf("pulumi") });
  expect(choice.reason).toContain("no `pulumi` on PATH");
});

test("a fitting CLI with all plugins is chosen", async () => {
  const environment = await installCli("echo v3.259.0");
  await installPlugins("kubernetes", "random", "tls");
  expect(await chooseEngine("auto", environment)).toMatchObject({ kind: "cli", version: "3.259.0", path: join(folder, "bin/pulumi") });
});

test("a CLI without the plugins gives way to the embedded engine, naming those that are missing", async () => {
  const environment = await installCli("echo v3.259.0");
  await installPlugins("random", "tls");
  const choice = await chooseEngine("auto", environment);
  expect(choice.kind).toBe("embedded");
  expect(choice.reason).toContain(`kubernetes ${versionOf("kubernetes")}`);
  expect(choice.reason).not.toContain("random");
});

test.each([
  ["too old", "echo v3.100.0", "3.100.0"],
  ["of another major", "echo v4.0.0", "4.0.0"],
  ["that says something else", "echo hello", "'hello'"],
  ["that fails", "exit 3", "version fails"],
])("a CLI %s isn't used", async (_what, script, told) => {
  const environment = await installCli(script);
  await installPlugins("kubernetes", "random", "tls");
  const choice = await chooseEngine("auto", environment);
  expect(choice.kind).toBe("embedded");
  expect(choice.reason).toContain(told);
});

test("the embedded engine can be demanded although a CLI would do", async () => {
  const environment = await installCli("echo v3.259.0");
  await installPlugins("kubernetes", "random", "tls");
  expect(await chooseEngine("embedded", environment)).toMatchObject({ kind: "embedded" });
});

test("a demanded CLI that can't be used is an error that says why and what to do", async () => {
  await expect(chooseEngine("cli", { PATH: folder })).rejects.toMatchObject({
    code: "engine_unavailable",
    message: expect.stringMatching(/no `pulumi` on PATH.*Install it, or set STRATA_ENGINE/),
  });
});
