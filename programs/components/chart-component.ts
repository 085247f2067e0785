import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import { componentType } from "#programs/component-type.ts";
import { installChart, type PinnedChartArgs } from "#programs/pinned-chart.ts";

/**
 * A component that is a pinned chart and nothing else; the release is named like the resource.
 *
 * @example
 * new ChartComponent("Traefik", "traefik", { chart, namespace: "traefik", values: traefikValues() });
 */
export class ChartComponent extends ComponentResource {
  constructor(type: string, name: string, args: PinnedChartArgs, options?: ComponentResourceOptions) {
    super(componentType(type), name, {}, options);
    installChart(name, args, { parent: this });
    this.registerOutputs({});
  }
}
