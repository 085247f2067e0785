import { unknownName, type ValueChecker, type ValueProblem } from "#config/check-value.ts";
import type { EnvironmentConfig, SystemDefinition } from "#config/system-definition.ts";
import type { JsonObject } from "#core/wire-value.ts";

/** What is wrong with the values that an environment sets for layers and components. Paths start inside the config. */
export function checkOverrides(system: Pick<SystemDefinition, "layers" | "components">, config: EnvironmentConfig, checker: ValueChecker): ValueProblem[] {
  const layerSchemas = new Map<string, JsonObject>(system.layers.map((one) => [one.layer, one.schema]));
  const componentSchemas = new Map<string, JsonObject>(system.components.map((one) => [one.component, one.schema]));
  const check = (part: "layers" | "components", kind: string, schemas: ReadonlyMap<string, JsonObject>): ValueProblem[] =>
    Object.entries(config[part] ?? {}).flatMap(([name, values]): ValueProblem[] => {
      const schema = schemas.get(name);
      if (!schema) return [{ path: [part, name], kind: "unknown", detail: unknownName(kind, name, [...schemas.keys()]) }];
      return checker.check(schema, values).map((problem) => ({ ...problem, path: [part, name, ...problem.path] }));
    });
  return [...check("layers", "layer", layerSchemas), ...check("components", "component", componentSchemas)];
}
