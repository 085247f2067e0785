import { resolve } from "node:path";
import { StrataError } from "#core/errors.ts";

/** How this process runs. */
export interface Settings {
  /** Folder of this checkout. */
  readonly root: string;
  /** Where state, secrets, clusters and records are; nothing is written outside it but the tool cache. */
  readonly dataFolder: string;
  readonly engine: "auto" | "cli" | "embedded";
  readonly host: string;
  readonly port: number;
  /** PostgreSQL address; the embedded database when absent. */
  readonly databaseUrl: string | undefined;
  /** How many operations run at once, each in an environment of its own. */
  readonly concurrency: number;
  /** How many steps of one layer run at once. */
  readonly parallel: number;
  /** Path of a tool that the user wants used, by tool name. */
  readonly toolPaths: Readonly<Record<string, string>>;
  /** Everything else of the environment, for child processes. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads the settings from environment variables: `STRATA_HOME` (default `.strata` in the checkout), `STRATA_ENGINE` (`auto`), `STRATA_HOST`
 * (`127.0.0.1`), `STRATA_PORT` (`7700`), `DATABASE_URL`, `STRATA_CONCURRENCY` (`4`), `STRATA_PARALLEL` (`16`), `STRATA_TOOL_<NAME>`.
 * Throws `invalid_config` naming the variable and what it may hold.
 */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const root = resolve(import.meta.dirname, "..");
  return {
    root,
    dataFolder: resolve(root, environment.STRATA_HOME || ".strata"),
    engine: oneOf("STRATA_ENGINE", environment.STRATA_ENGINE || "auto", ["auto", "cli", "embedded"] as const),
    host: environment.STRATA_HOST || "127.0.0.1",
    port: whole("STRATA_PORT", environment.STRATA_PORT || "7700", 0, 65535),
    databaseUrl: environment.DATABASE_URL || undefined,
    concurrency: whole("STRATA_CONCURRENCY", environment.STRATA_CONCURRENCY || "4", 1, 64),
    parallel: whole("STRATA_PARALLEL", environment.STRATA_PARALLEL || "16", 1, 512),
    toolPaths: toolPaths(environment),
    environment,
  };
}

function toolPaths(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const prefix = "STRATA_TOOL_";
  const entries = Object.entries(environment).filter((entry): entry is [string, string] => entry[0].startsWith(prefix) && Boolean(entry[1]));
  return Object.fromEntries(entries.map(([key, path]) => [key.slice(prefix.length).toLowerCase().replaceAll("_", "-"), path]));
}

function oneOf<const T extends readonly string[]>(name: string, value: string, allowed: T): T[number] {
  if (allowed.includes(value)) return value;
  throw new StrataError("invalid_config", `${name} is '${value}'; it may be ${allowed.join(", ")}.`);
}

function whole(name: string, value: string, least: number, most: number): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw new StrataError("invalid_config", `${name} is '${value}'; it must be a whole number from ${least} to ${most}.`);
}
