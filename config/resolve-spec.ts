import { unknownName } from "#config/check-value.ts";
import { mergeValues } from "#config/merge-values.ts";
import type { ChartSpec, ComponentSpec, EnvironmentSpec, LayerSpec } from "#config/spec.ts";
import type { ComponentDefinition, EnvironmentRecord, LayerDefinition, ScenarioDefinition, SystemDefinition } from "#config/system-definition.ts";
import { StrataError } from "#core/errors.ts";
import { type LayerId, stackNameOf } from "#core/ids.ts";

export interface SpecParts {
  readonly system: SystemDefinition;
  readonly scenario: ScenarioDefinition;
  readonly record: EnvironmentRecord;
  /** Only these layers. @default all that the scenario has components in */
  readonly layers?: readonly string[] | undefined;
  /** Where a pinned chart comes from in this run. */
  readonly chart: (key: string) => ChartSpec;
}

/** Puts together what a run needs to know and freezes it. Values go, low to high: system, scenario, environment. Throws `unknown_layer`. */
export function resolveSpec(parts: SpecParts): EnvironmentSpec {
  const { system, scenario, record } = parts;
  const active = system.layers.filter((layer) => componentsOf(parts, layer.layer).length > 0);
  const names = active.map((layer) => layer.layer as string);
  for (const layer of parts.layers ?? [])
    if (!names.includes(layer))
      throw new StrataError("unknown_layer", `In scenario '${scenario.scenario}' of system '${system.name}' ${unknownName("layer", layer, names)}`);
  return deepFreeze({
    system: system.name,
    environment: record.environment,
    scenario: scenario.scenario,
    cluster: structuredClone(record.cluster),
    layers: active.filter((layer) => (parts.layers?.length ? parts.layers.includes(layer.layer) : true)).map((layer) => layerSpec(parts, layer, names)),
    budget: { ...record.budget },
  });
}

function componentsOf({ system, scenario }: SpecParts, layer: LayerId): ComponentDefinition[] {
  return system.components.filter((one) => one.layer === layer && scenario.components.includes(one.component));
}

function layerSpec(parts: SpecParts, layer: LayerDefinition, active: readonly string[]): LayerSpec {
  const { system, record } = parts;
  return {
    layer: layer.layer,
    stack: stackNameOf(system.name, record.environment, layer.layer),
    needs: layer.needs.filter((need) => active.includes(need)),
    onCluster: layer.onCluster,
    components: componentsOf(parts, layer.layer).map((component) => componentSpec(parts, component)),
    values: mergeValues(layer.values, record.config.layers?.[layer.layer] ?? {}),
  };
}

function componentSpec({ scenario, record, chart }: SpecParts, component: ComponentDefinition): ComponentSpec {
  return {
    component: component.component,
    values: mergeValues(component.values, scenario.values[component.component] ?? {}, record.config.components?.[component.component] ?? {}),
    ...(component.chart === undefined ? {} : { chart: chart(component.chart) }),
  };
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const entry of Object.values(value)) deepFreeze(entry);
  }
  return value;
}
