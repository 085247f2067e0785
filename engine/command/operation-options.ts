import { availableParallelism } from "node:os";
import { isTrue } from "#engine/backend/compression.ts";
import type { Arguments } from "#engine/command/argv.ts";
import type { CommandContext, Environment } from "#engine/command/command-context.ts";
import { CommandFailure } from "#engine/command/command-failure.ts";
import { phrases } from "#engine/command/stderr-phrases.ts";
import type { DeploymentKind, DeploymentRequest } from "#engine/deploy/deployment.ts";

/** The part of a deployment that flags and environment decide. */
export type OperationOptions = Pick<
  DeploymentRequest,
  | "runProgram"
  | "refresh"
  | "targets"
  | "excludes"
  | "replaces"
  | "targetDependents"
  | "excludeDependents"
  | "excludeProtected"
  | "clearPendingCreates"
  | "continueOnError"
  | "parallel"
>;

/** Flags of the genuine CLI that this engine doesn't have. */
const unsupportedFlags = ["attach-debugger", "import-file", "json", "output", "plan", "policy-pack", "policy-pack-config", "remote", "save-plan"];

/** Reads the flags of an operation; refuses those that aren't supported or contradict each other. */
export function operationOptions(args: Arguments, environment: Environment): OperationOptions {
  for (const flag of unsupportedFlags)
    if (args.has(flag) && args.text(flag) !== "false" && args.text(flag) !== "default") throw new CommandFailure(phrases.unsupported(`--${flag}`));
  const targets = [...args.texts("target"), ...args.texts("target-replace")];
  const excludes = args.texts("exclude");
  const excludeProtected = args.boolean("exclude-protected");
  if (targets.length && excludes.length) throw new CommandFailure(phrases.targetAndExclude);
  if (targets.length && excludeProtected) throw new CommandFailure(phrases.excludeProtectedAndTarget);
  return {
    targets,
    excludes,
    excludeProtected,
    replaces: [...args.texts("replace"), ...args.texts("target-replace")],
    targetDependents: args.boolean("target-dependents"),
    excludeDependents: args.boolean("exclude-dependents"),
    runProgram: args.boolean("run-program", isTrue(environment.PULUMI_RUN_PROGRAM)),
    refresh: args.has("refresh") && args.text("refresh") !== "false",
    clearPendingCreates: args.boolean("clear-pending-creates"),
    continueOnError: args.boolean("continue-on-error", isTrue(environment.PULUMI_CONTINUE_ON_ERROR)),
    parallel: parallelSteps(args, environment),
  };
}

/** `--parallel`, else `PULUMI_PARALLEL`, else four per processor; at least one. */
function parallelSteps(args: Arguments, environment: Environment): number {
  const configured = Number(environment.PULUMI_PARALLEL);
  const fallback = environment.PULUMI_PARALLEL && Number.isInteger(configured) ? configured : 4 * availableParallelism();
  return Math.max(1, args.number("parallel") ?? fallback);
}

export interface Approval {
  /** Only a preview, nothing else. */
  readonly previewOnly: boolean;
  /** A preview before the change. */
  readonly previewFirst: boolean;
  /** Somebody has to agree after the preview. */
  readonly ask: boolean;
}

/** Whether an operation that changes something may go ahead, and what is shown before. */
export function approvalFor(kind: Exclude<DeploymentKind, "preview">, { arguments: args, confirm }: CommandContext): Approval {
  const yes = args.boolean("yes");
  const skipPreview = args.boolean("skip-preview");
  const previewOnly = args.boolean("preview-only");
  if (yes && previewOnly) throw new CommandFailure(phrases.yesNeedsNoPreviewOnly);
  if (previewOnly) return { previewOnly, previewFirst: false, ask: false };
  if (!yes && !skipPreview && !confirm) throw new CommandFailure(kind === "update" ? phrases.yesRequired : phrases.yesOrPreviewOnlyRequired);
  return { previewOnly, previewFirst: !skipPreview, ask: !yes && !skipPreview };
}
