import type { EngineEvent } from "@pulumi/pulumi/automation/events.js";
import { expect, test } from "vitest";
import { FailureCollector } from "#automation/failure.ts";

const diagnostic = (severity: string, message: string, urn?: string) =>
  ({ sequence: 0, timestamp: 0, diagnosticEvent: { severity, message, color: "raw", ...(urn ? { urn } : {}) } }) as unknown as EngineEvent;
const urn = "urn:pulumi:s::p::kubernetes:apps/v1:Deployment::web";

test("each cause is told once, with the resource it is about and without colours", () => {
  const failures = new FailureCollector();
  failures.observe(diagnostic("error", "<{%reset%}>image can't be pulled<{%reset%}>\n", urn));
  failures.observe(diagnostic("error", "<{%reset%}>image can't be pulled<{%reset%}>\n", urn));
  failures.observe(diagnostic("warning", "deprecated", urn));
  failures.observe(diagnostic("error", "the program gave up"));
  failures.observe(diagnostic("error", "update failed"));
  expect(failures.summary()).toBe("kubernetes:apps/v1:Deployment 'web': image can't be pulled\n\nthe program gave up");
});

test("what was done before the failure is known from the summary", () => {
  const failures = new FailureCollector();
  failures.observe({
    sequence: 0,
    timestamp: 0,
    summaryEvent: { maybeCorrupt: false, durationSeconds: 1, resourceChanges: { create: 3 }, PolicyPacks: {} },
  } as unknown as EngineEvent);
  expect(failures.changes).toEqual({ create: 3 });
});
