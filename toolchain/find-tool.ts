import { execFile } from "node:child_process";
import { delimiter, isAbsolute, join } from "node:path";
import semver from "semver";
import { type Environment, isExecutable, type ToolCache } from "./tool-cache.ts";
import type { ToolCatalogue } from "./tool-catalogue.ts";
import type { ToolName } from "./tools.ts";

export interface FoundTool {
  readonly name: ToolName;
  /** Absolute. */
  readonly path: string;
  readonly version: string;
  readonly source: "configured" | "PATH" | "cache" | "download" | "build";
}

/** A place where a tool was looked for in vain. */
export interface Obstacle {
  readonly place: string;
  readonly reason: string;
}

export interface ToolSearch {
  readonly found?: FoundTool;
  /** What was passed over on the way. */
  readonly obstacles: readonly Obstacle[];
  /** Whether the search ends here: a path that somebody configured isn't silently replaced. */
  readonly final: boolean;
}

export interface FindToolOptions {
  readonly catalogue: ToolCatalogue;
  readonly cache: ToolCache;
  /** Paths set by the user. */
  readonly paths: Readonly<Partial<Record<ToolName, string>>>;
  readonly environment: Environment;
}

/** Looks for a tool that is there already: configured path, PATH, cache, in this order. Never fetches or builds. */
export async function findTool(name: ToolName, options: FindToolOptions): Promise<ToolSearch> {
  const { catalogue, cache, paths, environment } = options;
  const entry = catalogue.tools[name];
  const configured = paths[name];
  if (configured) {
    const place = `configured path ${configured}`;
    if (!isAbsolute(configured) || !isExecutable(configured))
      return { obstacles: [{ place, reason: "it isn't the absolute path of an executable file" }], final: true };
    const verdict = await examine(configured, entry.ask, entry.accepts, environment);
    if ("reason" in verdict) return { obstacles: [{ place, reason: verdict.reason }], final: true };
    return { found: { name, path: configured, version: verdict.version, source: "configured" }, obstacles: [], final: true };
  }
  const obstacles: Obstacle[] = [];
  for (const path of onPath(name, environment)) {
    const verdict = await examine(path, entry.ask, entry.accepts, environment);
    if ("version" in verdict) return { found: { name, path, version: verdict.version, source: "PATH" }, obstacles, final: true };
    obstacles.push({ place: path, reason: verdict.reason });
  }
  if (!obstacles.length) obstacles.push({ place: "PATH", reason: "not there" });
  const cached = cache.find(name, entry.version);
  if (cached) return { found: { name, path: cached, version: entry.version, source: "cache" }, obstacles, final: true };
  return { obstacles: [...obstacles, { place: `cache ${cache.folder}`, reason: `no ${entry.version} there` }], final: false };
}

function onPath(name: string, environment: Environment): string[] {
  const folders = (environment.PATH ?? "").split(delimiter).filter((folder) => isAbsolute(folder));
  return [...new Set(folders.map((folder) => join(folder, name)))].filter(isExecutable);
}

/** Asks a program for its version. */
export function askVersion(path: string, ask: readonly string[], environment: Environment): Promise<{ version: string } | { reason: string }> {
  return new Promise((resolve) => {
    execFile(path, [...ask], { timeout: 10_000, env: { PATH: environment.PATH, HOME: environment.HOME } }, (error, stdout, stderr) => {
      if (error) {
        resolve({
          reason: `\`${[path, ...ask].join(" ")}\` failed: ${error.killed ? "no answer within 10 s" : (stderr.trim().split("\n")[0] ?? error.message)}`,
        });
        return;
      }
      const version = semver.coerce(stdout);
      resolve(version ? { version: version.version } : { reason: "it doesn't say which version it is" });
    });
  });
}

async function examine(path: string, ask: readonly string[], accepts: string, environment: Environment): Promise<{ version: string } | { reason: string }> {
  const answer = await askVersion(path, ask, environment);
  if ("reason" in answer || semver.satisfies(answer.version, accepts)) return answer;
  return { reason: `it is ${answer.version}, needed is ${accepts}` };
}
