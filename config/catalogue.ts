import { readdir } from "node:fs/promises";
import { join, resolve as resolvePath } from "node:path";
import { checkOverrides } from "#config/check-overrides.ts";
import { unknownName, ValueChecker } from "#config/check-value.ts";
import { budgetSchema, clusterSchema, environmentConfigSchema } from "#config/file-schemas.ts";
import { loadSystem } from "#config/load-system.ts";
import { mergeValues } from "#config/merge-values.ts";
import { ChartSources, type PinnedChart, readPinnedCharts } from "#config/pinned-charts.ts";
import { readBudget } from "#config/read-budget.ts";
import { reportInRequest } from "#config/report-problems.ts";
import { resolveSpec } from "#config/resolve-spec.ts";
import type { ClusterSpec } from "#config/spec.ts";
import type { Catalogue, EnvironmentConfig, EnvironmentRecord, EnvironmentTemplate, ScenarioDefinition, SystemDefinition } from "#config/system-definition.ts";
import { YamlFile } from "#config/yaml-file.ts";
import { StrataError } from "#core/errors.ts";
import { checkName, type EnvironmentName } from "#core/ids.ts";
import type { JsonObject } from "#core/wire-value.ts";

export interface CatalogueOptions {
  /** Holds `charts.yaml` and `systems/`. @default this folder */
  readonly folder?: string;
  /** Holds the stand-in charts. @default `programs/stand-ins` of this checkout */
  readonly standIns?: string;
  /** Holds the user's own copies of charts: `<name>-<version>.tgz` or `<name>/`; they win over any other source. @default none */
  readonly chartFolder?: string;
}

/** Reads all systems. Throws `invalid_config` or `unknown_field` naming file, line, column, value and remedy. */
export async function loadCatalogue(options: CatalogueOptions = {}): Promise<Catalogue> {
  const folder = resolvePath(options.folder ?? import.meta.dirname);
  const shownFrom = resolvePath(folder, "..");
  const checker = new ValueChecker();
  const charts = readPinnedCharts(await YamlFile.read(join(folder, "charts.yaml"), shownFrom), checker);
  const chartSources = await ChartSources.open({
    standIns: resolvePath(options.standIns ?? join(import.meta.dirname, "../programs/stand-ins")),
    local: options.chartFolder,
  });
  const systems: SystemDefinition[] = [];
  for (const entry of (await readdir(join(folder, "systems"), { withFileTypes: true }))
    .filter((one) => one.isDirectory())
    .sort((a, b) => (a.name < b.name ? -1 : 1)))
    systems.push(await loadSystem({ folder: join(folder, "systems", entry.name), shownFrom, charts, checker }));
  return new LoadedCatalogue({ systems, charts, chartSources, checker });
}

interface CatalogueParts {
  readonly systems: readonly SystemDefinition[];
  readonly charts: ReadonlyMap<string, PinnedChart>;
  readonly chartSources: ChartSources;
  readonly checker: ValueChecker;
}

class LoadedCatalogue implements Catalogue {
  readonly systems: readonly SystemDefinition[];
  private readonly parts: CatalogueParts;

  constructor(parts: CatalogueParts) {
    this.systems = parts.systems;
    this.parts = parts;
  }

  system(name: string): SystemDefinition {
    const found = this.systems.find((one) => one.name === name);
    if (found) return found;
    throw new StrataError(
      "unknown_system",
      capitalise(
        unknownName(
          "system",
          name,
          this.systems.map((one) => one.name),
        ),
      ),
    );
  }

  newRecord(systemName: string, environmentName: string, given: Parameters<Catalogue["newRecord"]>[2]): EnvironmentRecord {
    const system = this.system(systemName);
    const environment = checkName<EnvironmentName>("environment", environmentName);
    const template = templateOf(system, environment);
    const { checker } = this.parts;
    const checked = <T>(field: "cluster" | "budget" | "config", schema: JsonObject): T | undefined => {
      if (given[field] === undefined) return undefined;
      reportInRequest(checker.check(schema, given[field]), [field]);
      return given[field] as T;
    };
    const cluster = checked<ClusterSpec>("cluster", clusterSchema);
    const budget = checked<JsonObject>("budget", budgetSchema);
    const config = checked<EnvironmentConfig>("config", environmentConfigSchema) ?? {};
    reportInRequest(checkOverrides(system, config, checker), ["config"]);
    return {
      system: system.name,
      environment,
      scenario: scenarioOf(system, given.scenario ?? system.defaultScenario).scenario,
      cluster: cluster ?? template.cluster,
      budget: budget ? readBudget(budget) : template.budget,
      config: mergeValues(template.config as JsonObject, config as JsonObject) as EnvironmentConfig,
    };
  }

  resolve(record: EnvironmentRecord, request: { readonly scenario?: string; readonly layers?: readonly string[] }) {
    const system = this.system(record.system);
    const scenario = scenarioOf(system, request.scenario ?? record.scenario);
    // The system's files may have changed since the record was made.
    reportInRequest(checkOverrides(system, record.config, this.parts.checker), ["config"]);
    return resolveSpec({
      system,
      scenario,
      record,
      layers: request.layers,
      chart: (key) => this.parts.chartSources.choose(key, this.parts.charts.get(key)!, record.cluster),
    });
  }
}

function scenarioOf(system: SystemDefinition, name: string): ScenarioDefinition {
  const found = system.scenarios.find((one) => one.scenario === name);
  if (found) return found;
  throw new StrataError(
    "unknown_scenario",
    `In system '${system.name}' ${unknownName(
      "scenario",
      name,
      system.scenarios.map((one) => one.scenario),
    )}`,
  );
}

/** The shipped template of that name; any other environment starts as a copy of the default one, on a sandbox of its own. */
function templateOf(system: SystemDefinition, environment: EnvironmentName): EnvironmentTemplate {
  const own = system.environments.find((one) => one.environment === environment);
  if (own) return own;
  const shipped = system.environments.find((one) => one.environment === system.defaultEnvironment)!;
  const cluster =
    shipped.cluster.source === "sandbox" ? { ...shipped.cluster, name: `${system.name}-${environment}`.slice(0, 40).replace(/[-_]+$/, "") } : shipped.cluster;
  return { ...shipped, environment, cluster };
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
