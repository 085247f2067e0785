import * as k8s from "@pulumi/kubernetes";

/** One Namespace and `count` ConfigMaps in it: the program that every engine figure is about. */
export function configMapProgram(kubeconfig: string, namespaceName: string, count: number): () => Promise<void> {
  return async () => {
    const provider = new k8s.Provider("cluster", { kubeconfig });
    const namespace = new k8s.core.v1.Namespace("bench", { metadata: { name: namespaceName } }, { provider });
    for (let i = 0; i < count; i++)
      new k8s.core.v1.ConfigMap(`map-${i}`, { metadata: { namespace: namespace.metadata.name, name: `map-${i}` }, data: { index: String(i) } }, { provider });
  };
}
