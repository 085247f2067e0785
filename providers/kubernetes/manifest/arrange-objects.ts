import { isPropertyMap } from "#core/property-value.ts";
import type { ProviderContext } from "#providers/kubernetes/context.ts";
import { apiVersionText, isCustomResourceDefinition, kindOfObject, kindText } from "#providers/kubernetes/model/kind.ts";
import { apiVersionOf, type KubernetesObject, kindOf, nameOf, namespaceOf, setNamespace } from "#providers/kubernetes/model/kubernetes-object.ts";

export interface ArrangedObjects {
  readonly objects: readonly KubernetesObject[];
  /** Kinds of which nobody could tell whether they live in a namespace; their objects got none. */
  readonly unresolved: readonly string[];
}

/**
 * Prepares the objects of a manifest for registration: lists are expanded, `core/v1` becomes `v1`, namespaced objects get a namespace. Throws an `Error` for an
 * object without apiVersion, kind or name. Mirrors pulumi/pulumi-kubernetes:provider/pkg/provider/yaml/v2/yaml.go `Normalize` (v4.32.0).
 */
export async function arrangeObjects(context: ProviderContext, manifest: readonly KubernetesObject[], defaultNamespace: string): Promise<ArrangedObjects> {
  const objects = manifest.flatMap(expand);
  const definitions = objects.filter(isCustomResourceDefinition);
  const unresolved = new Set<string>();
  for (const object of objects) {
    requireIdentity(object);
    const kind = kindOfObject(object);
    object.apiVersion = apiVersionText(kind);
    if (namespaceOf(object)) continue;
    const namespaced = await context.isNamespaced(kind, definitions);
    if (namespaced === undefined) unresolved.add(kindText(kind));
    else if (namespaced) setNamespace(object, defaultNamespace);
  }
  return { objects, unresolved: [...unresolved] };
}

/** The objects of a list, also of lists in it. */
export function expand(object: KubernetesObject): KubernetesObject[] {
  if (!Array.isArray(object.items) || !kindOf(object).endsWith("List")) return [object];
  return object.items.filter(isPropertyMap).flatMap((item) => expand(item));
}

function requireIdentity(object: KubernetesObject): void {
  const shown = () => {
    const text = JSON.stringify(object);
    return text.length > 100 ? `${text.slice(0, 97)}...` : text;
  };
  if (!kindOf(object) || !apiVersionOf(object)) throw new Error(`Kubernetes resources require a kind and apiVersion: \`${shown()}\``);
  if (!nameOf(object)) throw new Error(`Kubernetes resources require a .metadata.name: \`${shown()}\``);
}
