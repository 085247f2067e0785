import { type Input, Output, output, type ResourceTransform } from "@pulumi/pulumi";
import type { ComponentSpec, LayerInput } from "#config/spec.ts";

/**
 * Labels of every Kubernetes object of a component: `strata.dev/{system,env,layer,component}`. The operation that made an object is left out: it would differ
 * in every run, so that a second `up` would change everything.
 */
export function objectLabels(input: LayerInput, component: string): Record<string, string> {
  return { "strata.dev/system": input.system, "strata.dev/env": input.environment, "strata.dev/layer": input.layer, "strata.dev/component": component };
}

/** Label and annotation of what stands in for the real thing. */
export const standInMark = { "strata.dev/stand-in": "true" } as const;

/**
 * Puts the labels on every Kubernetes object below a component, those of charts included; on those of a stand-in chart and their pods also the mark. One
 * transform instead of a label in each manifest: nothing can be forgotten.
 */
export function labelTransform(input: LayerInput, component: string): ResourceTransform {
  const labels = objectLabels(input, component);
  return ({ custom, type, props, opts }) => {
    if (!custom || !type.startsWith("kubernetes:")) return undefined;
    return { props: { ...props, metadata: merged(props.metadata, { labels }) }, opts };
  };
}

/** Marks every object of a stand-in chart, and the pods of its workloads. */
export function standInTransform(chart: ComponentSpec["chart"]): ResourceTransform[] {
  if (chart?.source.kind !== "stand-in") return [];
  return [
    ({ custom, type, props, opts }) => {
      if (!custom || !type.startsWith("kubernetes:")) return undefined;
      const metadata = merged(props.metadata, { labels: standInMark, annotations: standInMark });
      const pods = (props.spec as { template?: { metadata?: Metadata } } | undefined)?.template;
      const spec = pods?.metadata ? { ...props.spec, template: { ...pods, metadata: merged(pods.metadata, { labels: standInMark }) } } : props.spec;
      return { props: { ...props, metadata, ...(spec === undefined ? {} : { spec }) }, opts };
    },
  ];
}

/** Metadata with more labels and annotations; what the object says itself stays unless it has the same key. */
function merged(metadata: Input<Metadata> | undefined, more: Metadata): Input<Metadata> {
  if (Output.isInstance(metadata)) return output(metadata).apply((own) => merge(own as Metadata, more));
  return merge(metadata as Metadata | undefined, more);
}

interface Metadata {
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
}

function merge(own: Metadata | undefined, { labels, annotations }: Metadata): Metadata {
  return {
    ...own,
    ...(labels ? { labels: { ...own?.labels, ...labels } } : {}),
    ...(annotations ? { annotations: { ...own?.annotations, ...annotations } } : {}),
  };
}
