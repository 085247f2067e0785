import { createHash } from "node:crypto";
import type { Json, JsonObject } from "#core/wire-value.ts";
import { CommandFailure } from "#engine/command/command-failure.ts";
import { phrases } from "#engine/command/stderr-phrases.ts";

/** A resource as it stands in a checkpoint. Fields that this version doesn't know stay where they are. */
export type ResourceJson = JsonObject & { urn: string; type: string; custom: boolean };
/** A pending operation as it stands in a checkpoint. */
export type OperationJson = { resource: ResourceJson; type: string };

/**
 * A deployment as it stands in a checkpoint or an export, in the field order of the CLI. Mirrors pulumi/pulumi:sdk/go/common/apitype/core.go
 * `DeploymentV3` (v3.259.0).
 */
export interface DeploymentJson {
  manifest: { time: string; magic: string; version: string; plugins?: Json };
  secrets_providers?: { type: string; state?: JsonObject };
  resources?: ResourceJson[];
  pending_operations?: OperationJson[];
  metadata?: JsonObject;
  snippets?: Json[];
  extensions?: JsonObject;
}

/** What a checkpoint file holds; `latest` is absent for a stack that was never deployed. */
export interface Checkpoint {
  /** `organization/PROJECT/STACK`. */
  readonly stack: string;
  /** 3, or 4 when the deployment uses features. */
  readonly version: number;
  readonly features: readonly string[];
  readonly latest: DeploymentJson | undefined;
}

/** Features of version 4 that states may use and that are preserved. */
const knownFeatures = new Set(["refreshBeforeUpdate", "views", "hooks", "taint", "replaceWith"]);
const newestVersion = 4;

/** Parses the (decompressed) text of a checkpoint file. `place` names it in errors. */
export function parseCheckpoint(text: string, place: string): Checkpoint {
  const file = parseObject(text, place);
  const version = typeof file.version === "number" ? file.version : 0;
  const features = checkFeatures(version, file.features);
  if (version === 0 && isObject(file.checkpoint) && file.checkpoint.latest === undefined)
    return { stack: String(file.checkpoint.stack ?? ""), version: 3, features, latest: undefined };
  checkVersion(version, place);
  if (!isObject(file.checkpoint)) throw new CommandFailure(`failed to load checkpoint: ${place}: 'checkpoint' isn't an object`);
  const latest = file.checkpoint.latest;
  return {
    stack: String(file.checkpoint.stack ?? ""),
    version,
    features,
    latest: latest === undefined || latest === null ? undefined : checkDeployment(latest, place),
  };
}

/** The text of a checkpoint file: compact JSON without a final newline. */
export function checkpointText(stack: string, deployment: DeploymentJson | undefined): string {
  const features = deployment ? featuresOf(deployment) : [];
  return JSON.stringify({
    version: features.length ? newestVersion : 3,
    ...(features.length ? { features } : {}),
    checkpoint: { stack, ...(deployment ? { latest: deployment } : {}) },
  });
}

/** What `stack export` prints and `stack import` reads. */
export interface UntypedDeployment {
  readonly version: number;
  readonly features: readonly string[];
  readonly deployment: DeploymentJson;
}

/** Parses an exported deployment. */
export function parseUntypedDeployment(text: string, place: string): UntypedDeployment {
  const file = parseObject(text, place);
  const version = typeof file.version === "number" ? file.version : 0;
  const features = checkFeatures(version, file.features);
  checkVersion(version, place);
  return { version, features, deployment: checkDeployment(file.deployment ?? null, place) };
}

/** Features that a deployment uses, in order. Mirrors pulumi/pulumi:pkg/resource/stack/deployment.go `ApplyFeatures` (v3.259.0). */
export function featuresOf(deployment: DeploymentJson): string[] {
  const found = new Set<string>();
  for (const resource of deployment.resources ?? []) {
    if (resource.refreshBeforeUpdate) found.add("refreshBeforeUpdate");
    if (resource.viewOf) found.add("views");
    if (isObject(resource.resourceHooks) && Object.keys(resource.resourceHooks).length) found.add("hooks");
    if (resource.taint) found.add("taint");
    if (Array.isArray(resource.replaceWith) && resource.replaceWith.length) found.add("replaceWith");
  }
  return [...found].sort();
}

/** The manifest of a deployment written now. `version` has a leading `v`. */
export function newManifest(now: Date, version: string): DeploymentJson["manifest"] {
  return { time: now.toISOString(), magic: magicOf(version), version };
}

export function magicOf(version: string): string {
  return version === "" ? "" : createHash("sha256").update(version).digest("hex");
}

function checkVersion(version: number, place: string): void {
  if (version < 3)
    throw new CommandFailure(
      `${place}: the deployment has version ${version}, which is too old for the embedded engine; open it once with the genuine Pulumi CLI`,
    );
  if (version > newestVersion)
    throw new CommandFailure(`${place}: the deployment has version ${version}, which is newer than what this engine understands (${newestVersion})`);
}

function checkFeatures(version: number, features: Json | undefined): string[] {
  const used = Array.isArray(features) ? features.map(String) : [];
  const unknown = version >= 4 ? used.filter((feature) => !knownFeatures.has(feature)) : [];
  if (unknown.length) throw new CommandFailure(phrases.unsupportedFeatures(unknown));
  return used;
}

function checkDeployment(value: Json, place: string): DeploymentJson {
  if (!isObject(value) || !isObject(value.manifest)) throw new CommandFailure(`could not deserialize deployment: ${place}: 'manifest' is missing`);
  for (const [name, list] of [
    ["resources", value.resources],
    ["pending_operations", value.pending_operations],
  ] as const)
    if (list !== undefined && list !== null && !(Array.isArray(list) && list.every(isObject)))
      throw new CommandFailure(`could not deserialize deployment: ${place}: '${name}' isn't a list of objects`);
  return value as unknown as DeploymentJson;
}

function parseObject(text: string, place: string): JsonObject {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (error) {
    throw new CommandFailure(`failed to load checkpoint: ${place}: ${(error as Error).message.slice(0, 200)}`);
  }
  if (!isObject(value)) throw new CommandFailure(`failed to load checkpoint: ${place}: expected a JSON object`);
  return value;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
