import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { checkOverrides } from "#config/check-overrides.ts";
import { unknownName, type ValueChecker, type ValueProblem } from "#config/check-value.ts";
import { environmentFileSchema, scenarioFileSchema, systemFileSchema } from "#config/file-schemas.ts";
import { mergeValues } from "#config/merge-values.ts";
import { orderLayers } from "#config/order-layers.ts";
import type { PinnedChart } from "#config/pinned-charts.ts";
import { readBudget } from "#config/read-budget.ts";
import { reportInFile } from "#config/report-problems.ts";
import type { ClusterSpec } from "#config/spec.ts";
import type {
  ComponentDefinition,
  EnvironmentConfig,
  EnvironmentTemplate,
  LayerDefinition,
  ScenarioDefinition,
  SystemDefinition,
} from "#config/system-definition.ts";
import { type ValuePath, YamlFile } from "#config/yaml-file.ts";
import { messageOf, StrataError } from "#core/errors.ts";
import { type ComponentId, checkName, type EnvironmentName, type LayerId, type ScenarioName, type SystemName } from "#core/ids.ts";
import { parseQuantity } from "#core/quantity.ts";
import type { JsonObject } from "#core/wire-value.ts";

export interface SystemSources {
  /** Folder of the system: `system.yaml`, `scenarios/*.yaml`, `environments/*.yaml`. */
  readonly folder: string;
  /** Folder that paths in errors start at. */
  readonly shownFrom: string;
  readonly charts: ReadonlyMap<string, PinnedChart>;
  readonly checker: ValueChecker;
}

/** Reads and checks one system's files; throws `invalid_config` or `unknown_field` naming file, line and column. */
export async function loadSystem(sources: SystemSources): Promise<SystemDefinition> {
  const name = checkName<SystemName>("system", basename(sources.folder));
  const file = await YamlFile.read(join(sources.folder, "system.yaml"), sources.shownFrom);
  reportInFile(file, sources.checker.check(systemFileSchema, file.value));
  const content = file.value as unknown as SystemFile;
  const layers = readLayers(file, content, sources.checker);
  const components = readComponents(file, content, sources);
  const parts = { name, layers, components };
  const scenarios = await readScenarios(sources, components);
  const environments = await readEnvironments(sources, parts);
  const exists = (path: string, kind: string, names: readonly string[]): ValueProblem[] => {
    const value = String(content[path as keyof SystemFile]);
    return names.includes(value) ? [] : [{ path: [path], kind: "invalid", detail: `is wrong: ${unknownName(kind, value, names)}` }];
  };
  reportInFile(file, [
    ...exists(
      "defaultScenario",
      "scenario",
      scenarios.map((one) => one.scenario),
    ),
    ...exists(
      "defaultEnvironment",
      "environment",
      environments.map((one) => one.environment),
    ),
  ]);
  return {
    name,
    title: content.title,
    description: content.description,
    defaultEnvironment: content.defaultEnvironment as EnvironmentName,
    defaultScenario: content.defaultScenario as ScenarioName,
    layers,
    components,
    scenarios,
    environments,
  };
}

interface SystemFile {
  title: string;
  description: string;
  defaultEnvironment: string;
  defaultScenario: string;
  layers: Record<string, { title: string; needs?: LayerId[]; onCluster?: boolean; schema?: JsonObject; values?: JsonObject }>;
  components: Record<string, { layer: string; title: string; memory?: string; chart?: string; schema?: JsonObject; values?: JsonObject }>;
}

function closedSchema(properties: JsonObject | undefined): JsonObject {
  return { type: "object", additionalProperties: false, properties: properties ?? {} };
}

function readLayers(file: YamlFile, content: SystemFile, checker: ValueChecker): LayerDefinition[] {
  const names = Object.keys(content.layers);
  const layers = Object.entries(content.layers).map(([layer, { title, needs = [], onCluster = true, schema, values = {} }]): LayerDefinition => {
    const missing = needs.flatMap((need, index): ValueProblem[] =>
      names.includes(need) ? [] : [{ path: ["layers", layer, "needs", index], kind: "invalid", detail: `is wrong: ${unknownName("layer", need, names)}` }],
    );
    reportInFile(file, missing);
    const full = closedSchema(schema);
    checkDefaults(file, ["layers", layer], full, values, checker);
    return { layer: layer as LayerId, title, needs, onCluster, schema: full, values };
  });
  const order = orderLayers(layers);
  if ("cycle" in order)
    reportInFile(file, [
      { path: ["layers", order.cycle[0]!, "needs"], kind: "invalid", detail: `makes a circle (${order.cycle.join(" → ")}); take one of them out.` },
    ]);
  return "order" in order ? order.order : [];
}

