import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { listSandboxes, recordedSandbox } from "#clusters/list-sandboxes.ts";
import { processesOf } from "#clusters/sandbox/leftovers.ts";
import type { ClusterStatus } from "#core/cluster-status.ts";
import { processIdentity } from "#core/process-identity.ts";
import { create, objectsOf, quiet, realTools, SandboxFixture, twoNodes } from "./sandbox-fixture.ts";

const fixture = new SandboxFixture();
afterAll(() => fixture.remove());

const soon = { timeout: 30_000, interval: 100 };
const idOf = (name: string): string => JSON.parse(readFileSync(join(fixture.folder(name), "cluster.json"), "utf8")).id;
const pidsOf = (status: ClusterStatus): Record<string, number> => Object.fromEntries(status.processes.map(({ name, pid }) => [name, pid]));
const alive = (pids: readonly number[]): number[] => pids.filter((pid) => processIdentity(pid) !== undefined);
const serverOf = (kubeconfig: string): URL => new URL(JSON.parse(readFileSync(kubeconfig, "utf8")).clusters[0].cluster.server);

function hold(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject).listen(port, "127.0.0.1", () => resolve(server));
  });
}
const close = (server: Server) => new Promise((resolve) => server.close(resolve));

async function answers(kubeconfig: string): Promise<boolean> {
  try {
    await objectsOf(kubeconfig).list("v1", "Namespace");
    return true;
  } catch {
    return false;
  }
}

/** A Deployment of one pod that becomes available, which needs every component. */
async function deploys(kubeconfig: string, name: string): Promise<void> {
  const pod = { metadata: { labels: { name } }, spec: { containers: [{ name: "c", image: "x" }] } };
  const read = await create(objectsOf(kubeconfig), {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: "default" },
    spec: { selector: { matchLabels: { name } }, template: pod },
  });
  await expect.poll(async () => (await read()).status?.availableReplicas, soon).toBe(1);
}

