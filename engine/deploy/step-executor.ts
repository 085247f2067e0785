import { messageOf } from "#core/errors.ts";
import type { StepCounts, StepOp } from "#core/operation.ts";
import type { PropertyMap } from "#core/property-value.ts";
import { parseUrn, rootStackType, type Urn } from "#core/urn.ts";
import type { OutputsEvent } from "#engine/deploy/goal.ts";
import { isDefaultProvider, isProviderType } from "#engine/deploy/provider-reference.ts";
import type { RunContext } from "#engine/deploy/run-context.ts";
import { type Applied, type Step, subjectOf } from "#engine/deploy/step.ts";
import { failedEvent, outputsEvent, preEvent } from "#engine/deploy/step-events.ts";
import { CreateStep } from "#engine/deploy/steps/create-step.ts";
import { DeleteProtectedError } from "#engine/deploy/steps/delete-step.ts";
import { UpdateStep } from "#engine/deploy/steps/update-step.ts";
import type { ResourceState } from "#engine/state/resource-state.ts";
import { protectOutputs } from "#engine/values/secret-annotations.ts";
import { equalBags } from "#engine/values/value-diff.ts";

/**
 * Applies chains of steps, several chains at a time, and reports and records what they do.
 * Mirrors pulumi/pulumi:pkg/resource/deploy/step_executor.go and pkg/engine/update.go (v3.259.0).
 */
export class StepExecutor {
  readonly failedSteps: Step[] = [];
  readonly counts: StepCounts = {};
  maybeCorrupt = false;
  /** The first failure of a step. */
  firstError: unknown;
  /** Outputs of the stack, applied when everything else is over. */
  stackOutputs: OutputsEvent | undefined;
  readonly #context: RunContext;
  readonly #stop: () => void;
  readonly #running = new Set<Promise<boolean>>();
  /** Steps whose resource may still register outputs. */
  readonly #awaitingOutputs = new Map<Urn, Step>();
  readonly #ignoreErrors: boolean;
  #stopped = false;
  #counted = 0;

  /** `onError` is called when a failure ends the run; with `ignoreErrors` other steps go on whatever fails. */
  constructor(context: RunContext, onError: () => void, ignoreErrors = false) {
    this.#context = context;
    this.#stop = onError;
    this.#ignoreErrors = ignoreErrors;
  }

  get errored(): boolean {
    return this.firstError !== undefined;
  }

  /** No further step begins. */
  stop(): void {
    this.#stopped = true;
  }

  /** Applies the steps one after the other; answers whether all succeeded. Never rejects. */
  async execute(chain: readonly Step[]): Promise<boolean> {
    const running = this.#context.slots.run(() => this.#chain(chain));
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  /** Applies independent steps at the same time. */
  async executeAll(steps: readonly Step[]): Promise<void> {
    await Promise.all(steps.map((step) => this.execute([step])));
  }

  /** Waits for everything that was begun. */
  async idle(): Promise<void> {
    while (this.#running.size) await Promise.all(this.#running);
  }

  /** Completes a component; the stack's outputs wait for {@link finishStackOutputs}. */
  async registerOutputs(event: OutputsEvent): Promise<void> {
    if (parseUrn(event.urn).qualifiedType === rootStackType) {
      this.stackOutputs = event;
      event.done();
      return;
    }
    await this.#applyOutputs(event.urn, event.outputs);
    event.done();
  }

  /** Gives the stack its outputs; after an error those it had and that the program didn't come to set again stay. */
  async finishStackOutputs(errored: boolean): Promise<void> {
    const event = this.stackOutputs;
    if (!event) return;
    const previous = errored ? (this.#context.olds.get(event.urn)?.outputs ?? {}) : {};
    await this.#applyOutputs(event.urn, { ...previous, ...event.outputs });
  }

  async #applyOutputs(urn: Urn, outputs: PropertyMap): Promise<void> {
    const step = this.#awaitingOutputs.get(urn);
    if (!step) throw new Error(`cannot complete a resource '${urn}' whose registration isn't pending`);
    this.#awaitingOutputs.delete(urn);
    if (step.skippedCreate || !step.new) return;
    const before = step.new;
    const by = { ...before, outputs };
    step.settle(by);
    this.#context.news.set(urn, by);
    if (!by.custom && (step instanceof CreateStep || step instanceof UpdateStep)) await step.runAfterHook();
    this.#context.ports.emit(outputsEvent(step, step.op, this.#context.dryRun));
    if (!equalBags(before.outputs, outputs)) await this.#context.recorder.record({ amend: { state: before, by } });
    else step.settle(before);
    this.#stopOnLateError();
  }

  async #chain(chain: readonly Step[]): Promise<boolean> {
    for (const step of chain) {
      if (this.#stopped) return false;
      try {
        const error = await this.#step(step);
        if (error === undefined) continue;
        this.#fail(error, step);
      } catch (error) {
        // Not the step's fault: the state can't be stored, so nothing more may be done.
        this.#context.diagnostics.error(step.urn, messageOf(error));
        this.firstError ??= error;
        this.#stop();
      }
      return false;
    }
    return true;
  }

  /** Applies one step; answers the failure that was reported already. Throws for what isn't the step's fault. */
  async #step(step: Step): Promise<unknown> {
    const { ports, recorder, dryRun } = this.#context;
    ports.emit(preEvent(step, dryRun));
    const token = step.pending && reachesOutside(step.pending.resource) ? await recorder.begin(step.pending) : undefined;
    const applied = await this.#apply(step);
    // After a second signal nobody may rely on the end of what was under way.
    if (ports.cancellation.terminate.aborted) return applied.error;
    const kept = applied.error === undefined || applied.status === "partial";
    if (applied.error === undefined && step.logical && step.new) this.#awaitingOutputs.set(step.urn, step);
    if (kept) this.#settle(step);
    if (applied.error === undefined) this.#reportSuccess(step);
    else this.#reportFailure(step, applied);
    if (applied.status === "partial" && step.op === "update" && step.new && step.old) step.settle({ ...step.new, inputs: step.old.inputs });
    const change = kept ? step.change() : undefined;
    if (token !== undefined) await recorder.end(token, change);
    else if (change) await recorder.record(change);
    applied.complete?.();
    if (applied.error === undefined) this.#stopOnLateError();
    return applied.error;
  }

  async #apply(step: Step): Promise<Applied> {
    try {
      return await step.apply();
    } catch (error) {
      return { status: "ok", error };
    }
  }

