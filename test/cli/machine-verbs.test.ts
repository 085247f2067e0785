import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CliPorts } from "#cli/ports.ts";
import type { ClusterStatus } from "#core/cluster-status.ts";
import { StrataError } from "#core/errors.ts";
import { FakeController, operationRecord } from "./fake-controller.ts";
import { FakeMachine } from "./fake-ports.ts";

let machine: FakeMachine;
beforeEach(async () => {
  machine = await FakeMachine.make();
});
afterEach(() => machine.remove());

test("strata pulumi hands everything on as it is and ends as the engine does", async () => {
  const seen: (readonly string[])[] = [];
  machine.overrides = {
    pulumi: async (argv) => {
      seen.push(argv);
      return 255;
    },
  };
  for (const argv of [["--help"], ["up", "-s", "a.b.c", "--json"], ["config", "set", "--", "-k", "v"], ["--version"], []])
    expect(await machine.run("pulumi", ...argv)).toBe(255);
  expect(seen).toEqual([["--help"], ["up", "-s", "a.b.c", "--json"], ["config", "set", "--", "-k", "v"], ["--version"], []]);
});

test("strata serve hands on its options and ends as the controller does", async () => {
  const seen: unknown[] = [];
  machine.overrides = {
    serve: async (options) => {
      seen.push(options);
      return 7;
    },
  };
  expect(await machine.run("serve")).toBe(7);
  await machine.run("serve", "--host", "0.0.0.0", "--port", "8080", "--insecure", "--started-by", "cli");
  expect(seen).toEqual([
    { insecure: false, startedBy: "user" },
    { host: "0.0.0.0", port: 8080, insecure: true, startedBy: "cli" },
  ]);
});

test("strata version tells its own", async () => {
  expect(await machine.run("version", "--json")).toBe(0);
  expect(JSON.parse(machine.stdout.text)).toMatchObject({ strata: "1.2.3", node: process.versions.node });
});

describe("strata doctor", () => {
  const checks = [
    { name: "engine", state: "ok", detail: "embedded: no Pulumi CLI on PATH" },
    { name: "docker", state: "warning", detail: "not found", remedy: "only needed for k3d" },
  ] as const;

  test("prints each check with its remedy; warnings are no failure", async () => {
    machine.overrides = { doctor: async () => ({ checks }) };
    expect(await machine.run("doctor")).toBe(0);
    expect(machine.stdout.text).toBe("ok       engine: embedded: no Pulumi CLI on PATH\nwarning  docker: not found\n         only needed for k3d\n");
  });

  test("ends with 1 when something must be mended", async () => {
    machine.overrides = { doctor: async () => ({ checks: [...checks, { name: "disk", state: "problem", detail: "full" }] }) };
    expect(await machine.run("doctor", "--json")).toBe(1);
    expect(JSON.parse(machine.stdout.text)).toMatchObject({ checks: [{}, {}, { name: "disk" }] });
  });
});

