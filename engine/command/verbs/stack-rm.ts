import { rm } from "node:fs/promises";
import { rootStackType } from "#core/urn.ts";
import { recoverJournals } from "#engine/backend/journal-recovery.ts";
import { StackLock } from "#engine/backend/stack-lock.ts";
import { qualifiedName, type StackReference } from "#engine/backend/stack-reference.ts";
import type { Command, CommandContext } from "#engine/command/command-context.ts";
import { CommandFailure } from "#engine/command/command-failure.ts";
import { stackFlag, yesFlag } from "#engine/command/flags.ts";
import { phrases } from "#engine/command/stderr-phrases.ts";

/** Removes a stack that has no resources any more. */
export const stackRm: Command = {
  words: ["stack", "rm"],
  flags: { ...stackFlag, ...yesFlag, force: { kind: "boolean", short: "f" }, "preserve-config": { kind: "boolean" }, "remove-backups": { kind: "boolean" } },
  positional: { least: 0, most: 1 },
  async run(context) {
    const { arguments: args, workspace, confirm, out } = context;
    if (args.has("stack") && args.positional.length) throw new CommandFailure("only one of --stack or argument stack name may be specified, not both");
    const reference = await workspace.requireStack(args.positional[0] ?? args.text("stack"));
    const shown = await workspace.displayName(reference);
    if (!args.boolean("yes")) {
      if (!confirm) throw new CommandFailure("non-interactive mode requires --yes flag");
      if (!(await confirm(`This will permanently remove the '${shown}' stack!`))) throw new CommandFailure("confirmation declined");
    }
    await removeStack(context, reference, {
      force: args.boolean("force"),
      removeBackups: args.boolean("remove-backups"),
      keepSettings: args.boolean("preserve-config"),
    });
    out(`Stack '${shown}' has been removed!\n`);
  },
};

/** Removes a stack, its history and, unless told otherwise, its settings file. Refuses while it has resources, unless forced. */
export async function removeStack(
  { workspace, clock }: CommandContext,
  reference: StackReference,
  options: { readonly force: boolean; readonly removeBackups: boolean; readonly keepSettings: boolean },
): Promise<void> {
  const store = await workspace.store();
  const lock = await StackLock.acquire(store.files, reference, clock);
  try {
    await recoverJournals(store, reference, lock.id);
    const resources = (await store.read(reference))?.latest?.resources ?? [];
    const onlyRoot = resources.length === 1 && resources[0]!.type === rootStackType;
    if (resources.length > 0 && !onlyRoot && !options.force) throw new CommandFailure(phrases.stillHasResources(await workspace.displayName(reference)));
    await store.remove(reference, options.removeBackups);
  } finally {
    await lock.release();
  }
  const project = await workspace.project();
  if (!options.keepSettings && project?.name === reference.project) await rm((await workspace.settings(reference)).file, { force: true });
  if ((await workspace.selectedName()) === qualifiedName(reference)) await workspace.select(undefined);
}
