import { execFile } from "node:child_process";
import { access, constants, readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import semver from "semver";
import { StrataError } from "#core/errors.ts";

const run = promisify(execFile);
const require = createRequire(import.meta.url);

/** The oldest CLI that streams its events over gRPC, which everything here relies on. */
const oldestCli = "3.205.0";
/** Packages whose plugins the shipped layers need. */
const neededPackages = ["kubernetes", "random", "tls"] as const;

export interface EngineChoice {
  readonly kind: "cli" | "embedded";
  /** One sentence for people: why this one. */
  readonly reason: string;
  readonly version: string;
  /** Path of the genuine CLI, when it was chosen. */
  readonly path?: string;
}

/**
 * Decides between the genuine Pulumi CLI and the embedded engine. `auto` takes the CLI when one of a fitting version and the plugins of the installed SDK
 * packages are there, and else the embedded engine. Throws `engine_unavailable` when `cli` is demanded and can't be used.
 */
export async function chooseEngine(wish: "auto" | "cli" | "embedded", environment: Readonly<Record<string, string | undefined>>): Promise<EngineChoice> {
  const sdkVersion = packageVersion("pulumi");
  if (wish === "embedded") return { kind: "embedded", version: sdkVersion, reason: "STRATA_ENGINE=embedded asks for it" };
  const path = await findOnPath("pulumi", environment);
  const verdict = path ? await examine(path, sdkVersion, environment) : { version: "", obstacle: "there is no `pulumi` on PATH" };
  if (path && !verdict.obstacle)
    return { kind: "cli", version: verdict.version, path, reason: `${path} ${verdict.version} and the plugins it needs are installed` };
  if (wish === "cli")
    throw new StrataError(
      "engine_unavailable",
      `STRATA_ENGINE=cli, but the genuine CLI can't be used: ${verdict.obstacle}. Install it, or set STRATA_ENGINE=embedded or auto.`,
    );
  return { kind: "embedded", version: sdkVersion, reason: `the genuine CLI can't be used: ${verdict.obstacle}` };
}

interface Verdict {
  readonly version: string;
  /** Why it can't be used, "" when it can. */
  readonly obstacle: string;
}

async function examine(path: string, sdkVersion: string, environment: Readonly<Record<string, string | undefined>>): Promise<Verdict> {
  let version: string;
  try {
    const { stdout } = await run(path, ["version"], { env: { ...environment, PULUMI_SKIP_UPDATE_CHECK: "true" }, timeout: 10_000 });
    version = stdout.trim().replace(/^v/, "");
  } catch (error) {
    return { version: "", obstacle: `${path} version fails (${error instanceof Error ? error.message.split("\n")[0] : String(error)})` };
  }
  if (!semver.valid(version)) return { version, obstacle: `${path} says its version is '${version.slice(0, 40)}', which can't be understood` };
  if (semver.lt(version, oldestCli) || semver.major(version) !== semver.major(sdkVersion))
    return { version, obstacle: `${path} is ${version}; ${oldestCli} or newer of major ${semver.major(sdkVersion)} is needed` };
  const missing = await missingPlugins(environment);
  return { version, obstacle: missing.length ? `its plugins ${missing.join(", ")} aren't installed (pulumi plugin install resource NAME VERSION)` : "" };
}

async function missingPlugins(environment: Readonly<Record<string, string | undefined>>): Promise<string[]> {
  const home = environment.PULUMI_HOME || join(environment.HOME ?? "", ".pulumi");
  const installed = new Set(await readdir(join(home, "plugins")).catch(() => []));
  const missing: string[] = [];
  for (const name of neededPackages) {
    const version = packageVersion(name);
    if (!installed.has(`resource-${name}-v${version}`) && !(await findOnPath(`pulumi-resource-${name}`, environment))) missing.push(`${name} ${version}`);
  }
  return missing;
}

function packageVersion(name: string): string {
  return (require(`@pulumi/${name}/package.json`) as { version: string }).version.replace(/^v/, "");
}

async function findOnPath(name: string, environment: Readonly<Record<string, string | undefined>>): Promise<string | undefined> {
  for (const folder of (environment.PATH ?? "").split(delimiter).filter(Boolean)) {
    const path = join(folder, name);
    if (
      await access(path, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return path;
  }
  return undefined;
}
