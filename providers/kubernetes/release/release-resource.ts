import { messageOf } from "#core/errors.ts";
import { containsUnknowns, equalValues, isPropertyMap, type PropertyMap, Secret, setOwn, unknown, unwrapSecrets } from "#core/property-value.ts";
import {
  type CheckFailure,
  type CheckRequest,
  type CheckResponse,
  type CreateRequest,
  type CreateResponse,
  type DeleteRequest,
  type DiffRequest,
  type DiffResponse,
  InitFailedError,
  type ReadRequest,
  type ReadResponse,
  type UpdateRequest,
  type UpdateResponse,
} from "#providers/contract.ts";
import type { ProviderContext } from "#providers/kubernetes/context.ts";
import { renderChart } from "#providers/kubernetes/helm/render-chart.ts";
import { decodeObjects } from "#providers/kubernetes/manifest/decode-yaml.ts";
import { markSecrets } from "#providers/kubernetes/model/checkpoint.ts";
import { detailedDiff } from "#providers/kubernetes/model/detailed-diff.ts";
import { isCustomResourceDefinition } from "#providers/kubernetes/model/kind.ts";
import { copyOf, parseId, textAt } from "#providers/kubernetes/model/kubernetes-object.ts";
import { mergePatch } from "#providers/kubernetes/model/merge-patch.ts";
import { uniqueName } from "#providers/kubernetes/naming.ts";
import { installRelease, type LiveRelease, readRelease, releaseChart, uninstallRelease, upgradeRelease } from "#providers/kubernetes/release/helm-release.ts";
import { completeInputs, markUnknowns, mergeValues } from "#providers/kubernetes/release/release-inputs.ts";

/** The resource `helm.sh/v3:Release`: Helm itself installs the chart. Mirrors pulumi/pulumi-kubernetes:provider/pkg/provider/helm_release.go (v4.32.0). */

export async function checkRelease(context: ProviderContext, request: CheckRequest): Promise<CheckResponse> {
  const given = withDefaults(context, request);
  const inputs = completeInputs(given, context.workingFolder);
  const failures: CheckFailure[] = [];
  if (!containsUnknowns(request.news)) {
    try {
      const chart = await releaseChart(context.helm, inputs);
      // What the program gives may be a range; the state has the version that it means today.
      inputs.version = chart.metadata.version;
      await rememberDefinitions(context, inputs);
    } catch (error) {
      failures.push({ property: "chart", reason: `${messageOf(error)}; check the chart name and repository configuration.` });
    }
  }
  if (inputs.allowNullValues === true)
    context.log("warning", request.urn, "`allowNullValues` is deprecated and has no effect; null values in Helm chart values are preserved by default.");
  markUnknowns(inputs, request.news);
  markSecrets(inputs, request.news);
  return { inputs, failures };
}

function withDefaults(context: ProviderContext, request: CheckRequest): PropertyMap {
  const given: PropertyMap = { ...request.news };
  const oldName = request.olds?.name;
  if (given.name === undefined && oldName !== undefined) given.name = oldName;
  if (given.name === undefined || given.name === "") given.name = uniqueName(`${request.name}-`, request.randomSeed);
  if (given.namespace === undefined || given.namespace === "") given.namespace = context.connection.defaultNamespace;
  if (given.skipAwait !== true && given.timeout === undefined) given.timeout = 300;
  if (given.verify === true && (given.keyring === undefined || given.keyring === ""))
    given.keyring = `${context.helm.environment.HOME ?? ""}/.gnupg/pubring.gpg`;
  return given;
}

