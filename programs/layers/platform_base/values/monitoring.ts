import type { JsonObject } from "#core/wire-value.ts";

/** Keys of the Secret with Grafana's administrator. */
export const grafanaAdmin = { secret: "grafana-admin", userKey: "username", passwordKey: "password" } as const;

/**
 * Values of the kube-prometheus-stack chart. Admission webhooks are off, since their certificates come from Helm hooks. The control plane's own targets are
 * off where distributions like k3s don't offer them. Prometheus picks up monitors and rules of all namespaces.
 */
export function monitoringValues({
  retention,
  storage,
  domain,
  lokiUrl,
}: {
  readonly retention: string;
  readonly storage: string;
  readonly domain: string;
  readonly lokiUrl: string;
}): JsonObject {
  const requests = (cpu: string, memory: string, limit: string) => ({ resources: { requests: { cpu, memory }, limits: { memory: limit } } });
  return {
    fullnameOverride: "monitoring",
    cleanPrometheusOperatorObjectNames: true,
    crds: { enabled: true },
    prometheusOperator: { admissionWebhooks: { enabled: false }, tls: { enabled: false }, ...requests("20m", "96Mi", "256Mi") },
    prometheus: {
      prometheusSpec: {
        retention,
        serviceMonitorSelectorNilUsesHelmValues: false,
        podMonitorSelectorNilUsesHelmValues: false,
        probeSelectorNilUsesHelmValues: false,
        ruleSelectorNilUsesHelmValues: false,
        externalUrl: `https://prometheus.${domain}`,
        storageSpec: { volumeClaimTemplate: { spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage } } } } },
        ...requests("100m", "704Mi", "2Gi"),
      },
    },
    alertmanager: { alertmanagerSpec: requests("10m", "64Mi", "128Mi") },
    grafana: {
      admin: { existingSecret: grafanaAdmin.secret, userKey: grafanaAdmin.userKey, passwordKey: grafanaAdmin.passwordKey },
      "grafana.ini": { server: { root_url: `https://grafana.${domain}` } },
      sidecar: requests("10m", "64Mi", "192Mi"),
      additionalDataSources: [{ name: "Loki", type: "loki", access: "proxy", url: lokiUrl }],
      ...requests("50m", "256Mi", "512Mi"),
    },
    "kube-state-metrics": requests("10m", "64Mi", "128Mi"),
    "prometheus-node-exporter": requests("10m", "32Mi", "64Mi"),
    kubeControllerManager: { enabled: false },
    kubeEtcd: { enabled: false },
    kubeProxy: { enabled: false },
    kubeScheduler: { enabled: false },
  };
}
