import { copyFile, stat } from "node:fs/promises";
import type { Json } from "#core/wire-value.ts";
import type { Command } from "#engine/command/command-context.ts";
import { CommandFailure } from "#engine/command/command-failure.ts";
import { openConfigScope } from "#engine/command/config-scope.ts";
import { configFileFlag, stackFlag } from "#engine/command/flags.ts";
import { parseConfigKey } from "#engine/stack-config/config-key.ts";
import { configValueFrom } from "#engine/stack-config/config-value.ts";

/** Makes the stack's file hold the configuration of its last update; without `--force` the file before is kept as `.bak`. */
export const configRefresh: Command = {
  words: ["config", "refresh"],
  flags: { ...stackFlag, ...configFileFlag, force: { kind: "boolean", short: "f" } },
  positional: { least: 0, most: 0 },
  async run(context) {
    const { arguments: args, workspace, out } = context;
    const { reference, project, settings, shownStack } = await openConfigScope(context);
    const [last] = await (await workspace.store()).history(reference, 1, 1);
    if (!last) throw new CommandFailure("no previous deployment");
    if (!args.boolean("force") && (await stat(settings.file).catch(() => undefined))) await copyFile(settings.file, `${settings.file}.bak`);
    settings.replaceConfig(
      new Map(Object.entries(last.config ?? {}).map(([key, value]) => [parseConfigKey(key, project.name), configValueFrom(value as Json)])),
    );
    await settings.save();
    out(`refreshed configuration for stack '${shownStack}'\n`);
  },
};
