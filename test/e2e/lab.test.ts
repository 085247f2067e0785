import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openToolchain } from "#bin/wiring/clusters.ts";
import { readSettings } from "#config/settings.ts";
import type { RecordedEvent } from "#core/operation.ts";
import type { OperationRecord } from "#core/operation-record.ts";
import { Strata } from "#test/_helpers/strata.ts";
import { toolNames } from "#toolchain/tools.ts";

let strata: Strata;
let kubectlPath: string;
beforeAll(async () => {
  strata = await Strata.create();
  const tools = openToolchain(readSettings(process.env));
  ({ kubectl: kubectlPath } = await tools.ensure(toolNames, { onProgress: console.log, signal: AbortSignal.timeout(14 * 60_000) }));
});
afterAll(() => strata?.remove());

async function kubectl(...args: string[]): Promise<string> {
  const kubeconfig = join(strata.dataFolder, "clusters/data-stack-lab/kubeconfig");
  return (await promisify(execFile)(kubectlPath, ["--kubeconfig", kubeconfig, ...args], { maxBuffer: 64 * 2 ** 20 })).stdout;
}

async function operation(id: string): Promise<OperationRecord> {
  return (await (await strata.request("GET", `/v1/operations/${id}`)).json()) as OperationRecord;
}

/** Waits until the operation is over. */
async function ended(id: string): Promise<OperationRecord> {
  return await waitFor(`operation ${id} ended`, 200, async () => {
    const record = await operation(id);
    return record.result ? record : undefined;
  });
}

/** Looks every `ms` until something is found; gives up before the test's own limit does, so that nothing goes on looking. */
async function waitFor<T>(what: string, ms: number, look: () => Promise<T | undefined>): Promise<T> {
  const limit = AbortSignal.timeout(4 * 60_000);
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (limit.aborted) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, ms));
  }
}

/** Whether the operation has created something in the layer. */
async function created(id: string, layer: string): Promise<boolean> {
  const response = await strata.request("GET", `/v1/operations/${id}/events?limit=1000`, undefined, { accept: "application/json" });
  const { items } = (await response.json()) as { items: RecordedEvent[] };
  return items.some((event) => event.type === "resource" && event.layer === layer && event.op === "create" && event.phase === "done");
}

async function post(body: object): Promise<{ status: number; location: string; body: Record<string, unknown> }> {
  const response = await strata.request("POST", "/v1/environments/local-lab/lab/operations", body);
  return { status: response.status, location: response.headers.get("location") ?? "", body: (await response.json()) as Record<string, unknown> };
}

describe("one command brings up the lab", () => {
  test("a preview before anything exists knows every layer and sums up the memory", async () => {
    const { code, stdout, stderr } = await strata.run("preview", "local-lab", "--scenario", "etl-minimal", "--json");
    expect(code, stderr + stdout).toBe(0);
    const events = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { type?: string; result?: OperationRecord["result"] });
    const result = events.find((event) => event.type === "finished")!.result!;
    expect(result.layers.map((layer) => [layer.layer, layer.state])).toEqual(
      ["cluster", "external", "platform_base", "platform_data"].map((layer) => [layer, "succeeded"]),
    );
    expect(result.changes.create).toBeGreaterThan(200);
    expect(result.capacity!.components.map((component) => component.component)).toEqual(
      expect.arrayContaining(["airflow", "minio", "mlflow", "postgres", "argocd", "traefik"]),
    );
    expect(result.capacity!.memoryBytes).toBeGreaterThan(6 * 2 ** 30);
    expect(result.capacity!.memoryBytes).toBeLessThan(result.capacity!.budgetMemoryBytes!);
  });

  test("lab up ends by telling what runs, how to reach it, what isn't real and what to type next", async () => {
    const { code, stdout, stderr } = await strata.run("lab", "up", "--scenario", "etl-minimal");
    expect(code, stderr + stdout).toBe(0);
    for (const told of [
      "airflow",
      "KUBECONFIG=",
      "https://argocd.lab.local",
      "get secret airflow-admin",
      "Nodes are simulated",
      "stand-in",
      "unproven",
      "Next",
    ])
      expect(stdout).toContain(told);
  });

  test("the workloads of the scenario are on the API server and ready", async () => {
    const workloads = await kubectl("get", "deploy,sts,ingressroute", "-A", "-o", "name");
    for (const name of ["airflow-scheduler", "mlflow", "argocd-server", "traefik", "statefulset.apps/postgres", "ingressroute.traefik.io/argocd"])
      expect(workloads).toContain(name);
    const ready = JSON.parse(await kubectl("get", "deploy,sts", "-A", "-o", "json")) as {
      items: { metadata: { name: string }; spec: { replicas: number }; status: { readyReplicas?: number } }[];
    };
    expect(ready.items.filter((item) => item.spec.replicas !== (item.status.readyReplicas ?? 0)).map((item) => item.metadata.name)).toEqual([]);
  });

  test("no image comes from the frozen Bitnami catalogue", async () => {
    expect(await kubectl("get", "pods", "-A", "-o", "jsonpath={.items[*].spec.containers[*].image}")).not.toMatch(/bitnami(legacy)?\//);
  });

  test("every stand-in is marked on the object itself", async () => {
    expect(await kubectl("get", "deploy,sts", "-A", "-l", "strata.dev/stand-in=true", "-o", "name")).toContain("airflow-scheduler");
    expect(await kubectl("get", "sts", "-n", "external", "postgres", "-o", "jsonpath={.metadata.labels}")).not.toContain("stand-in");
  });

  test("a second up changes nothing", async () => {
    const { location } = await post({ kind: "up" });
    const { result } = await ended(location.split("/").at(-1)!);
    expect(result!.state).toBe("succeeded");
    const { same, read, ...changed } = result!.changes;
    expect(changed).toEqual({});
    expect(same).toBeGreaterThan(200);
    expect(read ?? 0).toBeLessThan(10);
  });

  test("a manual preview of one layer on the same state shows no change", async () => {
    const { code, stdout, stderr } = await strata.run("pulumi", "preview", "-s", "local-lab.lab.platform_base", "--expect-no-changes", "--non-interactive");
    expect(code, stdout + stderr).toBe(0);
    expect(stdout).toMatch(/unchanged/);
  });
});

