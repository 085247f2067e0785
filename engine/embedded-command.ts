import { resolve } from "node:path";
import cmd from "@pulumi/pulumi/automation/cmd.js";
import errors from "@pulumi/pulumi/automation/errors.js";
import sdk from "@pulumi/pulumi/version.js";
import { SemVer } from "semver";
import { type Clock, systemClock } from "#core/clock.ts";
import { messageOf } from "#core/errors.ts";
import type { Environment } from "#engine/command/command-context.ts";
import { CommandFailure, exitCodes } from "#engine/command/command-failure.ts";
import { argumentsFor, findCommand } from "#engine/command/commands.ts";
import { helpText } from "#engine/command/help-text.ts";
import { Workspace } from "#engine/command/workspace.ts";
import type { RunDeployment } from "#engine/deploy/deployment.ts";
import { runDeployment as runOwnDeployment } from "#engine/deploy/run-deployment.ts";
import { PassphraseKeys } from "#engine/secrets/passphrase-keys.ts";
import type { ProviderPackage } from "#providers/contract.ts";

export interface EmbeddedCommandOptions {
  /** Provider packages that are built in. */
  readonly packages: readonly ProviderPackage[];
  /** The process's environment; each call's own is laid over it. Never changed. */
  readonly environment: Environment;
  /** @default the engine's own */
  readonly runDeployment?: RunDeployment;
  /** @default the system's */
  readonly clock?: Clock;
  /** The `node` that programs on disk run with. @default the one that runs this */
  readonly nodePath?: string;
  /** How long a cancelled operation may take to end by itself before calls under way are given up, in milliseconds. @default never */
  readonly cancelDeadline?: number;
}

/** What a command prints, as it comes, and who answers for it. */
export interface CommandStreams {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Once aborted: end gracefully, as after one SIGINT. */
  readonly cancel?: AbortSignal;
  /** Once aborted: give up on calls under way, as after a second one. */
  readonly terminate?: AbortSignal;
  readonly confirm?: (question: string) => Promise<boolean>;
  readonly readInput?: () => Promise<string>;
}

