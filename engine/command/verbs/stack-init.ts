import { newManifest } from "#engine/backend/checkpoint.ts";
import { StackLock } from "#engine/backend/stack-lock.ts";
import { qualifiedName } from "#engine/backend/stack-reference.ts";
import type { Command } from "#engine/command/command-context.ts";
import { CommandFailure } from "#engine/command/command-failure.ts";
import { stackFlag } from "#engine/command/flags.ts";
import { phrases } from "#engine/command/stderr-phrases.ts";

/** Makes an empty stack with its secrets manager and selects it. */
export const stackInit: Command = {
  words: ["stack", "init"],
  flags: {
    ...stackFlag,
    "copy-config-from": { kind: "text" },
    "no-select": { kind: "boolean" },
    "remote-config": { kind: "boolean" },
    "secrets-provider": { kind: "text" },
    teams: { kind: "texts" },
  },
  positional: { least: 0, most: 1 },
  async run({ arguments: args, workspace, clock, version, out }) {
    for (const flag of ["copy-config-from", "remote-config", "teams"])
      if (args.has(flag)) throw new CommandFailure(phrases.unsupported(`stack init --${flag}`));
    const name = args.positional[0] ?? args.text("stack");
    if (!name) throw new CommandFailure(phrases.missingStackName);
    const project = await workspace.requireProject();
    const reference = await workspace.parseReference(name);
    if (reference.project !== project.name) throw new CommandFailure(phrases.projectMismatch(reference.project, project.name));
    const provider = args.text("secrets-provider");
    const settings = await workspace.settings(reference);
    if (provider && provider !== "default") settings.setSetting("secretsprovider", provider === "passphrase" ? undefined : provider);
    const store = await workspace.store();
    const lock = await StackLock.acquire(store.files, reference, clock);
    try {
      if (await store.exists(reference)) throw new CommandFailure(phrases.stackExists(qualifiedName(reference)));
      const { manager, mustSave } = await workspace.newSecrets(settings);
      if (mustSave) await settings.save();
      const { text } = store.prepare(reference, {
        manifest: newManifest(clock.now(), version),
        secrets_providers: { type: manager.type, state: manager.state },
        metadata: {},
      });
      await store.write(reference, text);
    } finally {
      await lock.release();
    }
    out(`Created stack '${await workspace.displayName(reference)}'\n`);
    if (!args.boolean("no-select")) await workspace.select(reference);
  },
};
