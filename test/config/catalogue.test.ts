import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadCatalogue } from "#config/catalogue.ts";
import type { Catalogue } from "#config/system-definition.ts";
import { isStrataError, type StrataError } from "#core/errors.ts";

const shipped = join(import.meta.dirname, "../../config");
let catalogue: Catalogue;
let scratch: string;

beforeAll(async () => {
  catalogue = await loadCatalogue();
  scratch = await mkdtemp(join(tmpdir(), "strata-config-"));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

/** The shipped configuration with one text of one file replaced. */
async function loadWith(file: string, find: string, replacement: string): Promise<Catalogue> {
  const folder = await mkdtemp(join(scratch, "config-"));
  for (const part of ["charts.yaml", "systems"]) await cp(join(shipped, part), join(folder, part), { recursive: true });
  const path = join(folder, file);
  const text = await readFile(path, "utf8");
  expect(text).toContain(find);
  await writeFile(
    path,
    text.replace(find, () => replacement),
  );
  return loadCatalogue({ folder });
}

async function refusal(action: () => unknown): Promise<StrataError> {
  try {
    await action();
  } catch (error) {
    if (isStrataError(error)) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

/** `file:line:column` of a text in a shipped file. */
async function placeOf(file: string, text: string, at = text): Promise<string> {
  const lines = (await readFile(join(shipped, file), "utf8")).split("\n");
  const line = lines.findIndex((one) => one.includes(text));
  return `${file}:${line + 1}:${lines[line]!.indexOf(at) + 1}`;
}

describe("files", () => {
  const system = "systems/local-lab/system.yaml";

  test("broken YAML is refused with its place", async () => {
    const error = await refusal(() => loadWith("systems/local-lab/scenarios/base.yaml", "title: Base", "title: [Base"));
    expect(error.code).toBe("invalid_config");
    expect(error.detail).toMatch(/systems\/local-lab\/scenarios\/base\.yaml:\d+:\d+: not valid YAML/);
  });

  test("an unknown field is refused with the place of its key and the closest known name", async () => {
    const error = await refusal(() => loadWith(system, "defaultScenario:", "defaultScenaro:"));
    expect(error.detail).toContain(`${await placeOf(system, "defaultScenario:")}: there is no field 'defaultScenaro'. Did you mean 'defaultScenario'?`);
  });

  test("a file with nothing but unknown fields wrong is an unknown_field", async () => {
    const error = await refusal(() => loadWith("systems/local-lab/environments/lab.yaml", "budget:", "budgets:"));
    expect(error).toMatchObject({ code: "unknown_field", facts: { file: expect.stringContaining("lab.yaml") } });
  });

  test("a value of the wrong type is refused with its place and what is expected", async () => {
    const error = await refusal(() => loadWith(system, "needs: [cluster]", "needs: cluster"));
    expect(error.detail).toContain("is 'cluster', but must be a list.");
  });

  test("default values that don't fit their own schema are refused where they stand", async () => {
    const error = await refusal(() => loadWith(system, "databases: [gitlab,", "databases: [Gitlab,"));
    expect(error.detail).toContain(
      `${await placeOf(system, "databases: [gitlab,", "gitlab")}: 'components.postgres.values.databases.0' is 'Gitlab'; it must be a name in lower case`,
    );
  });

  test("a component of an unknown layer, chart or scenario is refused with the closest one", async () => {
    expect((await refusal(() => loadWith(system, "chart: traefik", "chart: traefk"))).detail).toMatch(
      /there is no pinned chart 'traefk'\. Did you mean 'traefik'\?/,
    );
    expect((await refusal(() => loadWith(system, "layer: external", "layer: externel"))).detail).toMatch(
      /there is no layer 'externel'\. Did you mean 'external'\?/,
    );
    const scenario = "systems/local-lab/scenarios/etl-minimal.yaml";
    expect((await refusal(() => loadWith(scenario, "extends: base", "extends: bas"))).detail).toMatch(/there is no scenario 'bas'\. Did you mean 'base'\?/);
    expect((await refusal(() => loadWith(scenario, "minio, airflow", "minio, airflw"))).detail).toMatch(
      /there is no component 'airflw'\. Did you mean 'airflow'\?/,
    );
  });

  test("scenarios that extend each other are refused", async () => {
    const error = await refusal(() => loadWith("systems/local-lab/scenarios/base.yaml", "title: Base", "title: Base\nextends: etl-minimal"));
    expect(error.detail).toContain("makes a circle (base → etl-minimal → base)");
  });

  test("layers that need each other are refused", async () => {
    const error = await refusal(() =>
      loadWith(system, "title: Foundations inside the cluster", "title: Foundations inside the cluster\n    needs: [platform_data]"),
    );
    expect(error.detail).toContain("makes a circle (cluster → platform_data → cluster)");
  });

  test("a key that is there twice is refused", async () => {
    expect((await refusal(() => loadWith(system, "defaultEnvironment: lab", "defaultEnvironment: lab\ntitle: Again"))).detail).toMatch(
      /Map keys must be unique/,
    );
  });

  test("a digest that isn't one is refused", async () => {
    const error = await refusal(() => loadWith("charts.yaml", "digest: unlocked", "digest: sha256:12"));
    expect(error.detail).toContain("'charts.cert-manager.digest' is 'sha256:12'; it must be sha256: and 64 hexadecimal digits, or 'unlocked'.");
  });

  test("a missing file is refused by name", async () => {
    const error = await refusal(() => loadCatalogue({ folder: scratch }));
    expect(error).toMatchObject({ code: "invalid_config", detail: expect.stringContaining("charts.yaml can't be read") });
  });
});

describe("names", () => {
  test("an unknown system names those that exist", async () => {
    expect(await refusal(() => catalogue.system("local-lap"))).toMatchObject({
      code: "unknown_system",
      detail: "There is no system 'local-lap'. Did you mean 'local-lab'? Known: local-lab.",
    });
  });

  test("an unknown scenario names those that exist", async () => {
    const error = await refusal(() => catalogue.newRecord("local-lab", "lab", { scenario: "etl" }));
    expect(error).toMatchObject({ code: "unknown_scenario", detail: expect.stringContaining("Known: base, etl-minimal.") });
  });

  test("an unknown layer names those of the scenario", async () => {
    const record = catalogue.newRecord("local-lab", "lab", { scenario: "base" });
    const error = await refusal(() => catalogue.resolve(record, { layers: ["platform_data"] }));
    expect(error).toMatchObject({ code: "unknown_layer", detail: expect.stringContaining("Known: cluster, external, platform_base.") });
  });

  test("an environment with illegal characters is refused", async () => {
    expect(await refusal(() => catalogue.newRecord("local-lab", "My Lab", {}))).toMatchObject({ code: "invalid_name" });
  });
});

describe("records", () => {
  test("a record starts with what the shipped environment says", () => {
    expect(catalogue.newRecord("local-lab", "lab", {})).toMatchObject({
      system: "local-lab",
      environment: "lab",
      scenario: "etl-minimal",
      cluster: { source: "sandbox", name: "data-stack-lab" },
      budget: { memoryBytes: 22 * 2 ** 30 },
    });
  });

  test("another environment gets a sandbox of its own", () => {
    expect(catalogue.newRecord("local-lab", "test", {}).cluster).toMatchObject({ source: "sandbox", name: "local-lab-test" });
  });

  test("several wrong values are refused at once, each with its pointer", async () => {
    const config = { components: { airflow: { imag: {} }, minio: { storage: 5, buckets: ["A"] } }, layers: { platform_base: { domain: "Lab.Local" } } };
    const error = await refusal(() => catalogue.newRecord("local-lab", "lab", { config }));
    expect(error.code).toBe("invalid_config");
    expect(error.fields.map((one) => one.pointer).sort()).toEqual([
      "/config/components/airflow/imag",
      "/config/components/minio/buckets/0",
      "/config/components/minio/storage",
      "/config/layers/platform_base/domain",
    ]);
  });

  test("an unknown component is an unknown_field with the closest one", async () => {
    const error = await refusal(() => catalogue.newRecord("local-lab", "lab", { config: { components: { airflw: {} } } }));
    expect(error).toMatchObject({ code: "unknown_field", detail: expect.stringContaining("Did you mean 'airflow'?") });
  });

  test("a cluster or budget of the wrong form is refused with what is allowed", async () => {
    expect((await refusal(() => catalogue.newRecord("local-lab", "lab", { cluster: { source: "k3s" } }))).detail).toContain(
      "'cluster.source' is 'k3s'; it may be sandbox, kubeconfig.",
    );
    expect((await refusal(() => catalogue.newRecord("local-lab", "lab", { cluster: "sandbox" }))).detail).toContain(
      "'cluster' is 'sandbox', but must be a mapping.",
    );
    expect((await refusal(() => catalogue.newRecord("local-lab", "lab", { budget: { memory: "lots" } }))).detail).toContain(
      "'budget.memory' is 'lots'; it must be a Kubernetes quantity",
    );
  });

  test("names that objects have by nature are unknown like any other", async () => {
    const config = JSON.parse('{"components": {"__proto__": {}, "constructor": {}}}') as unknown;
    expect((await refusal(() => catalogue.newRecord("local-lab", "lab", { config }))).code).toBe("unknown_field");
  });
});

describe("specifications", () => {
  test("layers come after those they need, each with its stack and its components", () => {
    const spec = catalogue.resolve(catalogue.newRecord("local-lab", "lab", {}), {});
    expect(spec.layers.map((one) => one.stack)).toEqual([
      "local-lab.lab.cluster",
      "local-lab.lab.external",
      "local-lab.lab.platform_base",
      "local-lab.lab.platform_data",
    ]);
    expect(spec.layers[3]).toMatchObject({ needs: ["cluster", "external", "platform_base"] });
    expect(spec.layers[3]!.components.map((one) => one.component)).toEqual(["minio", "airflow", "mlflow", "dvc"]);
  });

  test("a scenario has only its own components and layers", () => {
    const spec = catalogue.resolve(catalogue.newRecord("local-lab", "lab", {}), { scenario: "base" });
    expect(spec.scenario).toBe("base");
    expect(spec.layers.map((one) => one.layer)).toEqual(["cluster", "external", "platform_base"]);
  });

  test("chosen layers keep what they need, though that isn't part of the run", () => {
    const spec = catalogue.resolve(catalogue.newRecord("local-lab", "lab", {}), { layers: ["platform_data", "cluster"] });
    expect(spec.layers.map((one) => one.layer)).toEqual(["cluster", "platform_data"]);
    expect(spec.layers[1]!.needs).toEqual(["cluster", "external", "platform_base"]);
  });

  test("values go from system over scenario to environment, mappings merged, lists replaced", () => {
    const config = {
      components: { namespaces: { namespaces: { data: { memory: "12Gi" } } }, postgres: { databases: ["airflow", "mlflow"] } },
      layers: { platform_base: { domain: "example.test" } },
    };
    const spec = catalogue.resolve(catalogue.newRecord("local-lab", "lab", { config }), {});
    const values = (component: string) => spec.layers.flatMap((one) => one.components).find((one) => one.component === component)!.values;
    expect(values("namespaces").namespaces).toMatchObject({ data: { podSecurity: "baseline", memory: "12Gi" }, argocd: { podSecurity: "baseline" } });
    expect(values("postgres").databases).toEqual(["airflow", "mlflow"]);
    expect(spec.layers.find((one) => one.layer === "platform_base")!.values).toEqual({ domain: "example.test" });
  });

  test("a specification is frozen and doesn't follow later changes of its record", () => {
    const record = catalogue.newRecord("local-lab", "lab", {});
    const spec = catalogue.resolve(record, {});
    expect(() => Object.assign(spec.layers[0]!.values, { domain: "x" })).toThrow(TypeError);
    expect(spec.cluster).not.toBe(record.cluster);
  });

  test("a record that no longer fits its system is refused", async () => {
    const record = { ...catalogue.newRecord("local-lab", "lab", {}), config: { components: { gone: {} } } };
    expect(await refusal(() => catalogue.resolve(record, {}))).toMatchObject({ code: "unknown_field", detail: expect.stringContaining("'gone'") });
  });
});

describe("charts", () => {
  const chartOf = (from: Catalogue, cluster?: unknown) => {
    const spec = from.resolve(from.newRecord("local-lab", "lab", { cluster }), {});
    return spec.layers.flatMap((one) => one.components).find((one) => one.component === "traefik")!.chart!;
  };

  test("a chart that isn't locked is stood in for on a sandbox, with the reason", () => {
    const { source, proven } = chartOf(catalogue);
    expect(source).toMatchObject({
      kind: "stand-in",
      path: expect.stringMatching(/programs\/stand-ins\/traefik$/),
      reason: expect.stringContaining("isn't locked"),
    });
    expect(proven).toBe(false);
  });

  test("there is no stand-in on any other cluster", () => {
    expect(chartOf(catalogue, { source: "kubeconfig", path: "/etc/kubeconfig" }).source).toEqual({
      kind: "upstream",
      repository: "https://traefik.github.io/charts",
      digest: "unlocked",
    });
  });

  test("a locked chart comes from upstream, on a sandbox too", async () => {
    const digest = `sha256:${"0".repeat(64)}`;
    const text = (await readFile(join(shipped, "charts.yaml"), "utf8")).match(/ {2}traefik:[\s\S]*?digest: unlocked/)![0];
    const locked = await loadWith("charts.yaml", text, text.replace("unlocked", digest));
    expect(chartOf(locked).source).toEqual({ kind: "upstream", repository: "https://traefik.github.io/charts", digest });
  });

  test("a chart in the user's folder wins", async () => {
    const chartFolder = await mkdtemp(join(scratch, "charts-"));
    await writeFile(join(chartFolder, "traefik-41.3.0.tgz"), "");
    expect(chartOf(await loadCatalogue({ chartFolder })).source).toEqual({ kind: "directory", path: join(chartFolder, "traefik-41.3.0.tgz") });
  });
});
