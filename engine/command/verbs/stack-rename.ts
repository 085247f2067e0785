import { rename, stat } from "node:fs/promises";
import { recoverJournals } from "#engine/backend/journal-recovery.ts";
import { renameDeployment } from "#engine/backend/rename-deployment.ts";
import { StackLock } from "#engine/backend/stack-lock.ts";
import { qualifiedName } from "#engine/backend/stack-reference.ts";
import type { Command } from "#engine/command/command-context.ts";
import { CommandFailure } from "#engine/command/command-failure.ts";
import { stackFlag } from "#engine/command/flags.ts";
import { phrases } from "#engine/command/stderr-phrases.ts";

/** Gives a stack another name: URNs in its state, history, tags, settings file and selection follow. */
export const stackRename: Command = {
  words: ["stack", "rename"],
  flags: stackFlag,
  positional: { least: 1, most: 1 },
  async run({ arguments: args, workspace, clock, out }) {
    const from = await workspace.requireStack(args.text("stack"));
    const to = await workspace.parseReference(args.positional[0]!);
    const store = await workspace.store();
    const wasSelected = (await workspace.selectedName()) === qualifiedName(from);
    const oldSettings = (await workspace.settings(from)).file;
    const newSettings = (await workspace.settings(to)).file;
    const lock = await StackLock.acquire(store.files, from, clock);
    try {
      if (await store.exists(to)) throw new CommandFailure(phrases.stackNamedExists(await workspace.displayName(to)));
      await recoverJournals(store, from, lock.id);
      const latest = (await store.read(from))?.latest;
      await store.write(to, store.prepare(to, latest && renameDeployment(latest, from, to)).text);
      await store.moveHistory(from, to);
      await store.writeTags(to, await store.tags(from));
      await store.remove(from, false);
    } finally {
      await lock.release();
    }
    if (oldSettings !== newSettings && (await stat(oldSettings).catch(() => undefined))) await rename(oldSettings, newSettings);
    if (wasSelected) await workspace.select(to);
    out(`Renamed ${await workspace.displayName(from)} to ${await workspace.displayName(to)}\n`);
  },
};
