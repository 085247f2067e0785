import type { Json } from "#core/wire-value.ts";
import { isTrue } from "#engine/backend/compression.ts";
import type { StackReference } from "#engine/backend/stack-reference.ts";
import type { CommandContext } from "#engine/command/command-context.ts";
import { CommandFailure } from "#engine/command/command-failure.ts";
import { phrases } from "#engine/command/stderr-phrases.ts";
import type { SecretsManager } from "#engine/secrets/secrets-manager.ts";
import { parseConfigKey, parseConfigKeyPath } from "#engine/stack-config/config-key.ts";
import { coerced, configValueToJson, isSecure, plainText, withValueAt } from "#engine/stack-config/config-value.ts";
import { withProjectConfig } from "#engine/stack-config/project-config.ts";
import type { Project } from "#engine/stack-config/project-file.ts";
import type { StackSettings } from "#engine/stack-config/stack-settings.ts";

/** Configuration and secrets manager of one operation. */
export interface OperationConfig {
  readonly manager: SecretsManager;
  /** `namespace:name` to decrypted text. */
  readonly plain: Readonly<Record<string, string>>;
  /** The same with secrets as `[secret]`. */
  readonly blinded: Readonly<Record<string, string>>;
  readonly secretKeys: readonly string[];
  /** As the history keeps it, secrets encrypted. */
  readonly stored: Readonly<Record<string, Json>>;
}

/**
 * Reads a stack's configuration for an operation: `--config` values are saved into its file first, the project's defaults are added and its rules
 * checked where the program runs.
 */
export async function operationConfig(
  context: CommandContext,
  project: Project,
  reference: StackReference,
  options: { readonly fallBackToState: boolean; readonly validate: boolean },
): Promise<OperationConfig> {
  const { arguments: args, workspace, environment } = context;
  const settings = await workspace.settings(reference, args.text("config-file"));
  if (settings.importsEnvironments) throw new CommandFailure(phrases.environmentsUnsupported(await workspace.backendUrl()));
  const changed = applyGivenConfig(context, project, settings);
  const fallBack = options.fallBackToState || isTrue(environment.PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER);
  const { manager, mustSave } = await workspace.secretsFor(settings, await workspace.readCheckpoint(reference), fallBack);
  if (changed || mustSave) await settings.save();
  const decrypt = (ciphertext: string) => manager.decrypt(ciphertext);
  const validate = options.validate && !args.boolean("skip-config-validation") ? { decrypt } : undefined;
  const config = [...withProjectConfig(project, reference.stack, settings.config(), validate)];
  const each = <T>(value: (entry: (typeof config)[number]) => T) => Object.fromEntries(config.map((entry) => [entry[0], value(entry)]));
  return {
    manager,
    plain: each(([, value]) => plainText(value, decrypt)),
    blinded: each(([, value]) => plainText(value, () => "[secret]")),
    secretKeys: config.filter(([, value]) => isSecure(value)).map(([key]) => key),
    stored: each(([, value]) => configValueToJson(value)),
  };
}

/** `--config key=value`: as `config set` would, in plain. Answers whether there was any. */
function applyGivenConfig({ arguments: args }: CommandContext, project: Project, settings: StackSettings): boolean {
  const path = args.boolean("config-path");
  for (const pair of args.texts("config")) {
    const equals = pair.indexOf("=");
    const [key, value] = equals < 0 ? [pair, ""] : [pair.slice(0, equals), pair.slice(equals + 1)];
    if (!path) settings.set(parseConfigKey(key, project.name), value);
    else {
      const place = parseConfigKeyPath(key, project.name);
      settings.set(place.key, withValueAt(settings.get(place.key), place.rest, place.rest.length ? coerced(value) : value, [place.root]));
    }
  }
  return args.has("config");
}
