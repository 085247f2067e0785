import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestSandbox, type TestSandbox } from "#test/_helpers/test-sandbox.ts";

const here = import.meta.dirname;
const root = join(here, "../..");
const withoutCluster = ["components", "random-lifecycle", "failures", "config-and-secrets", "stack-references"];
const onCluster = ["kubernetes-basics", "kubernetes-workloads", "kubernetes-helm"];

let out: string;
beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), "strata-golden-"));
  await mkdir(join(out, "tmp"));
});
afterAll(() => rm(out, { recursive: true, force: true }));

test("the recordings are byte for byte what the genuine CLI left", async () => {
  const lines = (await readFile(join(here, "recordings.sha256"), "utf8")).trimEnd().split("\n");
  const expected = Object.fromEntries(lines.map((line) => line.split("  ").reverse() as [string, string]));
  expect(await hashes()).toEqual(expected);
});

describe("the embedded engine does what the genuine CLI did", () => {
  test.for(withoutCluster)("%s", async (name, { signal }) => {
    await runCase(name, {}, signal);
    expect(await differences(name)).toBe(`same ${name}.json`);
  });
});

describe("on a real API server the embedded engine does what the genuine CLI did", () => {
  let sandbox: TestSandbox;
  beforeAll(async () => {
    sandbox = await startTestSandbox("golden");
  });
  afterAll(() => sandbox?.remove());

  test.for(onCluster)("%s", async (name, { signal }) => {
    await runCase(name, { KUBECONFIG: sandbox.kubeconfig }, signal);
    expect(await differences(name)).toBe(`same ${name}.json`);
  });
});

/** `signal` kills it, so that a case that is given up doesn't go on beside the next. */
async function runCase(name: string, environment: Record<string, string>, signal: AbortSignal): Promise<void> {
  const args = ["run.ts", "--cases", "cases", "--out", out, "--engine", "engine.ts", "--root", root, "--only", name];
  const env = { ...process.env, ...environment, TMPDIR: join(out, "tmp") };
  await promisify(execFile)(process.execPath, args, { cwd: here, env, maxBuffer: 64 * 2 ** 20, signal, killSignal: "SIGKILL" });
}

/** What `diff.ts` prints for one case, without its closing count. */
function differences(name: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["diff.ts", "genuine", out, name], { cwd: here });
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    child.once("error", reject);
    child.once("close", () => resolve(text.replace(/\n\d+ passed, \d+ failed\n$/, "")));
  });
}

async function hashes(): Promise<Record<string, string>> {
  const ours = new Set(["golden.test.ts", "engine.ts", "recordings.sha256"]);
  const files = (await readdir(here, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).map((entry) => relative(here, join(entry.parentPath, entry.name)));
  const entries = files.filter((file) => !ours.has(file)).sort();
  return Object.fromEntries(await Promise.all(entries.map(async (file) => [file, createHash("sha256").update(await readFile(join(here, file))).digest("hex")])));
}
