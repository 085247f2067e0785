import type { DeploymentJson, ResourceJson } from "#engine/backend/checkpoint.ts";
import { references } from "#engine/backend/integrity.ts";
import { recoverJournals } from "#engine/backend/journal-recovery.ts";
import { StackLock } from "#engine/backend/stack-lock.ts";
import type { Command, CommandContext } from "#engine/command/command-context.ts";
import { CommandFailure } from "#engine/command/command-failure.ts";
import { stackFlag, yesFlag } from "#engine/command/flags.ts";

/** Drops a resource from the state without touching what it stands for. */
const stateDelete: Command = {
  words: ["state", "delete"],
  flags: { ...stackFlag, ...yesFlag, force: { kind: "boolean" }, "target-dependents": { kind: "boolean" } },
  positional: { least: 1, most: 1 },
  async run(context) {
    const { arguments: args, out } = context;
    await editState(context, (deployment) => {
      const resources = deployment.resources ?? [];
      const resource = findResource(resources, args.positional[0]!);
      if (resource.protect && !args.boolean("force"))
        throw new CommandFailure(`resource '${resource.urn}' is protected and can't be deleted safely; re-run this command with --force to force deletion`);
      const doomed = withDependents(resources, resource);
      if (doomed.size > 1 && !args.boolean("target-dependents"))
        throw new CommandFailure(
          `${resource.urn} can't be safely deleted because the following resources depend on it:\n${[...doomed]
            .slice(1)
            .map(({ urn }) => ` * ${urn}`)
            .join("\n")}\n\nDelete those resources first or pass --target-dependents.`,
        );
      return { ...deployment, resources: resources.filter((other) => !doomed.has(other)) };
    });
    out("Resource deleted\n");
  },
};

/** Takes the protection from a resource, or from all. */
const stateUnprotect: Command = {
  words: ["state", "unprotect"],
  flags: { ...stackFlag, ...yesFlag, all: { kind: "boolean" } },
  positional: { least: 0, most: Number.POSITIVE_INFINITY },
  async run(context) {
    const { arguments: args, out } = context;
    const all = args.boolean("all");
    if (!all && args.positional.length === 0) throw new CommandFailure("must provide at least one URN corresponding to a resource");
    await editState(context, (deployment) => {
      const resources = deployment.resources ?? [];
      const meant = new Set(all ? resources : args.positional.map((urn) => findResource(resources, urn)));
      return { ...deployment, resources: resources.map((resource) => (meant.has(resource) ? unprotected(resource) : resource)) };
    });
    out(all ? "All resources unprotected\n" : "Resource unprotected\n");
  },
};

export const stateCommands: readonly Command[] = [stateDelete, stateUnprotect];

/** Changes a stack's deployment under its lock, once somebody agreed. */
async function editState({ arguments: args, workspace, clock, confirm }: CommandContext, edit: (deployment: DeploymentJson) => DeploymentJson): Promise<void> {
  const reference = await workspace.requireStack(args.text("stack"));
  if (!args.boolean("yes") && !(await confirm?.("This command will edit your stack's state directly. Confirm?")))
    throw new CommandFailure("confirmation declined; pass --yes to proceed without a question");
  const store = await workspace.store();
  const lock = await StackLock.acquire(store.files, reference, clock);
  try {
    await recoverJournals(store, reference, lock.id);
    const latest = (await store.read(reference))?.latest;
    if (!latest) throw new CommandFailure("the stack has no state yet");
    await store.write(reference, store.prepare(reference, edit(latest)).text);
  } finally {
    await lock.release();
  }
}

function findResource(resources: readonly ResourceJson[], urn: string): ResourceJson {
  const found = resources.find((resource) => resource.urn === urn && !resource.delete) ?? resources.find((resource) => resource.urn === urn);
  if (!found) throw new CommandFailure(`No such resource "${urn}" exists in the current state`);
  return found;
}

/** The resource and, behind it, everything that can't stand without it. */
function withDependents(resources: readonly ResourceJson[], resource: ResourceJson): Set<ResourceJson> {
  const found = new Set([resource]);
  const urns = new Set([resource.urn]);
  for (const other of resources.slice(resources.indexOf(resource) + 1)) {
    const provider = String(other.provider ?? "");
    if (![...references(other)].some(({ urn }) => urns.has(urn)) && !urns.has(provider.slice(0, provider.lastIndexOf("::")))) continue;
    found.add(other);
    urns.add(other.urn);
  }
  return found;
}

function unprotected({ protect: _dropped, ...resource }: ResourceJson): ResourceJson {
  return resource as ResourceJson;
}
