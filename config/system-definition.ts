/** A system as its files under `config/systems/<system>/` describe it, checked and with defaults filled in. */
import type { ClusterSpec } from "#config/spec.ts";
import type { ComponentId, EnvironmentName, LayerId, ScenarioName, SystemName } from "#core/ids.ts";
import type { JsonObject } from "#core/wire-value.ts";

export interface SystemDefinition {
  readonly name: SystemName;
  readonly title: string;
  readonly description: string;
  /** What `strata <verb> <system>` uses when no environment is named. */
  readonly defaultEnvironment: EnvironmentName;
  readonly defaultScenario: ScenarioName;
  readonly layers: readonly LayerDefinition[];
  readonly components: readonly ComponentDefinition[];
  readonly scenarios: readonly ScenarioDefinition[];
  readonly environments: readonly EnvironmentTemplate[];
}

export interface LayerDefinition {
  readonly layer: LayerId;
  readonly title: string;
  readonly needs: readonly LayerId[];
  readonly onCluster: boolean;
  /** JSON Schema of the layer's values. */
  readonly schema: JsonObject;
  readonly values: JsonObject;
}

export interface ComponentDefinition {
  readonly component: ComponentId;
  readonly layer: LayerId;
  readonly title: string;
  /** Estimated sum of memory requests; what a preview measures wins. */
  readonly memoryBytes: number;
  /** Name of the pinned chart in `config/charts.yaml`, absent without one. */
  readonly chart?: string;
  /** JSON Schema of the component's values. */
  readonly schema: JsonObject;
  readonly values: JsonObject;
}

export interface ScenarioDefinition {
  readonly scenario: ScenarioName;
  readonly title: string;
  readonly description: string;
  /** All components of the scenario, those of the scenarios it extends included. */
  readonly components: readonly ComponentId[];
  /** Overrides per component. */
  readonly values: Readonly<Record<string, JsonObject>>;
}

/** The shipped settings of one environment; a record made by a user overlays them. */
export interface EnvironmentTemplate {
  readonly environment: EnvironmentName;
  readonly cluster: ClusterSpec;
  readonly budget: { readonly memoryBytes?: number };
  readonly config: EnvironmentConfig;
}

/** What a user may set for an environment: values per layer and per component, checked against their schemas. */
export interface EnvironmentConfig {
  readonly layers?: Readonly<Record<string, JsonObject>>;
  readonly components?: Readonly<Record<string, JsonObject>>;
}

/** An environment as the controller stores it. */
export interface EnvironmentRecord {
  readonly system: SystemName;
  readonly environment: EnvironmentName;
  readonly scenario: ScenarioName;
  readonly cluster: ClusterSpec;
  readonly budget: { readonly memoryBytes?: number };
  readonly config: EnvironmentConfig;
}

/** All systems, and how a record and a request become a frozen specification. */
export interface Catalogue {
  readonly systems: readonly SystemDefinition[];
  /** Throws `unknown_system` naming those that exist. */
  system(name: string): SystemDefinition;
  /** A new record from the shipped template and what the user gave; throws `unknown_scenario`, `unknown_field`, `invalid_config`, `invalid_name`. */
  newRecord(system: string, environment: string, given: { scenario?: string; cluster?: unknown; budget?: unknown; config?: unknown }): EnvironmentRecord;
  /** Freezes what a run needs; throws `unknown_scenario`, `unknown_layer`, `invalid_config`. `layers` narrows the walk, in dependency order. */
  resolve(record: EnvironmentRecord, request: { readonly scenario?: string; readonly layers?: readonly string[] }): import("#config/spec.ts").EnvironmentSpec;
}
