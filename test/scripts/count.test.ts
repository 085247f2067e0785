import { describe, expect, test } from "vitest";
import { countReport } from "../../scripts/tests/count.ts";

const file = (status: string, ...tests: string[]) => ({ status, assertionResults: tests.map((one) => ({ status: one })) });
const report = (counts: { passed?: number; pending?: number; todo?: number }, ...testResults: object[]) =>
  JSON.stringify({ numPassedTests: counts.passed ?? 0, numPendingTests: counts.pending ?? 0, numTodoTests: counts.todo ?? 0, testResults });

describe("the count of a suite", () => {
  test("takes passed, failed, skipped and planned tests from the report", () => {
    const text = report({ passed: 2, pending: 1, todo: 1 }, file("failed", "passed", "failed", "failed"), file("passed", "passed", "skipped", "todo"));
    expect(countReport(text, false)).toEqual({ passed: 2, failed: 2, skipped: 2 });
  });

  test("has a failure for each file that couldn't be imported, beside the failed tests", () => {
    const text = report({ passed: 1 }, file("failed"), file("failed"), file("failed", "failed", "passed"));
    expect(countReport(text, false)).toEqual({ passed: 1, failed: 3, skipped: 0 });
  });

  test("has a failure for a file whose hook failed", () => {
    expect(countReport(report({ pending: 2 }, file("failed", "skipped", "skipped")), false)).toEqual({ passed: 0, failed: 1, skipped: 2 });
  });

  test("has a failure when everything passed but the suite ended badly", () => {
    expect(countReport(report({ passed: 1 }, file("passed", "passed")), false)).toEqual({ passed: 1, failed: 1, skipped: 0 });
  });

  test.each([
    ["no report", undefined],
    ["half a report", '{"numPassedTests":3'],
  ])("is one failure with %s, however the suite ended", (_what, text) => {
    for (const endedWell of [true, false]) expect(countReport(text, endedWell)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  test("is that of the report when all went well, also without a test", () => {
    expect(countReport(report({ passed: 1 }, file("passed", "passed")), true)).toEqual({ passed: 1, failed: 0, skipped: 0 });
    expect(countReport(report({}), true)).toEqual({ passed: 0, failed: 0, skipped: 0 });
  });
});
