import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { isUrn, parseUrn } from "#core/urn.ts";
import { type DeploymentJson, magicOf, parseUntypedDeployment } from "#engine/backend/checkpoint.ts";
import { integrityProblem } from "#engine/backend/integrity.ts";
import { recoverJournals } from "#engine/backend/journal-recovery.ts";
import { concealNested, hasSecretWrappers, mapSecretWrappers } from "#engine/backend/secret-wrappers.ts";
import { StackLock } from "#engine/backend/stack-lock.ts";
import type { StackReference } from "#engine/backend/stack-reference.ts";
import type { Command, CommandContext } from "#engine/command/command-context.ts";
import { CommandFailure } from "#engine/command/command-failure.ts";
import { stackFlag } from "#engine/command/flags.ts";

/** Replaces a stack's deployment by an exported one; secrets in plain are encrypted, pending operations dropped. */
export const stackImport: Command = {
  words: ["stack", "import"],
  flags: { ...stackFlag, file: { kind: "text" }, force: { kind: "boolean", short: "f" } },
  positional: { least: 0, most: 0 },
  async run(context) {
    const { arguments: args, workspace, clock, err, out } = context;
    const reference = await workspace.requireStack(args.text("stack"));
    const { place, text } = await readExport(context);
    const { deployment } = parseUntypedDeployment(text, place);
    const doubts = findDoubts(deployment, reference);
    if (doubts.length && !args.boolean("force"))
      throw new CommandFailure(
        [...doubts, "importing this file could be dangerous; rerun with --force to proceed anyway"].map((line) => `* ${line}`).join("\n"),
      );
    for (const doubt of doubts) err(`warning: ${doubt}\n`);
    for (const operation of deployment.pending_operations ?? [])
      err(`warning: removing pending operation '${operation.type}' on '${operation.resource.urn}' from snapshot\n`);
    const store = await workspace.store();
    const lock = await StackLock.acquire(store.files, reference, clock);
    try {
      await recoverJournals(store, reference, lock.id);
      const { pending_operations: _dropped, ...kept } = await encrypted(context, reference, deployment);
      await store.write(reference, store.prepare(reference, { ...kept, manifest: { ...kept.manifest, magic: magicOf(kept.manifest.version) } }).text);
    } finally {
      await lock.release();
    }
    out("Import complete.\n");
  },
};

async function readExport({ arguments: args, cwd, readInput }: CommandContext): Promise<{ place: string; text: string }> {
  const file = args.text("file");
  if (file === undefined) return { place: "the input", text: await readInput() };
  try {
    return { place: file, text: await readFile(resolve(cwd, file), "utf8") };
  } catch (error) {
    throw new CommandFailure(`could not open file: ${(error as Error).message}`);
  }
}

function findDoubts(deployment: DeploymentJson, reference: StackReference): string[] {
  const foreign = (deployment.resources ?? []).filter(({ urn }) => !isUrn(urn) || parseUrn(urn).stack !== reference.stack);
  const problem = integrityProblem(deployment);
  return [
    ...foreign.map(({ urn }) => `resource '${urn}' is from a different stack (${isUrn(urn) ? parseUrn(urn).stack : "?"} != ${reference.stack})`),
    ...(problem ? [`state file contains errors: ${problem}`] : []),
  ];
}

/** Secrets that came in plain are encrypted with the manager that the deployment names, else with the stack's own. */
async function encrypted({ workspace }: CommandContext, reference: StackReference, deployment: DeploymentJson): Promise<DeploymentJson> {
  const pretended = { stack: "", version: 3, features: [], hash: "", latest: deployment };
  const named = await workspace.secretsOfState(pretended);
  if (named && !hasSecretWrappers(deployment)) return deployment;
  const settings = await workspace.settings(reference);
  const { manager, mustSave } = named ? { manager: named, mustSave: false } : await workspace.secretsFor(settings, undefined, false);
  if (mustSave) await settings.save();
  const sealed = mapSecretWrappers(deployment, (wrapper) =>
    wrapper.plaintext === undefined ? wrapper : { ciphertext: manager.encrypt(concealNested(wrapper.plaintext)) },
  );
  return { ...sealed, secrets_providers: { type: manager.type, state: manager.state } };
}
