import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventsToTheEnd, openTestController, refusal, request } from "#test/operations/test-controller.ts";
import { embeddedPlaces, type TestPlaces } from "#test/operations/test-place.ts";

const asker = { requester: "api" };
let places: TestPlaces;
beforeAll(async () => {
  places = await embeddedPlaces();
}, 60_000);
afterAll(() => places.remove());

const fresh = () => places.fresh();

describe("after the controller was killed", () => {
  test("what ran is marked interrupted with what to type next, what waited goes on", { timeout: 60_000 }, async () => {
    const place = await fresh();
    const child = spawn(process.execPath, [join(import.meta.dirname, "crash-program.ts"), JSON.stringify(place)], { stdio: ["ignore", "pipe", "inherit"] });
    const exited = once(child, "exit");
    const [line] = (await once(createInterface(child.stdout), "line")) as [string];
    const { running, waiting } = JSON.parse(line) as { running: string; waiting: string };
    child.kill("SIGKILL");
    await exited;

    const { operations, runs } = await openTestController(place);
    try {
      const ended = await operations.get(running);
      expect(ended).toMatchObject({ state: "failed", result: { state: "failed", changes: { create: 3 }, problem: { code: "operation_interrupted" } } });
      expect(ended.layerResults.map(({ layer }) => layer)).toEqual(["ground"]);
      expect(ended.result?.problem?.detail).toContain("strata up box --env dev");
      const events = await eventsToTheEnd(operations, running);
      expect(events.at(-1)?.type).toBe("finished");
      expect(events.every(({ sequence }, index) => sequence === index + 1)).toBe(true);

      await runs.of("dev").begun(1);
      expect(runs.of("dev").runs[0]!.request.kind).toBe("refresh");
      runs.of("dev").runs[0]!.end();
      await eventsToTheEnd(operations, waiting);
      expect((await operations.get(waiting)).state).toBe("succeeded");
      expect(runs.of("dev").runs).toHaveLength(1);
    } finally {
      await operations.close(0);
    }
  });
});

describe("a controller that closes", () => {
  test("asks what runs to end, records it as interrupted, and leaves what waits for the next one", async () => {
    const place = await fresh();
    const first = await openTestController(place);
    const running = await first.operations.submit(request("up", "dev"), asker);
    const waiting = await first.operations.submit(request("destroy", "dev"), asker);
    await first.runs.of("dev").begun(1);
    const events = eventsToTheEnd(first.operations, running.operation.id);
    await first.operations.close(10_000);
    expect((await events).at(-1)).toMatchObject({ type: "finished", result: { state: "failed", problem: { code: "operation_interrupted" } } });
    expect((await refusal(first.operations.submit(request("up", "dev"), asker))).code).toBe("shutting_down");

    const second = await openTestController(place);
    try {
      expect(await second.operations.get(running.operation.id)).toMatchObject({ state: "failed", result: { engine: "fake" } });
      await second.runs.of("dev").begun(1);
      expect(second.runs.of("dev").runs[0]!.request.kind).toBe("destroy");
      second.runs.of("dev").runs[0]!.end();
      await eventsToTheEnd(second.operations, waiting.operation.id);
    } finally {
      await second.operations.close(0);
    }
  });

  test("doesn't wait longer than its deadline for a run that won't end", async () => {
    const place = await fresh();
    const first = await openTestController(place);
    first.runs.of("dev").polite = false;
    const { operation } = await first.operations.submit(request("preview", "dev"), asker);
    await first.runs.of("dev").begun(1);
    await first.operations.close(50);
    // Too late to count.
    first.runs.of("dev").runs[0]!.end();

    const second = await openTestController(place);
    try {
      expect(await second.operations.get(operation.id)).toMatchObject({ state: "failed", result: { problem: { code: "operation_interrupted" } } });
      expect(second.runs.of("dev").runs).toHaveLength(0);
    } finally {
      await second.operations.close(0);
    }
  });

  test("gives its data folder free, which nobody else can open before", async () => {
    const place = await fresh();
    const first = await openTestController(place);
    const { code, detail } = await refusal(openTestController(place));
    expect(code).toBe("data_folder_in_use");
    expect(detail).toContain(`process ${process.pid}`);
    await first.operations.close(0);
    await (await openTestController(place)).operations.close(0);
  });
});
