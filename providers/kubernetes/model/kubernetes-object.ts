import { isPropertyMap, type PropertyMap, type PropertyValue, setOwn } from "#core/property-value.ts";

/** An API object as plain JSON, without secrets; during a preview {@link Unknown} may stand for any value. */
export type KubernetesObject = PropertyMap;

/** The value at a path of keys; `undefined` when any part of it is missing. */
export function at(object: PropertyValue | undefined, ...path: readonly string[]): PropertyValue | undefined {
  let value = object;
  for (const key of path) {
    if (!isPropertyMap(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

/** The text at a path, "" when there is none. */
export function textAt(object: PropertyValue | undefined, ...path: readonly string[]): string {
  const value = at(object, ...path);
  return typeof value === "string" ? value : "";
}

/** The number at a path. */
export function numberAt(object: PropertyValue | undefined, ...path: readonly string[]): number | undefined {
  const value = at(object, ...path);
  return typeof value === "number" ? value : undefined;
}

/** The list at a path, empty when there is none. */
export function listAt(object: PropertyValue | undefined, ...path: readonly string[]): readonly PropertyValue[] {
  const value = at(object, ...path);
  return Array.isArray(value) ? value : [];
}

export const apiVersionOf = (object: KubernetesObject): string => textAt(object, "apiVersion");
export const kindOf = (object: KubernetesObject): string => textAt(object, "kind");
export const nameOf = (object: KubernetesObject): string => textAt(object, "metadata", "name");
export const namespaceOf = (object: KubernetesObject): string => textAt(object, "metadata", "namespace");
export const uidOf = (object: KubernetesObject): string => textAt(object, "metadata", "uid");
export const generationOf = (object: KubernetesObject): number => numberAt(object, "metadata", "generation") ?? 0;
export const annotationOf = (object: KubernetesObject, key: string): string => textAt(object, "metadata", "annotations", key);

/** `namespace/name`, or the name alone for a cluster-scoped object: the id of a resource. */
export function idOf(object: KubernetesObject): string {
  const namespace = namespaceOf(object);
  return namespace ? `${namespace}/${nameOf(object)}` : nameOf(object);
}

/** The parts of a resource's id. */
export function parseId(id: string): { namespace: string; name: string } {
  const [first = "", second] = id.split("/");
  return second === undefined ? { namespace: "", name: first } : { namespace: first, name: second };
}

/** Sets a value at a path, making the objects on the way; an "" value of metadata is removed instead, as in the API. */
export function setAt(object: KubernetesObject, path: readonly string[], value: PropertyValue): void {
  let target = object;
  for (const key of path.slice(0, -1)) {
    let next = at(target, key);
    if (!isPropertyMap(next)) {
      if (next !== undefined && next !== null) return;
      next = {};
      setOwn(target, key, next);
    }
    target = next;
  }
  setOwn(target, path.at(-1) as string, value);
}

export function removeAt(object: KubernetesObject, path: readonly string[]): void {
  const parent = at(object, ...path.slice(0, -1));
  if (isPropertyMap(parent)) delete parent[path.at(-1) as string];
}

/** Sets or, for "", removes the namespace. */
export function setNamespace(object: KubernetesObject, namespace: string): void {
  if (namespace) setAt(object, ["metadata", "namespace"], namespace);
  else removeAt(object, ["metadata", "namespace"]);
}

/** A deep copy; leaves (also unknowns) are shared. */
export function copyOf<T extends PropertyValue>(value: T): T {
  if (Array.isArray(value)) return value.map(copyOf) as T;
  if (!isPropertyMap(value)) return value;
  const copy: PropertyMap = {};
  for (const [key, entry] of Object.entries(value)) setOwn(copy, key, copyOf(entry));
  return copy as T;
}

/** Whether `possibleOwner` is among the owners of the object. */
export function isOwnedBy(object: KubernetesObject, possibleOwner: KubernetesObject | undefined): boolean {
  if (!possibleOwner) return false;
  const uid = uidOf(possibleOwner);
  return listAt(object, "metadata", "ownerReferences").some((owner) => textAt(owner, "uid") === uid);
}
