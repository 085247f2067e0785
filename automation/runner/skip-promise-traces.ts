import debuggable from "@pulumi/pulumi/runtime/debuggable.js";

/**
 * Keeps the SDK in this process from formatting a stack trace for every promise of a program. It does so in case the promise never settles and somebody set
 * PULUMI_DEBUG_PROMISE_LEAKS to see where it was made; that costs a quarter of what a registration costs. With the variable set, traces stay.
 */
export function skipPromiseTraces(environment: Readonly<Record<string, string | undefined>>): void {
  if (environment.PULUMI_DEBUG_PROMISE_LEAKS) return;
  const internals = debuggable as unknown as { debuggablePromise: (promise: Promise<unknown>, context?: unknown) => Promise<unknown> };
  const { debuggablePromise } = internals;
  internals.debuggablePromise = (promise, context) => {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    try {
      return debuggablePromise(promise, context);
    } finally {
      Error.stackTraceLimit = limit;
    }
  };
}
