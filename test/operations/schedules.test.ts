import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { EnvironmentName, LayerId, ScenarioName } from "#core/ids.ts";
import { TestClock } from "#test/operations/test-clock.ts";
import { eventsToTheEnd, newEnvironment, openTestController, refusal, request, type TestController } from "#test/operations/test-controller.ts";
import { embeddedPlaces, type TestPlaces } from "#test/operations/test-place.ts";

const start = "2026-05-04T09:58:30Z";
const hourly = { cron: "0 * * * *", action: { kind: "refresh", reason: "hourly" } } as const;

let places: TestPlaces;
let controller: TestController;
let environment: EnvironmentName;
const clock = new TestClock(start);

beforeAll(async () => {
  places = await embeddedPlaces();
  controller = await openTestController(await places.fresh(), clock);
}, 60_000);
afterAll(async () => {
  await controller.operations.close(0);
  await places.remove();
}, 60_000);
beforeEach(async () => {
  clock.set(start);
  environment = await newEnvironment(controller.operations);
});
afterEach(async () => {
  for (const { system, environment, id } of await controller.operations.schedules.list())
    await controller.operations.schedules.remove({ system, environment }, id, "test");
});

const place = () => ({ system: "box", environment });
const create = (schedule: Parameters<TestController["operations"]["schedules"]["create"]>[1] = hourly) =>
  controller.operations.schedules.create(place(), schedule, "test");
const fireAt = async (time: string) => {
  clock.set(time);
  await controller.operations.fireDueSchedules();
};
const asked = async () => (await controller.operations.list({ environment })).items;

