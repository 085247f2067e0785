import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { ValueChecker } from "#config/check-value.ts";
import { chartsFileSchema } from "#config/file-schemas.ts";
import { reportInFile } from "#config/report-problems.ts";
import type { ChartSpec, ClusterSpec } from "#config/spec.ts";
import type { YamlFile } from "#config/yaml-file.ts";

/** Digest of a chart whose archive nobody has fetched yet: its upstream source stays off. */
export const unlocked = "unlocked";

/** An entry of `charts.yaml`. */
export interface PinnedChart {
  /** The chart's own name; the entry's key unless that differs. */
  readonly name: string;
  readonly version: string;
  readonly repository: string;
  /** `sha256:<hex>` of the chart archive, or `unlocked`. */
  readonly digest: string;
  /** Whether the official archive was ever rendered with our values. */
  readonly proven: boolean;
}

/** Reads the pinned charts; throws `invalid_config` or `unknown_field`. */
export function readPinnedCharts(file: YamlFile, checker: ValueChecker): ReadonlyMap<string, PinnedChart> {
  reportInFile(file, checker.check(chartsFileSchema, file.value));
  const { charts } = file.value as unknown as { charts: Record<string, Omit<PinnedChart, "name"> & { name?: string }> };
  return new Map(Object.entries(charts).map(([key, chart]) => [key, { ...chart, name: chart.name ?? key }]));
}

export interface ChartFolders {
  /** Holds one minimal chart per pinned chart, as `<key>/Chart.yaml`. */
  readonly standIns: string;
  /** Holds the user's own copies: `<name>-<version>.tgz` or `<name>/Chart.yaml`. */
  readonly local?: string | undefined;
}

/** Decides where each chart comes from. Looks into the folders once, so that a resolve needs no disk. */
export class ChartSources {
  private readonly folders: ChartFolders;
  private readonly standIns: ReadonlySet<string>;
  private readonly local: ReadonlySet<string>;

  private constructor(folders: ChartFolders, standIns: ReadonlySet<string>, local: ReadonlySet<string>) {
    this.folders = folders;
    this.standIns = standIns;
    this.local = local;
  }

  static async open(folders: ChartFolders): Promise<ChartSources> {
    const entries = async (folder: string | undefined) => new Set(folder === undefined ? [] : await readdir(folder));
    return new ChartSources(folders, await entries(folders.standIns), await entries(folders.local));
  }

  /**
   * A local copy wins. Upstream is used once its digest is locked. An unlocked chart is replaced by its stand-in on a sandbox, never elsewhere: there the
   * upstream source stays, and the run fails naming chart and address.
   */
  choose(key: string, chart: PinnedChart, cluster: ClusterSpec): ChartSpec {
    const { name, version, repository, digest, proven } = chart;
    const local = [`${name}-${version}.tgz`, name].find((entry) => this.local.has(entry));
    if (local) return { name, version, proven, source: { kind: "directory", path: join(this.folders.local!, local) } };
    if (digest === unlocked && cluster.source === "sandbox" && this.standIns.has(key)) {
      const reason = `chart ${name} ${version} isn't locked: its archive was never fetched from ${repository} to learn its digest`;
      return { name, version, proven, source: { kind: "stand-in", path: join(this.folders.standIns, key), reason } };
    }
    return { name, version, proven, source: { kind: "upstream", repository, digest } };
  }
}