function readComponents(file: YamlFile, content: SystemFile, { charts, checker }: SystemSources): ComponentDefinition[] {
  const layers = Object.keys(content.layers);
  return Object.entries(content.components).map(([component, { layer, title, memory, chart, schema, values = {} }]): ComponentDefinition => {
    const path = ["components", component];
    const problems: ValueProblem[] = [];
    if (!layers.includes(layer)) problems.push({ path: [...path, "layer"], kind: "invalid", detail: `is wrong: ${unknownName("layer", layer, layers)}` });
    if (chart !== undefined && !charts.has(chart))
      problems.push({ path: [...path, "chart"], kind: "invalid", detail: `is wrong: ${unknownName("pinned chart", chart, [...charts.keys()])}` });
    reportInFile(file, problems);
    const full = closedSchema(schema);
    checkDefaults(file, path, full, values, checker);
    const memoryBytes = memory === undefined ? 0 : Math.round(parseQuantity(memory)!);
    return {
      component: component as ComponentId,
      layer: layer as LayerId,
      title,
      memoryBytes,
      ...(chart === undefined ? {} : { chart }),
      schema: full,
      values,
    };
  });
}

/** A schema that doesn't compile, or defaults that don't fit it, are mistakes of the file. */
function checkDefaults(file: YamlFile, path: ValuePath, schema: JsonObject, values: JsonObject, checker: ValueChecker): void {
  try {
    checker.compile(schema);
  } catch (error) {
    reportInFile(file, [{ path: [...path, "schema"], kind: "invalid", detail: `isn't a JSON Schema: ${messageOf(error)}.` }]);
  }
  reportInFile(file, checker.check(schema, values), [...path, "values"]);
}

interface ScenarioFile {
  title: string;
  description: string;
  extends?: string;
  components: ComponentId[];
  values?: Record<string, JsonObject>;
}

async function readScenarios(sources: SystemSources, components: readonly ComponentDefinition[]): Promise<ScenarioDefinition[]> {
  const files = await readNamedFiles(sources, "scenarios", "scenario", scenarioFileSchema);
  const names = [...files.keys()];
  const known = components.map((one) => one.component as string);
  const resolved = new Map<string, ScenarioDefinition>();
  const resolve = (name: string, above: readonly string[]): ScenarioDefinition => {
    const done = resolved.get(name);
    if (done) return done;
    const file = files.get(name)!;
    const content = file.value as unknown as ScenarioFile;
    const wrong = (path: ValuePath, detail: string) => reportInFile(file, [{ path, kind: "invalid", detail }]);
    if (content.extends !== undefined && !files.has(content.extends)) wrong(["extends"], `is wrong: ${unknownName("scenario", content.extends, names)}`);
    if (content.extends !== undefined && [...above, name].includes(content.extends))
      wrong(["extends"], `makes a circle (${[...above, name, content.extends].join(" → ")}); take one of them out.`);
    for (const [index, component] of content.components.entries())
      if (!known.includes(component)) wrong(["components", index], `is wrong: ${unknownName("component", component, known)}`);
    const parent = content.extends === undefined ? undefined : resolve(content.extends, [...above, name]);
    const active = [...new Set([...(parent?.components ?? []), ...content.components])];
    for (const [component, values] of Object.entries(content.values ?? {})) {
      const definition = components.find((one) => one.component === component);
      if (!definition || !active.includes(definition.component)) wrong(["values", component], "is wrong: the scenario doesn't have that component.");
      reportInFile(file, sources.checker.check(definition!.schema, values), ["values", component]);
    }
    const scenario: ScenarioDefinition = {
      scenario: name as ScenarioName,
      title: content.title,
      description: content.description,
      components: active,
      values: mergeByComponent(parent?.values, content.values),
    };
    resolved.set(name, scenario);
    return scenario;
  };
  return names.map((name) => resolve(name, []));
}

function mergeByComponent(below: Readonly<Record<string, JsonObject>> = {}, above: Readonly<Record<string, JsonObject>> = {}): Record<string, JsonObject> {
  return mergeValues(below as JsonObject, above as JsonObject) as Record<string, JsonObject>;
}

async function readEnvironments(
  sources: SystemSources,
  system: { readonly name: SystemName; readonly layers: readonly LayerDefinition[]; readonly components: readonly ComponentDefinition[] },
): Promise<EnvironmentTemplate[]> {
  const files = await readNamedFiles(sources, "environments", "environment", environmentFileSchema);
  return [...files].map(([name, file]) => {
    const content = file.value as unknown as { cluster: ClusterSpec; budget?: JsonObject; config?: EnvironmentConfig };
    reportInFile(file, checkOverrides(system, content.config ?? {}, sources.checker), ["config"]);
    return { environment: name as EnvironmentName, cluster: content.cluster, budget: readBudget(content.budget), config: content.config ?? {} };
  });
}

/** All `*.yaml` of a folder by name, in alphabetical order, each checked against the schema. */
async function readNamedFiles(sources: SystemSources, folder: string, kind: string, schema: JsonObject): Promise<Map<string, YamlFile>> {
  const path = join(sources.folder, folder);
  let entries: string[];
  try {
    entries = (await readdir(path)).filter((entry) => /\.ya?ml$/.test(entry)).sort();
  } catch (cause) {
    throw new StrataError("invalid_config", `${path} can't be read (${messageOf(cause)}). A system needs a folder '${folder}' with at least one file.`, {
      cause,
    });
  }
  const files = new Map<string, YamlFile>();
  for (const entry of entries) {
    const name = checkName(kind, entry.replace(/\.ya?ml$/, ""));
    const file = await YamlFile.read(join(path, entry), sources.shownFrom);
    reportInFile(file, sources.checker.check(schema, file.value));
    files.set(name, file);
  }
  return files;
}