describe("a schedule", () => {
  test("asks for its operation when it is due, and once only", async () => {
    controller.runs.of(environment).instant = true;
    const schedule = await create();
    expect(schedule.nextRuns.slice(0, 2)).toEqual(["2026-05-04T10:00:00.000Z", "2026-05-04T11:00:00.000Z"]);
    await fireAt("2026-05-04T09:59:59Z");
    expect(await asked()).toEqual([]);
    await fireAt("2026-05-04T10:00:20Z");
    await fireAt("2026-05-04T10:00:50Z");
    const [operation, ...more] = await asked();
    expect(more).toEqual([]);
    expect(operation).toMatchObject({ kind: "refresh", reason: "hourly", requester: `schedule:${schedule.id}` });
    const after = await controller.operations.schedules.get(place(), schedule.id);
    expect(after.lastRun).toEqual({ dueAt: "2026-05-04T10:00:00.000Z", outcome: "submitted", operation: operation!.id });
    expect(after.nextRuns[0]).toBe("2026-05-04T11:00:00.000Z");
    await eventsToTheEnd(controller.operations, operation!.id);
    expect((await controller.operations.list({ schedule: schedule.id })).items).toHaveLength(1);
  });

  test("that fires in two processes at once asks once", async () => {
    controller.runs.of(environment).instant = true;
    await create();
    clock.set("2026-05-04T10:00:20Z");
    await Promise.all([controller.operations.fireDueSchedules(), controller.operations.fireDueSchedules()]);
    expect(await asked()).toHaveLength(1);
  });

  test("skips a time while its previous operation isn't over", async () => {
    const schedule = await create();
    await fireAt("2026-05-04T10:00:20Z");
    await controller.runs.of(environment).begun(1);
    const [first] = await asked();
    await fireAt("2026-05-04T11:00:20Z");
    expect(await asked()).toHaveLength(1);
    expect((await controller.operations.schedules.get(place(), schedule.id)).lastRun).toMatchObject({
      dueAt: "2026-05-04T11:00:00.000Z",
      outcome: "skipped",
      operation: first!.id,
    });
    controller.runs.of(environment).runs[0]!.end();
    await eventsToTheEnd(controller.operations, first!.id);
    await fireAt("2026-05-04T12:00:20Z");
    expect(await asked()).toHaveLength(2);
    await controller.runs.of(environment).begun(2);
    controller.runs.of(environment).runs[1]!.end();
  });

  test("doesn't make up for times when no controller ran", async () => {
    const schedule = await create();
    await fireAt("2026-05-04T17:20:00Z");
    expect(await asked()).toEqual([]);
    const after = await controller.operations.schedules.get(place(), schedule.id);
    expect(after.lastRun).toEqual({ dueAt: "2026-05-04T17:00:00.000Z", outcome: "skipped", detail: "No controller ran at that time." });
    expect(after.nextRuns[0]).toBe("2026-05-04T18:00:00.000Z");
  });

  test("rests while it is paused, and goes on with the next time after that", async () => {
    controller.runs.of(environment).instant = true;
    const schedule = await create({ ...hourly, paused: true });
    expect(schedule.nextRuns).toEqual([]);
    await fireAt("2026-05-04T10:00:20Z");
    clock.set("2026-05-04T10:00:30Z");
    expect((await controller.operations.schedules.setPaused(place(), schedule.id, false, "test")).nextRuns[0]).toBe("2026-05-04T11:00:00.000Z");
    await controller.operations.fireDueSchedules();
    expect(await asked()).toEqual([]);
    await fireAt("2026-05-04T11:00:05Z");
    expect(await asked()).toHaveLength(1);
    await controller.operations.schedules.setPaused(place(), schedule.id, true, "test");
    await fireAt("2026-05-04T12:00:05Z");
    expect(await asked()).toHaveLength(1);
  });

  test("whose operation is refused says why, and others still fire", async () => {
    controller.runs.of(environment).instant = true;
    const { schedules, environments } = controller.operations;
    await environments.put("box", environment, { scenario: "full" }, { requester: "test" });
    const house = await create({ ...hourly, action: { kind: "up", layers: ["house" as LayerId] } });
    const fine = await create();
    await environments.put("box", environment, { scenario: "small" }, { requester: "test" });
    await fireAt("2026-05-04T10:00:20Z");
    expect((await schedules.get(place(), house.id)).lastRun).toMatchObject({ outcome: "refused", problem: { code: "unknown_layer" } });
    expect((await schedules.get(place(), fine.id)).lastRun?.outcome).toBe("submitted");
  });

  test("is refused when it could never run", async () => {
    const { schedules } = controller.operations;
    const refusals = [
      refusal(create({ ...hourly, cron: "99 * * * *" })),
      refusal(create({ ...hourly, timeZone: "Nowhere/Land" })),
      refusal(create({ ...hourly, action: { kind: "up", scenario: "huge" as ScenarioName } })),
      refusal(create({ ...hourly, action: { kind: "up", layers: ["roof" as LayerId] } })),
      refusal(schedules.create({ system: "box", environment: "nowhere" }, hourly, "test")),
      refusal(schedules.get(place(), "sch-none")),
    ];
    expect((await Promise.all(refusals)).map(({ code }) => code)).toEqual([
      "invalid_schedule",
      "invalid_schedule",
      "unknown_scenario",
      "unknown_layer",
      "unknown_environment",
      "unknown_schedule",
    ]);
    expect(await schedules.list(place())).toEqual([]);
  });

  test("belongs to its environment and is gone when it is removed", async () => {
    const { schedules } = controller.operations;
    const schedule = await create();
    expect((await schedules.list(place())).map(({ id }) => id)).toEqual([schedule.id]);
    expect((await refusal(schedules.get({ system: "box", environment: "dev" }, schedule.id))).code).toBe("unknown_schedule");
    await schedules.remove(place(), schedule.id, "test");
    expect((await refusal(schedules.remove(place(), schedule.id, "test"))).code).toBe("unknown_schedule");
    await fireAt("2026-05-04T10:00:20Z");
    expect(await asked()).toEqual([]);
  });
});

describe("old operations", () => {
  test("are removed with their events after 90 days, except those that a layer's status points to", async () => {
    const { operations, runs } = controller;
    runs.of(environment).instant = true;
    const ids = [];
    for (const kind of ["preview", "up", "refresh"] as const) {
      const { operation } = await operations.submit(request(kind, environment), { requester: "api" });
      await eventsToTheEnd(operations, operation.id);
      ids.push(operation.id);
    }
    await operations.removeOldRecords();
    expect(await asked()).toHaveLength(3);
    clock.set("2026-09-01T00:00:00Z");
    expect(await operations.removeOldRecords()).toBeGreaterThanOrEqual(2);
    expect((await asked()).map(({ id }) => id)).toEqual([ids[2]]);
    expect((await refusal(operations.events(ids[0]!))).code).toBe("unknown_operation");
    expect(await operations.events(ids[2]!)).toHaveLength(6);
  });
});