  #settle(step: Step): void {
    const state = step.new;
    if (!state || step.op === "replace") return;
    if (state.additionalSecretOutputs.includes("id"))
      this.#context.diagnostics.warning(step.urn, "The 'id' property cannot be made secret. See pulumi/pulumi#2717 for more details.");
    const outputs = protectOutputs(state.outputs, state.inputs, state.additionalSecretOutputs);
    const settled = outputs === state.outputs ? state : { ...state, outputs };
    if (settled !== state) step.settle(settled);
    if (step.op === "read" || step.op === "read-replacement") this.#context.reads.set(state.urn, settled);
    else this.#context.news.set(state.urn, settled);
  }

  #reportSuccess(step: Step): void {
    const isRefresh = step.op === "refresh" && this.#context.request.kind === "refresh";
    const op: StepOp = isRefresh ? (step.resultOp ?? step.op) : step.op;
    const counts = step.op === "read" ? readChanged(step) : step.logical || isRefresh;
    if (counts && !isInternal(step)) {
      this.#counted++;
      this.counts[op] = (this.counts[op] ?? 0) + 1;
    }
    const isRefreshing = step.op === "refresh" && (this.#context.request.refresh || this.#context.request.kind === "refresh");
    if (this.#context.dryRun || subjectOf(step).custom || step.op === "delete" || isRefreshing)
      this.#context.ports.emit(outputsEvent(step, op, this.#context.dryRun));
  }

  #reportFailure(step: Step, { status, error }: Applied): void {
    const urn = isInternal(step) ? undefined : step.urn;
    if (this.#context.dryRun) {
      this.#context.diagnostics.error(urn, `Preview failed: ${messageOf(error)}`);
      return;
    }
    if (status === "unknown") this.maybeCorrupt = true;
    this.#context.diagnostics.error(urn, messageOf(error));
    this.#context.ports.emit(failedEvent(step, status, this.#counted));
  }

  #fail(error: unknown, step: Step): void {
    this.firstError ??= error;
    if (this.#ignoreErrors) return;
    if (this.#context.request.continueOnError || error instanceof DeleteProtectedError) {
      step.answer("failed");
      this.failedSteps.push(step);
    } else this.#stop();
  }

  #stopOnLateError(): void {
    if (this.#context.lateErrors.length && !this.#context.request.continueOnError) this.#stop();
  }
}

/** Components and providers are nowhere but in the snapshot: an interruption leaves nothing behind that anybody would have to look for. */
function reachesOutside(state: ResourceState): boolean {
  return state.custom && !isProviderType(state.type);
}

function isInternal(step: Step): boolean {
  return step.internal === true || isDefaultProvider(step.urn);
}

/** A read counts only when it shows something new of what was read before. */
function readChanged(step: Step): boolean {
  return step.old !== undefined && step.new !== undefined && !equalBags(step.old.outputs, step.new.outputs);
}
