import { isPropertyMap, type PropertyValue } from "#core/property-value.ts";
import { at, copyOf, type KubernetesObject, removeAt, setAt } from "#providers/kubernetes/model/kubernetes-object.ts";
import { ownsField } from "#providers/kubernetes/model/managed-fields.ts";
import { type PropertyPath, parsePath } from "#providers/kubernetes/model/property-path.ts";

/**
 * Changes the inputs of an update so that ignored fields stay as they are in the cluster: a field that only others own isn't sent at all, any other is sent with its
 * live value. Mirrors pulumi/pulumi-kubernetes:provider/pkg/await/await.go `handleSSAIgnoreFields` (v4.32.0).
 *
 * @param fieldManager the resource's own, absent without server-side apply
 */
export function keepIgnored(inputs: KubernetesObject, live: KubernetesObject, ignoreChanges: readonly string[], fieldManager: string | undefined): void {
  for (const text of ignoreChanges) {
    const path = parsePath(text);
    if (path.every((part) => typeof part === "string")) keepField(inputs, live, path as string[], fieldManager);
    else keepInList(inputs, live, path);
  }
}

function keepField(inputs: KubernetesObject, live: KubernetesObject, path: readonly string[], fieldManager: string | undefined): void {
  if (fieldManager !== undefined) {
    const theirs = ownsField(live, path, (manager) => manager !== fieldManager);
    if (theirs && !ownsField(live, path, (manager) => manager === fieldManager)) {
      removeAt(inputs, path);
      return;
    }
  }
  const value = at(live, ...path);
  if (value !== undefined) setAt(inputs, path, copyOf(value));
}

/** Fields of list items have no owner that could be told by their place, so the live value is sent. */
function keepInList(inputs: PropertyValue, live: PropertyValue, path: PropertyPath): void {
  const [part, ...rest] = path;
  if (part === undefined) return;
  const liveChild = child(live, part);
  const inputChild = child(inputs, part);
  if (liveChild === undefined || inputChild === undefined) return;
  if (rest.length > 0) keepInList(inputChild, liveChild, rest);
  else if (Array.isArray(inputs)) inputs[Number(part)] = copyOf(liveChild);
  else if (isPropertyMap(inputs)) setAt(inputs, [String(part)], copyOf(liveChild));
}

function child(value: PropertyValue, part: string | number): PropertyValue | undefined {
  if (Array.isArray(value)) return value[Number(part)];
  return at(value, String(part));
}
