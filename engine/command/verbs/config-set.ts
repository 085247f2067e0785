import type { Json } from "#core/wire-value.ts";
import { invocationError } from "#engine/command/argv.ts";
import type { Command } from "#engine/command/command-context.ts";
import { CommandFailure } from "#engine/command/command-failure.ts";
import { type ConfigScope, openConfigScope } from "#engine/command/config-scope.ts";
import { configFileFlag, stackFlag } from "#engine/command/flags.ts";
import { parseConfigKey, parseConfigKeyPath } from "#engine/stack-config/config-key.ts";
import { type ConfigValue, coerced, configValueFrom, SecureText, withValueAt } from "#engine/stack-config/config-value.ts";

/** Sets one configuration value. */
export const configSet: Command = {
  words: ["config", "set"],
  flags: { ...stackFlag, ...configFileFlag, path: { kind: "boolean" }, plaintext: { kind: "boolean" }, raw: { kind: "boolean" }, secret: { kind: "boolean" } },
  positional: { least: 1, most: 2 },
  async run(context) {
    const { arguments: args, readInput } = context;
    if (args.boolean("secret") && args.boolean("plaintext"))
      throw invocationError("if any flags in the group [secret plaintext type] are set none of the others can be; [plaintext secret] were all set");
    const scope = await openConfigScope(context);
    const [key, given] = args.positional as [string, string?];
    const value = given ?? (args.boolean("raw") ? await readInput() : (await readInput()).replace(/\r?\n+$/, ""));
    await setText(scope, key, value, args.boolean("secret"), args.boolean("path"));
    await scope.settings.save();
  },
};

/** Sets several at once; each is preceded by `--plaintext` or `--secret`. */
export const configSetAll: Command = {
  words: ["config", "set-all"],
  flags: { ...stackFlag, ...configFileFlag, json: { kind: "text" }, path: { kind: "boolean" }, plaintext: { kind: "texts" }, secret: { kind: "texts" } },
  positional: { least: 0, most: 0 },
  async run(context) {
    const { arguments: args } = context;
    const json = args.text("json");
    const path = args.boolean("path");
    if (json !== undefined && (path || args.has("plaintext") || args.has("secret")))
      throw new CommandFailure("the --json option cannot be used with the --plaintext, --secret or --path options");
    const scope = await openConfigScope(context);
    for (const pair of args.texts("plaintext")) await setText(scope, ...splitPair(pair, path), false, path);
    for (const pair of args.texts("secret")) await setText(scope, ...splitPair(pair, path), true, path);
    if (json !== undefined) await setFromJson(scope, json);
    await scope.settings.save();
  },
};

async function setText(scope: ConfigScope, key: string, text: string, secret: boolean, path: boolean): Promise<void> {
  const value: ConfigValue = secret ? new SecureText((await scope.secrets()).encrypt(text)) : text;
  if (!path) {
    scope.settings.set(parseConfigKey(key, scope.project.name), value);
    return;
  }
  const place = parseConfigKeyPath(key, scope.project.name);
  const placed = place.rest.length && typeof value === "string" ? coerced(value) : value;
  scope.settings.set(place.key, withValueAt(scope.settings.get(place.key), place.rest, placed, [place.root]));
}

/** Values as `config --json` prints them: objects by `objectValue`, everything else by `value`. */
async function setFromJson(scope: ConfigScope, text: string): Promise<void> {
  for (const [key, entry] of Object.entries(parseJson(text))) {
    const { value, objectValue, secret } = (entry ?? {}) as { value?: string; objectValue?: Json; secret?: boolean };
    if (typeof value !== "string") throw new CommandFailure(`value for --json object key "${key}" is nil`);
    const plain: ConfigValue = objectValue === undefined || objectValue === null ? value : configValueFrom(objectValue);
    const stored = secret ? new SecureText((await scope.secrets()).encrypt(value)) : plain;
    scope.settings.set(parseConfigKey(key, scope.project.name), stored);
  }
}

function parseJson(text: string): Record<string, unknown> {
  try {
    const parsed = JSON.parse(text) as unknown;
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) return parsed as Record<string, unknown>;
  } catch (error) {
    throw new CommandFailure(`could not parse --json argument: ${(error as Error).message}`);
  }
  throw new CommandFailure("could not parse --json argument: expected an object");
}

/** `KEY=VALUE`; a quoted part of a path may itself hold `=`. */
function splitPair(pair: string, path: boolean): [string, string] {
  const match = (path ? /^((?:[^="]|"(?:[^"\\]|\\.)*")*)=([\s\S]*)$/ : /^([^=]*)=([\s\S]*)$/).exec(pair);
  if (!match) throw new CommandFailure("config value must be in the form [key]=[value]");
  return [match[1]!, match[2]!];
}
