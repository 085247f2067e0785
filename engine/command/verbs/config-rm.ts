import type { Command } from "#engine/command/command-context.ts";
import { type ConfigScope, openConfigScope } from "#engine/command/config-scope.ts";
import { configFileFlag, stackFlag } from "#engine/command/flags.ts";
import { parseConfigKey, parseConfigKeyPath } from "#engine/stack-config/config-key.ts";
import { withoutValueAt } from "#engine/stack-config/config-value.ts";

const flags = { ...stackFlag, ...configFileFlag, path: { kind: "boolean" } } as const;

/** Removes one configuration value; one that isn't there is no error. */
export const configRm: Command = { words: ["config", "rm"], flags, positional: { least: 1, most: 1 }, run: removeKeys };

/** Removes several at once. */
export const configRmAll: Command = { words: ["config", "rm-all"], flags, positional: { least: 1, most: Number.POSITIVE_INFINITY }, run: removeKeys };

async function removeKeys(context: Parameters<Command["run"]>[0]): Promise<void> {
  const scope = await openConfigScope(context);
  for (const key of context.arguments.positional) removeKey(scope, key, context.arguments.boolean("path"));
  await scope.settings.save();
}

function removeKey({ settings, project }: ConfigScope, text: string, path: boolean): void {
  const place = path ? parseConfigKeyPath(text, project.name) : { key: parseConfigKey(text, project.name), rest: [] };
  const value = settings.get(place.key);
  if (value === undefined) return;
  if (place.rest.length === 0) settings.remove(place.key);
  else settings.set(place.key, withoutValueAt(value, place.rest));
}
