import type { Command } from "#engine/command/command-context.ts";
import { commands } from "#engine/command/commands.ts";

/** What `--help` prints: every verb, or the flags of one. */
export function helpText(command: Command | undefined): string {
  if (!command) return `Usage: pulumi COMMAND [flags]\n\nCommands of the embedded engine:\n${commands.map(({ words }) => `  ${words.join(" ")}\n`).join("")}`;
  const flags = Object.entries(command.flags).map(
    ([name, { kind, short }]) =>
      `  ${short ? `-${short}, ` : "    "}--${name}${kind === "boolean" || kind === "optional-text" ? "" : ` ${kind.replace(/s$/, "").toUpperCase()}`}\n`,
  );
  return `Usage: pulumi ${command.words.join(" ")} [flags]\n\nFlags:\n${flags.join("")}`;
}
