import { invocationError, parseArguments } from "#engine/command/argv.ts";
import type { Command } from "#engine/command/command-context.ts";
import { CommandFailure } from "#engine/command/command-failure.ts";
import { globalFlags } from "#engine/command/flags.ts";
import { phrases } from "#engine/command/stderr-phrases.ts";
import { cancel } from "#engine/command/verbs/cancel.ts";
import { configGet } from "#engine/command/verbs/config-get.ts";
import { configList } from "#engine/command/verbs/config-list.ts";
import { configRefresh } from "#engine/command/verbs/config-refresh.ts";
import { configRm, configRmAll } from "#engine/command/verbs/config-rm.ts";
import { configSet, configSetAll } from "#engine/command/verbs/config-set.ts";
import { operationCommands } from "#engine/command/verbs/operations.ts";
import { stackExport } from "#engine/command/verbs/stack-export.ts";
import { stackHistory } from "#engine/command/verbs/stack-history.ts";
import { stackImport } from "#engine/command/verbs/stack-import.ts";
import { stackInit } from "#engine/command/verbs/stack-init.ts";
import { stackLs } from "#engine/command/verbs/stack-ls.ts";
import { stackOutput } from "#engine/command/verbs/stack-output.ts";
import { stackRename } from "#engine/command/verbs/stack-rename.ts";
import { stackRm } from "#engine/command/verbs/stack-rm.ts";
import { stackSelect, stackUnselect } from "#engine/command/verbs/stack-select.ts";
import { stackShow } from "#engine/command/verbs/stack-show.ts";
import { stackTagCommands } from "#engine/command/verbs/stack-tag.ts";
import { stateCommands } from "#engine/command/verbs/state-edit.ts";
import { trivialCommands } from "#engine/command/verbs/trivial-commands.ts";
import { version } from "#engine/command/verbs/version.ts";
import { whoami } from "#engine/command/verbs/whoami.ts";

/** Every verb that is honoured. */
export const commands: readonly Command[] = [
  ...operationCommands,
  stackShow,
  stackInit,
  stackSelect,
  stackUnselect,
  stackLs,
  stackRm,
  stackRename,
  stackOutput,
  stackHistory,
  stackExport,
  stackImport,
  ...stackTagCommands,
  configList,
  configGet,
  configSet,
  configSetAll,
  configRm,
  configRmAll,
  configRefresh,
  cancel,
  whoami,
  version,
  ...stateCommands,
  ...trivialCommands,
];

/** Other words for the same verbs. */
const synonyms: Readonly<Record<string, string>> = {
  update: "up",
  pre: "preview",
  down: "destroy",
  "stack list": "stack ls",
  "stack remove": "stack rm",
  "config list": "config",
};

/** Verbs of the genuine CLI that this engine doesn't have. */
const unsupportedVerbs = new Set([
  "about",
  "ai",
  "convert",
  "deployment",
  "env",
  "esc",
  "import",
  "login",
  "logout",
  "logs",
  "new",
  "package",
  "policy",
  "query",
  "schema",
  "template",
  "watch",
]);

export interface FoundCommand {
  readonly command: Command;
  /** What follows the verb, global flags before it included. */
  readonly rest: readonly string[];
}

/** The verb that an argument list names, by its longest run of known words. */
export function findCommand(argv: readonly string[]): FoundCommand {
  const start = leadingFlags(argv);
  const after = argv.slice(start);
  for (let count = Math.min(3, after.length); count > 0; count--) {
    const words = after.slice(0, count).join(" ");
    const command = commands.find((candidate) => candidate.words.join(" ") === (synonyms[words] ?? words));
    if (command && !(count < 3 && isUnknownSubcommand(command, after[count]))) return { command, rest: [...argv.slice(0, start), ...after.slice(count)] };
  }
  if (unsupportedVerbs.has(after[0] ?? "")) throw new CommandFailure(phrases.unsupported(`pulumi ${after[0]}`));
  if (after.length === 0) throw invocationError("no command given; see `strata pulumi --help`");
  throw invocationError(
    `unknown command "${after
      .filter((word) => !word.startsWith("-"))
      .slice(0, 2)
      .join(" ")}" for "pulumi"`,
  );
}

/** `stack` and `config` are verbs and groups of verbs at once; a further word that isn't one of theirs is a mistake. */
function isUnknownSubcommand(command: Command, next: string | undefined): boolean {
  return next !== undefined && !next.startsWith("-") && command.positional.most === 0;
}

/** How many arguments before the verb are global flags and their values. */
function leadingFlags(argv: readonly string[]): number {
  let at = 0;
  while (at < argv.length && argv[at]!.startsWith("-") && argv[at] !== "--") {
    const spec = Object.entries(globalFlags).find(([name, { short }]) => argv[at] === `--${name}` || (short && argv[at] === `-${short}`));
    at += spec && spec[1].kind !== "boolean" ? 2 : 1;
  }
  return Math.min(at, argv.length);
}

/** Flags and arguments of a verb, checked. */
export function argumentsFor({ command, rest }: FoundCommand) {
  const parsed = parseArguments(rest, { ...globalFlags, ...command.flags });
  const { least, most } = command.positional;
  const given = parsed.positional.length;
  if (given < least) throw invocationError(`accepts ${least === most ? least : `at least ${least}`} arg(s), received ${given}`);
  if (given > most) throw invocationError(`accepts at most ${most} arg(s), received ${given}`);
  return parsed;
}
