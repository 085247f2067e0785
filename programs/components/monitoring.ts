import { core } from "@pulumi/kubernetes";
import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random";
import { componentType } from "#programs/component-type.ts";
import { grafanaAdmin } from "#programs/layers/platform_base/values/monitoring.ts";
import { installChart, type PinnedChartArgs } from "#programs/pinned-chart.ts";

/**
 * Prometheus operator, Prometheus, Alertmanager and Grafana, with a random password for Grafana's administrator.
 *
 * @example
 * new Monitoring("monitoring", { chart, namespace: "monitoring", values: monitoringValues({ retention: "24h", storage: "8Gi", domain: "lab.local", lokiUrl }) });
 */
export class Monitoring extends ComponentResource {
  constructor(name: string, args: PinnedChartArgs, options?: ComponentResourceOptions) {
    super(componentType("Monitoring"), name, {}, options);
    const { secret, userKey, passwordKey } = grafanaAdmin;
    const password = new RandomPassword("grafana-admin", { length: 32, special: false }, { parent: this });
    const admin = new core.v1.Secret(
      "grafana-admin",
      { metadata: { name: secret, namespace: args.namespace }, stringData: { [userKey]: "admin", [passwordKey]: password.result } },
      { parent: this },
    );
    installChart(name, args, { parent: this, dependsOn: [admin] });
    this.registerOutputs({});
  }
}