/** What a command that succeeded answers. */
export interface CommandOutput {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

/**
 * Stands in for the SDK's `PulumiCommand` (pulumi/pulumi:sdk/nodejs/automation/cmd.ts, v3.259.0): runs the CLI's commands in this process, each with
 * its own folder and environment, any number at once.
 */
export interface EmbeddedCommand {
  readonly command: string;
  readonly version: SemVer;
  /** As `PulumiCommand.run`: rejects with the SDK's own error for any exit code but 0. */
  run(
    args: string[],
    cwd: string,
    additionalEnv: Record<string, string>,
    onOutput?: (text: string) => void,
    onError?: (text: string) => void,
    signal?: AbortSignal,
  ): Promise<CommandOutput>;
  /** Runs a command with streams and answers its exit code. Never rejects. */
  execute(args: readonly string[], cwd: string, additionalEnv: Environment, streams: CommandStreams): Promise<number>;
}

/** Parts of the SDK that its type declarations leave out. */
const { createCommandError } = errors as unknown as { createCommandError(result: object): Error };
const { CommandResult } = cmd as unknown as { CommandResult: new (stdout: string, stderr: string, code: number, err?: Error) => object };

const failureCode = -2;

export function createEmbeddedCommand(options: EmbeddedCommandOptions): EmbeddedCommand {
  const { clock = systemClock, nodePath = process.execPath, environment, runDeployment = runOwnDeployment } = options;
  const packages = new Map(options.packages.map((item) => [item.name, item]));
  const keys = new PassphraseKeys();
  const version = new SemVer(sdk.version);

  async function execute(args: readonly string[], cwd: string, additionalEnv: Environment, streams: CommandStreams): Promise<number> {
    const { out, err, confirm, readInput = async () => "" } = streams;
    const cancellation = terminateAfterDeadline(streams.cancel ?? never(), streams.terminate ?? never(), options.cancelDeadline);
    try {
      if (args.length === 0 || asksForHelp(args)) {
        const verb = args.filter((arg) => arg !== "--help" && arg !== "-h");
        out(helpText(verb.length > 0 ? findCommand(verb).command : undefined));
        return exitCodes.ok;
      }
      const found = findCommand(args);
      const parsed = argumentsFor(found);
      const effective = { ...environment, ...additionalEnv };
      const folder = resolve(cwd, parsed.text("cwd") ?? "");
      const workspace = new Workspace({ cwd: folder, environment: effective, clock, keys });
      await found.command.run({
        arguments: parsed,
        cwd: folder,
        environment: effective,
        workspace,
        clock,
        version: `v${version.version}`,
        cancellation,
        packages,
        runDeployment,
        nodePath,
        confirm: parsed.boolean("non-interactive") ? undefined : confirm,
        readInput,
        out,
        err,
      });
      return exitCodes.ok;
    } catch (error) {
      const message = messageOf(error);
      if (message) err(`error: ${message}\n`);
      return error instanceof CommandFailure ? error.exitCode : exitCodes.failed;
    } finally {
      cancellation.stop();
    }
  }

  return {
    command: "pulumi",
    version,
    execute,
    async run(args, cwd, additionalEnv, onOutput, onError, signal) {
      const stdout: string[] = [];
      const stderr: string[] = [];
      const code = await execute(args, cwd, additionalEnv, {
        out: (text) => {
          stdout.push(text);
          onOutput?.(text);
        },
        err: (text) => {
          stderr.push(text);
          onError?.(text);
        },
        ...(signal ? { cancel: signal } : {}),
      });
      const output = { stdout: trimmed(stdout), stderr: trimmed(stderr), code };
      if (code !== 0) throw commandError(args, output);
      return output;
    },
  };
}

/** What stands behind `--` is a value, whatever it looks like. */
function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return args.some((arg, index) => (arg === "--help" || arg === "-h") && (end < 0 || index < end));
}

/** The error that the real class throws: everything in the text of one error, as execa composes it. */
function commandError(args: readonly string[], { stdout, stderr, code }: CommandOutput): Error {
  const summary = `Command failed with exit code ${code}: ${["pulumi", ...withoutSecrets(args)].join(" ")}`;
  const message = [summary, stderr, stdout].filter((text) => text !== "").join("\n");
  return createCommandError(new CommandResult("", message, failureCode, new Error(message)));
}

/** Values given as secrets don't belong into an error. */
function withoutSecrets(args: readonly string[]): readonly string[] {
  if (args[0] !== "config" || !args[1]?.startsWith("set")) return args;
  if (args[1] === "set")
    return args.includes("--secret") ? args.map((arg, index) => (index > args.indexOf("--") && args.includes("--") ? "[secret]" : arg)) : args;
  return args.map((arg, index) =>
    args[index - 1] === "--secret" || args[index - 1] === "--json" ? arg.replace(/(?<==)[\s\S]*|^\{[\s\S]*$/, "[secret]") : arg,
  );
}

/** Execa drops one final line break. */
function trimmed(chunks: readonly string[]): string {
  return chunks.join("").replace(/\r?\n$/, "");
}

function never(): AbortSignal {
  return new AbortController().signal;
}

/** Adds a deadline to the first signal; `stop` forgets it. */
function terminateAfterDeadline(cancel: AbortSignal, terminate: AbortSignal, deadline: number | undefined) {
  if (deadline === undefined) return { cancel, terminate, stop: () => undefined };
  const expired = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const start = () => {
    timer = setTimeout(() => expired.abort(), deadline);
  };
  if (cancel.aborted) start();
  else cancel.addEventListener("abort", start, { once: true });
  return {
    cancel,
    terminate: AbortSignal.any([terminate, expired.signal]),
    stop: () => {
      cancel.removeEventListener("abort", start);
      clearTimeout(timer);
    },
  };
}
