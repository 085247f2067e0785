import { messageOf } from "#core/errors.ts";
import { makeUrn, type Urn } from "#core/urn.ts";
import { BailError } from "#engine/deploy/bail-error.ts";
import { DeletionPlanner } from "#engine/deploy/deletion-planner.ts";
import { DependencyGraph, linksOf } from "#engine/deploy/dependency-graph.ts";
import type { SourceEvent } from "#engine/deploy/goal.ts";
import { pruned } from "#engine/deploy/refresher.ts";
import type { RunContext } from "#engine/deploy/run-context.ts";
import { type Step, subjectOf } from "#engine/deploy/step.ts";
import { StepExecutor } from "#engine/deploy/step-executor.ts";
import { type GeneratorMode, StepGenerator } from "#engine/deploy/step-generator.ts";
import { RefreshStep } from "#engine/deploy/steps/refresh-step.ts";
import type { Targets } from "#engine/deploy/targets.ts";
import type { ResourceState } from "#engine/state/resource-state.ts";

/**
 * Feeds what a source wants into steps until the source is done, then ends what it no longer wants.
 * Mirrors pulumi/pulumi:pkg/resource/deploy/deployment_executor.go (v3.259.0).
 */
export class ProgramRun {
  readonly executor: StepExecutor;
  readonly generator: StepGenerator;
  /** What made the run fail besides steps; a {@link BailError} was reported already. */
  failure: unknown;
  readonly #context: RunContext;
  readonly #inFlight = new Set<Promise<void>>();
  readonly #stopped = Promise.withResolvers<void>();
  readonly #skipped = new Set<Urn>();
  #isStopped = false;

  constructor(context: RunContext, mode: GeneratorMode, refreshFirst: boolean) {
    this.#context = context;
    this.executor = new StepExecutor(context, () => this.stop());
    this.generator = new StepGenerator(context, mode, refreshFirst, (chain) => this.executor.execute(chain));
  }

