import { messageOf } from "#core/errors.ts";
import type { Urn } from "#core/urn.ts";
import { linksOf } from "#engine/deploy/dependency-graph.ts";
import type { RunContext } from "#engine/deploy/run-context.ts";
import type { StepExecutor } from "#engine/deploy/step-executor.ts";
import { RefreshStep } from "#engine/deploy/steps/refresh-step.ts";
import { Targets } from "#engine/deploy/targets.ts";
import type { ResourceState } from "#engine/state/resource-state.ts";

/** Brings the base of a run up to date without its program. Mirrors `refresh` of pulumi/pulumi:pkg/resource/deploy/deployment_executor.go (v3.259.0). */
export class Refresher {
  readonly #context: RunContext;
  readonly #executor: StepExecutor;

  constructor(context: RunContext, executor: StepExecutor) {
    this.#context = context;
    this.#executor = executor;
  }

  /** Refreshes what the targets include, or only what asks for it before an update. A failed read leaves its resource as it was. */
  async run(onlyBeforeUpdate: boolean): Promise<void> {
    const isIncluded = this.#selection();
    const steps = new Map<ResourceState, RefreshStep>();
    for (const state of this.#context.previous) {
      if (onlyBeforeUpdate && !state.refreshBeforeUpdate) continue;
      if (!isIncluded(state)) continue;
      await this.#ensureProvider(state);
      steps.set(state, new RefreshStep(this.#context, state));
    }
    await this.#executor.executeAll([...steps.values()]);
    const states = pruned(
      this.#context.previous.flatMap((state) => {
        const step = steps.get(state);
        return step ? (step.new ? [step.new] : []) : [state];
      }),
    );
    this.#context.rebase(states);
    const { clearPendingCreates, previous } = this.#context.request;
    await this.#context.recorder.rebase({ resources: states, pendingOperations: clearPendingCreates ? [] : previous.pendingOperations });
  }

  async #ensureProvider(state: ResourceState): Promise<void> {
    try {
      await this.#context.ensureProvider(state.provider);
    } catch (error) {
      throw new Error(`could not load provider for resource ${state.urn}: ${messageOf(error)}`, { cause: error });
    }
  }

  /** The list has dependencies first, so that a target's dependents are met after it. */
  #selection(): (state: ResourceState) => boolean {
    const { request } = this.#context;
    const dependsOn = (state: ResourceState, chosen: Targets) => linksOf(state).some(({ urn }) => chosen.contains(urn));
    if (this.#context.excludes.constrained) {
      const excluded = new Targets(this.#context.excludeUrns);
      return (state) => {
        if (excluded.contains(state.urn)) return false;
        if (!request.excludeDependents || !dependsOn(state, excluded)) return true;
        excluded.add(state.urn);
        return false;
      };
    }
    const included = new Targets(request.targets);
    return (state) => {
      if (included.contains(state.urn)) return true;
      if (!request.targetDependents || !dependsOn(state, included)) return false;
      included.add(state.urn);
      return true;
    };
  }
}

/**
 * The states without references to any that are gone; children of a resource that is gone have no parent any more, and properties without
 * dependencies lose their entry. Mirrors `rebuildBaseState` of pulumi/pulumi:pkg/resource/deploy/deployment_executor.go (v3.259.0).
 */
export function pruned(states: readonly ResourceState[]): ResourceState[] {
  const there = new Set<Urn>(states.map(({ urn }) => urn));
  const exists = (urn: Urn) => there.has(urn);
  return states.map((state) => {
    const propertyDependencies = Object.entries(state.propertyDependencies).map(([key, urns]) => [key, urns.filter(exists)] as const);
    return {
      ...state,
      parent: state.parent && exists(state.parent) ? state.parent : undefined,
      dependencies: state.dependencies.filter(exists),
      propertyDependencies: Object.fromEntries(propertyDependencies.filter(([, urns]) => urns.length)),
      deletedWith: state.deletedWith && exists(state.deletedWith) ? state.deletedWith : undefined,
      replaceWith: state.replaceWith.filter(exists),
    };
  });
}
