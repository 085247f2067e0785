import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import semver from "semver";
import { parse } from "yaml";
import { StrataError } from "#core/errors.ts";
import { type ToolName, toolNames } from "./tools.ts";

/** Marks a checksum that nobody has fetched yet. */
export const unlocked = "unlocked";

export interface ToolDownload {
  /** With `{os}` and `{arch}`. */
  readonly url: string;
  /** Path inside a .tar.gz, with `{os}` and `{arch}`; absent when the URL serves the program itself. */
  readonly member?: string;
  /** By `<os>-<arch>`: 64 hex digits or `unlocked`. */
  readonly sha256: Readonly<Record<string, string>>;
}

export interface ToolEntry {
  readonly version: string;
  /** Semver range. */
  readonly accepts: string;
  readonly ask: readonly string[];
  readonly package: string;
  /** What `go build` calls it. @default the tool's name */
  readonly binary?: string;
  readonly download: ToolDownload;
}

export interface ToolCatalogue {
  /** The file it was read from; `go.mod` lies beside it. */
  readonly file: string;
  readonly tools: Readonly<Record<ToolName, ToolEntry>>;
  readonly build: { readonly variables: Readonly<Record<string, string>> };
}

export const catalogueFile: string = fileURLToPath(new URL("tools.yaml", import.meta.url));

/** Reads the catalogue; throws `invalid_config` naming what is wrong in it. */
export function readToolCatalogue(file: string = catalogueFile): ToolCatalogue {
  const content = parse(readFileSync(file, "utf8")) as Omit<ToolCatalogue, "file">;
  for (const name of toolNames) check(file, name, content.tools?.[name]);
  return { ...content, file };
}

function check(file: string, name: ToolName, entry: ToolEntry | undefined): void {
  const wrong = (what: string): StrataError => new StrataError("invalid_config", `${file}, tool '${name}': ${what}.`);
  if (!entry) throw wrong("it is missing");
  if (!semver.valid(entry.version)) throw wrong(`'${entry.version}' isn't a version`);
  if (!semver.validRange(entry.accepts) || !semver.satisfies(entry.version, entry.accepts))
    throw wrong(`'${entry.accepts}' isn't a range that holds ${entry.version}`);
  if (!entry.package || !Array.isArray(entry.ask)) throw wrong("`package` and `ask` are needed");
  if (!/^https?:/.test(entry.download?.url ?? "")) throw wrong("`download.url` is needed");
  for (const [platform, sum] of Object.entries(entry.download.sha256))
    if (sum !== unlocked && !/^[0-9a-f]{64}$/.test(sum)) throw wrong(`the checksum of ${platform} is neither 64 hex digits nor '${unlocked}'`);
}

/** `<os>-<arch>` as vendors name platforms, e.g. `linux-amd64`. */
export function currentPlatform(): string {
  const arch: Partial<Record<NodeJS.Architecture, string>> = { x64: "amd64" };
  return `${process.platform}-${arch[process.arch] ?? process.arch}`;
}

/** Fills `{os}` and `{arch}` in. */
export function forPlatform(template: string, platform: string): string {
  const [os = "", arch = ""] = platform.split("-");
  return template.replaceAll("{os}", os).replaceAll("{arch}", arch);
}
