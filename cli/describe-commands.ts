import type { Argument, Option } from "commander";
import { exitCodes } from "#cli/exit-codes.ts";
import { buildProgram } from "#cli/program/build-program.ts";
import type { StrataCommand } from "#cli/program/strata-command.ts";

const common = new Set(["url", "token", "json", "color", "debug", "help", "version"]);

/** The reference of the command line in Markdown, made from the same definitions that the program runs. */
export function describeCommands(): string {
  const unused = () => {
    throw new Error("commands are only described here");
  };
  const program = buildProgram("0", { session: unused, finish: unused });
  const leaves = leavesOf(program);
  const shared = new Map(leaves.flatMap(({ command }) => command.options).map((option) => [option.attributeName(), option]));
  const sections = leaves.map(describe);
  return [
    "# Command line",
    "",
    "This file is made from the definitions of the commands by `make docs`; don't edit it.",
    "",
    "Every verb has these options:",
    "",
    ...optionTable([...shared.values()].filter((option) => common.has(option.attributeName()))),
    "",
    "`--url` and `--token` are for verbs that talk to a controller. Without them the controller of this machine is used, and started when none answers.",
    "",
    "## Exit codes",
    "",
    "| code | meaning |",
    "| --- | --- |",
    ...Object.values(exitCodes).map(({ code, meaning }) => `| ${code} | ${meaning} |`),
    "",
    "An error is printed on stderr with its title, what happened, what to type next and its code; with `--json` as one line of JSON (RFC 9457).",
    "",
    ...sections.flat(),
  ].join("\n");
}

interface Leaf {
  readonly path: string;
  readonly command: StrataCommand;
}

/** The commands that do something, in the order of the help. */
function leavesOf(command: StrataCommand, path = command.name()): Leaf[] {
  if (!command.commands.length) return [{ path, command }];
  return (command.commands as readonly StrataCommand[]).flatMap((child) => leavesOf(child, `${path} ${child.name()}`));
}

function describe({ path, command }: Leaf): string[] {
  const options = command.options.filter((option) => !option.hidden && !common.has(option.attributeName()));
  const usage = [path, ...command.registeredArguments.map(argumentText), ...(options.length ? ["[options]"] : [])].join(" ");
  const exits = command.exits.map((name) => exitCodes[name].code).join(", ");
  return [
    `## ${path}`,
    "",
    command.description(),
    "",
    `    ${usage}`,
    "",
    ...(options.length ? [...optionTable(options), ""] : []),
    ...(command.examples.length ? ["Examples:", "", ...command.examples.map(exampleLine), ""] : []),
    ...(exits ? [`Exit codes: ${exits}.`, ""] : []),
  ];
}

function argumentText(argument: Argument): string {
  const name = argument.name() + (argument.variadic ? "..." : "");
  return argument.required ? `<${name}>` : `[${name}]`;
}

function optionTable(options: readonly Option[]): string[] {
  return ["| option | meaning |", "| --- | --- |", ...options.map((option) => `| \`${cell(option.flags)}\` | ${cell(meaningOf(option))} |`)];
}

function meaningOf({ description, argChoices, defaultValue, mandatory }: Option): string {
  const facts = [
    ...(argChoices ? [`one of ${argChoices.join(", ")}`] : []),
    ...(defaultValue === undefined || typeof defaultValue === "boolean" ? [] : [`default: ${String(defaultValue)}`]),
    ...(mandatory ? ["must be given"] : []),
  ];
  return description + (facts.length ? ` (${facts.join("; ")})` : "");
}

function exampleLine({ command, meaning }: { readonly command: string; readonly meaning: string }): string {
  return `- \`${command}\`${meaning ? `: ${meaning}` : ""}`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
