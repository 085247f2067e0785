/** A frozen specification: everything a run needs to know, resolved from the system's files, the environment's record and the request. JSON through and through. */
import type { ClusterSpec, SandboxNodes } from "#core/cluster-spec.ts";
import type { ComponentId, EnvironmentName, LayerId, ScenarioName, StackName, SystemName } from "#core/ids.ts";
import type { JsonObject } from "#core/wire-value.ts";

export interface EnvironmentSpec {
  readonly system: SystemName;
  readonly environment: EnvironmentName;
  readonly scenario: ScenarioName;
  readonly cluster: ClusterSpec;
  /** The scenario's layers; one that another needs comes before it. */
  readonly layers: readonly LayerSpec[];
  readonly budget: { readonly memoryBytes?: number };
}

export type { ClusterSpec, SandboxNodes };

export interface LayerSpec {
  readonly layer: LayerId;
  readonly stack: StackName;
  /** Layers of the scenario that must be up first; one that isn't part of this run is expected to be up already. */
  readonly needs: readonly LayerId[];
  /** Whether the layer lands on the cluster. */
  readonly onCluster: boolean;
  readonly components: readonly ComponentSpec[];
  /** Values for the layer's program as a whole. */
  readonly values: JsonObject;
}

export interface ComponentSpec {
  readonly component: ComponentId;
  readonly values: JsonObject;
  /** Absent for components without a chart. */
  readonly chart?: ChartSpec;
}

/** A pinned chart and where it comes from in this run. */
export interface ChartSpec {
  readonly name: string;
  readonly version: string;
  /**
   * `upstream`: repository URL or OCI reference; `directory`: a local chart folder or archive; `stand-in`: our minimal replacement, only ever on a sandbox.
   */
  readonly source:
    | { readonly kind: "upstream"; readonly repository: string; readonly digest: string }
    | { readonly kind: "directory"; readonly path: string }
    | { readonly kind: "stand-in"; readonly path: string; readonly reason: string };
  /** Whether the official chart was ever rendered with our values. */
  readonly proven: boolean;
}

/** What one layer's program reads from its stack configuration (`strata:spec`), under the Automation API and under a plain `pulumi up` alike. */
export interface LayerInput {
  readonly system: SystemName;
  readonly environment: EnvironmentName;
  readonly scenario: ScenarioName;
  readonly layer: LayerId;
  readonly cluster: { readonly source: ClusterSpec["source"]; readonly name: string; readonly kubeconfig: string; readonly context?: string } | undefined;
  readonly components: readonly ComponentSpec[];
  readonly values: JsonObject;
  /** Stack names of the layers it needs. */
  readonly upstream: Readonly<Record<string, StackName>>;
}
