import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { StrataError } from "#core/errors.ts";
import { finished, layerFinished, layerResult, layerStarted, recorded, step } from "./events.ts";
import { FakeController, operationRecord, sse } from "./fake-controller.ts";
import { FakeMachine } from "./fake-ports.ts";

const orders = "/v1/environments/local-lab/lab/operations";
const record = operationRecord();
const events = recorded(
  { type: "state", state: "running" },
  layerStarted("platform_base"),
  step("platform_base", "started", "create", "web"),
  step("platform_base", "done", "create", "web"),
  { type: "diagnostic", severity: "warning", message: "this is deprecated" },
  layerFinished("platform_base"),
  finished(),
);

let machine: FakeMachine;
let controller: FakeController;

async function prepare({ isTTY = false } = {}): Promise<void> {
  await machine?.remove();
  machine = await FakeMachine.make({ isTTY });
  await machine.announce({ port: controller.port, instanceId: controller.instance, pid: 4242, startedBy: "user" });
}

beforeEach(async () => {
  controller = new FakeController();
  await controller.listen();
  await prepare();
});
afterEach(async () => {
  await controller.close();
  await machine.remove();
});

/** Lets a test wait for what a command does meanwhile. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** An operation that runs until it is cancelled. */
function runsUntilCancelled(): void {
  const [first, second] = events;
  let end: (() => void) | undefined;
  controller.runs(record, []);
  controller.on(`GET /v1/operations/${record.id}/events`, () => (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(sse(first!) + sse(second!));
    end = () => response.end(sse({ ...recorded(finished({ state: "cancelled" }))[0]!, sequence: 3 }));
  });
  controller.on(`POST /v1/operations/${record.id}/cancel`, () => {
    end?.();
    return { status: 202, body: record };
  });
}

