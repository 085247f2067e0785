import { parse } from "yaml";
import { definedKind, isCustomResourceDefinition, kindOfObject } from "#providers/kubernetes/model/kind.ts";
import { annotationOf, type KubernetesObject, kindOf, nameOf, namespaceOf } from "#providers/kubernetes/model/kubernetes-object.ts";

/**
 * Which objects of a manifest have to exist before which: an object's namespace, the definition of its kind, and what annotations name. Only objects of the manifest
 * count. Throws an `Error` for a circle. After kubernetes-sigs/cli-utils:pkg/object/graph/depends.go (v0.37).
 */
export function objectDependencies(objects: readonly KubernetesObject[]): ReadonlyMap<KubernetesObject, readonly KubernetesObject[]> {
  const byKey = new Map(objects.map((object) => [keyOf(object), object]));
  const definitions = new Map<string, KubernetesObject>();
  for (const object of objects) {
    const defined = isCustomResourceDefinition(object) ? definedKind(object) : undefined;
    if (defined) definitions.set(`${defined.group}/${defined.kind}`, object);
  }
  const dependencies = new Map<KubernetesObject, KubernetesObject[]>();
  for (const object of objects) {
    const { group, kind } = kindOfObject(object);
    const found = [
      definitions.get(`${group}/${kind}`),
      namespaceOf(object) ? byKey.get(`/Namespace//${namespaceOf(object)}`) : undefined,
      ...annotated(object).map((key) => byKey.get(key)),
    ];
    dependencies.set(object, [...new Set(found.filter((other): other is KubernetesObject => other !== undefined && other !== object))]);
  }
  refuseCircles(dependencies);
  return dependencies;
}

function keyOf(object: KubernetesObject): string {
  const { group, kind } = kindOfObject(object);
  return `${group}/${kind}/${namespaceOf(object)}/${nameOf(object)}`;
}

/** Keys of the objects that annotations name. */
function annotated(object: KubernetesObject): string[] {
  return [
    ...dependsOn(annotationOf(object, "config.kubernetes.io/depends-on")),
    ...mutationSources(annotationOf(object, "config.kubernetes.io/apply-time-mutation")),
  ];
}

/** `group/namespaces/NAMESPACE/Kind/NAME`, or `group/Kind/NAME` for cluster-scoped objects, separated by commas. */
function dependsOn(annotation: string): string[] {
  return annotation
    .split(",")
    .map((entry) => entry.trim())
    .filter(Boolean)
    .map((entry) => {
      const parts = entry.split("/");
      if (parts.length === 5 && parts[1] === "namespaces") return `${parts[0]}/${parts[3]}/${parts[2]}/${parts[4]}`;
      if (parts.length === 3) return `${parts[0]}/${parts[1]}//${parts[2]}`;
      throw new Error(`invalid depends-on annotation '${entry}': expected group/namespaces/NAMESPACE/Kind/NAME or group/Kind/NAME`);
    });
}

function mutationSources(annotation: string): string[] {
  if (!annotation) return [];
  const list: unknown = parse(annotation);
  if (!Array.isArray(list)) throw new Error("invalid apply-time-mutation annotation: expected a list");
  return list.map((entry: { sourceRef?: { group?: string; apiVersion?: string; kind?: string; namespace?: string; name?: string } }) => {
    const source = entry.sourceRef ?? {};
    const group = source.group ?? (source.apiVersion?.includes("/") ? source.apiVersion.split("/")[0] : "");
    return `${group}/${source.kind ?? ""}/${source.namespace ?? ""}/${source.name ?? ""}`;
  });
}

function refuseCircles(dependencies: ReadonlyMap<KubernetesObject, readonly KubernetesObject[]>): void {
  const done = new Set<KubernetesObject>();
  const visit = (object: KubernetesObject, path: readonly KubernetesObject[]) => {
    if (done.has(object)) return;
    if (path.includes(object)) {
      const circle = [...path.slice(path.indexOf(object)), object].map((member) => `${kindOf(member)} ${nameOf(member)}`);
      throw new Error(`cyclic dependency between objects: ${circle.join(" -> ")}`);
    }
    for (const other of dependencies.get(object) ?? []) visit(other, [...path, object]);
    done.add(object);
  };
  for (const object of dependencies.keys()) visit(object, []);
}
