import type { ChartSpec } from "#config/spec.ts";
import { StrataError } from "#core/errors.ts";

/** Throws `chart_unavailable`, naming chart and address, when a chart's only source is one that is still switched off. */
export function checkChartSource(chart: ChartSpec): void {
  if (chart.source.kind !== "upstream" || chart.source.digest !== "unlocked") return;
  throw new StrataError(
    "chart_unavailable",
    `Chart ${chart.name} ${chart.version} from ${chart.source.repository} isn't locked: its digest isn't known yet. Run \`strata charts verify --lock\` where that address can be reached, or put ${chart.name}-${chart.version}.tgz into the chart folder.`,
    { facts: { chart: chart.name, version: chart.version, repository: chart.source.repository } },
  );
}
