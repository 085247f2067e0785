import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { DeploymentRequest, RunDeployment } from "#engine/deploy/deployment.ts";
import { createEmbeddedCommand } from "#engine/embedded-command.ts";
import { pretendedThing } from "#test/engine/_fixtures/pretended-thing.ts";

let folder: string;
let pretend: RunDeployment;
let environment: Record<string, string>;
let command: ReturnType<typeof createEmbeddedCommand>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "crash-"));
  await mkdir(join(folder, "state"));
  await writeFile(join(folder, "Pulumi.yaml"), "name: shop\nruntime: nodejs\n");
  environment = { PULUMI_BACKEND_URL: `file://${folder}/state`, PULUMI_HOME: join(folder, "home"), PULUMI_CONFIG_PASSPHRASE: "" };
  command = createEmbeddedCommand({ packages: [], environment, runDeployment: (request, ports) => pretend(request, ports) });
  await run("stack", "init", "dev");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const run = (...args: string[]) => command.run(args, folder, {});
const up = () => run("up", "--yes", "--skip-preview", "--stack", "dev", "--client", "127.0.0.1:1");
const exported = async () =>
  (
    JSON.parse((await run("stack", "export", "--stack", "dev")).stdout) as {
      deployment: { resources?: { urn: string }[]; pending_operations?: { type: string; resource: { urn: string } }[] };
    }
  ).deployment;
const filesIn = async (path: string) =>
  (await readdir(join(folder, "state/.pulumi", path), { recursive: true, withFileTypes: true }).catch(() => []))
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name);
const last = (urn: string) => urn.split("::").at(-1);

async function killWhileCreating(): Promise<void> {
  const child = fork(new URL("_fixtures/die-while-creating.ts", import.meta.url).pathname, [folder], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  await once(child, "message");
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

describe("after a process was killed while it created something", () => {
  test("the state shows what was done and what may be, before anything is recovered", async () => {
    await killWhileCreating();
    const { resources, pending_operations } = await exported();
    expect(resources!.map(({ urn }) => last(urn))).toEqual(["done"]);
    expect(pending_operations!.map(({ type, resource }) => [type, last(resource.urn)])).toEqual([["creating", "halfway"]]);
    expect((await filesIn("locks")).length).toBe(1);
  });

  test("the next operation takes over, with that state, and says so", async () => {
    await killWhileCreating();
    const seen: DeploymentRequest[] = [];
    pretend = async (request) => {
      seen.push(request);
      return { outcome: "succeeded", snapshot: { resources: request.previous.resources, pendingOperations: [] }, changes: {}, durationSeconds: 0 };
    };
    const { stderr } = await up();
    expect(stderr).toContain("warning: recovered what an interrupted operation had done; 1 of its operations may still have been under way");
    expect(seen[0]!.previous.resources.map(({ urn }) => last(urn))).toEqual(["done"]);
    expect(seen[0]!.previous.pendingOperations.map(({ resource }) => last(resource.urn))).toEqual(["halfway"]);
    expect([await filesIn("locks"), await filesIn("strata")]).toEqual([[], []]);
    expect((await exported()).pending_operations).toBeUndefined();
  });
});

describe("when the checkpoint can't be written at the end", () => {
  const obstacle = () => join(folder, "state/.pulumi/stacks/shop/dev.json.bak");
  const createOne: RunDeployment = async (request, { journal }) => {
    const put = pretendedThing("made");
    const token = await journal!.begin({ resource: pretendedThing("made", ""), type: "creating" });
    await journal!.end(token, { put });
    return {
      outcome: "succeeded",
      snapshot: { resources: [...request.previous.resources, put], pendingOperations: [] },
      changes: { create: 1 },
      durationSeconds: 0,
    };
  };

  test("nothing is lost: the journal stays, the lock keeps others out, and the next operation goes on from there", async () => {
    await mkdir(obstacle(), { recursive: true });
    pretend = createOne;
    await expect(up()).rejects.toThrow("EISDIR");
    expect((await exported()).resources!.map(({ urn }) => last(urn))).toEqual(["made"]);
    expect((await filesIn("locks")).length).toBe(1);
    await rm(obstacle(), { recursive: true });
    pretend = async (request) => ({ outcome: "succeeded", snapshot: request.previous, changes: {}, durationSeconds: 0 });
    expect((await up()).stderr).toContain("recovered what an interrupted operation had done");
    expect((await exported()).resources!.map(({ urn }) => last(urn))).toEqual(["made"]);
    expect([await filesIn("locks"), await filesIn("strata")]).toEqual([[], []]);
  });

  test("because somebody cancelled the lock and changed it, both states are kept", async () => {
    pretend = async (request, ports) => {
      const result = await createOne(request, ports);
      await run("cancel", "--yes", "--stack", "dev");
      const file = join(folder, "other.json");
      await writeFile(file, JSON.stringify({ version: 3, deployment: { ...(await exported()), resources: [], pending_operations: [] } }));
      const import_ = await createEmbeddedCommand({ packages: [], environment })
        .run(["stack", "import", "--file", file, "--stack", "dev"], folder, {})
        .then(() => undefined, String);
      expect(import_).toContain("the lock of a process that still runs was removed");
      await writeFile(
        join(folder, "state/.pulumi/stacks/shop/dev.json"),
        (await import("node:fs"))
          .readFileSync(join(folder, "state/.pulumi/stacks/shop/dev.json"), "utf8")
          .replace(/"time":"[^"]*"/, '"time":"2020-01-01T00:00:00Z"'),
      );
      return result;
    };
    await expect(up()).rejects.toThrow(/the lock of 'dev' was removed and its checkpoint changed while this operation ran; what it did is kept in .*\.journal/);
    pretend = async (request) => ({ outcome: "succeeded", snapshot: request.previous, changes: {}, durationSeconds: 0 });
    expect((await up()).stderr).toContain("the checkpoint was changed since an interrupted operation began, so its journal wasn't applied; it was kept as");
    expect((await filesIn("strata")).filter((name) => name.endsWith(".aside")).length).toBe(1);
  });
});

test("a deadline turns a cancelled operation into a terminated one", async () => {
  const abort = new AbortController();
  const impatient = createEmbeddedCommand({
    packages: [],
    environment,
    cancelDeadline: 1,
    async runDeployment(request, { cancellation }) {
      abort.abort();
      await once(cancellation.terminate, "abort");
      return { outcome: "terminated", snapshot: request.previous, changes: {}, durationSeconds: 0 };
    },
  });
  await expect(
    impatient.run(["up", "--yes", "--skip-preview", "--stack", "dev", "--client", "127.0.0.1:1"], folder, {}, undefined, undefined, abort.signal),
  ).rejects.toThrow("exit code 8");
});
