import { isPropertyMap } from "#core/property-value.ts";
import { annotationOf, at, type KubernetesObject, setAt } from "#providers/kubernetes/model/kubernetes-object.ts";

/** Annotations through which a program steers the provider. */
export const annotations = {
  autonamed: "pulumi.com/autonamed",
  skipAwait: "pulumi.com/skipAwait",
  waitFor: "pulumi.com/waitFor",
  timeoutSeconds: "pulumi.com/timeoutSeconds",
  replaceUnready: "pulumi.com/replaceUnready",
  patchForce: "pulumi.com/patchForce",
  patchFieldManager: "pulumi.com/patchFieldManager",
  deletionPropagationPolicy: "pulumi.com/deletionPropagationPolicy",
  helmHook: "helm.sh/hook",
  helmResourcePolicy: "helm.sh/resource-policy",
  lastApplied: "kubectl.kubernetes.io/last-applied-configuration",
} as const;

export function isTrue(object: KubernetesObject, annotation: string): boolean {
  return annotationOf(object, annotation) === "true";
}

/** Sets an annotation, unless metadata or its annotations aren't known yet: nothing can be put into an unknown. */
export function annotate(object: KubernetesObject, annotation: string, value: string): void {
  const metadata = at(object, "metadata");
  if (metadata !== undefined && !isPropertyMap(metadata)) return;
  const present = at(object, "metadata", "annotations");
  if (present !== undefined && present !== null && !isPropertyMap(present)) return;
  if (present === null) setAt(object, ["metadata", "annotations"], {});
  setAt(object, ["metadata", "annotations", annotation], value);
}
