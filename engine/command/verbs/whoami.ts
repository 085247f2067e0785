import { userName } from "#engine/backend/process-identity.ts";
import type { Command } from "#engine/command/command-context.ts";
import { jsonFlag } from "#engine/command/flags.ts";
import { printedJson } from "#engine/command/printed-json.ts";

export const whoami: Command = {
  words: ["whoami"],
  flags: { ...jsonFlag, verbose: { kind: "boolean", short: "v" } },
  positional: { least: 0, most: 0 },
  async run({ arguments: args, workspace, out }) {
    const user = userName();
    const url = await workspace.backendUrl();
    await workspace.store();
    if (args.boolean("json")) out(printedJson({ user, url }));
    else if (args.boolean("verbose")) out(`User: ${user}\nOrganizations: \nBackend URL: ${url}\nToken type: personal\n`);
    else out(`${user}\n`);
  },
};