describe("a sandbox", () => {
  test("is absent before its first start", async () => {
    expect(await fixture.open("main").status()).toEqual({ name: "main", source: "sandbox", state: "absent", processes: [] });
    expect(await listSandboxes(fixture.dataFolder)).toEqual([]);
  });

  test("starts, tells its steps and what is simulated, and keeps its secrets to its owner", async () => {
    const steps: string[] = [];
    const source = fixture.open("main");
    const cluster = await source.ensure({ onProgress: (message) => steps.push(message), signal: new AbortController().signal });
    expect(cluster).toMatchObject({ source: "sandbox", name: "main", context: "main" });
    expect(cluster.simulated.join(" ")).toContain("no container runs");
    expect(steps).toContain("the API server answers");
    const folder = fixture.folder("main");
    expect(cluster.kubeconfig).toBe(join(folder, "kubeconfig"));
    expect(statSync(cluster.kubeconfig).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, "control.sock")).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const status = await source.status();
    expect(Object.keys(pidsOf(status)).sort()).toEqual(["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok", "supervisor"]);
    expect(status.processes.every(({ memoryBytes }) => memoryBytes > 10_000_000)).toBe(true);
    expect(status).toMatchObject({ state: "running", server: serverOf(cluster.kubeconfig).origin });
    await deploys(cluster.kubeconfig, "first");
  });

  test("refuses who brings no certificate, and listens on loopback only", async () => {
    const { default: https } = await import("node:https");
    const server = serverOf(join(fixture.folder("main"), "kubeconfig"));
    const code = await new Promise((resolve, reject) => {
      https
        .get({ host: server.hostname, port: server.port, path: "/api", rejectUnauthorized: false, agent: false }, (response) =>
          resolve(response.resume().statusCode),
        )
        .on("error", reject);
    });
    expect(code).toBe(401);
    // Addresses of listening sockets in /proc/net/tcp are little-endian hex; 0100007F is 127.0.0.1.
    const { ports } = JSON.parse(readFileSync(join(fixture.folder("main"), "cluster.json"), "utf8")) as { ports: Record<string, number> };
    const listening = ["tcp", "tcp6"]
      .flatMap((table) => readFileSync(`/proc/net/${table}`, "utf8").split("\n"))
      .filter((line) => line.split(/\s+/)[4] === "0A");
    for (const port of Object.values(ports)) {
      const hex = port.toString(16).toUpperCase().padStart(4, "0");
      expect(listening.filter((line) => line.includes(`:${hex} `)).map((line) => line.split(/\s+/)[2])).toEqual([`0100007F:${hex}`]);
    }
  });

  test("is adopted by a second start, also by two at once", async () => {
    const before = pidsOf(await fixture.open("main").status());
    await Promise.all([fixture.open("main").ensure(quiet()), fixture.open("main").ensure(quiet())]);
    expect(pidsOf(await fixture.open("main").status())).toEqual(before);
  });

  test("changes its nodes without a restart", async () => {
    const before = pidsOf(await fixture.open("main").status());
    const { kubeconfig } = await fixture
      .open("main", {
        nodes: [
          { count: 1, cpu: "4", memory: "8Gi" },
          { count: 2, cpu: "2", memory: "4Gi" },
        ],
      })
      .ensure(quiet());
    const { items } = await objectsOf(kubeconfig).list("v1", "Node");
    const sizes = (items as unknown as { metadata: { name: string }; status: { allocatable: { cpu: string; memory: string } } }[]).map(
      ({ metadata, status }) => `${metadata.name} ${status.allocatable.cpu} ${status.allocatable.memory}`,
    );
    expect(sizes.sort()).toEqual(["simulated-1 4 8Gi", "simulated-2 2 4Gi", "simulated-3 2 4Gi"]);
    await fixture.open("main").ensure(quiet());
    expect((await objectsOf(kubeconfig).list("v1", "Node")).items).toHaveLength(2);
    expect(pidsOf(await fixture.open("main").status())).toEqual(before);
    expect(recordedSandbox(fixture.dataFolder, "main")).toEqual({ source: "sandbox", name: "main", nodes: twoNodes });
  });

  test.each(["kwok", "kube-scheduler", "kube-controller-manager", "kube-apiserver", "etcd"])("starts %s again after a crash", async (name) => {
    const source = fixture.open("main");
    const before = pidsOf(await source.status())[name] ?? 0;
    process.kill(before, "SIGKILL");
    await expect.poll(async () => pidsOf(await source.status())[name] ?? before, soon).not.toBe(before);
    const { kubeconfig } = await source.ensure(quiet());
    await expect.poll(() => answers(kubeconfig), soon).toBe(true);
    await deploys(kubeconfig, `after-${name}`);
  });

  test("whose supervisor was killed leaves no process behind and starts again with its objects", async () => {
    const source = fixture.open("main");
    const before = pidsOf(await source.status());
    process.kill(before["supervisor"] ?? 0, "SIGKILL");
    const { kubeconfig } = await source.ensure(quiet());
    expect(alive(Object.values(before))).toEqual([]);
    expect((await objectsOf(kubeconfig).list("apps/v1", "Deployment", "default")).items.map((item) => item.metadata?.name)).toContain("first");
    await deploys(kubeconfig, "after-supervisor");
  });

  test("whose processes outlived a killed supervisor says so, and a stop ends them", async () => {
    // Without `setpriv` on its PATH the supervisor can't have the kernel do it.
    const source = fixture.open("orphans", { path: "/nowhere" });
    await source.ensure(quiet());
    const before = pidsOf(await source.status());
    process.kill(before["supervisor"] ?? 0, "SIGKILL");
    await expect.poll(async () => (await source.status()).detail, soon).toContain("5 of its processes still run");
    expect((await source.status()).state).toBe("failed");
    await source.stop();
    expect(alive(Object.values(before))).toEqual([]);
    expect((await source.status()).state).toBe("stopped");
    await source.wipe();
  });

  test("that is stopped leaves no process, port or socket, and keeps objects and ports", async () => {
    const source = fixture.open("main");
    const before = await source.status();
    const { ports } = JSON.parse(readFileSync(join(fixture.folder("main"), "cluster.json"), "utf8")) as { ports: Record<string, number> };
    await source.stop();
    expect(alive(before.processes.map(({ pid }) => pid))).toEqual([]);
    expect(processesOf(idOf("main"))).toEqual([]);
    expect(existsSync(join(fixture.folder("main"), "control.sock"))).toBe(false);
    for (const port of Object.values(ports)) await close(await hold(port));
    expect(await source.status()).toMatchObject({ state: "stopped", processes: [] });
    await source.stop();

    const { kubeconfig } = await source.ensure(quiet());
    expect(serverOf(kubeconfig).port).toBe(String(ports["apiServer"]));
    await deploys(kubeconfig, "after-stop");
  });

  test("moves to another port when its own is taken meanwhile", async () => {
    const source = fixture.open("main");
    const port = Number(serverOf((await source.ensure(quiet())).kubeconfig).port);
    await source.stop();
    const squatter = await hold(port);
    try {
      const { kubeconfig } = await source.ensure(quiet());
      expect(Number(serverOf(kubeconfig).port)).not.toBe(port);
      expect(await answers(kubeconfig)).toBe(true);
    } finally {
      await close(squatter);
    }
  });

  test("runs beside another one, which is stopped without touching it", async () => {
    const [one, two] = [fixture.open("main"), fixture.open("other")];
    const [first, second] = await Promise.all([one.ensure(quiet()), two.ensure(quiet())]);
    await objectsOf(second.kubeconfig).create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "only-here" } });
    expect((await objectsOf(first.kubeconfig).list("v1", "Namespace")).items.map((item) => item.metadata?.name)).not.toContain("only-here");
    expect((await listSandboxes(fixture.dataFolder)).map(({ name, state }) => `${name} ${state}`)).toEqual(["main running", "other running"]);
    await two.stop();
    expect(await answers(first.kubeconfig)).toBe(true);
    expect((await listSandboxes(fixture.dataFolder)).map(({ name, state }) => `${name} ${state}`)).toEqual(["main running", "other stopped"]);
  });

  test("that is wiped leaves nothing at all", async () => {
    const source = fixture.open("main");
    const id = idOf("main");
    await source.wipe();
    await fixture.open("other").wipe();
    expect(processesOf(id)).toEqual([]);
    expect(readdirSync(join(fixture.dataFolder, "clusters"))).toEqual([]);
    expect(await source.status()).toMatchObject({ state: "absent" });
    await source.wipe();
  });
});

