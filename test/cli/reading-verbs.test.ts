import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { StrataError } from "#core/errors.ts";
import type { ComponentId, LayerId } from "#core/ids.ts";
import { finished, layerStarted, operationResult, recorded, step } from "./events.ts";
import { environment, FakeController, operationRecord, scheduleRecord } from "./fake-controller.ts";
import { FakeMachine } from "./fake-ports.ts";

let machine: FakeMachine;
let controller: FakeController;
beforeEach(async () => {
  machine = await FakeMachine.make();
  controller = new FakeController();
  await controller.listen();
  await machine.announce({ port: controller.port, instanceId: controller.instance, pid: 4242, startedBy: "user" });
});
afterEach(async () => {
  await controller.close();
  await machine.remove();
});

const layerStatus = (layer: string, fields: object = {}) => ({
  layer,
  stack: `local-lab.lab.${layer}`,
  operation: "op-1",
  kind: "up",
  state: "succeeded",
  changes: { create: 3 },
  finishedAt: "2026-11-21T08:00:00.000Z",
  standIns: [],
  ...fields,
});

describe("strata status", () => {
  const result = operationResult({
    capacity: {
      components: [{ component: "airflow" as ComponentId, layer: "platform_data" as LayerId, memoryBytes: 2 ** 31, cpuMillis: 500, pods: 3 }],
      memoryBytes: 2 ** 31,
      cpuMillis: 500,
    },
    access: [{ title: "Airflow", kind: "url", value: "https://airflow.lab.local" }],
    simulated: ["Nodes are simulated."],
  });

  test("shows layers, components, how to reach them, what isn't real, what waits, and schedules", async () => {
    const layers = [layerStatus("cluster"), layerStatus("platform_base")];
    controller.on("GET /v1/environments/local-lab/lab", () => ({
      body: { ...environment, layers, pending: [operationRecord({ kind: "refresh", state: "running" })] },
    }));
    controller.on("GET /v1/operations", () => ({ body: { items: [operationRecord({ state: "succeeded", result })] } }));
    controller.on("GET /v1/environments/local-lab/lab/schedules", () => ({
      body: { items: [scheduleRecord(), scheduleRecord({ paused: true, nextRuns: [] })] },
    }));
    expect(await machine.run("status", "local-lab")).toBe(0);
    const { text } = machine.stdout;
    expect(text).toContain("local-lab/lab  scenario etl-minimal, sandbox cluster local-lab-lab");
    expect(text).toContain("cluster        up              3 created     2026-11-21 08:00:00  op-1");
    expect(text).toContain("platform_data  never deployed");
    expect(text).toContain("refresh running since 2026-11-21 08:00:00 UTC");
    expect(text).toContain("airflow    platform_data     3  500m     2Gi");
    expect(text).toContain("Airflow  https://airflow.lab.local");
    expect(text).toContain("Nodes are simulated.");
    expect(text).toContain("refresh at '0 7 * * *' UTC, next 2026-11-22 07:00:00 UTC  sch-1");
    expect(text).toContain("paused");
    expect(controller.seen("GET", "/v1/operations")[0]?.query).toEqual({
      system: "local-lab",
      environment: "lab",
      kind: "up",
      state: "succeeded",
      limit: "50",
    });
  });

  test("shows why a layer failed, and nothing to reach after a destroy", async () => {
    const problem = { type: "", title: "A layer failed", status: 500, detail: "no space", code: "layer_failed" };
    const layers = [layerStatus("cluster", { state: "failed", problem }), layerStatus("platform_base", { kind: "destroy" })];
    controller.on("GET /v1/environments/local-lab/lab", () => ({ body: { ...environment, layers } }));
    await machine.run("status");
    expect(machine.stdout.text).toContain("up failed");
    expect(machine.stdout.text).toContain("destroyed");
    expect(machine.stdout.text).toContain("error in cluster: A layer failed: no space (layer_failed)");
    const destroyed = [layerStatus("cluster", { kind: "destroy" })];
    controller.on("GET /v1/environments/local-lab/lab", () => ({ body: { ...environment, layers: destroyed } }));
    controller.on("GET /v1/operations", () => ({ body: { items: [operationRecord({ state: "succeeded", result })] } }));
    const before = machine.stdout.text.length;
    await machine.run("status");
    expect(machine.stdout.text.slice(before)).not.toContain("How to reach it");
  });

  test("looks at the newest up of the whole scenario rather than at one of a single layer", async () => {
    const single = operationRecord({ id: "op-single" as never, state: "succeeded", layers: ["cluster" as LayerId], result: operationResult() });
    controller.on("GET /v1/environments/local-lab/lab", () => ({ body: { ...environment, layers: [layerStatus("cluster")] } }));
    controller.on("GET /v1/operations", () => ({ body: { items: [single, operationRecord({ state: "succeeded", result })] } }));
    await machine.run("status");
    expect(machine.stdout.text).toContain("Airflow  https://airflow.lab.local");
  });

  test("is one JSON document with --json", async () => {
    expect(await machine.run("status", "--json")).toBe(0);
    expect(JSON.parse(machine.stdout.text)).toMatchObject({ system: "local-lab", environment: "lab", schedules: [] });
  });

  test("of an unknown environment ends with 2", async () => {
    controller.refuse("GET /v1/environments/local-lab/prod", new StrataError("unknown_environment", "it has lab"));
    controller.on("GET /v1/environments/local-lab/prod/schedules", () => ({ body: { items: [] } }));
    expect(await machine.run("status", "local-lab", "--env", "prod")).toBe(2);
    expect(machine.stderr.text).toContain("next: strata environments");
  });
});

