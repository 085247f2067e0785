import { Provider } from "@pulumi/kubernetes";
import type { ComponentResourceOptions } from "@pulumi/pulumi";
import type { ChartSpec, ComponentSpec, LayerInput } from "#config/spec.ts";
import { StrataError } from "#core/errors.ts";
import type { StandIn } from "#core/operation.ts";
import type { JsonObject } from "#core/wire-value.ts";
import { checkChartSource } from "#programs/chart-source.ts";
import type { LayerContext } from "#programs/layer.ts";
import { objectTransform } from "#programs/object-transform.ts";

/** What the components of one layer share: the provider of its cluster, their specifications, their labels. */
export class LayerScope {
  readonly input: LayerInput;
  readonly upstream: LayerContext["upstream"];
  private readonly provider: Provider;

  /** Throws before anything is registered when a chart can't be used or the layer has no cluster. */
  constructor({ input, upstream }: LayerContext) {
    for (const { chart } of input.components) if (chart) checkChartSource(chart);
    if (!input.cluster) throw new StrataError("program_failed", `Layer '${input.layer}' lands on a cluster, but its specification names none.`);
    this.input = input;
    this.upstream = upstream;
    const { name, kubeconfig, context } = input.cluster;
    // The identifier makes the cluster what counts, so that a kubeconfig that moved or was renewed doesn't replace every object. A layer owns its objects:
    // what somebody changed in them by hand is set back.
    this.provider = new Provider("cluster", { kubeconfig, ...(context === undefined ? {} : { context }), clusterIdentifier: name, enablePatchForce: true });
  }

  /** The component's specification when the scenario has it. */
  find(component: string): ComponentSpec | undefined {
    return this.input.components.find((one) => one.component === component);
  }

  /** Values of a component, which its JSON Schema has checked. */
  values<T>(component: ComponentSpec): T {
    return component.values as unknown as T;
  }

  /** The chart of a component that can't do without one. */
  chart(component: ComponentSpec): ChartSpec {
    if (component.chart) return component.chart;
    throw new StrataError("program_failed", `Component '${component.component}' of layer '${this.input.layer}' has no chart in its specification.`);
  }

  /** Options of a component resource: the layer's cluster, the component's labels. */
  options(component: string, more: ComponentResourceOptions = {}): ComponentResourceOptions {
    return { providers: [this.provider], transforms: [objectTransform(this.input, component)], ...more };
  }

  /** Components of this layer whose chart is replaced by a stand-in, for the stack's outputs. */
  get standIns(): StandIn[] {
    return this.input.components.flatMap(({ component, chart }) =>
      chart?.source.kind === "stand-in" ? [{ component, layer: this.input.layer, reason: chart.source.reason }] : [],
    );
  }

  /** Values of the layer as a whole. */
  get layerValues(): JsonObject {
    return this.input.values;
  }
}