describe("the same over HTTP", () => {
  test("an operation is accepted with its address and streams its events to the end", async () => {
    const { status, location } = await post({ kind: "preview", layers: ["cluster"] });
    expect(status).toBe(202);
    expect(location).toMatch(/^\/v1\/operations\/op-/);
    const stream = await strata.request("GET", `${location}/events`, undefined, { accept: "text/event-stream" });
    const text = await stream.text();
    const sequences = [...text.matchAll(/^id: ?(\d+)$/gm)].map((match) => Number(match[1]));
    expect(sequences).toEqual(sequences.map((_, i) => i + 1));
    expect(text).toContain('"type":"finished"');
    const resumed = await (
      await strata.request("GET", `${location}/events`, undefined, { accept: "text/event-stream", "last-event-id": String(sequences.at(-2)) })
    ).text();
    expect([...resumed.matchAll(/^id: ?(\d+)$/gm)].map((match) => Number(match[1]))).toEqual([sequences.at(-1)]);
  });

  test("a second operation while one runs is refused when asked to, and waits otherwise", async () => {
    const first = await post({ kind: "preview" });
    const refused = await post({ kind: "up", onConflict: "reject" });
    expect(refused.status).toBe(409);
    expect(refused.body).toMatchObject({ code: "operation_running" });
    const waiting = await post({ kind: "preview", layers: ["cluster"] });
    const [a, b] = [await ended(first.location.split("/").at(-1)!), await ended(waiting.location.split("/").at(-1)!)];
    expect([a.state, b.state]).toEqual(["succeeded", "succeeded"]);
    expect(Date.parse(b.startedAt!)).toBeGreaterThanOrEqual(Date.parse(a.finishedAt!));
  });

  test("outputs are shown without their secrets", async () => {
    const outputs = await (await strata.request("GET", "/v1/environments/local-lab/lab/layers/platform_base/outputs")).text();
    expect(outputs).toContain("argocd.lab.local");
    const secret = Buffer.from(await kubectl("get", "secret", "-n", "argocd", "argocd-admin", "-o", "jsonpath={.data.password}"), "base64").toString();
    expect(secret.length).toBeGreaterThan(8);
    for (const place of ["/v1/environments/local-lab/lab", "/v1/operations", "/v1/environments/local-lab/lab/layers/platform_base/resources"])
      expect(await (await strata.request("GET", place)).text()).not.toContain(secret);
    expect(outputs).not.toContain(secret);
    expect(await readFile(join(strata.dataFolder, "state/.pulumi/stacks/strata/local-lab.lab.platform_base.json"), "utf8")).not.toContain(secret);
    expect(await readFile(join(strata.dataFolder, "controller.log"), "utf8").catch(() => "")).not.toContain(secret);
  });

  test.each([
    [
      "an unknown scenario",
      "POST",
      "/v1/environments/local-lab/lab/operations",
      { kind: "up", scenario: "etl-maximal" },
      422,
      "unknown_scenario",
      "etl-maximal",
    ],
    ["an unknown layer", "POST", "/v1/environments/local-lab/lab/operations", { kind: "up", layers: ["platform_bass"] }, 422, "unknown_layer", "platform_bass"],
    ["an unknown system", "POST", "/v1/environments/local-lap/lab/operations", { kind: "up" }, 404, "unknown_system", "local-lap"],
    ["an unknown environment", "POST", "/v1/environments/local-lab/moon/operations", { kind: "up" }, 404, "unknown_environment", "moon"],
    ["a wrong type", "POST", "/v1/environments/local-lab/lab/operations", { kind: "up", layers: "cluster" }, 400, "invalid_request", "layers"],
    [
      "a bad cron expression",
      "POST",
      "/v1/environments/local-lab/lab/schedules",
      { cron: "61 * * * *", action: { kind: "refresh" } },
      422,
      "invalid_schedule",
      "61",
    ],
    ["an illegal name", "PUT", "/v1/environments/local-lab/Lab!", {}, 422, "invalid_name", "Lab!"],
  ])("%s is refused with a problem that names it", async (_what, method, path, body, status, code, value) => {
    const response = await strata.request(method, path, body);
    const problem = (await response.json()) as { code: string; detail: string; errors?: { pointer: string; detail: string }[] };
    expect([response.status, problem.code]).toEqual([status, code]);
    expect(response.headers.get("content-type")).toContain("application/problem+json");
    expect(JSON.stringify(problem)).toContain(value);
  });

  test("no token, no answer", async () => {
    expect((await fetch(`http://127.0.0.1:${strata.port}/v1/systems`)).status).toBe(401);
  });
});

