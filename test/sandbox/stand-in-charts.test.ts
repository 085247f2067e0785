import { existsSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { openToolchain } from "#bin/wiring/clusters.ts";
import { loadCatalogue } from "#config/catalogue.ts";
import { readSettings } from "#config/settings.ts";
import type { ComponentSpec } from "#config/spec.ts";
import { chartsInUse } from "#programs/contracts/charts-in-use.ts";
import { checkContract } from "#programs/contracts/check-contract.ts";
import { renderChart } from "#test/programs/render-chart.ts";

const catalogue = await loadCatalogue();
const spec = catalogue.resolve(catalogue.newRecord("local-lab", "lab", { scenario: "etl-minimal" }), {});
const components = new Map<string, ComponentSpec>(spec.layers.flatMap((layer) => layer.components).map((one) => [one.component, one]));
/** Folder with official charts, unpacked, for those who have them: each is held against the same contract. */
const officialCharts = process.env.STRATA_OFFICIAL_CHARTS;
let helm: string;

beforeAll(async () => {
  const tools = openToolchain(readSettings(process.env));
  ({ helm } = await tools.ensure(["helm"], { onProgress: console.log, signal: AbortSignal.timeout(14 * 60_000) }));
});

test("every component with a chart has a contract, and every contract a component", () => {
  const withChart = [...components.values()].filter((one) => one.chart).map((one) => one.component as string);
  expect(chartsInUse.map((one) => one.contract.component).sort()).toEqual(withChart.sort());
});

describe.each(chartsInUse.map((use) => [use.contract.component, use] as const))("%s", (name, { contract, values }) => {
  const component = components.get(name)!;
  const render = (chart: string) => renderChart(helm, contract.release, chart, String(component.values.namespace), values(component.values, "lab.local"));

  test("its stand-in chart keeps the component's contract", async () => {
    const source = component.chart!.source;
    if (source.kind !== "stand-in") throw new Error(`expected a stand-in, got ${source.kind}`);
    expect(checkContract(contract, await render(source.path))).toEqual([]);
  });

  test("its stand-in chart renders to the same objects each time", async () => {
    const { path } = component.chart!.source as { path: string };
    expect(await render(path)).toEqual(await render(path));
  });

  const official = officialCharts === undefined ? "" : join(officialCharts, component.chart!.name);
  test.skipIf(!existsSync(join(official, "Chart.yaml")))("the official chart keeps the component's contract (STRATA_OFFICIAL_CHARTS)", async () => {
    expect(checkContract(contract, await render(official))).toEqual([]);
  });
});
