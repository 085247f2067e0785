import type { ServerVersion } from "#providers/kubernetes/client/cluster.ts";
import { apiTypes, type Lifecycle } from "#providers/kubernetes/model/api-types.ts";
import { type Kind, kindText } from "#providers/kubernetes/model/kind.ts";

/** Kinds that aren't among Kubernetes' Go types any more, or never were. */
const formerKinds: Readonly<Record<string, Lifecycle>> = {
  "apiextensions.k8s.io/v1beta1/CustomResourceDefinition": { removed: "1.22", replacement: "apiextensions.k8s.io/v1/CustomResourceDefinition" },
  "apiextensions.k8s.io/v1/CustomResourceDefinition": { introduced: "1.16" },
  "apiregistration.k8s.io/v1beta1/APIService": { introduced: "1.10", replacement: "apiregistration.k8s.io/v1/APIService" },
  "apiregistration.k8s.io/v1/APIService": { introduced: "1.10" },
  "batch/v2alpha1/CronJob": { removed: "1.21", replacement: "batch/v1/CronJob" },
  "autoscaling/v2beta1/HorizontalPodAutoscaler": { removed: "1.25", replacement: "autoscaling/v2/HorizontalPodAutoscaler" },
  "autoscaling/v2beta2/HorizontalPodAutoscaler": { removed: "1.26", replacement: "autoscaling/v2/HorizontalPodAutoscaler" },
  "extensions/v1beta1/PodSecurityPolicy": { removed: "1.16", replacement: "policy/v1beta1/PodSecurityPolicy" },
  "policy/v1beta1/PodSecurityPolicy": { removed: "1.25" },
  "policy/v1/PodSecurityPolicy": { removed: "1.25" },
};
for (const kind of ["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"])
  (formerKinds as Record<string, Lifecycle>)[`rbac.authorization.k8s.io/v1alpha1/${kind}`] = {
    removed: "1.20",
    replacement: `rbac.authorization.k8s.io/v1/${kind}`,
  };

export interface DeprecationWarning {
  readonly removed: boolean;
  readonly message: string;
}

/** What to say about a kind that the server doesn't serve any more, or for which it has a newer one. */
export function deprecationWarning(kind: Kind, server: ServerVersion): DeprecationWarning | undefined {
  const name = kindText(kind);
  const lifecycle = lifecycleOf(name);
  const removed = lifecycle?.removed;
  const replacement = lifecycle?.replacement ?? name;
  if (removed && isAtLeast(server, removed)) return { removed: true, message: removedMessage(name, removed, replacement) };
  if (replacement === name || !isAtLeast(server, lifecycleOf(replacement)?.introduced ?? "1.9")) return undefined;
  const end = removed ? ` and not supported by Kubernetes v${removed}+ clusters.` : ".";
  return { removed: false, message: `${name} is deprecated by ${replacement}${end}` };
}

/** The message for a kind that this server is known not to serve any more, `undefined` for other kinds. */
export function removalMessage(kind: Kind, server: ServerVersion): string | undefined {
  const warning = deprecationWarning(kind, server);
  return warning?.removed ? warning.message : undefined;
}

function removedMessage(name: string, removed: string, replacement: string): string {
  return (
    `apiVersion "${name}" was removed in Kubernetes ${removed}. Use "${replacement}" instead.\n` +
    `See https://git.k8s.io/kubernetes/CHANGELOG/CHANGELOG-${removed}.md#deprecation for more information.`
  );
}

function lifecycleOf(name: string): Lifecycle | undefined {
  return apiTypes().lifecycleOf(name) ?? formerKinds[name];
}

function isAtLeast(server: ServerVersion, version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return server.major > major || (server.major === major && server.minor >= minor);
}
