import type { DetailedDiff, DiffRequest, DiffResponse } from "#providers/contract.ts";
import { jobProgress } from "#providers/kubernetes/await/job.ts";
import type { ProviderContext } from "#providers/kubernetes/context.ts";
import { annotations, isTrue } from "#providers/kubernetes/model/annotations.ts";
import { parseCheckpoint } from "#providers/kubernetes/model/checkpoint.ts";
import { detailedDiff } from "#providers/kubernetes/model/detailed-diff.ts";
import { dropNothings } from "#providers/kubernetes/model/drop-nothings.ts";
import { forceNewPaths, identityPaths } from "#providers/kubernetes/model/force-new.ts";
import { isBuiltIn, isCustomResourceDefinition, isPatch, isSecret, kindOfObject } from "#providers/kubernetes/model/kind.ts";
import {
  apiVersionOf,
  at,
  type KubernetesObject,
  kindOf,
  nameOf,
  namespaceOf,
  removeAt,
  setAt,
  setNamespace,
} from "#providers/kubernetes/model/kubernetes-object.ts";
import { mergePatch } from "#providers/kubernetes/model/merge-patch.ts";
import { normalise } from "#providers/kubernetes/model/normalise.ts";
import { toObject } from "#providers/kubernetes/model/properties.ts";
import { containsPath, parsePath } from "#providers/kubernetes/model/property-path.ts";
import { prune } from "#providers/kubernetes/model/prune.ts";
import { isAutonamed, isNamed } from "#providers/kubernetes/naming.ts";

/**
 * What the new inputs would change: the last known live object, reduced to what the old inputs asked for, against the new inputs. The cluster isn't asked.
 * Mirrors pulumi/pulumi-kubernetes:provider/pkg/provider/provider.go `Diff` (v4.32.0).
 */
export async function diffResource(context: ProviderContext, request: DiffRequest): Promise<DiffResponse> {
  const checkpoint = parseCheckpoint(request.oldOutputs);
  const live = checkpoint.live;
  const before = prune(live, normalise(checkpoint.inputs));
  const after = normalise(toObject(request.news));
  await alignIdentity(context, before, after, live);
  dropNothings(before, after, { lists: isBuiltIn(apiVersionOf(after)), zeroValues: isSecret(after) || isCustomResourceDefinition(after) });

  const patch = mergePatch(before, after);
  const changes = Object.keys(patch).length ? changesOf(context, request, patch, before, after) : {};
  const replaces = Object.entries(changes)
    .filter(([path, change]) => change.kind.endsWith("-replace") || (change.kind === "delete" && path === "metadata"))
    .map(([path]) => path);
  if (isTrue(after, annotations.replaceUnready) && (await isUnready(context, request, after, live)))
    replaces.push(`.metadata.annotations["${annotations.replaceUnready}"]`);

  const changed = replaces.length > 0 || Object.keys(changes).length > 0 || (context.rendering && context.settings.alwaysRender);
  return {
    changes: changed ? "some" : "none",
    replaces,
    diffs: [],
    // An object that keeps its name can't exist twice.
    deleteBeforeReplace:
      replaces.length > 0 && isNamed(after) && !isAutonamed(after) && nameOf(after) === nameOf(live) && namespaceOf(after) === namespaceOf(live),
    detailedDiff: changes,
  };
}

/** Differences of name, namespace and version that mean nothing are levelled. */
async function alignIdentity(context: ProviderContext, before: KubernetesObject, after: KubernetesObject, live: KubernetesObject): Promise<void> {
  const namespaced = (await context.isNamespaced(kindOfObject(after))) !== false;
  for (const object of [before, after]) setNamespace(object, namespaced ? namespaceOf(object) || "default" : "");
  if (!apiVersionOf(before) && !kindOf(before)) Object.assign(before, { apiVersion: apiVersionOf(after), kind: kindOf(after) });
  if (context.settings.serverSideApply) removeAt(before, ["metadata", "resourceVersion"]);
  if (nameOf(after)) setAt(before, ["metadata", "name"], nameOf(live));
}

function changesOf(context: ProviderContext, request: DiffRequest, patch: KubernetesObject, before: KubernetesObject, after: KubernetesObject): DetailedDiff {
  const forceNew = isPatch(request.type, after) ? identityPaths : forceNewPaths(after, context.settings);
  const ignored = request.ignoreChanges.map(parsePath);
  const entries = Object.entries(detailedDiff(patch, before, after, forceNew));
  return Object.fromEntries(ignored.length ? entries.filter(([path]) => !ignored.some((outer) => containsPath(outer, parsePath(path)))) : entries);
}

/** Whether a Job that shall be replaced while it isn't complete isn't. */
async function isUnready(context: ProviderContext, request: DiffRequest, after: KubernetesObject, live: KubernetesObject): Promise<boolean> {
  if (!context.connection.reachable) {
    context.log("warning", request.urn, "Cluster is unreachable, skipping replaceUnready check");
    return false;
  }
  if (kindOf(after) !== "Job") {
    context.log("warning", request.urn, "replaceUnready annotation is not supported for this resource");
    return false;
  }
  try {
    const job = await context.connection.cluster.get(kindOfObject(live), namespaceOf(live), nameOf(live));
    return at(job, "status") === undefined || !jobProgress(job).ready;
  } catch {
    return false;
  }
}
