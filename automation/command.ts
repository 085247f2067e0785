import type { PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import type { SemVer } from "semver";

/** What `run` answers when the command succeeded; a failed command rejects with the SDK's CommandError. */
export interface EngineCommandResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

/** Anything that executes Pulumi commands: the genuine CLI or the embedded engine. Automation doesn't know which. */
export interface EngineCommand {
  readonly command: string;
  readonly version: SemVer | null;
  run(
    args: string[],
    cwd: string,
    additionalEnv: Record<string, string>,
    onOutput?: (text: string) => void,
    onError?: (text: string) => void,
    signal?: AbortSignal,
  ): Promise<EngineCommandResult>;
}

/** The SDK's type hides `run` and is a class with a private constructor, though at run time any object with `run` serves: this is the one cast. */
export function asPulumiCommand(command: EngineCommand): PulumiCommand {
  return command as unknown as PulumiCommand;
}

/** An engine that was chosen for this machine. */
export interface Engine {
  /** For people: what it is, its version and why it was chosen. */
  readonly description: string;
  readonly command: EngineCommand;
  /** Environment variables that every one of its commands needs besides those of the stack. */
  readonly environment: Readonly<Record<string, string>>;
}
