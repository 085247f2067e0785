import { isPropertyMap, type PropertyMap, type PropertyValue, setOwn } from "#core/property-value.ts";
import { at, copyOf, type KubernetesObject, listAt, textAt } from "#providers/kubernetes/model/kubernetes-object.ts";

/** Managers, by how their names begin, whose fields become ours at the first server-side apply: of kubectl, and of creates and updates by this provider. */
const formerManagers: readonly (readonly [prefix: string, operation: string])[] = [
  ["kubectl", "Apply"],
  ["kubectl", "Update"],
  ["before-first-apply", "Update"],
  ["pulumi-kubernetes", "Update"],
  ["pulumi-resource-kubernetes", "Update"],
];
const ownUpdateManagers = new Set(["pulumi-kubernetes", "pulumi-kubernetes.exe", "pulumi-resource-kubernetes"]);

/**
 * The object's managed fields with everything that former managers own handed to `manager`; `undefined` when there is nothing to hand over.
 * Does what fluxcd/pkg:ssa/jsondiff `PatchReplaceFieldsManagers` does for pulumi/pulumi-kubernetes:provider/pkg/await/await.go (v4.32.0).
 */
export function adoptManagedFields(object: KubernetesObject, manager: string): PropertyValue[] | undefined {
  const entries = listAt(object, "metadata", "managedFields");
  const isFormer = (entry: PropertyValue) =>
    textAt(entry, "subresource") === "" &&
    formerManagers.some(([prefix, operation]) => textAt(entry, "manager").startsWith(prefix) && textAt(entry, "operation") === operation);
  const isOurs = (entry: PropertyValue) =>
    textAt(entry, "manager") === manager && textAt(entry, "operation") === "Apply" && textAt(entry, "subresource") === "";
  const former = entries.filter((entry) => isFormer(entry) && !isOurs(entry));
  if (former.length === 0) return undefined;
  const base = entries.find(isOurs) ?? former[0];
  const ours: PropertyMap = { ...(copyOf(base as PropertyMap) as PropertyMap), manager, operation: "Apply" };
  ours.fieldsV1 = [...entries.filter(isOurs), ...former].map((entry): PropertyValue => at(entry, "fieldsV1") ?? {}).reduce(union);
  return [...entries.filter((entry) => !isOurs(entry) && !former.includes(entry)), ours];
}

/** Whether a manager other than by server-side apply of this provider owns fields. */
export function hasOwnUpdateManager(object: KubernetesObject): boolean {
  return listAt(object, "metadata", "managedFields").some(
    (entry) => textAt(entry, "operation") === "Update" && ownUpdateManagers.has(textAt(entry, "manager")),
  );
}

/** Whether managers that `which` admits own the field, or something below it. */
export function ownsField(object: KubernetesObject, path: readonly string[], which: (manager: string) => boolean): boolean {
  const fields = path.map((key) => `f:${key}`);
  return listAt(object, "metadata", "managedFields").some((entry) => which(textAt(entry, "manager")) && at(entry, "fieldsV1", ...fields) !== undefined);
}

function union(a: PropertyValue, b: PropertyValue): PropertyValue {
  if (!isPropertyMap(a) || !isPropertyMap(b)) return a;
  const result: PropertyMap = copyOf(a);
  for (const [key, value] of Object.entries(b)) setOwn(result, key, Object.hasOwn(result, key) ? union(result[key] as PropertyValue, value) : copyOf(value));
  return result;
}
