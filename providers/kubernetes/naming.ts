import { createHash } from "node:crypto";
import { isPropertyMap, type PropertyMap, Unknown, unwrapSecrets } from "#core/property-value.ts";
import type { CheckRequest } from "#providers/contract.ts";
import { annotate, annotations, isTrue } from "#providers/kubernetes/model/annotations.ts";
import { type KubernetesObject, nameOf, setAt, textAt } from "#providers/kubernetes/model/kubernetes-object.ts";

/** Whether the object has a name, be it not known yet. */
export function isNamed(object: KubernetesObject): boolean {
  return nameOf(object) !== "" || metadataIsUnknown(object, "name");
}

/** Whether the server shall make the name up. */
export function isGenerateNamed(object: KubernetesObject): boolean {
  return !isNamed(object) && (textAt(object, "metadata", "generateName") !== "" || metadataIsUnknown(object, "generateName"));
}

export function isAutonamed(object: KubernetesObject): boolean {
  return isTrue(object, annotations.autonamed);
}

/** Gives a new, nameless object a name. Throws if the engine forbids that. */
export function assignName(object: KubernetesObject, request: Pick<CheckRequest, "name" | "randomSeed" | "autonaming">): void {
  if (isNamed(object) || isGenerateNamed(object)) return;
  if (request.autonaming?.mode === "disable") throw new Error("autonaming is disabled, resource requires the .metadata.name field to be set");
  setAutoname(object, request.autonaming?.proposedName ?? uniqueName(`${request.name}-`, request.randomSeed));
}

/** Keeps the name that an earlier check made up. */
export function adoptName(object: KubernetesObject, old: KubernetesObject): void {
  if (!isNamed(object) && isAutonamed(old)) setAutoname(object, nameOf(old));
}

/** The prefix with 8 hex digits drawn from the seed. */
export function uniqueName(prefix: string, seed: Uint8Array): string {
  return prefix + createHash("sha256").update(prefix).update(seed).digest("hex").slice(0, 8);
}

function setAutoname(object: KubernetesObject, name: string): void {
  if (object.metadata === undefined || object.metadata === null) object.metadata = {};
  setAt(object, ["metadata", "name"], name);
  annotate(object, annotations.autonamed, "true");
}

function metadataIsUnknown(object: PropertyMap, key: string): boolean {
  const metadata = object.metadata;
  if (!isPropertyMap(metadata)) return false;
  const value = metadata[key];
  return value !== undefined && unwrapSecrets(value) instanceof Unknown;
}