describe("a sandbox that can't start", () => {
  const scripts = mkdtempSync(join(tmpdir(), "strata-scripts-"));
  afterAll(() => rmSync(scripts, { recursive: true }));
  const brokenEtcd = (script: string) => {
    const path = join(scripts, `etcd-${Math.random()}`);
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    return (async (names, options) => ({ ...(await realTools(names, options)), etcd: path })) as typeof realTools;
  };

  test("because a process dies says which one, shows the end of its log and leaves nothing running", async () => {
    const source = fixture.open("broken", { ensureTools: brokenEtcd("echo 'member has no disk for today'; exit 7") });
    const error = await source.ensure(quiet()).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "cluster_failed" });
    for (const part of ["etcd of the sandbox 'broken' ended (code 7)", "member has no disk for today", join(fixture.folder("broken"), "logs/etcd.log")])
      expect((error as Error).message).toContain(part);
    expect(processesOf(idOf("broken"))).toEqual([]);
    expect(await source.status()).toMatchObject({ state: "failed", detail: expect.stringContaining("code 7") });

    await fixture.open("broken").ensure(quiet());
    expect(await source.status()).toMatchObject({ state: "running" });
    await source.wipe();
  });

  test("because the disk is full says so", async () => {
    const source = fixture.open("full", { ensureTools: brokenEtcd("echo 'write member/snap/db: no space left on device'; exit 1") });
    await expect(source.ensure(quiet())).rejects.toMatchObject({ code: "disk_full", message: expect.stringContaining(fixture.folder("full")) });
  });

  test("because its folder can't be written names it", async () => {
    writeFileSync(join(fixture.dataFolder, "clusters", "file"), "");
    await expect(fixture.open("file").ensure(quiet())).rejects.toMatchObject({
      code: "data_folder_unusable",
      message: expect.stringContaining(fixture.folder("file")),
    });
    rmSync(join(fixture.dataFolder, "clusters", "file"));
  });

  test("because its record is broken says which file, and can be wiped", async () => {
    const source = fixture.open("garbled");
    await source.ensure(quiet());
    await source.stop();
    writeFileSync(join(fixture.folder("garbled"), "cluster.json"), "{");
    await expect(source.ensure(quiet())).rejects.toMatchObject({ code: "cluster_failed", message: expect.stringContaining("cluster.json") });
    expect(await listSandboxes(fixture.dataFolder)).toContainEqual(expect.objectContaining({ name: "garbled", state: "failed" }));
    await source.wipe();
    expect(existsSync(fixture.folder("garbled"))).toBe(false);
  });

  test("because it was cancelled leaves nothing running", async () => {
    const abort = new AbortController();
    const source = fixture.open("cancelled");
    const onProgress = (message: string) => {
      if (message === "the API server answers") abort.abort(new Error("enough"));
    };
    await expect(source.ensure({ onProgress, signal: abort.signal })).rejects.toThrow("enough");
    expect(processesOf(idOf("cancelled"))).toEqual([]);
    expect(await source.status()).toMatchObject({ state: "stopped" });
  });
});
