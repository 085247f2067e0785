import { parseUrn } from "#core/urn.ts";
import { isReplacement } from "#engine/deploy/diff-resource.ts";
import type { Ledger } from "#engine/deploy/ledger.ts";
import { makeReference, parseReference } from "#engine/deploy/provider-reference.ts";
import { configOf } from "#engine/deploy/provider-registry.ts";
import type { RunContext } from "#engine/deploy/run-context.ts";
import type { ResourceState } from "#engine/state/resource-state.ts";

/** Another provider means another resource only if that provider says so: version changes of default providers are harmless. */
export async function providerForcesReplacement(context: RunContext, ledger: Ledger, old: ResourceState, planned: ResourceState): Promise<boolean> {
  if (old.provider === planned.provider) return false;
  if (!old.provider || !planned.provider) return true;
  const before = parseReference(old.provider);
  const after = parseReference(planned.provider);
  if (ledger.claimedBy.get(before.urn) === after.urn) return false;
  const handle = context.providers.get(planned.provider);
  const oldProvider = context.olds.get(before.urn);
  const newProvider = ledger.providers.get(after.urn) ?? context.olds.get(after.urn);
  if (!handle || !newProvider) throw new Error(`failed to resolve provider reference: "${makeReference(after.urn, after.id)}"`);
  if (!oldProvider) throw new Error(`the state lacks provider ${old.provider}, which ${old.urn} uses`);
  const { type, name } = parseUrn(after.urn);
  const diff = await handle.diffConfig({
    urn: after.urn,
    type,
    name,
    id: after.id,
    oldInputs: configOf(oldProvider.inputs),
    oldOutputs: oldProvider.outputs,
    news: configOf(newProvider.inputs),
    ignoreChanges: [],
  });
  return isReplacement(diff);
}
