import { messageOf } from "#core/errors.ts";
import type { Urn } from "#core/urn.ts";
import { BailError } from "#engine/deploy/bail-error.ts";
import { DependencyGraph } from "#engine/deploy/dependency-graph.ts";
import type { Ledger } from "#engine/deploy/ledger.ts";
import { dependentReplacements, replacedTogether } from "#engine/deploy/replacement-planner.ts";
import type { RunContext } from "#engine/deploy/run-context.ts";
import type { Step } from "#engine/deploy/step.ts";
import { type DeleteOptions, DeleteStep, RemovePendingReplaceStep } from "#engine/deploy/steps/delete-step.ts";
import { SameStep } from "#engine/deploy/steps/same-step.ts";
import type { ResourceState } from "#engine/state/resource-state.ts";

export interface Deletions {
  /** States that the targets leave alone. */
  readonly sames: readonly Step[];
  /** Sets of deletes that may run at the same time, dependents first. */
  readonly stages: readonly (readonly Step[])[];
}

/** Plans, after the program, the end of what it no longer wants. Mirrors `GenerateDeletes` and `ScheduleDeletes` of pulumi/pulumi:pkg/resource/deploy/step_generator.go (v3.259.0). */
export class DeletionPlanner {
  readonly #context: RunContext;
  readonly #ledger: Ledger;
  readonly #graph: DependencyGraph;
  /** What the steps delete, as the graph knows it. */
  readonly #subjects = new Map<Step, ResourceState>();

  constructor(context: RunContext, ledger: Ledger) {
    this.#context = context;
    this.#ledger = ledger;
    this.#graph = new DependencyGraph([...ledger.toDelete.map((step) => step.new!), ...context.previous]);
    for (const [old, now] of ledger.refreshed) if (!this.#graph.contains(now)) this.#graph.alias(now, old);
  }

  async plan(): Promise<Deletions> {
    const isIncluded = await this.#selection();
    const sames: Step[] = [];
    const deletes: Step[] = [];
    for (const original of this.#context.previous) {
      if (!isIncluded(original.urn)) {
        if (!this.#ledger.livesOn(original.urn)) {
          const state = this.#context.latest(original);
          sames.push(new SameStep(this.#context, state, { ...state }, undefined, true));
        }
        continue;
      }
      const step = this.#deleteOf(original);
      if (step) deletes.push(step);
      if (this.#ledger.deletes.has(original.urn)) await this.#ensureProvider(original);
    }
    for (const step of this.#ledger.toDelete) {
      const state = step.new!;
      if (!isIncluded(state.urn)) continue;
      this.#ledger.deletes.add(state.urn);
      deletes.push(this.#make(state, { replacing: false, pendingReplacement: false }));
    }
    this.#refuseUntargeted(deletes);
    return { sames, stages: this.#stages(deletes) };
  }

  #deleteOf(original: ResourceState): Step | undefined {
    const state = this.#context.latest(this.#ledger.refreshed.get(original) ?? original);
    if (state.delete) {
      if (this.#ledger.plannedDeletes.has(original)) return undefined;
      this.#ledger.deletes.add(state.urn);
      return this.#make(state, { replacing: true, pendingReplacement: false }, original);
    }
    if (this.#ledger.livesOn(state.urn)) return undefined;
    this.#ledger.deletes.add(state.urn);
    if (!state.pendingReplacement) return this.#make(state, { replacing: false, pendingReplacement: false }, original);
    const step = new RemovePendingReplaceStep(this.#context, state, undefined);
    this.#subjects.set(step, original);
    return step;
  }

  #make(state: ResourceState, options: Omit<DeleteOptions, "alsoDeleted">, subject = state): Step {
    const step = new DeleteStep(this.#context, state, { ...options, alsoDeleted: (urn) => this.#ledger.deletes.has(urn) });
    this.#subjects.set(step, subject);
    return step;
  }

  async #ensureProvider(state: ResourceState): Promise<void> {
    try {
      await this.#context.ensureProvider(state.provider);
    } catch (error) {
      throw new Error(`could not load provider for resource ${state.urn}: ${messageOf(error)}`, { cause: error });
    }
  }

  /** Which URNs the targets or excludes let go. */
  async #selection(): Promise<(urn: Urn) => boolean> {
    const { targets, excludes } = this.#context;
    if (targets.constrained) {
      const allowed = await this.#allowedByTargets();
      return (urn) => allowed.has(urn);
    }
    if (excludes.constrained) {
      const kept = this.#keptByExcludes();
      return (urn) => !kept.has(urn);
    }
    return () => true;
  }

  /** Targets and everything that depends on them. */
  async #allowedByTargets(): Promise<Set<Urn>> {
    const allowed = new Set<Urn>();
    for (const state of this.#context.previous.filter(({ urn }) => this.#context.targets.contains(urn))) {
      const reached = [state, ...this.#graph.dependingOn(state, () => false, true)];
      for (const one of reached) {
        if (allowed.has(one.urn)) continue;
        allowed.add(one.urn);
        if (!this.#context.graph.contains(one)) continue;
        const dependents = await dependentReplacements(this.#context, this.#ledger, one);
        for (const other of [...dependents, ...replacedTogether(this.#context, this.#ledger, one.urn)]) allowed.add(other.state.urn);
      }
    }
    return allowed;
  }

  /** Excludes and everything that they depend on. */
  #keptByExcludes(): Set<Urn> {
    const kept = new Set<Urn>();
    const frontier = this.#context.previous.filter(({ urn }) => this.#context.excludes.contains(urn));
    for (let next = frontier.pop(); next !== undefined; next = frontier.pop()) {
      if (kept.has(next.urn)) continue;
      kept.add(next.urn);
      frontier.push(...this.#graph.dependenciesOf(next));
      if (this.#context.request.excludeDependents) frontier.push(...this.#graph.dependingOn(next, (urn) => kept.has(urn), true));
    }
    return kept;
  }

  #refuseUntargeted(deletes: readonly Step[]): void {
    if (this.#context.request.targetDependents) return;
    const others = deletes.filter((step) => !this.#context.targets.contains(step.urn));
    for (const { urn } of others) {
      this.#ledger.sawError = true;
      this.#context.diagnostics.error(
        urn,
        `Resource '${urn}' will be destroyed but was not specified in --target list.\nEither include resource in --target list or pass --target-dependents to proceed.`,
      );
    }
    if (others.length && !this.#context.dryRun) throw new BailError("delete untargeted resource");
  }

  /** By the longest way to something that doesn't depend on another deleted resource: the farthest first. */
  #stages(deletes: readonly Step[]): Step[][] {
    const stepOf = new Map(deletes.map((step) => [this.#subjects.get(step)!, step]));
    const depths = new Map<ResourceState, number>();
    const depthOf = (state: ResourceState): number => {
      const known = depths.get(state);
      if (known !== undefined) return known;
      let depth = 0;
      for (const dependency of this.#graph.dependenciesOf(state)) if (stepOf.has(dependency)) depth = Math.max(depth, depthOf(dependency) + 1);
      depths.set(state, depth);
      return depth;
    };
    const stages: Step[][] = [];
    for (const [state, step] of stepOf) {
      const depth = depthOf(state);
      stages[depth] ??= [];
      stages[depth].push(step);
    }
    return stages.filter((stage) => stage !== undefined).reverse();
  }
}
