import type { Command } from "#engine/command/command-context.ts";
import { CommandFailure, exitCodes } from "#engine/command/command-failure.ts";
import { stackFlag } from "#engine/command/flags.ts";
import { phrases } from "#engine/command/stderr-phrases.ts";
import { stackInit } from "#engine/command/verbs/stack-init.ts";

/** Makes a stack the one that commands mean when they name none. */
export const stackSelect: Command = {
  words: ["stack", "select"],
  flags: { ...stackFlag, create: { kind: "boolean", short: "c" }, "secrets-provider": { kind: "text" } },
  positional: { least: 0, most: 1 },
  async run(context) {
    const { arguments: args, workspace } = context;
    const name = args.text("stack") ?? args.positional[0];
    if (args.has("stack") && args.positional.length) throw new CommandFailure("only one of --stack or argument stack name may be specified, not both");
    if (!name) throw new CommandFailure("stack selection requires a name or an interactive terminal; name the stack");
    const reference = await workspace.parseReference(name);
    if (await (await workspace.store()).exists(reference)) {
      await workspace.select(reference);
      return;
    }
    if (!args.boolean("create")) throw new CommandFailure(phrases.stackNotFound(name), exitCodes.stackNotFound);
    await stackInit.run(context);
  },
};

export const stackUnselect: Command = {
  words: ["stack", "unselect"],
  flags: {},
  positional: { least: 0, most: 0 },
  async run({ workspace, out }) {
    await workspace.select(undefined);
    out("Stack was unselected\n");
  },
};