describe("strata cluster", () => {
  const running: ClusterStatus = {
    name: "local-lab-lab",
    source: "sandbox",
    state: "running",
    server: "https://127.0.0.1:6443",
    kubeconfig: "/data/kubeconfig",
    processes: [
      { name: "etcd", pid: 11, memoryBytes: 43 * 2 ** 20 },
      { name: "kube-apiserver", pid: 12, memoryBytes: 259 * 2 ** 20 },
    ],
  };

  function withClusters(clusters: readonly ClusterStatus[], more: Partial<CliPorts["cluster"]> = {}): string[] {
    const calls: string[] = [];
    const note = (verb: string) => async (name: string) => {
      calls.push(`${verb} ${name}`);
    };
    const status = async (name: string) => {
      const found = clusters.find((cluster) => cluster.name === name);
      if (!found) throw new StrataError("not_found", `There is no cluster '${name}'.`);
      return found;
    };
    machine.overrides = { cluster: { list: async () => clusters, status, start: (name) => status(name), stop: note("stop"), wipe: note("wipe"), ...more } };
    return calls;
  }

  test("list and status show state, server, processes and memory", async () => {
    withClusters([running]);
    expect(await machine.run("cluster", "list")).toBe(0);
    expect(machine.stdout.text).toContain("local-lab-lab  sandbox  running  https://127.0.0.1:6443   302Mi");
    expect(await machine.run("cluster", "status")).toBe(0);
    expect(machine.stdout.text).toContain("  export KUBECONFIG=/data/kubeconfig\n  Process         Pid  Memory\n  etcd             11    43Mi");
  });

  test("kubeconfig prints the path alone", async () => {
    withClusters([running]);
    expect(await machine.run("cluster", "kubeconfig")).toBe(0);
    expect(machine.stdout.text).toBe("/data/kubeconfig\n");
  });

  test("needs a name where there are several or none", async () => {
    withClusters([running, { ...running, name: "other" }]);
    expect(await machine.run("cluster", "stop")).toBe(2);
    expect(machine.stderr.text).toContain("Name a cluster: local-lab-lab, other.");
    withClusters([]);
    expect(await machine.run("cluster", "status")).toBe(2);
    expect(await machine.run("cluster", "status", "x")).toBe(2);
    expect(machine.stderr.text).toContain("There is no cluster 'x'.");
  });

  test("stop stops, and shows what is left", async () => {
    const calls = withClusters([{ ...running, state: "stopped", processes: [] }]);
    expect(await machine.run("cluster", "stop")).toBe(0);
    expect(calls).toEqual(["stop local-lab-lab"]);
    expect(machine.stdout.text).toContain("local-lab-lab (sandbox) is stopped");
  });

  test("start shows its steps, and Ctrl-C gives it up with 130", async () => {
    withClusters([running], {
      start: async (_name, { onProgress, signal }) => {
        onProgress("starting etcd", 1, 5);
        await new Promise((resolve) => {
          signal.addEventListener("abort", resolve);
          machine.interrupt();
        });
        signal.throwIfAborted();
        return running;
      },
    });
    expect(await machine.run("cluster", "start")).toBe(130);
    expect(machine.stderr.text).toContain("starting etcd (1/5)");
    expect(machine.interruptListeners.size).toBe(0);
  });

  test("wipe asks, or needs --yes where nobody can be asked", async () => {
    const calls = withClusters([running]);
    expect(await machine.run("cluster", "wipe")).toBe(2);
    expect(calls).toEqual([]);
    expect(await machine.run("cluster", "wipe", "--yes")).toBe(0);
    expect(calls).toEqual(["wipe local-lab-lab"]);
  });
});

describe("strata tools", () => {
  test("list shows where each comes from", async () => {
    machine.overrides = {
      tools: { ...machine.ports.tools, list: async () => [{ name: "helm", version: "4.3.1", state: "found", origin: "user cache", path: "/c/helm" }] },
    };
    expect(await machine.run("tools", "list")).toBe(0);
    expect(machine.stdout.text).toContain("helm  4.3.1    found  user cache");
  });

  test("verify ends with 1 when a checksum differs, and passes --lock on", async () => {
    const locks: boolean[] = [];
    machine.overrides = {
      tools: {
        ...machine.ports.tools,
        verify: async ({ lock }) => {
          locks.push(lock);
          return [{ name: "helm", state: lock ? "locked" : "mismatch", detail: "sha256 differs" }];
        },
      },
    };
    expect(await machine.run("tools", "verify")).toBe(1);
    expect(await machine.run("tools", "verify", "--lock")).toBe(0);
    expect(locks).toEqual([false, true]);
  });
});

describe("strata stop", () => {
  const pid = 4242;
  let controller: FakeController;
  beforeEach(async () => {
    controller = new FakeController();
    await controller.listen();
    await machine.announce({ port: controller.port, instanceId: controller.instance, pid, startedBy: "user" });
    machine.alive.add(pid);
  });
  afterEach(() => controller.close());

  test("asks the process to end and waits until it is gone", async () => {
    expect(await machine.run("stop")).toBe(0);
    expect(machine.terminated).toEqual([pid]);
    expect(machine.stdout.text).toBe(`The controller (process ${pid}) has stopped\n`);
  });

  test("doesn't cut operations short unless forced", async () => {
    controller.on("GET /v1/operations", () => ({ body: { items: [operationRecord({ id: "op-7" as never })] } }));
    expect(await machine.run("stop")).toBe(2);
    expect(machine.terminated).toEqual([]);
    expect(machine.stderr.text).toContain("op-7");
    expect(await machine.run("stop", "--force")).toBe(0);
    expect(machine.terminated).toEqual([pid]);
  });

  test("says so when the process stays", async () => {
    machine.overrides = { processes: { isAlive: () => true, terminate: () => undefined } };
    machine.time.pace = 100;
    expect(await machine.run("stop")).toBe(1);
    expect(machine.stderr.text).toContain(`kill -9 ${pid}`);
  });

  test("never ends a process that isn't the controller: a foreign instance on the port", async () => {
    await machine.announce({ port: controller.port, instanceId: "an-older-one", pid, startedBy: "user" });
    expect(await machine.run("stop")).toBe(0);
    expect(machine.terminated).toEqual([]);
    expect(machine.stderr.text).toContain("No controller serves");
  });
});
