import { describe, expect, test } from "vitest";
import { type FlagSpecs, parseArguments } from "#engine/command/argv.ts";
import { argumentsFor, findCommand } from "#engine/command/commands.ts";

const specs: FlagSpecs = {
  yes: { kind: "boolean", short: "y" },
  force: { kind: "boolean", short: "f" },
  stack: { kind: "text", short: "s" },
  target: { kind: "texts", short: "t" },
  parallel: { kind: "number", short: "p" },
  refresh: { kind: "optional-text", short: "r" },
};
const parse = (...argv: string[]) => parseArguments(argv, specs);

describe("arguments", () => {
  test("take values behind a blank or an equals sign, before and after positionals", () => {
    const parsed = parse("a", "--stack", "dev", "b", "--parallel=4", "-y");
    expect([parsed.text("stack"), parsed.number("parallel"), parsed.boolean("yes"), parsed.positional]).toEqual(["dev", 4, true, ["a", "b"]]);
  });

  test("of repeated flags add up, the last one counting for a single value", () => {
    const parsed = parse("--target", "a", "--target=b", "-tc", "-s", "one", "-s=two");
    expect([parsed.texts("target"), parsed.text("stack")]).toEqual([["a", "b", "c"], "two"]);
  });

  test("of short boolean flags may be joined, the last letter may take a value", () => {
    const parsed = parse("-yfs", "dev");
    expect([parsed.boolean("yes"), parsed.boolean("force"), parsed.text("stack")]).toEqual([true, true, "dev"]);
  });

  test("behind -- are positionals whatever they look like", () => {
    expect(parse("--", "-dash", "--stack").positional).toEqual(["-dash", "--stack"]);
  });

  test("of a flag with an optional value don't swallow what follows", () => {
    const parsed = parse("--refresh", "x");
    expect([parsed.text("refresh"), parsed.positional]).toEqual(["true", ["x"]]);
    expect(parse("--refresh=false").text("refresh")).toBe("false");
  });

  test("may switch a boolean off", () => {
    expect(parse("--yes=false").boolean("yes", true)).toBe(false);
  });

  test.each([
    [["--nope"], "unknown flag: --nope"],
    [["-yx"], "unknown shorthand flag: 'x' in -yx"],
    [["--stack"], "flag needs an argument: --stack"],
    [["-s"], "flag needs an argument: 's' in -s"],
    [["--yes=maybe"], 'invalid argument "maybe" for "--yes" flag: strconv.ParseBool: parsing "maybe": invalid syntax'],
    [["--parallel", "many"], 'invalid argument "many" for "--parallel" flag: strconv.ParseInt: parsing "many": invalid syntax'],
  ])("like %j are refused in the genuine words, as a bad invocation", (argv, message) => {
    expect(() => parse(...argv)).toThrow(expect.objectContaining({ message, exitCode: 2 }));
  });
});

describe("the verb", () => {
  test("is the longest run of words that names one, behind global flags too", () => {
    const found = findCommand(["-C", "/tmp", "stack", "tag", "get", "owner", "--stack", "dev"]);
    expect(found.command.words).toEqual(["stack", "tag", "get"]);
    expect(argumentsFor(found).positional).toEqual(["owner"]);
  });

  test("may be a group by itself", () => {
    expect(findCommand(["config", "--json"]).command.words).toEqual(["config"]);
    expect(findCommand(["stack"]).command.words).toEqual(["stack"]);
  });

  test("has its synonyms", () => {
    expect(["update", "pre", "down"].map((word) => findCommand([word]).command.words[0])).toEqual(["up", "preview", "destroy"]);
  });

  test.each([[["frobnicate"]], [["stack", "frobnicate"]], [["config", "env", "frobnicate"]]])("that doesn't exist is refused: %j", (argv) => {
    expect(() => findCommand(argv)).toThrow(expect.objectContaining({ message: expect.stringMatching(/^unknown command ".*" for "pulumi"$/), exitCode: 2 }));
  });

  test("that only the genuine CLI has is refused by name", () => {
    expect(() => findCommand(["import", "--yes"])).toThrow("pulumi import isn't supported by the embedded engine; use the genuine Pulumi CLI for it");
  });

  test("with too few or too many arguments is refused", () => {
    expect(() => argumentsFor(findCommand(["config", "get"]))).toThrow("accepts 1 arg(s), received 0");
    expect(() => argumentsFor(findCommand(["config", "get", "a", "b"]))).toThrow("accepts at most 1 arg(s), received 2");
  });
});
