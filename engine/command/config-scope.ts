import { isTrue } from "#engine/backend/compression.ts";
import type { StackReference } from "#engine/backend/stack-reference.ts";
import type { StoredCheckpoint } from "#engine/backend/stack-store.ts";
import type { CommandContext } from "#engine/command/command-context.ts";
import type { SecretsManager } from "#engine/secrets/secrets-manager.ts";
import type { Project } from "#engine/stack-config/project-file.ts";
import type { StackSettings } from "#engine/stack-config/stack-settings.ts";

/** A stack with its settings, as every `config` command needs them. */
export interface ConfigScope {
  readonly reference: StackReference;
  readonly project: Project;
  readonly settings: StackSettings;
  readonly shownStack: string;
  /** Opened when first asked for; a new salt is in the settings then, to be saved with them. */
  secrets(): Promise<SecretsManager>;
  /** Whether {@link secrets} put something into the settings that must be saved. */
  readonly mustSave: boolean;
}

export async function openConfigScope({ arguments: args, workspace, environment }: CommandContext): Promise<ConfigScope> {
  const project = await workspace.requireProject();
  const reference = await workspace.requireStack(args.text("stack"));
  const settings = await workspace.settings(reference, args.text("config-file"));
  const fallBack = isTrue(environment.PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER);
  let opened: SecretsManager | undefined;
  let mustSave = false;
  return {
    reference,
    project,
    settings,
    shownStack: await workspace.displayName(reference),
    async secrets() {
      if (opened) return opened;
      const checkpoint: StoredCheckpoint | undefined = fallBack ? await workspace.readCheckpoint(reference) : undefined;
      const found = await workspace.secretsFor(settings, checkpoint, fallBack);
      opened = found.manager;
      mustSave = found.mustSave;
      return opened;
    },
    get mustSave() {
      return mustSave;
    },
  };
}