describe("what drifts is found and put right", () => {
  test("a refresh finds a deployment that somebody deleted, and the next up makes it again", async () => {
    await kubectl("delete", "deployment", "-n", "data", "mlflow");
    const refreshed = await ended((await post({ kind: "refresh" })).location.split("/").at(-1)!);
    expect(refreshed.result).toMatchObject({ state: "succeeded", changes: { delete: 1 } });
    const up = await ended((await post({ kind: "up" })).location.split("/").at(-1)!);
    expect(up.result).toMatchObject({ state: "succeeded", changes: { create: 1 } });
    expect(await kubectl("get", "deployment", "-n", "data", "mlflow", "-o", "name")).toContain("mlflow");
  });

  test("a changed number of replicas is found and set back", async () => {
    await kubectl("scale", "deployment", "-n", "argocd", "argocd-server", "--replicas", "3");
    const { code, stdout, stderr } = await strata.run("lab", "refresh");
    expect(code, stdout + stderr).toBe(0);
    expect(await kubectl("get", "deployment", "-n", "argocd", "argocd-server", "-o", "jsonpath={.spec.replicas}")).toBe("1");
  });

  test("a schedule refreshes the environment at its time", async () => {
    const added = await strata.request("POST", "/v1/environments/local-lab/lab/schedules", {
      cron: "* * * * *",
      timeZone: "UTC",
      action: { kind: "refresh", layers: ["external"] },
    });
    expect(added.status).toBe(201);
    const schedule = (await added.json()) as { id: string; nextRuns: string[] };
    expect(schedule.nextRuns.length).toBeGreaterThan(0);
    const fired = await waitFor("the schedule fired", 1000, async () => {
      const { items } = (await (await strata.request("GET", "/v1/operations")).json()) as { items: OperationRecord[] };
      return items.find((item) => item.requester === `schedule:${schedule.id}`);
    });
    expect((await ended(fired.id)).result).toMatchObject({ state: "succeeded" });
    expect((await strata.request("DELETE", `/v1/environments/local-lab/lab/schedules/${schedule.id}`)).status).toBe(204);
  });
});

describe("a controller that dies loses nothing", () => {
  test("an operation that was cut short is marked, and the next one goes on without help", async () => {
    const destroyed = await ended((await post({ kind: "destroy", layers: ["platform_data"] })).location.split("/").at(-1)!);
    expect(destroyed.state).toBe("succeeded");
    const { location } = await post({ kind: "up" });
    const id = location.split("/").at(-1)!;
    await waitFor("the operation created something in platform_data", 50, async () => {
      expect((await operation(id)).result).toBeUndefined();
      return (await created(id, "platform_data")) || undefined;
    });
    const { pid } = JSON.parse(await readFile(join(strata.dataFolder, "controller.json"), "utf8")) as { pid: number };
    process.kill(pid, "SIGKILL");
    const { code, stdout, stderr } = await strata.run("up", "local-lab");
    expect(code, stdout + stderr).toBe(0);
    expect(await operation(id)).toMatchObject({ state: "failed", result: { problem: { code: "operation_interrupted" } } });
    const again = await ended((await post({ kind: "up" })).location.split("/").at(-1)!);
    const { same: _same, read: _read, ...changed } = again.result!.changes;
    expect(changed).toEqual({});
  });
});

describe("the lab goes down without a trace", () => {
  test("lab down removes every resource, stops the cluster and the controller", async () => {
    const { code, stdout, stderr } = await strata.run("lab", "down", "--yes");
    expect(code, stdout + stderr).toBe(0);
    expect(await strata.processes()).toEqual([]);
    await expect(fetch(`http://127.0.0.1:${strata.port}/healthz`)).rejects.toThrow();
    for (const layer of ["cluster", "external", "platform_base", "platform_data"]) {
      const checkpoint = JSON.parse(await readFile(join(strata.dataFolder, `state/.pulumi/stacks/strata/local-lab.lab.${layer}.json`), "utf8")) as {
        checkpoint: { latest: { resources?: unknown[] } };
      };
      expect(checkpoint.checkpoint.latest.resources ?? []).toEqual([]);
    }
  });
});
