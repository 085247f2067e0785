import { describe, expect, test } from "vitest";
import { isStrataError } from "#core/errors.ts";
import { TimeTable } from "#operations/time-table.ts";

function problemOf(cron: string, timeZone = "UTC") {
  try {
    new TimeTable(cron, timeZone);
  } catch (error) {
    if (isStrataError(error)) return error;
    throw error;
  }
  throw new Error(`'${cron}' was accepted`);
}

function upcoming(cron: string, timeZone: string, after: string, count = 2) {
  return new TimeTable(cron, timeZone).upcoming(new Date(after), count).map((time) => time.toISOString());
}

describe("a time table", () => {
  test("tells the coming times in its time zone", () => {
    expect(upcoming("30 3 * * mon-fri", "Europe/Berlin", "2026-07-03T12:00:00Z")).toEqual(["2026-07-06T01:30:00.000Z", "2026-07-07T01:30:00.000Z"]);
  });

  test("takes a time that the clock change leaves out at the change, and a doubled one once", () => {
    expect(upcoming("30 2 * * *", "Europe/Berlin", "2026-03-28T20:00:00Z")).toEqual(["2026-03-29T01:00:00.000Z", "2026-03-30T00:30:00.000Z"]);
    expect(upcoming("30 2 * * *", "Europe/Berlin", "2026-10-24T20:00:00Z")).toEqual(["2026-10-25T00:30:00.000Z", "2026-10-26T01:30:00.000Z"]);
  });

  test("fires on either day when both day fields are restricted", () => {
    expect(upcoming("0 0 1 * mon", "UTC", "2026-03-29T00:00:00Z", 3)).toEqual([
      "2026-03-30T00:00:00.000Z",
      "2026-04-01T00:00:00.000Z",
      "2026-04-06T00:00:00.000Z",
    ]);
  });

  test("tells the last time that was due, unless it is before a given one", () => {
    const table = new TimeTable("*/15 * * * *", "UTC");
    const now = new Date("2026-01-01T10:31:00Z");
    expect(table.lastDue(new Date("2026-01-01T10:00:00Z"), now)?.toISOString()).toBe("2026-01-01T10:30:00.000Z");
    expect(table.lastDue(new Date("2026-01-01T10:00:00Z"), new Date("2026-01-01T10:30:00Z"))?.toISOString()).toBe("2026-01-01T10:30:00.000Z");
    expect(table.lastDue(new Date("2026-01-01T10:31:00Z"), now)).toBeUndefined();
  });

  test.each([
    ["61 * * * *", "minute", "61"],
    ["* 24 * * *", "hour", "24"],
    ["* * 0 * *", "day of month", "0"],
    ["* * * foo *", "month", "foo"],
    ["* * * * 8", "day of week", "8"],
    ["* * * * L", "day of week", "L"],
    ["*/0 * * * *", "minute", "*/0"],
    ["5-1 * * * *", "minute", "5-1"],
    ["? * * * *", "minute", "?"],
  ])("refuses '%s' naming the %s, its value and what it may hold", (cron, field, value) => {
    const problem = problemOf(cron);
    expect(problem.code).toBe("invalid_schedule");
    expect(problem.detail).toContain(`the ${field}`);
    expect(problem.detail).toContain(value);
    expect(problem.detail).toContain("It may hold");
    expect(problem.fields[0]?.pointer).toBe("/cron");
  });

  test.each(["* * * *", "* * * * * *", "@daily", ""])("refuses '%s', which hasn't five fields", (cron) => {
    expect(problemOf(cron).detail).toContain("a cron expression has five: minute, hour, day of month, month, day of week");
  });

  test("refuses a day that never comes", () => {
    expect(problemOf("0 0 30 2 *").detail).toContain("never happens");
  });

  test("refuses an unknown time zone", () => {
    const problem = problemOf("* * * * *", "Mars/Olympus");
    expect(problem.fields[0]?.pointer).toBe("/timeZone");
    expect(problem.detail).toContain("Mars/Olympus");
  });
});
