import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { parse } from "yaml";
import type { HelmCommand } from "#providers/kubernetes/helm/helm-command.ts";

/** Where a chart comes from. */
export interface ChartSource {
  /** Folder or archive, URL, `oci://…`, or a name within `repo` or a configured repository. */
  readonly chart: string;
  readonly version?: string;
  readonly devel?: boolean;
  readonly repo?: string;
  readonly username?: string;
  readonly password?: string;
  /** Paths. */
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  readonly keyring?: string;
  readonly verify?: boolean;
  readonly plainHttp?: boolean;
}

/** A chart on this machine. */
export interface LocalChart {
  /** Folder or archive. */
  readonly path: string;
  readonly metadata: { readonly name: string; readonly version: string; readonly appVersion: string; readonly deprecated: boolean };
}

/** Finds a chart, fetching it if it isn't a local one. Throws an `Error` saying that it can't be had. */
export async function locateChart(helm: HelmCommand, source: ChartSource): Promise<LocalChart> {
  const path = localPath(helm.workingFolder, source) ?? (await pullChart(helm, source));
  const description = join(path, "Chart.yaml");
  const metadata = parse(existsSync(description) ? readFileSync(description, "utf8") : await helm.run(["show", "chart", path])) as Record<
    string,
    unknown
  > | null;
  return {
    path,
    metadata: {
      name: String(metadata?.name ?? ""),
      version: String(metadata?.version ?? ""),
      appVersion: String(metadata?.appVersion ?? ""),
      deprecated: metadata?.deprecated === true,
    },
  };
}

/** Whether a template of the chart, or of one in it, asks the cluster for objects. */
export function looksUp(path: string): boolean {
  if (statSync(path).isFile()) return /\.(tgz|gz)$/.test(path) ? gunzipSync(readFileSync(path)).includes("lookup") : readFileSync(path).includes("lookup");
  return readdirSync(path, { withFileTypes: true }).some((entry) => {
    if (entry.isDirectory()) return looksUp(join(path, entry.name));
    return entry.isFile() && /\.(ya?ml|tpl|txt|tgz)$/.test(entry.name) && looksUp(join(path, entry.name));
  });
}

function localPath(folder: string, source: ChartSource): string | undefined {
  if (source.repo || /^[a-z][a-z0-9+.-]*:\/\//i.test(source.chart)) return undefined;
  const path = resolve(folder, source.chart);
  return statSync(path, { throwIfNoEntry: false }) ? path : undefined;
}

async function pullChart(helm: HelmCommand, source: ChartSource): Promise<string> {
  const folder = await helm.folder();
  const from = await credentials(helm, source);
  await helm.run(["pull", from.chart, "--untar", "--untardir", folder, ...from.flags, ...versionFlags(source), ...verifyFlags(source)]);
  const [name] = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  if (!name) throw new Error(`unable to locate the chart: the archive of '${source.chart}' holds no chart`);
  return join(folder, name.name);
}

export function versionFlags(source: ChartSource): string[] {
  if (source.version) return ["--version", source.version];
  return source.devel ? ["--devel"] : [];
}

function verifyFlags(source: ChartSource): string[] {
  return source.verify ? ["--verify", ...(source.keyring ? ["--keyring", source.keyring] : [])] : [];
}

/** How to name the chart to helm. A password goes into a private file, as everybody may read a command line. */
async function credentials(helm: HelmCommand, source: ChartSource): Promise<{ chart: string; flags: string[] }> {
  const tls = [
    ...(source.caFile ? ["--ca-file", source.caFile] : []),
    ...(source.certFile ? ["--cert-file", source.certFile] : []),
    ...(source.keyFile ? ["--key-file", source.keyFile] : []),
    ...(source.plainHttp ? ["--plain-http"] : []),
  ];
  if (!source.username || !source.password) return { chart: source.chart, flags: [...tls, ...(source.repo ? ["--repo", source.repo] : [])] };
  if (source.chart.startsWith("oci://")) {
    const auth = Buffer.from(`${source.username}:${source.password}`).toString("base64");
    const config = await helm.file("registry.json", JSON.stringify({ auths: { [new URL(source.chart).host]: { auth } } }));
    return { chart: source.chart, flags: [...tls, "--registry-config", config] };
  }
  if (!source.repo) return { chart: source.chart, flags: tls };
  const { username, password, caFile = "", certFile = "", keyFile = "" } = source;
  const entry = { name: "given", url: source.repo, username, password, caFile, certFile, keyFile };
  const flags = [
    "--repository-config",
    await helm.file("repositories.yaml", JSON.stringify({ apiVersion: "", repositories: [entry] })),
    "--repository-cache",
    await helm.folder(),
  ];
  await helm.run(["repo", "update", "given", ...flags]);
  return { chart: `given/${source.chart}`, flags };
}