describe("strata outputs", () => {
  beforeEach(() => {
    controller.on("GET /v1/environments/local-lab/lab/layers/cluster/outputs", () => ({
      body: { url: { value: "https://x" }, password: { secret: true }, later: { unknown: true }, list: { value: [1, "two"] } },
    }));
    for (const layer of ["platform_base", "platform_data"])
      controller.refuse(`GET /v1/environments/local-lab/lab/layers/${layer}/outputs`, new StrataError("stack_not_found", "never deployed"));
  });

  test("shows those of every deployed layer, secrets masked", async () => {
    expect(await machine.run("outputs", "local-lab")).toBe(0);
    expect(machine.stdout.text.split("\n")).toEqual([
      "Layer    Output    Value",
      "cluster  url       https://x",
      "cluster  password  [secret]",
      "cluster  later     [unknown until deployed]",
      'cluster  list      [1,"two"]',
      "",
    ]);
  });

  test("of a layer that was named must exist", async () => {
    expect(await machine.run("outputs", "local-lab", "--layer", "platform_base")).toBe(2);
    expect(machine.stderr.text).toContain("code: stack_not_found");
  });
});

describe("strata logs", () => {
  const record = operationRecord({ state: "failed" });
  const problem = { type: "", title: "A layer failed", status: 500, detail: "no space", code: "layer_failed" as const };
  const events = recorded(layerStarted("l"), step("l", "done", "same", "a"), step("l", "done", "create", "b"), finished({ state: "failed", problem }));

  test("shows what was recorded with its times", async () => {
    controller.runs(record, events);
    expect(await machine.run("logs", record.id)).toBe(0);
    expect(machine.stdout.text.split("\n")).toEqual([
      "08:00:00 [l] started",
      "08:00:02 [l] + kubernetes:core/v1:ConfigMap b created",
      "08:00:03 error in operation: A layer failed: no space (layer_failed)",
      "",
    ]);
    expect(machine.stderr.text).toContain(`up local-lab/lab (etl-minimal), operation ${record.id}, failed`);
  });

  test("of a system are those of its newest operation", async () => {
    controller.runs(record, events);
    controller.on("GET /v1/operations", () => ({ body: { items: [record, operationRecord({ id: "op-old" as never })] } }));
    expect(await machine.run("logs", "local-lab", "--verbose")).toBe(0);
    expect(machine.stdout.text).toContain("a unchanged");
  });

  test("end with the operation's exit code when followed", async () => {
    controller.runs(record, events);
    expect(await machine.run("logs", record.id, "--follow", "--json")).toBe(1);
    expect(machine.stdout.text.trimEnd().split("\n")).toHaveLength(events.length);
  });

  test("say so when there is no operation yet", async () => {
    expect(await machine.run("logs", "local-lab")).toBe(2);
    expect(machine.stderr.text).toContain("There was no operation in local-lab/lab yet");
  });
});

describe("lists", () => {
  test("of operations are read page by page, up to the limit", async () => {
    controller.on("GET /v1/operations", ({ query }) =>
      query["cursor"]
        ? { body: { items: [operationRecord({ id: "op-b" as never })] } }
        : { body: { items: [operationRecord({ id: "op-a" as never })], next: "c1" } },
    );
    expect(await machine.run("operations", "local-lab", "--state", "failed", "--json")).toBe(0);
    expect((JSON.parse(machine.stdout.text) as { id: string }[]).map(({ id }) => id)).toEqual(["op-a", "op-b"]);
    expect(controller.seen("GET", "/v1/operations").map(({ query }) => query)).toEqual([
      { system: "local-lab", state: "failed", limit: "20" },
      { system: "local-lab", state: "failed", limit: "20", cursor: "c1" },
    ]);
    expect(await machine.run("operations", "--limit", "1")).toBe(0);
    expect(machine.stdout.text).not.toContain("op-b  up");
  });

  test("of systems and one system show what can be deployed and its memory", async () => {
    await machine.run("systems");
    expect(machine.stdout.text).toContain("local-lab  lab          base      Local lab");
    await machine.run("systems", "local-lab");
    expect(machine.stdout.text).toContain("etl-minimal      2.1Gi  ETL");
    expect(machine.stdout.text).toContain("platform_data  platform_base  Data");
  });

  test("of environments show scenario and cluster", async () => {
    await machine.run("environments");
    expect(machine.stdout.text).toContain("local-lab/lab  etl-minimal  sandbox cluster local-lab-lab");
  });
});

test("strata cancel asks the operation to stop", async () => {
  const record = operationRecord({ state: "running" });
  controller.on(`POST /v1/operations/${record.id}/cancel`, () => ({ status: 202, body: record }));
  expect(await machine.run("cancel", record.id)).toBe(0);
  expect(machine.stdout.text).toContain("is asked to stop");
  controller.refuse(`POST /v1/operations/${record.id}/cancel`, new StrataError("operation_finished", "it is over"));
  expect(await machine.run("cancel", record.id)).toBe(2);
});

describe("strata hosts print", () => {
  const access = ["https://argocd.lab.local", "http://minio.lab.local:9001/x", "https://argocd.lab.local/other", "http://127.0.0.1:8200", "http://localhost:1"];
  const result = operationResult({ access: access.map((value) => ({ title: "x", kind: "url" as const, value })) });

  test("prints each host name once, and no address", async () => {
    controller.on("GET /v1/operations", () => ({ body: { items: [operationRecord({ result })] } }));
    expect(await machine.run("hosts", "print", "--address", "10.0.0.5")).toBe(0);
    expect(machine.stdout.text).toBe("10.0.0.5\targocd.lab.local\n10.0.0.5\tminio.lab.local\n");
  });

  test("refuses what isn't an address", async () => {
    expect(await machine.run("hosts", "print", "--address", "here")).toBe(2);
  });
});
