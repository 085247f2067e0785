import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ControllerFile } from "#cli/ports.ts";
import type { ClusterStatus } from "#core/cluster-status.ts";
import { finished, recorded } from "./events.ts";
import { environment, FakeController, operationRecord, scheduleRecord } from "./fake-controller.ts";
import { FakeMachine } from "./fake-ports.ts";

const pid = 4242;
let machine: FakeMachine;
let controller: FakeController;
let stopped: string[];

async function announce(startedBy: ControllerFile["startedBy"]): Promise<void> {
  await machine.announce({ port: controller.port, instanceId: controller.instance, pid, startedBy });
}

function runs(kind: "up" | "refresh" | "destroy", state: "succeeded" | "failed" = "succeeded"): void {
  controller.runs(operationRecord({ kind }), recorded(finished({ state })));
}

beforeEach(async () => {
  machine = await FakeMachine.make();
  machine.alive.add(pid);
  controller = new FakeController();
  await controller.listen();
  await announce("cli");
  stopped = [];
  const cluster: ClusterStatus = { name: "local-lab-lab", source: "sandbox", state: "running", processes: [] };
  machine.overrides = {
    cluster: {
      ...machine.ports.cluster,
      list: async () => [cluster],
      stop: async (name) => {
        stopped.push(name);
      },
    },
  };
});
afterEach(async () => {
  await controller.close();
  await machine.remove();
});

describe("strata lab", () => {
  test("up is the up of local-lab", async () => {
    runs("up");
    expect(await machine.run("lab", "up", "--scenario", "etl-minimal")).toBe(0);
    expect(controller.seen("POST", "/v1/environments/local-lab/lab/operations")[0]?.body).toEqual({ kind: "up", scenario: "etl-minimal" });
  });

  test("refresh records what drifted, then puts it right", async () => {
    const orders: unknown[] = [];
    controller.on("POST /v1/environments/local-lab/lab/operations", ({ body }) => {
      orders.push(body);
      return { status: 202, body: operationRecord({ kind: (body as { kind: "up" }).kind }) };
    });
    controller.on("GET /v1/operations/op-0mi8k2a10-1234abcd/events", () => (response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.end(
        recorded(finished())
          .map((event) => `data: ${JSON.stringify(event)}\n\n`)
          .join(""),
      );
    });
    expect(await machine.run("lab", "refresh")).toBe(0);
    expect(orders).toEqual([{ kind: "refresh" }, { kind: "up" }]);
  });

  test("refresh doesn't go on when the refresh failed", async () => {
    runs("refresh", "failed");
    expect(await machine.run("lab", "refresh")).toBe(1);
    expect(controller.seen("POST", "/v1/environments/local-lab/lab/operations")).toHaveLength(1);
  });

  test("status is the status of local-lab", async () => {
    expect(await machine.run("lab", "status")).toBe(0);
    expect(machine.stdout.text).toContain("local-lab/lab  scenario etl-minimal");
  });
});

describe("strata lab down", () => {
  beforeEach(() => runs("destroy"));

  test("pauses schedules, destroys, stops the sandbox, and stops a controller that a command started", async () => {
    let paused = false;
    controller.on("GET /v1/environments/local-lab/lab/schedules", () => ({ body: { items: [scheduleRecord({ paused })] } }));
    controller.on("PATCH /v1/environments/local-lab/lab/schedules/sch-1", ({ body }) => {
      paused = (body as { paused: boolean }).paused;
      return { body: scheduleRecord({ paused }) };
    });
    expect(await machine.run("lab", "down", "--yes")).toBe(0);
    const acts = controller.requests.filter(({ method }) => method !== "GET").map(({ method, path }) => `${method} ${path}`);
    expect(acts).toEqual(["PATCH /v1/environments/local-lab/lab/schedules/sch-1", "POST /v1/environments/local-lab/lab/operations"]);
    expect(paused).toBe(true);
    expect(stopped).toEqual(["local-lab-lab"]);
    expect(machine.terminated).toEqual([pid]);
  });

  test("asks first, or needs --yes where nobody can be asked", async () => {
    expect(await machine.run("lab", "down")).toBe(2);
    expect(controller.requests.filter(({ method }) => method !== "GET")).toEqual([]);
    expect(stopped).toEqual([]);
  });

  test("leaves everything running when the destroy failed, so that it can be repeated", async () => {
    runs("destroy", "failed");
    expect(await machine.run("lab", "down", "--yes")).toBe(1);
    expect(stopped).toEqual([]);
    expect(machine.terminated).toEqual([]);
  });

  test("leaves a controller that the user started", async () => {
    await announce("user");
    expect(await machine.run("lab", "down", "--yes")).toBe(0);
    expect(stopped).toEqual(["local-lab-lab"]);
    expect(machine.terminated).toEqual([]);
  });

  test("leaves a controller that runs something else or has schedules of other environments", async () => {
    const other = { ...environment, environment: "mine", cluster: { source: "sandbox", name: "mine", nodes: [] } };
    controller.on("GET /v1/environments", () => ({ body: { items: [environment, other] } }));
    controller.on("GET /v1/environments/local-lab/mine/schedules", () => ({ body: { items: [scheduleRecord({ id: "sch-9" as never })] } }));
    expect(await machine.run("lab", "down", "--yes")).toBe(0);
    expect(machine.terminated).toEqual([]);
    expect(machine.stderr.text).toContain("The controller goes on for sch-9");
    controller.on("GET /v1/environments/local-lab/mine/schedules", () => ({ body: { items: [] } }));
    controller.on("GET /v1/operations", ({ query }) => ({ body: { items: query["state"] === "running" ? [operationRecord({ id: "op-7" as never })] : [] } }));
    expect(await machine.run("lab", "down", "--yes")).toBe(0);
    expect(machine.stderr.text).toContain("The controller goes on for op-7");
    expect(machine.terminated).toEqual([]);
  });

  test("leaves a sandbox that another environment lands on", async () => {
    controller.on("GET /v1/environments", () => ({ body: { items: [environment, { ...environment, environment: "mine" }] } }));
    controller.on("GET /v1/environments/local-lab/mine/schedules", () => ({ body: { items: [] } }));
    expect(await machine.run("lab", "down", "--yes")).toBe(0);
    expect(stopped).toEqual([]);
    expect(machine.stderr.text).toContain("local-lab/mine may use it");
  });

  test("leaves somebody else's cluster and a controller that was named by its address", async () => {
    const named = { ...environment, cluster: { source: "kubeconfig", path: "/k" } };
    controller.on("GET /v1/environments/local-lab/lab", () => ({ body: named }));
    expect(await machine.run("lab", "down", "--yes")).toBe(0);
    expect(stopped).toEqual([]);
    machine.terminated.length = 0;
    expect(await machine.run("lab", "down", "--yes", "--url", controller.url, "--token", "secret-token")).toBe(0);
    expect(machine.terminated).toEqual([]);
  });
});
