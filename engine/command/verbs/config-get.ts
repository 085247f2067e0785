import type { Command } from "#engine/command/command-context.ts";
import { CommandFailure } from "#engine/command/command-failure.ts";
import { jsonConfigValue } from "#engine/command/config-json.ts";
import { openConfigScope } from "#engine/command/config-scope.ts";
import { configFileFlag, jsonFlag, stackFlag } from "#engine/command/flags.ts";
import { printedJson } from "#engine/command/printed-json.ts";
import { phrases } from "#engine/command/stderr-phrases.ts";
import { type ConfigKeyPath, displayKey, parseConfigKey, parseConfigKeyPath } from "#engine/stack-config/config-key.ts";
import { isSecure, plainText, valueAt } from "#engine/stack-config/config-value.ts";
import { withProjectConfig } from "#engine/stack-config/project-config.ts";

/** Prints one configuration value, decrypted. */
export const configGet: Command = {
  words: ["config", "get"],
  flags: { ...stackFlag, ...jsonFlag, ...configFileFlag, path: { kind: "boolean" }, open: { kind: "boolean" } },
  positional: { least: 1, most: 1 },
  async run(context) {
    const { arguments: args, out } = context;
    const scope = await openConfigScope(context);
    const text = args.positional[0]!;
    const place: ConfigKeyPath = args.boolean("path")
      ? parseConfigKeyPath(text, scope.project.name)
      : { key: parseConfigKey(text, scope.project.name), rest: [], root: text };
    const config = withProjectConfig(scope.project, scope.reference.stack, scope.settings.config(), undefined);
    const value = valueAt(config.get(place.key), place.rest);
    if (value === undefined)
      throw new CommandFailure(phrases.configKeyNotFound(displayKey(parseConfigKey(text, scope.project.name), scope.project.name), scope.shownStack));
    const manager = isSecure(value) ? await scope.secrets() : undefined;
    const decrypt = (ciphertext: string) => (manager ? manager.decrypt(ciphertext) : ciphertext);
    out(args.boolean("json") ? printedJson(jsonConfigValue(value, decrypt)) : `${plainText(value, decrypt)}\n`);
  },
};
