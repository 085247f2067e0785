import type { OperationEvent, OperationRequest, OperationResult } from "#core/operation.ts";

export interface RunOptions {
  /** Called in order; must not throw. `state` and `finished` aren't for the runner to tell: whoever records the operation adds them. */
  readonly onEvent: (event: OperationEvent) => void;
  /** Aborted once: end gracefully, keep what was done. */
  readonly signal: AbortSignal;
}

/**
 * Runs a whole operation over its layers: the seam between the queue and what executes. `Spec` is the frozen specification, opaque to the queue.
 * Never rejects: what went wrong is in the result.
 */
export type RunOperation<Spec> = (request: OperationRequest, spec: Spec, options: RunOptions) => Promise<OperationResult>;
