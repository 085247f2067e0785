import type { Clock } from "#core/clock.ts";
import type { Arguments, FlagSpecs } from "#engine/command/argv.ts";
import type { Workspace } from "#engine/command/workspace.ts";
import type { Cancellation, RunDeployment } from "#engine/deploy/deployment.ts";
import type { ProviderPackage } from "#providers/contract.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** What a command has to work with. */
export interface CommandContext {
  readonly arguments: Arguments;
  readonly cwd: string;
  /** Process environment overlaid by what the caller gave. */
  readonly environment: Environment;
  readonly workspace: Workspace;
  readonly clock: Clock;
  /** Of the CLI that is mirrored, with a leading `v`. */
  readonly version: string;
  readonly cancellation: Cancellation;
  readonly packages: ReadonlyMap<string, ProviderPackage>;
  readonly runDeployment: RunDeployment;
  /** The `node` that programs run with. */
  readonly nodePath: string;
  /** Asks a person to agree; `undefined` when nobody can be asked. */
  readonly confirm: ((question: string) => Promise<boolean>) | undefined;
  /** What `stack import` reads without `--file`. */
  readonly readInput: () => Promise<string>;
  out(text: string): void;
  err(text: string): void;
}

/** One verb of the CLI. */
export interface Command {
  /** Words that name it, e.g. `["stack", "init"]`. */
  readonly words: readonly string[];
  readonly flags: FlagSpecs;
  /** How many positional arguments it takes. */
  readonly positional: { readonly least: number; readonly most: number };
  run(context: CommandContext): Promise<void>;
}
