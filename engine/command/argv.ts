import { CommandFailure, exitCodes } from "#engine/command/command-failure.ts";

/** How a flag takes its value. `optional-text` may stand alone and then means "true", as pflag's NoOptDefVal does. */
export type FlagKind = "boolean" | "text" | "texts" | "number" | "optional-text";

export interface FlagSpec {
  readonly kind: FlagKind;
  readonly short?: string;
}
export type FlagSpecs = Readonly<Record<string, FlagSpec>>;

/** Flags and positional arguments of one invocation. */
export class Arguments {
  readonly positional: readonly string[];
  readonly #values: ReadonlyMap<string, readonly string[]>;

  constructor(positional: readonly string[], values: ReadonlyMap<string, readonly string[]>) {
    this.positional = positional;
    this.#values = values;
  }

  has(flag: string): boolean {
    return this.#values.has(flag);
  }

  /** The last value given. */
  text(flag: string): string | undefined {
    return this.#values.get(flag)?.at(-1);
  }

  texts(flag: string): readonly string[] {
    return this.#values.get(flag) ?? [];
  }

  boolean(flag: string, otherwise = false): boolean {
    const value = this.text(flag);
    return value === undefined ? otherwise : isTrueText(value);
  }

  number(flag: string): number | undefined {
    const value = this.text(flag);
    return value === undefined ? undefined : Number(value);
  }

  /** Names of the flags that were given, in alphabetical order, with their last value. */
  given(): readonly (readonly [string, string])[] {
    return [...this.#values].map(([name, values]) => [name, values.at(-1)!] as const).sort(([a], [b]) => (a < b ? -1 : 1));
  }
}

/**
 * Parses arguments as pflag does: `--flag value`, `--flag=value`, `-s value`, `-svalue`, joined boolean letters, `--` before positionals, flags anywhere.
 * A flag that isn't in the table, lacks its value or has one of the wrong type is refused in the genuine CLI's words.
 */
export function parseArguments(argv: readonly string[], specs: FlagSpecs): Arguments {
  const positional: string[] = [];
  const values = new Map<string, string[]>();
  const shorts = new Map(Object.entries(specs).flatMap(([name, spec]) => (spec.short ? [[spec.short, name] as const] : [])));
  const add = (name: string, value: string) => {
    checkValue(name, specs[name]!, value);
    values.set(name, [...(values.get(name) ?? []), value]);
  };
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i]!;
    if (argument === "--") {
      positional.push(...argv.slice(i + 1));
      break;
    }
    if (argument.startsWith("--")) {
      const { name, value } = splitLong(argument.slice(2));
      const spec = specs[name];
      if (!spec) throw invocationError(`unknown flag: --${name}`);
      if (value !== undefined) add(name, value);
      else if (spec.kind === "boolean" || spec.kind === "optional-text") add(name, "true");
      else if (i + 1 < argv.length) add(name, argv[++i]!);
      else throw invocationError(`flag needs an argument: --${name}`);
    } else if (argument.startsWith("-") && argument.length > 1) {
      i += addShorts(argument, argv[i + 1], shorts, specs, add);
    } else positional.push(argument);
  }
  return new Arguments(positional, values);
}

/** Takes `-abc`, `-s value`, `-svalue` or `-s=value` apart; answers how many of the following arguments it used. */
function addShorts(
  argument: string,
  following: string | undefined,
  shorts: ReadonlyMap<string, string>,
  specs: FlagSpecs,
  add: (name: string, value: string) => void,
): 0 | 1 {
  for (let at = 1; at < argument.length; at++) {
    const letter = argument[at]!;
    const name = shorts.get(letter);
    if (!name) throw invocationError(`unknown shorthand flag: '${letter}' in ${argument}`);
    const rest = argument.slice(at + 1);
    const { kind } = specs[name]!;
    if (rest.startsWith("=")) {
      add(name, rest.slice(1));
      return 0;
    }
    if (kind === "boolean" || kind === "optional-text") {
      add(name, "true");
      continue;
    }
    if (rest !== "") {
      add(name, rest);
      return 0;
    }
    if (following === undefined) throw invocationError(`flag needs an argument: '${letter}' in ${argument}`);
    add(name, following);
    return 1;
  }
  return 0;
}

function splitLong(text: string): { name: string; value: string | undefined } {
  const equals = text.indexOf("=");
  return equals < 0 ? { name: text, value: undefined } : { name: text.slice(0, equals), value: text.slice(equals + 1) };
}

function checkValue(name: string, spec: FlagSpec, value: string): void {
  if (spec.kind === "boolean" && !/^(1|t|T|TRUE|true|True|0|f|F|FALSE|false|False)$/.test(value))
    throw invocationError(`invalid argument "${value}" for "--${name}" flag: strconv.ParseBool: parsing "${value}": invalid syntax`);
  if (spec.kind === "number" && !/^[+-]?\d+$/.test(value))
    throw invocationError(`invalid argument "${value}" for "--${name}" flag: strconv.ParseInt: parsing "${value}": invalid syntax`);
}

function isTrueText(value: string): boolean {
  return ["1", "t", "true"].includes(value.toLowerCase());
}

export function invocationError(message: string): CommandFailure {
  return new CommandFailure(message, exitCodes.badInvocation);
}
