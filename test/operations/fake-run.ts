import type { EnvironmentSpec } from "#config/spec.ts";
import { StrataError, toProblem } from "#core/errors.ts";
import type { LayerResult, OperationRequest, OperationResult } from "#core/operation.ts";
import type { RunOperation, RunOptions } from "#core/run-operation.ts";

/** A run that waits for the test to end it. */
export interface HeldRun {
  readonly request: OperationRequest;
  readonly spec: EnvironmentSpec;
  readonly options: RunOptions;
  /** Ends it, `succeeded` unless said otherwise. */
  end(result?: Partial<OperationResult>): void;
}

/** A `RunOperation` that deploys nothing: each run begins a layer per layer of its spec and then waits for the test, or for its cancellation when it is polite. */
export class FakeRun {
  readonly runs: HeldRun[] = [];
  readonly #waiting: { count: number; resolve: () => void }[] = [];
  /** Whether a run ends by itself when it is asked to. */
  polite = true;
  /** Whether runs end at once. */
  instant = false;

  readonly run: RunOperation<EnvironmentSpec> = (request, spec, options) =>
    new Promise((resolve) => {
      for (const { layer, stack } of spec.layers) options.onEvent({ type: "layer-started", layer, stack });
      const end = (given: Partial<OperationResult> = {}) => {
        const result = { ...emptyResult, layers: spec.layers.map(({ layer, stack }) => layerResult(layer, stack)), ...given };
        for (const layer of result.layers) options.onEvent({ type: "layer-finished", layer: layer.layer, result: layer });
        resolve(result);
      };
      options.signal.addEventListener("abort", () => {
        if (this.polite) end({ state: "cancelled", layers: [], problem: toProblem(new StrataError("operation_cancelled", "Cancelled.")) });
      });
      this.runs.push({ request, spec, options, end });
      for (const waiting of this.#waiting) if (this.runs.length >= waiting.count) waiting.resolve();
      if (this.instant) end();
    });

  /** Resolved once so many runs have begun, counted from the first. */
  begun(count: number): Promise<void> {
    if (this.runs.length >= count) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ count, resolve }));
  }
}

/** A `RunOperation` that gives each environment a {@link FakeRun} of its own, so that tests can share a controller. */
export class FakeRuns {
  readonly #fakes = new Map<string, FakeRun>();

  of(environment: string): FakeRun {
    const fake = this.#fakes.get(environment) ?? new FakeRun();
    this.#fakes.set(environment, fake);
    return fake;
  }

  readonly run: RunOperation<EnvironmentSpec> = (request, spec, options) => this.of(request.environment).run(request, spec, options);
}

export const emptyResult: OperationResult = { state: "succeeded", changes: { create: 1 }, layers: [], simulated: [], unproven: [], access: [], engine: "fake" };

export function layerResult(layer: LayerResult["layer"], stack: LayerResult["stack"]): LayerResult {
  return { layer, stack, state: "succeeded", changes: { create: 1 }, seconds: 1, outputs: {}, standIns: [] };
}
