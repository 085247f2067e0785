import type { Command, CommandContext } from "#engine/command/command-context.ts";
import { CommandFailure } from "#engine/command/command-failure.ts";
import { destroyFlags, previewFlags, refreshFlags, upFlags } from "#engine/command/flags.ts";
import { type Operation, runOperation } from "#engine/command/operation.ts";
import { operationConfig } from "#engine/command/operation-config.ts";
import { approvalFor, operationOptions } from "#engine/command/operation-options.ts";
import { removeStack } from "#engine/command/verbs/stack-rm.ts";
import type { DeploymentKind } from "#engine/deploy/deployment.ts";

const none = { least: 0, most: 0 } as const;

const preview: Command = {
  words: ["preview"],
  flags: previewFlags,
  positional: none,
  async run(context) {
    await runOperation(context, await prepare(context, "preview", true));
  },
};

const up: Command = { words: ["up"], flags: upFlags, positional: none, run: (context) => changeAfterPreview(context, "update") };
const refresh: Command = { words: ["refresh"], flags: refreshFlags, positional: none, run: (context) => changeAfterPreview(context, "refresh") };

const destroy: Command = {
  words: ["destroy"],
  flags: destroyFlags,
  positional: none,
  async run(context) {
    await changeAfterPreview(context, "destroy");
    if (!context.arguments.boolean("remove") || context.arguments.boolean("preview-only")) return;
    const reference = await context.workspace.requireStack(context.arguments.text("stack"));
    const shown = await context.workspace.displayName(reference);
    await removeStack(context, reference, { force: false, removeBackups: false, keepSettings: false });
    context.out(`The resources in the stack have been deleted, and the history and configuration removed.\nStack '${shown}' has been removed!\n`);
  },
};

export const operationCommands: readonly Command[] = [preview, up, refresh, destroy];

async function changeAfterPreview(context: CommandContext, kind: Exclude<DeploymentKind, "preview">): Promise<void> {
  const approval = approvalFor(kind, context);
  const operation = await prepare(context, kind, approval.previewOnly);
  if (approval.previewFirst) await runOperation(context, { ...operation, dryRun: true });
  if (approval.ask && !(await context.confirm?.(`Do you want to perform this ${kind}?`)))
    throw new CommandFailure("confirmation declined, not proceeding with the operation");
  await runOperation(context, operation);
}

async function prepare(context: CommandContext, kind: DeploymentKind, dryRun: boolean): Promise<Operation> {
  const { arguments: args, workspace, environment } = context;
  const { runProgram } = operationOptions(args, environment);
  const project = await workspace.requireProject();
  const reference = await workspace.requireStack(args.text("stack"));
  const config = await operationConfig(context, project, reference, {
    fallBackToState: kind === "destroy",
    validate: kind === "update" || kind === "preview" || runProgram,
  });
  return { kind, dryRun, project, reference, config };
}