  /** Takes something the source wants; its answer comes by the event's `done`, or never when the run has stopped. */
  accept(event: SourceEvent): void {
    if (this.#isStopped) return;
    const handled = this.#handle(event);
    this.#inFlight.add(handled);
    void handled.finally(() => this.#inFlight.delete(handled));
  }

  /** Begins nothing more. */
  stop(): void {
    this.#isStopped = true;
    this.executor.stop();
    this.#stopped.resolve();
  }

  /** Ends the run with an error. */
  fail(error: unknown, urn?: Urn): void {
    if (!(error instanceof BailError)) this.#context.diagnostics.error(urn, messageOf(error));
    this.failure ??= error;
    this.stop();
  }

  /** Resolves when all is done, or stopped and at rest. `source` settles when the source wants nothing more. */
  async complete(source: Promise<void>): Promise<void> {
    await Promise.race([source.catch((error: unknown) => this.fail(error)), this.#stopped.promise]);
    while (this.#inFlight.size) await Promise.race([Promise.all(this.#inFlight), this.#stopped.promise.then(() => Promise.all(this.#inFlight))]);
    if (!this.#isStopped) await this.#finish();
    await this.executor.idle();
    await this.executor.finishStackOutputs(this.errored);
  }

  get errored(): boolean {
    return this.failure !== undefined || this.executor.errored || this.generator.ledger.sawError || this.#context.lateErrors.length > 0;
  }

  async #handle(event: SourceEvent): Promise<void> {
    try {
      if (event.kind === "outputs") await this.executor.registerOutputs(event);
      else this.#dispatch(event.kind === "read" ? await this.generator.readSteps(event) : await this.generator.registerSteps(event));
    } catch (error) {
      this.fail(error, this.#urnOf(event));
    }
  }

  /** Steps that need a resource which failed or was left out are left out themselves. */
  #dispatch(steps: readonly Step[]): void {
    for (const failed of this.executor.failedSteps) this.#skipped.add(failed.urn);
    const wanted = steps.filter((step) => {
      if (this.#skipped.size === 0 || !linksOf(subjectOf(step)).some(({ urn }) => this.#skipped.has(urn))) return true;
      step.answer("skipped");
      this.#skipped.add(step.urn);
      return false;
    });
    if (wanted.length) void this.executor.execute(wanted);
  }

  #urnOf(event: SourceEvent): Urn {
    if (event.kind === "outputs") return event.urn;
    const { stack, project } = this.#context.request;
    const { parent, type, name } = event.kind === "register" ? event.goal : event;
    return makeUrn(stack, project, parent, type, name);
  }

  /** After the source: what it no longer wants goes, or in a refresh what it didn't come by is refreshed too. */
  async #finish(): Promise<void> {
    await this.executor.idle();
    const hasUnknownTarget = this.#reportUnknownTargets();
    try {
      if (this.#context.previous.length) await (this.generator.mode === "refresh" ? this.#refreshOthers() : this.#deleteUnwanted());
    } catch (error) {
      if (!(error instanceof BailError)) {
        this.fail(error);
        return;
      }
      this.generator.ledger.sawError = true;
    }
    if (hasUnknownTarget) this.fail(new BailError("one or more targets could not be found in the stack"));
  }

  #reportUnknownTargets(): boolean {
    return reportUnknownTargets(this.#context, this.#context.targets, (urn) => this.generator.ledger.urns.has(urn));
  }

  async #deleteUnwanted(): Promise<void> {
    const { ledger } = this.generator;
    const { sames, stages } = await new DeletionPlanner(this.#context, ledger).plan();
    await this.executor.execute(sames);
    const newGraph = new DependencyGraph(ledger.toDelete.map((step) => step.new!));
    const needed = new Set<ResourceState>();
    const seen = new Set<Step>();
    for (const stage of stages) {
      for (const failed of this.executor.failedSteps) {
        if (seen.has(failed)) continue;
        seen.add(failed);
        for (const state of this.#needsOf(failed, newGraph)) needed.add(state);
      }
      await this.executor.executeAll(stage.filter((step) => !needed.has(this.#context.original(step.old!)) && !needed.has(step.old!)));
    }
  }

  /** What mustn't be deleted because a step that failed still needs it. */
  #needsOf(failed: Step, newGraph: DependencyGraph): ResourceState[] {
    const found: ResourceState[] = [];
    for (const state of [failed.new, failed.old]) {
      if (!state) continue;
      const original = this.#context.original(state);
      if (this.#context.graph.contains(original)) found.push(...this.#context.graph.transitiveDependenciesOf(original));
      else if (newGraph.contains(state)) found.push(...newGraph.transitiveDependenciesOf(state));
    }
    return found;
  }

  async #refreshOthers(): Promise<void> {
    const { ledger, targetRules } = this.generator;
    const steps: Step[] = [];
    for (const state of this.#context.previous) {
      if (ledger.livesOn(state.urn) || !targetRules.includes(state)) continue;
      await this.#context.ensureProvider(state.provider);
      ledger.refreshes.add(state.urn);
      steps.push(new RefreshStep(this.#context, state, state));
    }
    await this.executor.executeAll(steps);
    await this.executor.idle();
    const snapshot = this.#context.recorder.snapshot();
    await this.#context.recorder.rebase({ ...snapshot, resources: pruned(snapshot.resources) });
  }
}

/** Tells people of targets that neither the state nor the program has; answers whether there are any. */
export function reportUnknownTargets(context: RunContext, targets: Targets, isNew: (urn: Urn) => boolean): boolean {
  const missing = targets.literals().filter((urn) => !context.allOlds.has(urn as Urn) && !isNew(urn as Urn));
  for (const urn of missing)
    context.diagnostics.error(
      undefined,
      `Target '${urn}' could not be found in the stack.${urn.includes("$") ? "" : " Did you forget to escape $ in your shell?"}`,
    );
  return missing.length > 0;
}