describe("strata up without a terminal", () => {
  test("prints a line per event that matters, then the summary, and ends with 0", async () => {
    controller.runs(record, events);
    expect(await machine.run("up", "local-lab", "--scenario", "etl-minimal")).toBe(0);
    const lines = machine.stdout.text.split("\n");
    expect(lines.slice(0, 8)).toEqual([
      `up local-lab/lab (etl-minimal), operation ${record.id}`,
      "operation running",
      "[platform_base] started",
      "[platform_base] + kubernetes:core/v1:ConfigMap web created",
      "warning: this is deprecated",
      "[platform_base] succeeded in 3.0 s: 2 created",
      "",
      "Up of local-lab/lab (etl-minimal) succeeded: 2 created",
    ]);
    expect(machine.stdout.text).toContain("Next\n  strata status local-lab\n");
    expect(machine.stdout.raw).not.toContain("\u001b");
  });

  test("asks for what the options say, once recognisable by its key", async () => {
    controller.runs(record, events);
    const argv = [
      "up",
      "local-lab",
      "--scenario",
      "base",
      "--layer",
      "a",
      "-l",
      "b",
      "--target",
      "urn:x",
      "--reason",
      "because",
      "--force",
      "--on-conflict",
      "reject",
    ];
    await machine.run(...argv);
    const [order] = controller.seen("POST", orders);
    expect(order?.body).toEqual({ kind: "up", scenario: "base", layers: ["a", "b"], targets: ["urn:x"], reason: "because", force: true, onConflict: "reject" });
    expect(order?.headers["idempotency-key"]).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("asks again with the same key when the answer was lost", async () => {
    controller.runs(record, events);
    let lost = 0;
    controller.on(`POST ${orders}`, () => (response) => {
      if (lost++ === 0) response.destroy();
      else response.writeHead(202, { "content-type": "application/json" }).end(JSON.stringify(record));
    });
    expect(await machine.run("up", "local-lab")).toBe(0);
    const keys = controller.seen("POST", orders).map(({ headers }) => headers["idempotency-key"]);
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(1);
  });

  test("means the only system and its default environment when none is named", async () => {
    controller.runs(record, events);
    expect(await machine.run("preview")).toBe(0);
    expect(controller.seen("POST", orders)[0]?.body).toEqual({ kind: "preview", onConflict: "queue" });
  });

  test("names the systems when there are several, and the one that was meant", async () => {
    const item = { name: "local-lab", defaultEnvironment: "lab" };
    controller.on("GET /v1/systems", () => ({ body: { items: [item, { ...item, name: "dust-workspace" }] } }));
    expect(await machine.run("up")).toBe(2);
    expect(machine.stderr.text).toContain("Name a system: local-lab, dust-workspace.");
    expect(await machine.run("up", "local-lap")).toBe(2);
    expect(machine.stderr.text).toContain("There is no system 'local-lap', did you mean 'local-lab'?");
  });

  test("ends with 1 when the operation failed, naming layer, cause and what to type", async () => {
    const problem = { type: "", title: "A layer failed", status: 500, detail: "no route to cluster", code: "layer_failed" as const };
    const failed = { state: "failed" as const, problem, layers: [layerResult("platform_base", { state: "failed", problem })] };
    controller.runs(record, recorded(finished(failed)));
    expect(await machine.run("up", "local-lab")).toBe(1);
    expect(machine.stdout.text).toContain("error in platform_base: A layer failed: no route to cluster (layer_failed)");
    expect(machine.stdout.text).toContain(`  strata logs ${record.id}\n`);
  });

  test("ends with 2 when the controller refuses, with title, detail, next step and code, and no stack trace", async () => {
    controller.refuse(`POST ${orders}`, new StrataError("operation_running", "op-7 (destroy) runs.", { facts: { operation: "op-7" } }));
    expect(await machine.run("up", "local-lab")).toBe(2);
    expect(machine.stderr.text).toBe(
      [
        "error: Another operation runs in this environment: op-7 (destroy) runs.",
        "  next: strata logs op-7 --follow, or strata cancel op-7",
        "  code: operation_running",
        "",
      ].join("\n"),
    );
  });

  test("prints every event as a line of JSON with --json, and nothing else", async () => {
    controller.runs(record, events);
    expect(await machine.run("up", "local-lab", "--json")).toBe(0);
    expect(
      machine.stdout.text
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toEqual(events);
  });

  test("prints a refusal as a problem document on stderr with --json", async () => {
    controller.refuse(`POST ${orders}`, new StrataError("unknown_scenario", "no 'etl'", { fields: [{ pointer: "/scenario", detail: "unknown" }] }));
    expect(await machine.run("up", "local-lab", "--json")).toBe(2);
    expect(JSON.parse(machine.stderr.text)).toMatchObject({ code: "unknown_scenario", status: 422, errors: [{ pointer: "/scenario", detail: "unknown" }] });
    expect(machine.stdout.text).toBe("");
  });

  test("only submits with --detach", async () => {
    controller.runs(record, events);
    expect(await machine.run("up", "local-lab", "--detach")).toBe(0);
    expect(machine.stdout.text).toBe(`${record.id} is queued\n  strata logs ${record.id} --follow\n  strata cancel ${record.id}\n`);
    expect(controller.seen("GET", `/v1/operations/${record.id}/events`)).toHaveLength(0);
  });
});

describe("Ctrl-C", () => {
  test("once asks to cancel, says so, and waits for the end, which is 4", async () => {
    runsUntilCancelled();
    const exit = machine.run("up", "local-lab");
    await until(() => machine.stdout.text.includes("[platform_base] started"));
    machine.interrupt();
    expect(await exit).toBe(4);
    expect(machine.stderr.text).toContain(`Asked to cancel ${record.id}`);
    expect(controller.seen("POST", `/v1/operations/${record.id}/cancel`)).toHaveLength(1);
    expect(machine.stdout.text).toContain("Up of local-lab/lab (etl-minimal) was cancelled");
    expect(machine.interruptListeners.size).toBe(0);
  });

  test("twice leaves the operation to the controller and ends with 130", async () => {
    runsUntilCancelled();
    controller.on(`POST /v1/operations/${record.id}/cancel`, () => ({ status: 202, body: record }));
    const exit = machine.run("up", "local-lab");
    await until(() => machine.stdout.text.includes("[platform_base] started"));
    machine.interrupt();
    machine.interrupt();
    expect(await exit).toBe(130);
    expect(machine.stderr.text).toContain(`${record.id} goes on without you: 'strata logs ${record.id} --follow'`);
  });

  test("while the request is under way cancels as soon as the operation exists", async () => {
    runsUntilCancelled();
    let accept: (() => void) | undefined;
    controller.on(`POST ${orders}`, () => (response) => {
      accept = () => response.writeHead(202, { "content-type": "application/json" }).end(JSON.stringify(record));
    });
    let end: (() => void) | undefined;
    controller.on(`GET /v1/operations/${record.id}/events`, () => (response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      end = () => response.end(sse(recorded(finished({ state: "cancelled" }))[0]!));
    });
    controller.on(`POST /v1/operations/${record.id}/cancel`, () => ({ status: 202, body: record }));
    const exit = machine.run("up", "local-lab");
    await until(() => accept !== undefined);
    machine.interrupt();
    accept?.();
    await until(() => controller.seen("POST", `/v1/operations/${record.id}/cancel`).length === 1 && end !== undefined);
    end?.();
    expect(await exit).toBe(4);
  });

  test("says so when the operation can't be cancelled", async () => {
    runsUntilCancelled();
    let end: (() => void) | undefined;
    controller.on(`GET /v1/operations/${record.id}/events`, () => (response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(sse(events[0]!) + sse(events[1]!));
      end = () => response.end(sse({ ...events.at(-1)!, sequence: 3 }));
    });
    controller.refuse(`POST /v1/operations/${record.id}/cancel`, new StrataError("operation_finished", "it is over"));
    const exit = machine.run("up", "local-lab");
    await until(() => machine.stdout.text.includes("[platform_base] started"));
    machine.interrupt();
    await until(() => machine.stderr.text.includes("couldn't be cancelled: it is over"));
    end?.();
    expect(await exit).toBe(0);
  });
});

describe("strata up on a terminal", () => {
  test("draws a live tree, leaves messages above it, and ends with the summary alone", async () => {
    await prepare({ isTTY: true });
    controller.runs(record, events);
    expect(await machine.run("up", "local-lab", "--no-color")).toBe(0);
    expect(machine.stdout.text).toContain("warning: this is deprecated");
    expect(machine.stdout.text).toContain("Up of local-lab/lab (etl-minimal) succeeded: 2 created");
    expect(machine.stdout.text).not.toContain("[platform_base] started");
    expect(machine.stdout.listenerCount("resize")).toBe(0);
  });

  test("shows layers while they run, and follows the terminal's size", async () => {
    await prepare({ isTTY: true });
    runsUntilCancelled();
    const exit = machine.run("up", "local-lab");
    await until(() => machine.stdout.text.includes("platform_base"));
    machine.stdout.columns = 24;
    const before = machine.stdout.raw.length;
    machine.stdout.emit("resize");
    expect(machine.stdout.raw.length).toBeGreaterThan(before);
    machine.interrupt();
    expect(await exit).toBe(4);
    expect(machine.stdout.text).toContain("Asked to cancel");
  });

  test("lists what a preview found before its summary", async () => {
    await prepare({ isTTY: true });
    controller.runs(operationRecord({ kind: "preview" }), events);
    expect(await machine.run("preview", "local-lab", "--no-color")).toBe(0);
    expect(machine.stdout.text).toContain("[platform_base] + kubernetes:core/v1:ConfigMap web to create");
  });

  test("prints plain lines on a dumb one", async () => {
    await prepare({ isTTY: true });
    machine.env["TERM"] = "dumb";
    controller.runs(record, events);
    await machine.run("up", "local-lab");
    expect(machine.stdout.text).toContain("[platform_base] started");
    expect(machine.stdout.raw).not.toContain("\u001b");
  });
});

describe("strata destroy", () => {
  const destroy = operationRecord({ kind: "destroy" });

  test("does nothing where nobody can be asked, unless --yes is given", async () => {
    controller.runs(destroy, events);
    expect(await machine.run("destroy", "local-lab")).toBe(2);
    expect(machine.stderr.text).toContain("Destroying local-lab/lab can't be undone and nobody can be asked here: add --yes.");
    expect(controller.seen("POST", orders)).toHaveLength(0);
    expect(await machine.run("destroy", "local-lab", "--yes")).toBe(0);
    expect(controller.seen("POST", orders)[0]?.body).toEqual({ kind: "destroy", onConflict: "queue" });
  });

  test("goes on when the environment's name is typed", async () => {
    await prepare({ isTTY: true });
    controller.runs(destroy, events);
    const exit = machine.run("destroy", "local-lab");
    await until(() => machine.stdout.text.includes("Type local-lab/lab to go on:"));
    machine.stdin.write("local-lab/lab\n");
    expect(await exit).toBe(0);
  });

  test("does nothing when something else is typed", async () => {
    await prepare({ isTTY: true });
    controller.runs(destroy, events);
    const exit = machine.run("destroy", "local-lab");
    await until(() => machine.stdout.text.includes("Type local-lab/lab"));
    machine.stdin.write("yes\n");
    expect(await exit).toBe(2);
    expect(machine.stderr.text).toContain("'yes' isn't local-lab/lab: nothing was destroyed.");
    expect(controller.seen("POST", orders)).toHaveLength(0);
  });

  test("does nothing when the question is left by Ctrl-C or by the end of input", async () => {
    for (const leave of [() => machine.stdin.write("\u0003"), () => machine.stdin.end()]) {
      await prepare({ isTTY: true });
      controller.runs(destroy, events);
      const exit = machine.run("destroy", "local-lab");
      await until(() => machine.stdout.text.includes("Type local-lab/lab"));
      leave();
      expect(await exit).toBe(4);
      expect(controller.seen("POST", orders)).toHaveLength(0);
    }
  });
});
