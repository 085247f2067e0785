import type { ComponentContract } from "#programs/contracts/component-contract.ts";

const labels = (name: string) => ({ "app.kubernetes.io/name": name, "app.kubernetes.io/instance": "monitoring" });
const prometheus = { "app.kubernetes.io/name": "prometheus", "operator.prometheus.io/name": "monitoring" };
const alertmanager = { "app.kubernetes.io/name": "alertmanager", alertmanager: "monitoring" };

/** Prometheus operator and what it runs, Grafana, exporters. The operator makes Prometheus' and Alertmanager's StatefulSets from custom resources. */
export const monitoring: ComponentContract = {
  component: "monitoring",
  release: "monitoring",
  crds: [
    ...["alertmanagers", "podmonitors", "probes", "prometheuses", "prometheusrules", "servicemonitors"].map((plural) => ({
      name: `${plural}.monitoring.coreos.com`,
      scope: "Namespaced" as const,
      version: "v1",
    })),
    ...["alertmanagerconfigs", "scrapeconfigs"].map((plural) => ({
      name: `${plural}.monitoring.coreos.com`,
      scope: "Namespaced" as const,
      version: "v1alpha1",
    })),
  ],
  services: [
    { name: "monitoring-grafana", selector: labels("grafana"), ports: { "http-web": 80 } },
    { name: "monitoring-prometheus", selector: prometheus, ports: { "http-web": 9090 } },
    { name: "monitoring-alertmanager", selector: alertmanager, ports: { "http-web": 9093 } },
    { name: "monitoring-kube-state-metrics", selector: labels("kube-state-metrics"), ports: { http: 8080 } },
    { name: "monitoring-prometheus-node-exporter", selector: labels("prometheus-node-exporter"), ports: { "http-metrics": 9100 } },
    { name: "monitoring-operator", selector: { app: "kube-prometheus-stack-operator", release: "monitoring" }, ports: { http: 8080 } },
  ],
  workloads: [
    { kind: "Deployment", name: "monitoring-operator", memory: "96Mi" },
    { kind: "Deployment", name: "monitoring-grafana", memory: "384Mi" },
    { kind: "Deployment", name: "monitoring-kube-state-metrics", memory: "64Mi" },
    { kind: "DaemonSet", name: "monitoring-prometheus-node-exporter", memory: "32Mi" },
    { kind: "StatefulSet", name: "prometheus-monitoring", memory: "704Mi", operatedFrom: { kind: "Prometheus", name: "monitoring", podLabels: prometheus } },
    {
      kind: "StatefulSet",
      name: "alertmanager-monitoring",
      memory: "64Mi",
      operatedFrom: { kind: "Alertmanager", name: "monitoring", podLabels: alertmanager },
    },
  ],
  secrets: { "grafana-admin": ["username", "password"] },
};
