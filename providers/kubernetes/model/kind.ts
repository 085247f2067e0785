import { apiVersionOf, at, type KubernetesObject, kindOf, textAt } from "#providers/kubernetes/model/kubernetes-object.ts";

/** Group, version and kind; the core group is "". */
export interface Kind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** `group/version`, `version` for the core group: what an object's `apiVersion` says. */
export function apiVersionText(kind: Pick<Kind, "group" | "version">): string {
  return kind.group ? `${kind.group}/${kind.version}` : kind.version;
}

/** `group/version/Kind`, `version/Kind` for the core group. */
export function kindText(kind: Kind): string {
  return `${apiVersionText(kind)}/${kind.kind}`;
}

export function kindOfObject(object: KubernetesObject): Kind {
  const [first = "", second] = apiVersionOf(object).split("/");
  const group = second === undefined || first === "core" ? "" : first;
  return { group, version: second ?? first, kind: kindOf(object) };
}

/** The kind that a type token names, e.g. `kubernetes:apps/v1:Deployment`. Throws for a token of another form. */
export function kindOfToken(token: string): Kind {
  const [, module = "", kind = ""] = token.split(":");
  const parts = module.split("/");
  if (parts.length !== 2) throw new Error(`apiVersion does not have both a group and a version: "${module}"`);
  const [group, version] = parts as [string, string];
  return { group: group === "core" ? "" : group, version, kind };
}

/** The type token of an object, as its SDK class has it. */
export function tokenOf(object: KubernetesObject): string {
  const { group, version, kind } = kindOfObject(object);
  return `kubernetes:${group || "core"}/${version}:${kind}`;
}

/** Whether a resource of this type patches an object that somebody else owns; a custom kind whose name ends in `Patch` doesn't. */
export function isPatch(token: string, object: KubernetesObject): boolean {
  return token.slice(token.lastIndexOf(":") + 1) === `${kindOf(object)}Patch`;
}

/** Whether the token names a list of built-in objects, which can't be managed. */
export function isListToken(token: string): boolean {
  const [, module = "", kind = ""] = token.split(":");
  return kind.endsWith("List") && builtInApiVersions.has(module);
}

export function isSecret(object: KubernetesObject): boolean {
  return kindOf(object) === "Secret" && kindOfObject(object).group === "";
}

export function isConfigMap(object: KubernetesObject): boolean {
  return kindOf(object) === "ConfigMap" && kindOfObject(object).group === "";
}

export function isCustomResourceDefinition(object: KubernetesObject): boolean {
  return kindOf(object) === "CustomResourceDefinition" && apiVersionOf(object).startsWith("apiextensions.k8s.io/");
}

/** What a definition of custom resources says about its kind; `undefined` where it is incomplete. */
export function definedKind(definition: KubernetesObject): { group: string; kind: string; namespaced: boolean } | undefined {
  const group = textAt(definition, "spec", "group");
  const kind = textAt(definition, "spec", "names", "kind");
  if (!group || !kind || at(definition, "spec", "scope") === undefined) return undefined;
  return { group, kind, namespaced: textAt(definition, "spec", "scope") === "Namespaced" };
}

/** Whether kinds of this `apiVersion` come with Kubernetes itself. */
export function isBuiltIn(apiVersion: string): boolean {
  return builtInApiVersions.has(apiVersion);
}

/** Whether a built-in kind lives in a namespace; `undefined` for kinds that discovery has to tell. */
export function builtInScope(kind: Kind): "namespaced" | "cluster" | undefined {
  if (!builtInApiVersions.has(apiVersionText(kind))) return undefined;
  const name = kind.kind.replace(/Patch$/, "").replace(/List$/, "");
  if (namespacedKinds.has(name)) return "namespaced";
  return clusterKinds.has(name) ? "cluster" : undefined;
}

/** pulumi/pulumi-kubernetes:provider/pkg/kinds/kinds.go (v4.32.0) knows the same names. */
const namespacedKinds = new Set(
  (
    "Binding ConfigMap ControllerRevision CronJob CSIStorageCapacity DaemonSet Deployment Endpoints EndpointSlice Event HorizontalPodAutoscaler Ingress Job " +
    "Lease LimitRange NetworkPolicy PersistentVolumeClaim Pod PodDisruptionBudget PodTemplate ReplicaSet ReplicationController ResourceQuota Role RoleBinding " +
    "Secret Service ServiceAccount StatefulSet"
  ).split(" "),
);

const clusterKinds = new Set(
  (
    "APIService CertificateSigningRequest ClusterRole ClusterRoleBinding CSIDriver CSINode CustomResourceDefinition FlowSchema IngressClass " +
    "MutatingWebhookConfiguration Namespace Node PersistentVolume PodSecurityPolicy PriorityClass PriorityLevelConfiguration RuntimeClass StorageClass " +
    "ValidatingWebhookConfiguration VolumeAttachment"
  ).split(" "),
);

const versionsOfGroups: Readonly<Record<string, string>> = {
  "admissionregistration.k8s.io": "v1 v1alpha1 v1beta1",
  "apiextensions.k8s.io": "v1 v1beta1",
  "apiregistration.k8s.io": "v1 v1beta1",
  apps: "v1 v1beta1 v1beta2",
  "auditregistration.k8s.io": "v1alpha1",
  autoscaling: "v1 v2 v2beta1 v2beta2",
  batch: "v1 v1beta1 v2alpha1",
  "certificates.k8s.io": "v1 v1alpha1 v1beta1",
  "coordination.k8s.io": "v1 v1alpha1 v1alpha2 v1beta1",
  core: "v1",
  "discovery.k8s.io": "v1 v1beta1",
  "events.k8s.io": "v1 v1beta1",
  extensions: "v1beta1",
  "flowcontrol.apiserver.k8s.io": "v1 v1alpha1 v1beta1 v1beta2 v1beta3",
  meta: "v1",
  "networking.k8s.io": "v1 v1alpha1 v1beta1",
  "node.k8s.io": "v1 v1alpha1 v1beta1",
  policy: "v1 v1beta1",
  "rbac.authorization.k8s.io": "v1 v1alpha1 v1beta1",
  "resource.k8s.io": "v1 v1alpha1 v1alpha2 v1alpha3 v1beta1 v1beta2",
  "scheduling.k8s.io": "v1 v1alpha1 v1alpha2 v1beta1",
  "settings.k8s.io": "v1alpha1",
  "storage.k8s.io": "v1 v1alpha1 v1beta1",
  "storagemigration.k8s.io": "v1alpha1 v1beta1",
};

const builtInApiVersions: ReadonlySet<string> = new Set([
  "v1",
  ...Object.entries(versionsOfGroups).flatMap(([group, versions]) => versions.split(" ").map((version) => `${group}/${version}`)),
]);
