import type { Urn } from "#core/urn.ts";
import type { Goal } from "#engine/deploy/goal.ts";
import { makeState, type ResourceState } from "#engine/state/resource-state.ts";

/** The state that a goal leads to, as far as it is known before the provider was asked. `former` is the URN that `old` had, where that differs. */
export function plannedState(urn: Urn, goal: Goal, old: ResourceState | undefined, former: Urn | undefined): ResourceState {
  return makeState({
    urn,
    type: goal.type,
    custom: goal.custom,
    inputs: goal.properties,
    parent: goal.parent,
    protect: goal.protect ?? false,
    dependencies: goal.dependencies,
    provider: goal.provider,
    propertyDependencies: goal.propertyDependencies,
    additionalSecretOutputs: goal.additionalSecretOutputs,
    aliases: former ? [former] : [],
    customTimeouts: goal.customTimeouts,
    importId: goal.importId,
    retainOnDelete: goal.retainOnDelete ?? false,
    deletedWith: goal.deletedWith,
    replaceWith: goal.replaceWith,
    created: old?.created ?? "",
    modified: old?.modified ?? "",
    sourcePosition: goal.sourcePosition,
    stackTrace: goal.stackTrace,
    ignoreChanges: goal.ignoreChanges,
    hideDiff: goal.hideDiff,
    replaceOnChanges: goal.replaceOnChanges,
    replacementTrigger: goal.replacementTrigger,
    refreshBeforeUpdate: old?.refreshBeforeUpdate ?? false,
    resourceHooks: goal.hooks,
  });
}
