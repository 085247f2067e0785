import type { Command } from "#engine/command/command-context.ts";
import { CommandFailure } from "#engine/command/command-failure.ts";
import { jsonFlag, stackFlag } from "#engine/command/flags.ts";
import { printedJson } from "#engine/command/printed-json.ts";
import { phrases } from "#engine/command/stderr-phrases.ts";
import { tableText } from "#engine/display/table.ts";

const tagGet: Command = {
  words: ["stack", "tag", "get"],
  flags: stackFlag,
  positional: { least: 1, most: 1 },
  async run({ arguments: args, workspace, out }) {
    const reference = await workspace.requireStack(args.text("stack"));
    const tags = await (await workspace.store()).tags(reference);
    const name = args.positional[0]!;
    if (!Object.hasOwn(tags, name)) throw new CommandFailure(phrases.tagNotFound(name, await workspace.displayName(reference)));
    out(`${tags[name]}\n`);
  },
};

const tagSet: Command = {
  words: ["stack", "tag", "set"],
  flags: stackFlag,
  positional: { least: 2, most: 2 },
  async run({ arguments: args, workspace }) {
    const reference = await workspace.requireStack(args.text("stack"));
    const store = await workspace.store();
    const [name, value] = args.positional as [string, string];
    await store.writeTags(reference, { ...(await store.tags(reference)), [name]: value });
  },
};

const tagRm: Command = {
  words: ["stack", "tag", "rm"],
  flags: stackFlag,
  positional: { least: 1, most: 1 },
  async run({ arguments: args, workspace }) {
    const reference = await workspace.requireStack(args.text("stack"));
    const store = await workspace.store();
    const { [args.positional[0]!]: _removed, ...rest } = await store.tags(reference);
    await store.writeTags(reference, rest);
  },
};

const tagLs: Command = {
  words: ["stack", "tag", "ls"],
  flags: { ...stackFlag, ...jsonFlag },
  positional: { least: 0, most: 0 },
  async run({ arguments: args, workspace, out }) {
    const tags = await (await workspace.store()).tags(await workspace.requireStack(args.text("stack")));
    const sorted = Object.entries(tags).sort();
    out(args.boolean("json") ? printedJson(Object.fromEntries(sorted)) : tableText(["NAME", "VALUE"], sorted));
  },
};

export const stackTagCommands: readonly Command[] = [tagGet, tagSet, tagRm, tagLs];
