import { Type } from "typebox";
import type { SystemDefinition } from "#config/system-definition.ts";
import type { App } from "#server/app-type.ts";
import type { ServerOptions } from "#server/ports.ts";
import { problems } from "#server/schemas/common.ts";
import { system, systemPath, systemSummary } from "#server/schemas/systems.ts";

export function systemRoutes(app: App, { catalogue }: ServerOptions): void {
  app.get(
    "/systems",
    {
      schema: {
        tags: ["catalogue"],
        summary: "Systems that can be deployed",
        response: { 200: Type.Object({ items: Type.Array(systemSummary) }), ...problems() },
      },
    },
    async () => ({ items: catalogue.systems.map(summaryOf) }),
  );

  app.get(
    "/systems/:system",
    {
      schema: {
        tags: ["catalogue"],
        summary: "One system: layers, components with their memory, scenarios, schemas of its values",
        params: systemPath,
        response: { 200: system, ...problems("unknown_system") },
      },
    },
    async (request) => detailsOf(catalogue.system(request.params.system)),
  );
}

function summaryOf({ name, title, description, defaultEnvironment, defaultScenario, scenarios, environments }: SystemDefinition) {
  return {
    name,
    title,
    description,
    defaultEnvironment,
    defaultScenario,
    scenarios: scenarios.map(({ scenario }) => scenario),
    environments: environments.map(({ environment }) => environment),
  };
}

function detailsOf(system: SystemDefinition) {
  const memory = new Map(system.components.map(({ component, memoryBytes }) => [component, memoryBytes]));
  return {
    ...system,
    layers: system.layers.map((layer) => ({ ...layer, needs: [...layer.needs] })),
    components: [...system.components],
    scenarios: system.scenarios.map((scenario) => ({
      ...scenario,
      components: [...scenario.components],
      memoryBytes: scenario.components.reduce((sum, component) => sum + (memory.get(component) ?? 0), 0),
    })),
    environments: [...system.environments],
  };
}
