import type { EngineEvent, StepEventMetadata } from "@pulumi/pulumi/automation/events.js";
import type { ComponentId, LayerId } from "#core/ids.ts";
import type { ComponentCapacity } from "#core/operation.ts";
import { parseQuantity } from "#core/quantity.ts";
import { parseUrn } from "#core/urn.ts";

/** Label that tells which component an object belongs to. */
export const componentLabel = "strata.dev/component";

const workloadKinds = new Set(["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Pod"]);
const gone = new Set(["delete", "delete-replaced", "discard", "discard-replaced", "remove-pending-replace"]);

interface Demand {
  component: string;
  memoryBytes: number;
  cpuMillis: number;
  pods: number;
}

/**
 * Sums what the workloads of a layer ask their cluster to reserve, from the engine's own events: planned objects in a preview, real ones otherwise.
 * Jobs aren't counted: they come and go. A DaemonSet counts once per node.
 */
export class CapacityCollector {
  private readonly byUrn = new Map<string, Demand>();
  private readonly layer: LayerId;
  private readonly nodes: number;

  constructor(layer: LayerId, nodes: number) {
    this.layer = layer;
    this.nodes = nodes;
  }

  observe(event: EngineEvent): void {
    const metadata = event.resourcePreEvent?.metadata ?? event.resOutputsEvent?.metadata;
    if (!metadata?.type.startsWith("kubernetes:") || !workloadKinds.has(kindOf(metadata))) return;
    if (gone.has(metadata.op)) this.byUrn.delete(metadata.urn);
    else if (metadata.new?.inputs) this.byUrn.set(metadata.urn, this.demandOf(metadata, metadata.new.inputs as Workload));
  }

  sums(): ComponentCapacity[] {
    const sums = new Map<string, Demand>();
    for (const demand of this.byUrn.values()) {
      const sum = sums.get(demand.component) ?? { component: demand.component, memoryBytes: 0, cpuMillis: 0, pods: 0 };
      sums.set(demand.component, {
        ...sum,
        memoryBytes: sum.memoryBytes + demand.memoryBytes,
        cpuMillis: sum.cpuMillis + demand.cpuMillis,
        pods: sum.pods + demand.pods,
      });
    }
    return [...sums.values()]
      .map((sum) => ({ ...sum, component: sum.component as ComponentId, layer: this.layer }))
      .sort((a, b) => b.memoryBytes - a.memoryBytes);
  }

  private demandOf(metadata: StepEventMetadata, inputs: Workload): Demand {
    const kind = kindOf(metadata);
    const pods = kind === "Pod" ? 1 : kind === "DaemonSet" ? this.nodes : typeof inputs.spec?.replicas === "number" ? inputs.spec.replicas : 1;
    const spec = kind === "Pod" ? (inputs.spec as PodSpec | undefined) : inputs.spec?.template?.spec;
    const perPod = (resource: string, unit: number) =>
      Math.max(sum(spec?.containers, resource), ...(spec?.initContainers ?? []).map((container) => requestOf(container, resource))) * unit;
    return {
      component: inputs.metadata?.labels?.[componentLabel] ?? parseUrn(metadata.urn).name,
      memoryBytes: Math.round(pods * perPod("memory", 1)),
      cpuMillis: Math.round(pods * perPod("cpu", 1000)),
      pods,
    };
  }
}

interface Container {
  resources?: { requests?: Record<string, string | number>; limits?: Record<string, string | number> };
}
interface PodSpec {
  containers?: Container[];
  initContainers?: Container[];
}
interface Workload {
  metadata?: { labels?: Record<string, string> };
  spec?: { replicas?: unknown; template?: { spec?: PodSpec } };
}

function kindOf(metadata: StepEventMetadata): string {
  return metadata.type.slice(metadata.type.lastIndexOf(":") + 1);
}

function sum(containers: readonly Container[] | undefined, resource: string): number {
  return (containers ?? []).reduce((total, container) => total + requestOf(container, resource), 0);
}

/** A container without a request reserves its limit, as the API server defaults it. */
function requestOf(container: Container, resource: string): number {
  return parseQuantity(container.resources?.requests?.[resource] ?? container.resources?.limits?.[resource] ?? 0) ?? 0;
}
