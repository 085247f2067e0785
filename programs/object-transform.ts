import { type CustomResourceOptions, type Input, Output, output, type ResourceTransform, type ResourceTransformResult } from "@pulumi/pulumi";
import type { ChartSpec, LayerInput } from "#config/spec.ts";

/** Label and annotation of what stands in for the real thing. */
const standInMark = { "strata.dev/stand-in": "true" } as const;

/**
 * Goes over every Kubernetes object of a component, those of charts included, so that nothing can be forgotten:
 *
 * - Labels `strata.dev/{system,env,layer,component}`, also on the volume claims that a StatefulSet makes. The operation that made an object is left out: it would differ in every run, so that a second `up`
 *   would change everything.
 * - No wait for a Service. The provider waits at least ten seconds for the pods of each and for a load balancer's address; the component's workloads are
 *   waited for anyway, and a cluster without load balancers would never answer.
 * - On a sandbox an admission webhook may fail: its pods don't run, so that it never answers, and every object it looks at would be refused.
 */
export function objectTransform(input: LayerInput, component: string): ResourceTransform {
  const labels = { "strata.dev/system": input.system, "strata.dev/env": input.environment, "strata.dev/layer": input.layer, "strata.dev/component": component };
  const annotations = { "pulumi.com/skipAwait": "true" };
  return ({ custom, type, props, opts }) => {
    if (!custom || !type.startsWith("kubernetes:")) return undefined;
    const simulated = input.cluster?.source === "sandbox" && /:(?:Mutating|Validating)WebhookConfiguration$/.test(type);
    const more = type === "kubernetes:core/v1:Service" ? { labels, annotations } : { labels };
    const claims = (props.spec as { volumeClaimTemplates?: { metadata?: Metadata }[] } | undefined)?.volumeClaimTemplates;
    const changed = {
      metadata: merged(props.metadata, more),
      ...(claims ? { spec: { ...props.spec, volumeClaimTemplates: claims.map((claim) => ({ ...claim, metadata: merge(claim.metadata, { labels }) })) } } : {}),
      ...(simulated ? { webhooks: (props.webhooks as object[]).map(forgiving) } : {}),
    };
    return { props: { ...props, ...changed }, opts: unforced(opts) };
  };
}

function forgiving(webhook: object): object {
  return { ...webhook, failurePolicy: "Ignore", timeoutSeconds: 1 };
}

/** Marks every object of a stand-in chart, and the pods of its workloads; nothing for any other chart. */
export function standInTransforms(chart: ChartSpec): ResourceTransform[] {
  if (chart.source.kind !== "stand-in") return [];
  return [
    ({ custom, type, props, opts }) => {
      if (!custom || !type.startsWith("kubernetes:")) return undefined;
      const metadata = merged(props.metadata, { labels: standInMark, annotations: standInMark });
      const pods = (props.spec as { template?: { metadata?: Metadata } } | undefined)?.template;
      const spec = pods?.metadata ? { ...props.spec, template: { ...pods, metadata: merged(pods.metadata, { labels: standInMark }) } } : props.spec;
      return { props: { ...props, metadata, ...(spec === undefined ? {} : { spec }) }, opts: unforced(opts) };
    },
  ];
}

/**
 * The SDK hands a transform `deleteBeforeReplace: false` where nothing was said, and takes it back as an order: objects with a fixed name would then be created
 * anew before the old one is gone, and be refused. Mirrors pulumi/pulumi:sdk/nodejs/runtime/callbacks.ts (v3.259.0).
 */
function unforced(opts: ResourceTransformResult["opts"]): ResourceTransformResult["opts"] {
  const { deleteBeforeReplace, ...others } = opts as CustomResourceOptions;
  return deleteBeforeReplace ? opts : others;
}

interface Metadata {
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
}

/** Metadata with more labels and annotations; what the object says itself stays unless it has the same key. */
function merged(metadata: Input<Metadata> | undefined, more: Metadata): Input<Metadata> {
  if (Output.isInstance(metadata)) return output(metadata).apply((own) => merge(own as Metadata, more));
  return merge(metadata as Metadata | undefined, more);
}

function merge(own: Metadata | undefined, { labels, annotations }: Metadata): Metadata {
  return {
    ...own,
    ...(labels ? { labels: { ...own?.labels, ...labels } } : {}),
    ...(annotations ? { annotations: { ...own?.annotations, ...annotations } } : {}),
  };
}
