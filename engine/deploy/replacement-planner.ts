import { messageOf } from "#core/errors.ts";
import { mapEntries, unknown } from "#core/property-value.ts";
import type { Urn } from "#core/urn.ts";
import { diffResource, isReplacement, withReplaceOnChanges } from "#engine/deploy/diff-resource.ts";
import type { Ledger } from "#engine/deploy/ledger.ts";
import { isProviderType, urnOfReference } from "#engine/deploy/provider-reference.ts";
import type { RunContext } from "#engine/deploy/run-context.ts";
import type { ResourceState } from "#engine/state/resource-state.ts";

/** A resource that has to go before another one can be deleted, and the inputs that tie it to that one. */
export interface DependentReplacement {
  readonly state: ResourceState;
  readonly keys: readonly string[];
}

/**
 * Which dependents of a resource that is deleted before its replacement must be replaced themselves: those that can't live with an unknown in the
 * place of its outputs. Mirrors `calculateDependentReplacements` of pulumi/pulumi:pkg/resource/deploy/step_generator.go (v3.259.0).
 */
export async function dependentReplacements(context: RunContext, ledger: Ledger, root: ResourceState): Promise<DependentReplacement[]> {
  const original = context.original(root);
  const replaced = new Set<Urn>([root.urn]);
  const found: DependentReplacement[] = [];
  const isSettled = (urn: Urn) => ledger.hasStep(urn);
  for (const candidate of context.graph.dependingOn(original, isSettled, false)) {
    const keys = await keysThatForceReplacement(context, candidate, replaced);
    if (!keys) continue;
    found.push({ state: candidate, keys });
    replaced.add(candidate.urn);
  }
  return found;
}

/** Resources that said they want to be replaced, or vanish, together with the one of the URN. */
export function replacedTogether(context: RunContext, ledger: Ledger, urn: Urn): DependentReplacement[] {
  return context.graph
    .linkedTo(urn, ["deleted-with", "replace-with"])
    .filter((state) => !state.delete && !ledger.hasStep(state.urn))
    .map((state) => ({ state, keys: [] }));
}

/** The keys, or `undefined` when the resource can stay. */
async function keysThatForceReplacement(context: RunContext, state: ResourceState, replaced: ReadonlySet<Urn>): Promise<readonly string[] | undefined> {
  if (!state.custom || state.external) return undefined;
  if (state.provider && replaced.has(urnOfReference(state.provider))) {
    await ensureProvider(context, state);
    return [];
  }
  if (state.deletedWith && replaced.has(state.deletedWith)) return [];
  const touched = Object.keys(state.inputs).filter((key) => state.propertyDependencies[key]?.some((urn) => replaced.has(urn)));
  if (touched.length === 0) return undefined;
  if (isProviderType(state.type)) await context.providers.same(state, false);
  else await ensureProvider(context, state);
  const news = mapEntries(state.inputs, (value, key) => (touched.includes(key) ? unknown : value));
  const diff = await diffResource(context, context.managerOf(state), {
    urn: state.urn,
    id: state.id,
    oldInputs: state.inputs,
    oldOutputs: state.outputs,
    news,
    ignoreChanges: state.ignoreChanges,
  });
  const decided = withReplaceOnChanges(diff, state.replaceOnChanges, false);
  return isReplacement(decided) ? decided.replaces : undefined;
}

async function ensureProvider(context: RunContext, state: ResourceState): Promise<void> {
  try {
    await context.ensureProvider(state.provider);
  } catch (error) {
    throw new Error(`could not load provider for resource ${state.urn}: ${messageOf(error)}`, { cause: error });
  }
}
