import type { Json, JsonObject } from "#core/wire-value.ts";
import type { Command } from "#engine/command/command-context.ts";
import { CommandFailure } from "#engine/command/command-failure.ts";
import { jsonFlag, showSecretsFlag, stackFlag } from "#engine/command/flags.ts";
import { printedJson } from "#engine/command/printed-json.ts";
import { shownOutputs } from "#engine/command/stack-outputs.ts";
import { phrases } from "#engine/command/stderr-phrases.ts";
import { tableText } from "#engine/display/table.ts";

export const stackOutput: Command = {
  words: ["stack", "output"],
  flags: { ...stackFlag, ...jsonFlag, ...showSecretsFlag, shell: { kind: "boolean" } },
  positional: { least: 0, most: 1 },
  async run({ arguments: args, workspace, out }) {
    if (args.boolean("json") && args.boolean("shell")) throw new CommandFailure("only one of --json and --shell may be set");
    const checkpoint = await workspace.readCheckpoint(await workspace.requireStack(args.text("stack")));
    const outputs = await shownOutputs(workspace, checkpoint, args.boolean("show-secrets"));
    const [name] = args.positional;
    if (name !== undefined && !Object.hasOwn(outputs, name)) throw new CommandFailure(phrases.noOutput(name));
    if (args.boolean("json")) out(printedJson(name === undefined ? outputs : outputs[name]));
    else if (args.boolean("shell"))
      for (const key of name === undefined ? Object.keys(outputs) : [name]) out(`${key}=${shellQuoted(outputText(outputs[key]!))}\n`);
    else out(name === undefined ? outputsTable(outputs) : `${outputText(outputs[name]!)}\n`);
  },
};

/** Outputs as people read them. */
export function outputsTable(outputs: JsonObject): string {
  const names = Object.keys(outputs).sort();
  if (names.length === 0) return "Current stack outputs (0):\n    No output values currently in this stack\n";
  return `Current stack outputs (${names.length}):\n${tableText(
    ["OUTPUT", "VALUE"],
    names.map((name) => [name, outputText(outputs[name]!)]),
    "    ",
  )}`;
}

function outputText(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function shellQuoted(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
