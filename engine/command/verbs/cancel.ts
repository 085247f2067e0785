import { removeLocks } from "#engine/backend/stack-lock.ts";
import type { Command } from "#engine/command/command-context.ts";
import { CommandFailure } from "#engine/command/command-failure.ts";
import { stackFlag, yesFlag } from "#engine/command/flags.ts";

/** Removes the stack's locks. A process that still runs isn't stopped by that. */
export const cancel: Command = {
  words: ["cancel"],
  flags: { ...stackFlag, ...yesFlag },
  positional: { least: 0, most: 1 },
  async run({ arguments: args, workspace, confirm, out }) {
    if (args.has("stack") && args.positional.length) throw new CommandFailure("only one of --stack or argument stack name may be specified, not both");
    const reference = await workspace.requireStack(args.positional[0] ?? args.text("stack"));
    const shown = await workspace.displayName(reference);
    if (!args.boolean("yes")) {
      if (!confirm) throw new CommandFailure("--yes must be passed in to proceed when running in non-interactive mode");
      if (!(await confirm(`This will irreversibly cancel the currently running update for '${shown}'!`))) throw new CommandFailure("confirmation declined");
    }
    await removeLocks((await workspace.store()).files, reference);
    out(`The currently running update for '${shown}' has been canceled!\n`);
  },
};
