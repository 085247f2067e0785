/** What the HTTP API answers about systems and environments, as far as the command line reads it. Operations and schedules are core vocabulary. */
import type { ClusterSpec } from "#core/cluster-spec.ts";
import type { ComponentId, EnvironmentName, LayerId, ScenarioName, SystemName } from "#core/ids.ts";
import type { LayerStatus, OperationRecord } from "#core/operation-record.ts";
import type { JsonObject } from "#core/wire-value.ts";

export interface SystemSummary {
  readonly name: SystemName;
  readonly title: string;
  readonly description: string;
  readonly defaultEnvironment: EnvironmentName;
  readonly defaultScenario: ScenarioName;
}

export interface SystemView extends SystemSummary {
  readonly layers: readonly { readonly layer: LayerId; readonly title: string; readonly needs: readonly LayerId[] }[];
  readonly components: readonly {
    readonly component: ComponentId;
    readonly layer: LayerId;
    readonly title: string;
    /** Estimated sum of memory requests. */
    readonly memoryBytes: number;
  }[];
  readonly scenarios: readonly {
    readonly scenario: ScenarioName;
    readonly title: string;
    readonly description: string;
    readonly components: readonly ComponentId[];
  }[];
}

export interface EnvironmentView {
  readonly system: SystemName;
  readonly environment: EnvironmentName;
  readonly scenario: ScenarioName;
  readonly cluster: ClusterSpec;
  readonly budget: { readonly memoryBytes?: number };
  readonly config: EnvironmentConfig;
}

export interface EnvironmentStatus extends EnvironmentView {
  /** How each layer was left by the last operation that touched it. */
  readonly layers: readonly LayerStatus[];
  /** What runs or waits, oldest first. */
  readonly pending: readonly OperationRecord[];
}

export interface EnvironmentConfig {
  readonly layers?: Readonly<Record<string, JsonObject>>;
  readonly components?: Readonly<Record<string, JsonObject>>;
}

/** What `PUT` takes; what is absent comes from the system's template. */
export interface EnvironmentChange {
  readonly scenario?: string;
  readonly cluster?: ClusterSpec;
  readonly budget?: { readonly memoryBytes?: number };
  readonly config?: EnvironmentConfig;
}
