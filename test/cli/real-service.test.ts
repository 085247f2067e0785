// The command line against the real service: whatever the two think of each other's requests and answers shows here.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { RecordedEvent } from "#core/operation.ts";
import type { OperationRecord, ScheduleRecord } from "#core/operation-record.ts";
import { listen } from "#server/listen.ts";
import { openTestService, type TestService, token } from "#test/server/test-service.ts";
import { FakeMachine } from "./fake-ports.ts";

let service: TestService;
let machine: FakeMachine;
let port: number;
beforeAll(async () => {
  service = await openTestService();
  port = await listen(service.app, "127.0.0.1", 0);
});
afterAll(() => service.close());
beforeEach(async () => {
  machine = await FakeMachine.make();
  await machine.announce({ port, instanceId: "instance-1", pid: 4242, startedBy: "user" }, token);
  service.runs.of("dev").instant = true;
});
afterEach(() => machine.remove());

async function json<T>(...argv: string[]): Promise<T> {
  const before = machine.stdout.text.length;
  expect(await machine.run(...argv, "--json"), machine.stderr.text).toBe(0);
  return JSON.parse(machine.stdout.text.slice(before)) as T;
}

describe("the command line and the real service", () => {
  test("agree on an up: submission, events, result, summary", async () => {
    expect(await machine.run("up", "box", "--scenario", "full", "--reason", "a test"), machine.stderr.text).toBe(0);
    expect(machine.stdout.text).toContain("[house] succeeded");
    expect(machine.stdout.text).toContain("Up of box/dev (full) succeeded");
    const [newest] = await json<OperationRecord[]>("operations", "box", "--state", "succeeded", "--kind", "up", "--limit", "1");
    expect(newest).toMatchObject({ kind: "up", scenario: "full", reason: "a test", result: { engine: "fake" } });
    expect(await machine.run("logs", newest!.id)).toBe(0);
    expect(await machine.run("status", "box"), machine.stderr.text).toBe(0);
    expect(machine.stdout.text).toContain("box/dev  scenario full, sandbox cluster box");
  });

  test("agree on every event of the stream, and on its being the same list afterwards", async () => {
    const before = machine.stdout.text.length;
    expect(await machine.run("refresh", "box", "--json")).toBe(0);
    const lines = (text: string) =>
      text
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as RecordedEvent);
    const streamed = lines(machine.stdout.text.slice(before));
    expect(streamed.map(({ sequence }) => sequence)).toEqual(streamed.map((_, i) => i + 1));
    const middle = machine.stdout.text.length;
    expect(await machine.run("logs", streamed[0]!.operation, "--json")).toBe(0);
    expect(lines(machine.stdout.text.slice(middle))).toEqual(streamed);
  });

  test("agree on cancelling by Ctrl-C", async () => {
    const lab = service.runs.of("lab");
    const begun = lab.runs.length;
    const exit = machine.run("up", "box", "--env", "lab");
    await lab.begun(begun + 1);
    machine.interrupt();
    expect(await exit, machine.stderr.text).toBe(4);
  });

  test("agree on refusals", async () => {
    expect(await machine.run("up", "box", "--scenario", "huge")).toBe(2);
    expect(machine.stderr.text).toContain("code: unknown_scenario");
    expect(await machine.run("up", "box", "--layer", "roof")).toBe(2);
    expect(machine.stderr.text).toContain("code: unknown_layer");
    expect(await machine.run("status", "box", "--env", "Not A Name")).toBe(2);
    expect(machine.stderr.text).toContain("code: invalid_name");
    expect(await machine.run("cancel", "op-1-1")).toBe(2);
    expect(machine.stderr.text).toContain("code: unknown_operation");
    expect(await machine.run("schedule", "add", "box", "--cron", "99 * * * *", "--kind", "refresh")).toBe(2);
    expect(machine.stderr.text).toContain("code: invalid_schedule");
  });

  test("agree on a busy environment", async () => {
    const lab = service.runs.of("lab");
    const begun = lab.runs.length;
    const detached = await json<OperationRecord>("up", "box", "--env", "lab", "--detach");
    await lab.begun(begun + 1);
    expect(await machine.run("refresh", "box", "--env", "lab", "--on-conflict", "reject")).toBe(2);
    expect(machine.stderr.text).toContain("code: operation_running");
    expect(machine.stderr.text).toContain(detached.id);
    expect(await machine.run("stop")).toBe(2);
    lab.runs.at(-1)?.end();
    expect(await machine.run("logs", detached.id, "--follow"), machine.stderr.text).toBe(0);
  });

  test("agree on systems, environments and outputs", async () => {
    expect(await json("systems", "box")).toMatchObject({ name: "box", layers: [{ layer: "ground" }, { layer: "house" }] });
    expect(await json("outputs", "box")).toEqual({ ground: { address: { value: { host: "here" } }, password: { secret: true } } });
    await json("env", "set", "box", "--env", "mine", "--scenario", "small", "--budget", "1Gi");
    await json("env", "set", "box", "--env", "mine", "--scenario", "full");
    expect(await json("status", "box", "--env", "mine")).toMatchObject({ scenario: "full", budget: { memoryBytes: 2 ** 30 }, version: 2 });
    expect(await machine.run("environments")).toBe(0);
    expect(await machine.run("systems")).toBe(0);
  });

  test("agree on the life of a schedule", async () => {
    const made = await json<ScheduleRecord>("schedule", "add", "box", "--cron", "0 7 * * *", "--kind", "refresh", "--time-zone", "Europe/Paris");
    expect(made).toMatchObject({ cron: "0 7 * * *", timeZone: "Europe/Paris", paused: false, action: { kind: "refresh" } });
    expect(await json("schedule", "pause", made.id)).toMatchObject({ paused: true, nextRuns: [] });
    expect(await json("schedule", "resume", made.id)).toMatchObject({ paused: false });
    expect(await json<ScheduleRecord[]>("schedule", "list")).toHaveLength(1);
    expect(await json("schedule", "remove", made.id)).toEqual({ removed: made.id });
    expect(await json<ScheduleRecord[]>("schedule", "list", "box")).toHaveLength(0);
  });

  test("don't talk without the token", async () => {
    expect(await machine.run("systems", "--token", "wrong")).toBe(2);
    expect(machine.stderr.text).toContain("code: unauthorized");
    expect(machine.stderr.text).not.toContain(token);
  });
});
