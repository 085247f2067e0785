import { execFile, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { basename, delimiter, dirname, isAbsolute, join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import semver from "semver";
import { StrataError } from "#core/errors.ts";
import { type Environment, isExecutable } from "./tool-cache.ts";
import type { ToolCatalogue } from "./tool-catalogue.ts";
import type { ToolName } from "./tools.ts";

export interface BuildToolsOptions {
  readonly catalogue: ToolCatalogue;
  /** Absolute path of `go`; see {@link findGo}. */
  readonly go: string;
  /** Existing folder that takes the programs. */
  readonly folder: string;
  readonly environment: Environment;
  readonly onProgress: (message: string, done?: number, total?: number) => void;
  readonly signal: AbortSignal;
}

const reportEveryMs = 5_000;
/** Lines of go's output that a failure is reported with. */
const keptLines = 12;

/**
 * A Go that can build the tools: on PATH, at least as new as go.mod asks. `reason` says why there is none.
 */
export async function findGo(catalogue: ToolCatalogue, environment: Environment): Promise<{ readonly path: string } | { readonly reason: string }> {
  const needed = neededGo(catalogue);
  const folders = (environment.PATH ?? "").split(delimiter).filter((folder) => isAbsolute(folder));
  const reasons: string[] = [];
  for (const path of new Set(folders.map((folder) => join(folder, "go")).filter(isExecutable))) {
    try {
      const { stdout } = await promisify(execFile)(path, ["env", "GOVERSION"], { env: goEnvironment(environment), timeout: 10_000 });
      const version = semver.coerce(stdout);
      if (version && semver.gte(version, needed)) return { path };
      reasons.push(`${path} is ${stdout.trim() || "of unknown version"}, needed is ${needed} or newer`);
    } catch (error) {
      reasons.push(`${path} doesn't run (${error instanceof Error ? error.message.split("\n")[0] : error})`);
    }
  }
  return { reason: reasons.length ? reasons.join("; ") : `there is no Go on PATH (needed is ${needed} or newer)` };
}

function neededGo(catalogue: ToolCatalogue): string {
  const line = /^go (\S+)$/m.exec(readFileSync(join(dirname(catalogue.file), "go.mod"), "utf8"))?.[1];
  return semver.coerce(line ?? "0")?.version ?? "0.0.0";
}

/**
 * Builds programs with one `go build` and answers where each of them is. Aborting ends the whole build. Rejects with the end of go's output as the message, or with
 * `disk_full`.
 */
export async function buildTools(names: readonly ToolName[], options: BuildToolsOptions): Promise<ReadonlyMap<ToolName, string>> {
  const { catalogue, folder, onProgress } = options;
  const packages = names.map((name) => catalogue.tools[name].package);
  onProgress(`building ${names.join(", ")} with ${options.go}`);
  const total = await countPackages(packages, options);
  const flags = Object.entries(catalogue.build.variables).map(([variable, value]) => `-X ${variable}=${value}`);
  await runGo(["build", "-v", "-trimpath", "-mod=readonly", "-ldflags", `-s -w ${flags.join(" ")}`, "-o", `${folder}/`, ...packages], options, total);
  return new Map(names.map((name) => [name, join(folder, catalogue.tools[name].binary ?? basename(catalogue.tools[name].package))]));
}

/** How many packages the programs consist of; undefined where go can't tell, for example because it has to fetch modules first. */
async function countPackages(packages: readonly string[], options: BuildToolsOptions): Promise<number | undefined> {
  try {
    const { stdout } = await promisify(execFile)(options.go, ["list", "-deps", "-mod=readonly", ...packages], {
      cwd: dirname(options.catalogue.file),
      env: goEnvironment(options.environment),
      maxBuffer: 16 << 20,
      signal: options.signal,
    });
    return stdout.split("\n").length - 1;
  } catch {
    options.signal.throwIfAborted();
    return undefined;
  }
}

async function runGo(args: readonly string[], options: BuildToolsOptions, total: number | undefined): Promise<void> {
  const { signal, onProgress } = options;
  signal.throwIfAborted();
  // A process group of its own, so that an abort reaches the compilers that go started.
  const go = spawn(options.go, args, {
    cwd: dirname(options.catalogue.file),
    env: goEnvironment(options.environment),
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const kill = (): void => {
    try {
      if (go.pid) process.kill(-go.pid, "SIGKILL");
    } catch {
      // Gone by itself.
    }
  };
  signal.addEventListener("abort", kill, { once: true });
  const started = performance.now();
  let compiled = 0;
  let fetched = 0;
  const kept: string[] = [];
  const report = (): void => {
    const seconds = Math.round((performance.now() - started) / 1000);
    const doing = compiled || !fetched ? `${compiled} packages compiled` : `${fetched} Go modules fetched`;
    onProgress(`building the tools: ${doing}, ${seconds} s`, compiled, total);
  };
  const timer = setInterval(report, reportEveryMs);
  const output = createInterface({ input: go.stderr });
  output.on("line", (line) => {
    if (line.startsWith("go: downloading ")) fetched++;
    // `-v` prints an import path per package; anything else is worth keeping.
    else if (/^[\w.~-]+(?:\/[\w.~-]+)*$/.test(line)) compiled++;
    else if (kept.push(line) > keptLines) kept.shift();
  });
  try {
    const code = await new Promise<number | string>((resolve, reject) => {
      go.once("error", reject);
      go.once("close", (exit, by) => resolve(exit ?? by ?? "unknown"));
    });
    signal.throwIfAborted();
    if (code === 0) return;
    const text = kept.join("\n");
    if (/no space left on device/i.test(text))
      throw new StrataError("disk_full", `Building the tools filled the disk: about 4 GB are needed for ${options.folder} and Go's build cache.`);
    throw new Error(`go build ended with ${code}: ${text}`);
  } finally {
    clearInterval(timer);
    signal.removeEventListener("abort", kill);
  }
}

/** The user's Go settings, less what would change the result. */
function goEnvironment(environment: Environment): Record<string, string> {
  const kept = Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined && !/^(STRATA|PULUMI)_/.test(entry[0]));
  return { ...Object.fromEntries(kept), GOFLAGS: "", GOWORK: "off", GOTOOLCHAIN: "local", CGO_ENABLED: "0" };
}
