import { afterAll, beforeAll, expect, test } from "vitest";
import { eventsToTheEnd, openTestController, type TestController } from "#test/operations/test-controller.ts";
import { embeddedPlaces, type TestPlaces } from "#test/operations/test-place.ts";

let places: TestPlaces;
let controller: TestController;
beforeAll(async () => {
  places = await embeddedPlaces();
  controller = await openTestController(await places.fresh());
});
afterAll(async () => {
  await controller.operations.close(0);
  await places.remove();
});

test("a schedule of every minute fires by itself, minute after minute, and stops when it is paused", async () => {
  const { operations, runs } = controller;
  runs.of("dev").instant = true;
  const place = { system: "box", environment: "dev" };
  const schedule = await operations.schedules.create(place, { cron: "* * * * *", action: { kind: "refresh", reason: "by the clock" } }, "test");
  await runs.of("dev").begun(2);
  await operations.schedules.setPaused(place, schedule.id, true, "test");
  const { items } = await operations.list({ schedule: schedule.id });
  expect(items.map(({ kind, reason, requester }) => ({ kind, reason, requester }))).toEqual([
    { kind: "refresh", reason: "by the clock", requester: `schedule:${schedule.id}` },
    { kind: "refresh", reason: "by the clock", requester: `schedule:${schedule.id}` },
  ]);
  await eventsToTheEnd(operations, items[0]!.id);
  const [second, first] = items.map(({ submittedAt }) => Math.floor(Date.parse(submittedAt) / 60_000));
  expect(second! - first!).toBe(1);
});