/** Custom resources elsewhere in the program may be of kinds that the chart defines. */
async function rememberDefinitions(context: ProviderContext, inputs: PropertyMap): Promise<void> {
  try {
    const manifest = await renderChart(context.helm, context.connection, await releaseChart(context.helm, inputs), {
      releaseName: textAt(inputs, "name") || "release-name",
      namespace: textAt(inputs, "namespace"),
      values: inputs.values as PropertyMap,
      includeCrds: inputs.skipCrds !== true,
      includeHooks: false,
    });
    for (const object of decodeObjects(manifest)) if (isCustomResourceDefinition(object)) context.define(object);
  } catch {
    // Whether the chart can be rendered shows when it is installed.
  }
}

export function diffRelease(request: DiffRequest): DiffResponse {
  const state = unwrapSecrets(request.oldOutputs);
  const stored = isPropertyMap(state.__inputs) ? state.__inputs : {};
  const { checksum: _checksum, resourceNames: _resourceNames, ...oldInputs } = stored;
  const news = unwrapSecrets(request.news);
  if (request.ignoreChanges.includes("version")) news.version = state.version ?? news.version ?? "";
  const patch = threeWayPatch(oldInputs, news, state);
  const details = Object.keys(patch).length ? detailedDiff(patch, state, news, ["name", "namespace"], oldInputs) : {};
  return {
    changes: Object.keys(patch).length ? "some" : "none",
    replaces: Object.entries(details)
      .filter(([, change]) => change.kind.endsWith("-replace"))
      .map(([path]) => path),
    diffs: Object.keys(patch),
    deleteBeforeReplace: false,
    ...(Object.keys(details).length ? { detailedDiff: details } : {}),
  };
}

/** What changes the state into the new inputs, and takes away what only the old inputs had. Unknowns appear as null. */
function threeWayPatch(oldInputs: PropertyMap, news: PropertyMap, state: PropertyMap): PropertyMap {
  const wanted = mergePatch({}, news);
  return mergeValues(removals(oldInputs, wanted), changes(state, wanted));
}

function changes(state: PropertyMap, news: PropertyMap): PropertyMap {
  const result: PropertyMap = {};
  for (const [key, value] of Object.entries(news)) {
    const present = Object.hasOwn(state, key) ? state[key] : undefined;
    if (isPropertyMap(present) && isPropertyMap(value)) {
      const inner = changes(present, value);
      if (Object.keys(inner).length) setOwn(result, key, inner);
    } else if (!equalValues(present, value)) setOwn(result, key, value);
  }
  return result;
}

function removals(oldInputs: PropertyMap, news: PropertyMap): PropertyMap {
  const result: PropertyMap = {};
  for (const [key, value] of Object.entries(oldInputs)) {
    const wanted = news[key];
    if (!Object.hasOwn(news, key)) setOwn(result, key, null);
    else if (isPropertyMap(value) && isPropertyMap(wanted)) {
      const inner = removals(value, wanted);
      if (Object.keys(inner).length) setOwn(result, key, inner);
    }
  }
  return result;
}

export async function createRelease(context: ProviderContext, request: CreateRequest): Promise<CreateResponse> {
  const inputs = completeInputs(request.inputs, context.workingFolder);
  if (request.preview) return { id: "", outputs: outputsOf(request.inputs, inputs, undefined) };
  if (!context.connection.reachable) throw new Error(`can't create Helm Release with unreachable cluster: ${context.connection.reason}`);
  const id = `${textAt(inputs, "namespace")}/${textAt(inputs, "name")}`;
  try {
    await installRelease(context.helm, inputs);
  } catch (error) {
    const live = await lookUp(context, inputs).catch(() => undefined);
    // A release that was there before isn't ours.
    if (!live || /cannot re-use a name/.test(messageOf(error))) throw error;
    context.log(
      "warning",
      request.urn,
      `Helm release "${textAt(inputs, "name")}" was created but has a failed status. Use the \`helm\` command to investigate the error, correct it, then retry. Reason: ${messageOf(error)}`,
    );
    throw incomplete(
      `Helm release "${id}" was created, but failed to initialize completely. Use Helm CLI to investigate: `,
      error,
      id,
      request.inputs,
      inputs,
      live,
    );
  }
  return { id, outputs: outputsOf(request.inputs, inputs, await lookUp(context, inputs)) };
}

