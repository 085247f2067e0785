import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isStrataError, messageOf, StrataError } from "#core/errors.ts";
import { buildTools, findGo } from "./build-tools.ts";
import { download, extractMember, sha256Of } from "./download-tool.ts";
import { lockFile } from "./file-lock.ts";
import { type FoundTool, findTool, type Obstacle } from "./find-tool.ts";
import { type Environment, ToolCache } from "./tool-cache.ts";
import { currentPlatform, forPlatform, type ToolCatalogue, unlocked } from "./tool-catalogue.ts";
import type { ToolName } from "./tools.ts";

export interface ToolchainOptions {
  readonly catalogue: ToolCatalogue;
  /** Paths that the user set; each must fit, or its tool counts as unavailable. */
  readonly paths: Readonly<Partial<Record<ToolName, string>>>;
  /** PATH, HOME, XDG_CACHE_HOME, proxies and Go's own variables are read from it. */
  readonly environment: Environment;
}

export interface EnsureToolsOptions {
  readonly onProgress: (message: string, done?: number, total?: number) => void;
  readonly signal: AbortSignal;
}

/** What is known of one tool without fetching or building anything. */
export interface ToolDescription {
  readonly name: ToolName;
  /** The version that would be fetched or built. */
  readonly version: string;
  readonly found?: FoundTool;
  readonly obstacles: readonly Obstacle[];
}

const temporaryPrefix = ".new-";

/** Where the programs come from that Strata starts. */
export class Toolchain {
  readonly #options: ToolchainOptions;
  readonly #cache: ToolCache;

  constructor(options: ToolchainOptions) {
    this.#options = options;
    this.#cache = new ToolCache(options.environment);
  }

  /** Every tool's place, version and what was passed over, for people. */
  describe(names: readonly ToolName[]): Promise<ToolDescription[]> {
    const version = (name: ToolName): string => this.#options.catalogue.tools[name].version;
    return Promise.all(
      names.map(async (name) => {
        const { found, obstacles } = await this.#find(name);
        return { name, version: version(name), obstacles, ...(found ? { found } : {}) };
      }),
    );
  }

  /**
   * Absolute paths of tools, fetched or built where they aren't there. Only one process of a user does that at a time; the others wait and use its result.
   * Throws `tool_unavailable` naming every way that was tried, `disk_full`, `data_folder_unusable` for the cache, or the signal's reason.
   */
  async ensure<Name extends ToolName>(names: readonly Name[], options: EnsureToolsOptions): Promise<Readonly<Record<Name, string>>> {
    const first = await this.#search(names);
    if (!first.missing.size) return pathsOf(first.found);
    this.#cache.prepare();
    const release = await lockFile(join(this.#cache.folder, ".lock"), {
      signal: options.signal,
      onWait: ({ pid }) => options.onProgress(`waiting for process ${pid}, which is fetching or building tools`),
    });
    try {
      this.#removeRemains();
      const search = await this.#search(names);
      if (search.missing.size) await this.#obtain(search, options);
      return pathsOf(search.found);
    } finally {
      release();
    }
  }

  async #obtain<Name extends ToolName>(search: Search<Name>, options: EnsureToolsOptions): Promise<void> {
    const folder = join(this.#cache.folder, `${temporaryPrefix}${process.pid}`);
    mkdirSync(folder, { recursive: true });
    try {
      await this.#downloadMissing(search, folder, options);
      if (search.missing.size) await this.#buildMissing(search, folder, options);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    if (search.missing.size) throw unavailable(search.missing);
  }

  async #downloadMissing<Name extends ToolName>(search: Search<Name>, folder: string, options: EnsureToolsOptions): Promise<void> {
    await Promise.all(
      [...search.missing].map(async ([name, obstacles]) => {
        try {
          await this.#download(name, folder, options);
          this.#settle(search, name, this.#cache.pathOf(name, this.#options.catalogue.tools[name].version));
        } catch (error) {
          if (options.signal.aborted || isStrataError(error)) throw error;
          obstacles.push({ place: "download", reason: messageOf(error) });
        }
      }),
    );
  }

