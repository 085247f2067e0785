import { containsSecrets } from "#core/property-value.ts";
import { readWithJournal } from "#engine/backend/journal-recovery.ts";
import { CommandFailure } from "#engine/command/command-failure.ts";
import { stackOutputs } from "#engine/command/stack-outputs.ts";
import type { Workspace } from "#engine/command/workspace.ts";
import type { StackOutputs } from "#engine/deploy/deployment.ts";

/** Answers a stack reference. Fails with the genuine CLI's words for a stack that isn't there. */
export async function readStackOutputs(workspace: Workspace, name: string): Promise<StackOutputs> {
  const reference = await workspace.parseReference(name);
  const checkpoint = await readWithJournal(await workspace.store(), reference);
  if (!checkpoint) throw new CommandFailure(`unknown stack ${JSON.stringify(name)}`);
  const outputs = await stackOutputs(workspace, checkpoint);
  return { outputs, secretOutputNames: Object.keys(outputs).filter((key) => containsSecrets(outputs[key]!)) };
}
