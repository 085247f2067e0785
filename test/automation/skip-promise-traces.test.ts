import debuggable from "@pulumi/pulumi/runtime/debuggable.js";
import { expect, test } from "vitest";
import { skipPromiseTraces } from "#automation/runner/skip-promise-traces.ts";

const internals = debuggable as unknown as { debuggablePromise: (promise: Promise<unknown>) => Promise<unknown> };
const traceOf = async (promise: Promise<unknown> & { _debugStackTrace?: string }) => {
  await internals.debuggablePromise(promise).catch(() => undefined);
  return promise._debugStackTrace;
};

test("promises carry no stack traces, other errors keep theirs, and asking for leaks keeps all", async () => {
  const original = internals.debuggablePromise;
  try {
    skipPromiseTraces({ PULUMI_DEBUG_PROMISE_LEAKS: "true" });
    expect(await traceOf(Promise.resolve())).toContain("skip-promise-traces.test");
    skipPromiseTraces({});
    expect(await traceOf(Promise.resolve())).not.toContain("skip-promise-traces.test");
    expect(new Error("told").stack).toContain("skip-promise-traces.test");
    await expect(internals.debuggablePromise(Promise.reject(new Error("lost")))).rejects.toThrow("lost");
  } finally {
    internals.debuggablePromise = original;
  }
});
