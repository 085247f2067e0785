import type { Command } from "#engine/command/command-context.ts";
import { type JsonConfigValue, jsonConfigValue } from "#engine/command/config-json.ts";
import { openConfigScope } from "#engine/command/config-scope.ts";
import { configFileFlag, jsonFlag, showSecretsFlag, stackFlag } from "#engine/command/flags.ts";
import { printedJson } from "#engine/command/printed-json.ts";
import { tableText } from "#engine/display/table.ts";
import { displayKey } from "#engine/stack-config/config-key.ts";
import { isSecure, plainText } from "#engine/stack-config/config-value.ts";
import { withProjectConfig } from "#engine/stack-config/project-config.ts";

/** Lists a stack's configuration, with what the project's defaults add. */
export const configList: Command = {
  words: ["config"],
  flags: { ...stackFlag, ...jsonFlag, ...showSecretsFlag, ...configFileFlag, open: { kind: "boolean" } },
  positional: { least: 0, most: 0 },
  async run(context) {
    const { arguments: args, out } = context;
    const scope = await openConfigScope(context);
    const config = [...withProjectConfig(scope.project, scope.reference.stack, scope.settings.config(), undefined)].sort(([a], [b]) => (a < b ? -1 : 1));
    const reveal = args.boolean("show-secrets") && config.some(([, value]) => isSecure(value));
    const manager = reveal ? await scope.secrets() : undefined;
    const decrypt = manager && ((ciphertext: string) => manager.decrypt(ciphertext));
    if (args.boolean("json"))
      out(printedJson(Object.fromEntries(config.map(([key, value]): [string, JsonConfigValue] => [key, jsonConfigValue(value, decrypt)]))));
    else
      out(
        tableText(
          ["KEY", "VALUE"],
          config.map(([key, value]) => [displayKey(key, scope.project.name), plainText(value, decrypt ?? (() => "[secret]"))]),
        ),
      );
  },
};
