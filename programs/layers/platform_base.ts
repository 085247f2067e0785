import type { Resource } from "@pulumi/pulumi";
import type { AccessHint } from "#core/operation.ts";
import { secretHint, urlHint } from "#programs/access-hints.ts";
import { ArgoCd } from "#programs/components/argocd.ts";
import { CertManager } from "#programs/components/cert-manager.ts";
import { ChartComponent } from "#programs/components/chart-component.ts";
import { LabAuthority } from "#programs/components/lab-authority.ts";
import { LabRoute, type LabRouteArgs } from "#programs/components/lab-route.ts";
import { Monitoring } from "#programs/components/monitoring.ts";
import type { LayerProgram } from "#programs/layer.ts";
import { LayerScope } from "#programs/layer-scope.ts";
import { alloyValues } from "#programs/layers/platform_base/values/alloy.ts";
import { argocdValues } from "#programs/layers/platform_base/values/argocd.ts";
import { certManagerValues } from "#programs/layers/platform_base/values/cert-manager.ts";
import { lokiUrl, lokiValues } from "#programs/layers/platform_base/values/loki.ts";
import { grafanaAdmin, monitoringValues } from "#programs/layers/platform_base/values/monitoring.ts";
import { traefikValues } from "#programs/layers/platform_base/values/traefik.ts";

/** Cluster issuer that signs with the lab's authority. */
const issuer = "lab-ca";

interface Placed {
  readonly namespace: string;
}
interface Stored extends Placed {
  readonly retention: string;
  readonly storage: string;
}

/** Certificates, ingress, Argo CD, monitoring and logs. Each component is there when the scenario has it. */
export const platformBase: LayerProgram = async (context) => {
  const scope = new LayerScope(context);
  const { domain } = scope.layerValues as { domain: string };
  const access: AccessHint[] = [];
  /** Custom resources of Traefik and cert-manager come after their definitions. */
  const definitions: Resource[] = [];
  const authority = new LabAuthority("lab-ca", { domain }, scope.options("cert-manager"));
  const chartArgs = <T extends Placed>(id: string) => {
    const component = scope.find(id);
    return component && { chart: scope.chart(component), own: scope.values<T>(component) };
  };
  const route = (component: string, name: string, title: string, args: Omit<LabRouteArgs, "host" | "certificate"> & Partial<LabRouteArgs>) => {
    const host = `${name}.${domain}`;
    if (!scope.find("traefik")) return;
    new LabRoute(name, { host, certificate: { issuer }, ...args }, scope.options(component, { dependsOn: [...definitions] }));
    access.push(urlHint(title, host));
  };

  const certManager = chartArgs<Placed>("cert-manager");
  if (certManager) {
    const { chart, own } = certManager;
    definitions.push(
      new CertManager("cert-manager", { chart, namespace: own.namespace, values: certManagerValues(), authority, issuer }, scope.options("cert-manager")),
    );
  }
  const traefik = chartArgs<Placed>("traefik");
  if (traefik) {
    const { chart, own } = traefik;
    definitions.push(new ChartComponent("Traefik", "traefik", { chart, namespace: own.namespace, values: traefikValues() }, scope.options("traefik")));
  }
  const argocd = chartArgs<Placed>("argocd");
  if (argocd) {
    const { chart, own } = argocd;
    const tls = authority.issue("argocd", `argocd.${domain}`);
    const server = new ArgoCd("argocd", { chart, namespace: own.namespace, values: argocdValues({ domain }), tls }, scope.options("argocd"));
    route("argocd", "argocd", "Argo CD", { namespace: own.namespace, service: "argocd-server", port: 80, certificate: { secret: server.tlsSecret } });
    access.push(secretHint("Argo CD user 'admin'", own.namespace, server.adminSecret, "password"));
  }
  const loki = chartArgs<Stored>("loki");
  const logs = lokiUrl(loki?.own.namespace ?? "monitoring");
  if (loki) new ChartComponent("Loki", "loki", { chart: loki.chart, namespace: loki.own.namespace, values: lokiValues(loki.own) }, scope.options("loki"));
  const alloy = chartArgs<Placed>("alloy");
  if (alloy)
    new ChartComponent(
      "Alloy",
      "alloy",
      { chart: alloy.chart, namespace: alloy.own.namespace, values: alloyValues({ lokiUrl: logs }) },
      scope.options("alloy"),
    );
  const monitoring = chartArgs<Stored>("monitoring");
  if (monitoring) {
    const { chart, own } = monitoring;
    new Monitoring("monitoring", { chart, namespace: own.namespace, values: monitoringValues({ ...own, domain, lokiUrl: logs }) }, scope.options("monitoring"));
    route("monitoring", "grafana", "Grafana", { namespace: own.namespace, service: "monitoring-grafana", port: 80 });
    route("monitoring", "prometheus", "Prometheus", { namespace: own.namespace, service: "monitoring-prometheus", port: 9090 });
    access.push(secretHint("Grafana user 'admin'", own.namespace, grafanaAdmin.secret, grafanaAdmin.passwordKey));
  }
  return { domain, issuer, caCertificate: authority.certificate, access, standIns: scope.standIns };
};
