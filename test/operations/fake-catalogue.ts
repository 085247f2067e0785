import type { EnvironmentSpec } from "#config/spec.ts";
import type { Catalogue, EnvironmentRecord, SystemDefinition } from "#config/system-definition.ts";
import { StrataError } from "#core/errors.ts";
import { type ComponentId, checkName, type EnvironmentName, type LayerId, type ScenarioName, type SystemName, stackNameOf } from "#core/ids.ts";

/** One system `box` with two layers, two scenarios and the shipped environments `dev` and `lab`. Unlike the real catalogue it checks names only, not values. */
export function fakeCatalogue(): Catalogue {
  const template = { cluster: { source: "sandbox", name: "box", nodes: [] }, budget: { memoryBytes: 1024 }, config: {} } as const;
  const layer = (name: string, needs: string[]) => ({
    layer: name as LayerId,
    title: `Layer ${name}`,
    needs: needs as LayerId[],
    onCluster: true,
    schema: { type: "object" },
    values: { size: 1 },
  });
  const component = (name: string, of: string) => ({
    component: name as ComponentId,
    layer: of as LayerId,
    title: name,
    memoryBytes: 512,
    schema: { type: "object" },
    values: {},
  });
  const system: SystemDefinition = {
    name: "box" as SystemName,
    title: "Box",
    description: "A system for tests",
    defaultEnvironment: "dev" as EnvironmentName,
    defaultScenario: "small" as ScenarioName,
    layers: [layer("ground", []), layer("house", ["ground"])],
    components: [component("floor", "ground"), component("roof", "house")],
    scenarios: [
      { scenario: "small" as ScenarioName, title: "Small", description: "Ground only", components: ["floor" as ComponentId], values: {} },
      { scenario: "full" as ScenarioName, title: "Full", description: "Both", components: ["floor" as ComponentId, "roof" as ComponentId], values: {} },
    ],
    environments: ["dev", "lab"].map((name) => ({ environment: name as EnvironmentName, ...template })),
  };
  const catalogue: Catalogue = {
    systems: [system],
    system(name) {
      if (name === system.name) return system;
      throw new StrataError("unknown_system", `There is no system '${name}'; there is box.`);
    },
    newRecord(systemName, environment, given): EnvironmentRecord {
      catalogue.system(systemName);
      return {
        system: system.name,
        environment: checkName("environment", environment),
        scenario: scenario(given.scenario ?? system.defaultScenario).scenario,
        cluster: (given.cluster as EnvironmentRecord["cluster"] | undefined) ?? template.cluster,
        budget: (given.budget as EnvironmentRecord["budget"] | undefined) ?? template.budget,
        config: (given.config as EnvironmentRecord["config"] | undefined) ?? {},
      };
    },
    resolve(record, request): EnvironmentSpec {
      const chosen = scenario(request.scenario ?? record.scenario);
      const layers = system.layers.filter(({ layer }) => system.components.some((one) => one.layer === layer && chosen.components.includes(one.component)));
      for (const name of request.layers ?? [])
        if (!layers.some((one) => one.layer === name)) throw new StrataError("unknown_layer", `Scenario '${chosen.scenario}' has no layer '${name}'.`);
      return {
        system: system.name,
        environment: record.environment,
        scenario: chosen.scenario,
        cluster: record.cluster,
        budget: record.budget,
        layers: layers
          .filter(({ layer }) => !request.layers || request.layers.includes(layer))
          .map(({ layer, needs, onCluster, values }) => ({
            layer,
            stack: stackNameOf(system.name, record.environment, layer),
            needs,
            onCluster,
            components: [],
            values,
          })),
      };
    },
  };
  const scenario = (name: string) => {
    const found = system.scenarios.find((one) => one.scenario === name);
    if (found) return found;
    throw new StrataError("unknown_scenario", `System 'box' has no scenario '${name}'; it has small, full.`);
  };
  return catalogue;
}
