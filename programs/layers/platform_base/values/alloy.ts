import type { JsonObject } from "#core/wire-value.ts";

/** Reads the logs of the pods of its own node through the API server, and sends them to Loki. */
function shipPodLogs(lokiUrl: string): string {
  return `discovery.kubernetes "pods" {
  role = "pod"
  selectors {
    role  = "pod"
    field = "spec.nodeName=" + sys.env("HOSTNAME")
  }
}

discovery.relabel "pods" {
  targets = discovery.kubernetes.pods.targets
  rule {
    source_labels = ["__meta_kubernetes_namespace"]
    target_label  = "namespace"
  }
  rule {
    source_labels = ["__meta_kubernetes_pod_name"]
    target_label  = "pod"
  }
  rule {
    source_labels = ["__meta_kubernetes_pod_container_name"]
    target_label  = "container"
  }
}

loki.source.kubernetes "pods" {
  targets    = discovery.relabel.pods.output
  forward_to = [loki.write.lab.receiver]
}

loki.write "lab" {
  endpoint {
    url = "${lokiUrl}/loki/api/v1/push"
  }
}
`;
}

/** Values of the Alloy chart: one pod per node. */
export function alloyValues({ lokiUrl }: { readonly lokiUrl: string }): JsonObject {
  return {
    crds: { create: false },
    controller: { type: "daemonset" },
    configReloader: { enabled: false },
    alloy: {
      configMap: { content: shipPodLogs(lokiUrl) },
      enableReporting: false,
      extraEnv: [{ name: "HOSTNAME", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } }],
      resources: { requests: { cpu: "10m", memory: "50Mi" }, limits: { memory: "256Mi" } },
    },
  };
}
