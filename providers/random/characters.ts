import { type Attributes, always, type Values } from "#providers/bridged/attribute.ts";
import { invalidValue } from "#providers/bridged/check-inputs.ts";
import { Diagnostic } from "#providers/bridged/diagnostic.ts";
import { retryAdvice } from "#providers/random/diagnostics.ts";
import { keepers } from "#providers/random/keepers.ts";
import { machineRandom, permutation } from "#providers/random/random-source.ts";

const lower = "abcdefghijklmnopqrstuvwxyz";
const digits = "0123456789";
const defaultSpecial = "!@#$%&*()-_=+[]{}<>:?";

/** What RandomString and RandomPassword have in common: inputs that say which characters, and how many of each. */
export const characterAttributes: Attributes = {
  keepers,
  length: {
    type: "integer",
    presence: "required",
    description:
      "The length of the string desired. The minimum value for length is 1 and, length must also be >= (`min_upper` + `min_lower` + `min_numeric` + `min_special`).",
    replaces: always,
  },
  special: { type: "boolean", presence: "optional-computed", default: true, replaces: always },
  upper: { type: "boolean", presence: "optional-computed", default: true, replaces: always },
  lower: { type: "boolean", presence: "optional-computed", default: true, replaces: always },
  number: {
    type: "boolean",
    presence: "optional-computed",
    deprecation: "**NOTE**: This is deprecated, use `numeric` instead.",
    plan: planNumeric,
    replaces: always,
  },
  numeric: { type: "boolean", presence: "optional-computed", plan: planNumeric, replaces: always },
  minNumeric: { type: "integer", presence: "optional-computed", default: 0, replaces: always },
  minUpper: { type: "integer", presence: "optional-computed", default: 0, replaces: always },
  minLower: { type: "integer", presence: "optional-computed", default: 0, replaces: always },
  minSpecial: { type: "integer", presence: "optional-computed", default: 0, replaces: always },
  overrideSpecial: {
    type: "string",
    presence: "optional",
    // An older provider recorded "" where nothing was given, and an unknown value doesn't decide anything yet.
    replaces: ({ config, prior }) => (config === null ? prior !== "" : typeof config === "string"),
  },
};

/** `number` is the older name of `numeric`; both always have the same value. */
function planNumeric({ number = null, numeric = null }: Values): Values[string] {
  if (typeof number === "boolean" && typeof numeric === "boolean" && number !== numeric)
    throw new Diagnostic("Number and numeric are both configured with different values", "Number is deprecated, use numeric instead");
  return numeric ?? number ?? true;
}

/** What is wrong with the wanted length and characters. */
export function validateCharacters(config: Values): Diagnostic[] {
  return [...validateLength(config), ...validateClass(config, "number"), ...validateClass(config, "numeric")];
}

function validateLength(config: Values): Diagnostic[] {
  const length = config["length"];
  if (typeof length !== "number") return [];
  const minimums = [config["minUpper"], config["minLower"], config["minNumeric"], config["minSpecial"]].map((minimum) => minimum ?? 0);
  const allKnown = minimums.every((minimum) => typeof minimum === "number");
  const sum = minimums.reduce<number>((total, minimum) => total + Number(minimum), 0);
  const wrong = (rule: string): Diagnostic => invalidValue(characterAttributes, "length", rule, String(length));
  return [
    ...(length < 1 ? [wrong("value must be at least 1")] : []),
    ...(allKnown && length < sum ? [wrong("value must be at least sum of min_upper + min_lower + min_numeric + min_special")] : []),
  ];
}

function validateClass(config: Values, name: "number" | "numeric"): Diagnostic[] {
  if (![config[name], config["special"], config["upper"], config["lower"]].every((value) => value === false)) return [];
  return [new Diagnostic("Invalid Attribute Combination", `At least one attribute out of [special,upper,lower,${name}] must be specified as true`, name)];
}

/**
 * A text as the plan wants it: each minimum from its own class, even from one that is switched off, the rest from all classes, in random order.
 * Mirrors hashicorp/terraform-provider-random:internal/random/string.go (v3.9.0). Throws {@link Diagnostic} when there is no character to choose from.
 */
export function randomText(planned: Values): string {
  const special = typeof planned["overrideSpecial"] === "string" && planned["overrideSpecial"] !== "" ? planned["overrideSpecial"] : defaultSpecial;
  const classes = [
    { characters: lower.toUpperCase(), wanted: planned["upper"], minimum: planned["minUpper"] },
    { characters: lower, wanted: planned["lower"], minimum: planned["minLower"] },
    { characters: digits, wanted: planned["numeric"], minimum: planned["minNumeric"] },
    { characters: special, wanted: planned["special"], minimum: planned["minSpecial"] },
  ];
  const all = classes.flatMap(({ characters, wanted }) => (wanted === true ? [...characters] : []));
  if (all.length === 0) throw readError("the character set specified is empty");

  const drawn = classes.flatMap(({ characters, minimum }) => draw([...characters], Number(minimum)));
  const text = [...drawn, ...draw(all, Number(planned["length"]) - drawn.length)];
  return permutation(text.length, machineRandom)
    .map((place) => text[place])
    .join("");
}

function draw(characters: readonly string[], count: number): string[] {
  if (count < 0) throw readError(`${count} characters can't be drawn: the minimums have to be 0 or more and together at most the length`);
  return Array.from({ length: count }, () => characters[Number(machineRandom.below(BigInt(characters.length)))]!);
}

function readError(reason: string): Diagnostic {
  return new Diagnostic(
    "Random Read Error",
    `While attempting to generate a random value for this resource, a read error was generated.\n\n${retryAdvice}Original Error: ${reason}`,
  );
}

/** The state that an imported text stands for: all classes, no minimums. Its length is that of its UTF-8 bytes, as upstream counts. */
export function importedCharacters(result: string): Values {
  return {
    keepers: null,
    length: Buffer.byteLength(result, "utf8"),
    special: true,
    upper: true,
    lower: true,
    number: true,
    numeric: true,
    minNumeric: 0,
    minUpper: 0,
    minLower: 0,
    minSpecial: 0,
    overrideSpecial: null,
    result,
  };
}

/** A state of an older layout with the values that old imports left out. `numeric` didn't exist then. */
export function completeCharacters(state: Values): Values {
  const imported = importedCharacters(String(state["result"] ?? ""));
  const completed = Object.fromEntries(Object.entries(state).map(([name, value]) => [name, value ?? imported[name] ?? null]));
  return { ...completed, numeric: completed["number"] ?? true };
}
