import * as k8s from "@pulumi/kubernetes";
import type { Resource } from "@pulumi/pulumi";

/** Registers one Namespace and `count` ConfigMaps in it: what every engine figure is about. */
export function registerConfigMaps(kubeconfig: string, namespaceName: string, count: number): Resource[] {
  const provider = new k8s.Provider("cluster", { kubeconfig });
  const namespace = new k8s.core.v1.Namespace("bench", { metadata: { name: namespaceName } }, { provider });
  const maps = Array.from(
    { length: count },
    (_, i) =>
      new k8s.core.v1.ConfigMap(`map-${i}`, { metadata: { namespace: namespace.metadata.name, name: `map-${i}` }, data: { index: String(i) } }, { provider }),
  );
  return [provider, namespace, ...maps];
}
