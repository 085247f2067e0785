import { BoundedNamespace, type BoundedNamespaceArgs } from "#programs/components/bounded-namespace.ts";
import { DefaultStorageClass } from "#programs/components/default-storage-class.ts";
import type { LayerProgram } from "#programs/layer.ts";
import { LayerScope } from "#programs/layer-scope.ts";

interface NamespacesValues {
  readonly namespaces: Readonly<Record<string, Omit<BoundedNamespaceArgs, "containerDefaults">>>;
  readonly containerDefaults: BoundedNamespaceArgs["containerDefaults"];
}

/** Foundations inside a cluster that exists already: namespaces with limits, and the storage class that volumes rely on. */
export const cluster: LayerProgram = async (context) => {
  const scope = new LayerScope(context);
  const namespaces = scope.find("namespaces");
  const kubernetes = scope.find("kubernetes");
  const names: string[] = [];
  if (namespaces) {
    const { namespaces: wanted, containerDefaults } = scope.values<NamespacesValues>(namespaces);
    for (const [name, bounds] of Object.entries(wanted)) {
      new BoundedNamespace(name, { ...bounds, containerDefaults }, scope.options("namespaces"));
      names.push(name);
    }
  }
  if (!kubernetes) return { namespaces: names };
  const { storageClass } = scope.values<{ storageClass: string }>(kubernetes);
  return { namespaces: names, storageClass: new DefaultStorageClass("storage", { class: storageClass }, scope.options("kubernetes")).className };
};