  async #download(name: ToolName, folder: string, options: EnsureToolsOptions): Promise<void> {
    const entry = this.#options.catalogue.tools[name];
    const platform = currentPlatform();
    const wanted = entry.download.sha256[platform];
    if (!wanted) throw new Error(`none for ${platform}`);
    if (wanted === unlocked) throw new Error(`off, because its checksum for ${platform} is unlocked (\`strata tools verify --lock\` fetches it)`);
    const url = forPlatform(entry.download.url, platform);
    const file = join(folder, `${name}.download`);
    options.onProgress(`downloading ${name} ${entry.version}`);
    await download(url, file, {
      environment: this.#options.environment,
      signal: options.signal,
      onProgress: everyFraction((done, total) => options.onProgress(`downloading ${name} ${entry.version}`, done, total)),
    });
    const sum = await sha256Of(file);
    if (sum !== wanted) throw new Error(`${url} served something with the checksum ${sum}, pinned is ${wanted}`);
    const { member } = entry.download;
    const program = member ? await extractMember(file, forPlatform(member, platform), folder, options.signal) : file;
    this.#cache.put(name, entry.version, program);
  }

  async #buildMissing<Name extends ToolName>(search: Search<Name>, folder: string, options: EnsureToolsOptions): Promise<void> {
    const names = [...search.missing.keys()];
    const { catalogue, environment } = this.#options;
    const give = (reason: string): void => {
      for (const obstacles of search.missing.values()) obstacles.push({ place: "go build", reason });
    };
    const go = await findGo(catalogue, environment);
    if ("reason" in go) return give(go.reason);
    try {
      const built = await buildTools(names, { catalogue, go: go.path, folder, environment, ...options });
      for (const name of names) this.#settle(search, name, this.#cache.put(name, catalogue.tools[name].version, built.get(name) ?? ""));
    } catch (error) {
      if (options.signal.aborted || isStrataError(error)) throw error;
      give(messageOf(error));
    }
  }

  #settle<Name extends ToolName>(search: Search<Name>, name: Name, path: string): void {
    search.found.set(name, path);
    search.missing.delete(name);
  }

  async #search<Name extends ToolName>(names: readonly Name[]): Promise<Search<Name>> {
    const search: Search<Name> = { found: new Map(), missing: new Map() };
    const misfits = new Map<ToolName, Obstacle[]>();
    await Promise.all(
      names.map(async (name) => {
        const { found, obstacles, final } = await this.#find(name);
        if (found) search.found.set(name, found.path);
        else if (final) misfits.set(name, [...obstacles]);
        else search.missing.set(name, [...obstacles]);
      }),
    );
    if (misfits.size) throw unavailable(misfits);
    return search;
  }

  #find(name: ToolName) {
    const { catalogue, paths, environment } = this.#options;
    return findTool(name, { catalogue, cache: this.#cache, paths, environment });
  }

  /** What a killed process left; whoever holds the lock is alone with it. */
  #removeRemains(): void {
    for (const entry of readdirSync(this.#cache.folder))
      if (entry.startsWith(temporaryPrefix)) rmSync(join(this.#cache.folder, entry), { recursive: true, force: true });
  }
}

interface Search<Name extends ToolName> {
  readonly found: Map<Name, string>;
  /** With what stood in the way so far. */
  readonly missing: Map<Name, Obstacle[]>;
}

function pathsOf<Name extends ToolName>(found: ReadonlyMap<Name, string>): Readonly<Record<Name, string>> {
  return Object.fromEntries(found) as Record<Name, string>;
}

function unavailable(missing: ReadonlyMap<ToolName, readonly Obstacle[]>): StrataError {
  const lines = [...missing].map(([name, obstacles]) => `${name}: ${obstacles.map(({ place, reason }) => `${place}: ${reason}`).join("; ")}.`);
  return new StrataError(
    "tool_unavailable",
    `${[...missing.keys()].join(", ")} can't be had. Put fitting ones on PATH, install Go, or allow downloads. Tried:\n${lines.join("\n")}`,
    { facts: { tools: [...missing.keys()].join(",") } },
  );
}

/** Passes on a report whenever another twentieth is done. */
function everyFraction(report: (done: number, total: number) => void): (done: number, total: number | undefined) => void {
  let last = 0;
  return (done, total) => {
    if (!total || done - last < total / 20) return;
    last = done;
    report(done, total);
  };
}
