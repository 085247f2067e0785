import type { Command } from "#engine/command/command-context.ts";

export const version: Command = {
  words: ["version"],
  flags: {},
  positional: { least: 0, most: 0 },
  async run({ out, version }) {
    out(`${version}\n`);
  },
};