export async function updateRelease(context: ProviderContext, request: UpdateRequest): Promise<UpdateResponse> {
  const inputs = completeInputs(request.news, context.workingFolder);
  if (request.preview) return { outputs: outputsOf(request.news, inputs, undefined) };
  if (!context.connection.reachable) throw new Error(`can't update Helm Release with unreachable cluster: ${context.connection.reason}`);
  try {
    await upgradeRelease(context.helm, inputs);
  } catch (error) {
    const live = await lookUp(context, inputs).catch(() => undefined);
    if (!live || textAt(live.status, "status") === "deployed") throw error;
    throw incomplete(
      `Helm release "${request.id}" failed to initialize completely. Use Helm CLI to investigate: error running update: `,
      error,
      request.id,
      request.news,
      inputs,
      live,
    );
  }
  return { outputs: outputsOf(request.news, inputs, await lookUp(context, inputs)) };
}

export async function readReleaseResource(context: ProviderContext, request: ReadRequest): Promise<ReadResponse> {
  context.reachable();
  const importing = Object.keys(request.outputs).length === 0;
  const { namespace, name } = parseId(request.id);
  const known = importing ? completeInputs({ name, namespace }, context.workingFolder) : completeInputs(request.outputs, context.workingFolder);
  const live = await lookUp(context, known);
  if (!live) return { id: undefined, inputs: undefined, outputs: {} };
  let inputs = storedInputs(request.outputs);
  if (!inputs) {
    inputs = { ...known, chart: live.chart, version: live.version, values: live.config, timeout: 300 };
    // Helm doesn't remember where a chart came from; the next check says so if it isn't found.
    Object.assign(known, inputs);
  }
  return { id: request.id, inputs, outputs: outputsOf(inputs, known, live) };
}

export async function deleteRelease(context: ProviderContext, request: DeleteRequest): Promise<void> {
  if (!context.connection.reachable) throw new Error(`can't delete Helm Release with unreachable cluster. Reason: "${context.connection.reason}"`);
  await uninstallRelease(context.helm, completeInputs(request.oldOutputs, context.workingFolder));
}

function lookUp(context: ProviderContext, inputs: PropertyMap): Promise<LiveRelease | undefined> {
  return readRelease(context.helm, textAt(inputs, "namespace"), textAt(inputs, "name"));
}

function storedInputs(outputs: PropertyMap): PropertyMap | undefined {
  const stored = outputs.__inputs instanceof Secret ? outputs.__inputs.element : outputs.__inputs;
  return isPropertyMap(stored) ? stored : undefined;
}

/** The state of a release. Its inputs are kept whole and secret, as the genuine plugin expects; without a live release (in a preview) what Helm adds is unknown. */
function outputsOf(given: PropertyMap, inputs: PropertyMap, live: LiveRelease | undefined): PropertyMap {
  const outputs = copyOf(inputs);
  if (live) {
    outputs.values = mergeValues(inputs.values as PropertyMap, live.config);
    outputs.version = live.version;
    outputs.resourceNames = live.resourceNames;
    outputs.status = live.status;
  }
  markUnknowns(outputs, given);
  markSecrets(outputs, given);
  outputs.__inputs = new Secret(given);
  if (!live) Object.assign(outputs, { resourceNames: unknown, status: unknown });
  return outputs;
}

function incomplete(prefix: string, error: unknown, id: string, given: PropertyMap, inputs: PropertyMap, live: LiveRelease): InitFailedError {
  const release = `${textAt(inputs, "namespace")}/${textAt(inputs, "name")}`;
  const message = `${prefix}failed to become available within allocated timeout. Error: Helm Release ${release}: ${messageOf(error)}`;
  return new InitFailedError(message, { id, outputs: outputsOf(given, inputs, live), reasons: [message] });
}
