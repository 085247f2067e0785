import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type ConfigKey, parseConfigKey, parseConfigKeyPath } from "#engine/stack-config/config-key.ts";
import {
  type ConfigValue,
  coerced,
  configValueFrom,
  isSecure,
  plainText,
  SecureText,
  valueAt,
  withoutValueAt,
  withValueAt,
} from "#engine/stack-config/config-value.ts";
import { withProjectConfig } from "#engine/stack-config/project-config.ts";
import { findProject } from "#engine/stack-config/project-file.ts";
import { StackSettings } from "#engine/stack-config/stack-settings.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "stack-config-"));
  await writeFile(join(folder, "Pulumi.yaml"), "name: shop\nruntime: nodejs\n");
});
afterEach(() => rm(folder, { recursive: true, force: true }));
const settings = async () => StackSettings.load((await findProject(folder))!, "dev");
const key = (name: string) => parseConfigKey(name, "shop");

describe("configuration keys", () => {
  test("get the project's namespace unless they have one", () => {
    expect([key("a"), key("aws:region"), key("aws:config:region")]).toEqual(["shop:a", "aws:region", "aws:region"]);
  });

  test("of a wrong form are refused by name", () => {
    expect(() => key("a:b:c")).toThrow("could not parse a:b:c as a configuration key (configuration keys should be of the form `<namespace>:<name>`)");
  });

  test.each([
    ["a.b[0]", "shop:a", ["b", 0]],
    ['["a.b"].c', "shop:a.b", ["c"]],
    ["aws:tags.x", "aws:tags", ["x"]],
  ])("as the path %s name a key and a place in its value", (text, name, rest) => {
    expect(parseConfigKeyPath(text, "shop")).toMatchObject({ key: name, rest });
  });

  test.each(["a[", "a.b.", "[0]"])("as the malformed path %s are refused", (text) => {
    expect(() => parseConfigKeyPath(text, "shop")).toThrow(`invalid config key path '${text}'`);
  });
});

describe("values by path", () => {
  test("make the containers on the way", () => {
    expect(withValueAt(undefined, ["list", 0, "name"], "x", ["a"])).toEqual({ list: [{ name: "x" }] });
  });

  test("append to a list, but leave no gap", () => {
    expect(withValueAt(["x"], [1], "y", ["a"])).toEqual(["x", "y"]);
    expect(() => withValueAt(["x"], [2], "y", ["a"])).toThrow("a[2]: array index out of range");
  });

  test("replace a top-level text, but not one further down", () => {
    expect(withValueAt("text", ["b"], 1, ["a"])).toEqual({ b: 1 });
    expect(() => withValueAt({ b: "text" }, ["b", "c"], 1, ["a"])).toThrow("a.b: expected a map");
  });

  test("need a number for a list and a name for a map", () => {
    expect(() => withValueAt(["x"], ["b"], 1, ["a"])).toThrow("a.b: key for an array must be an int");
    expect(() => withValueAt({}, [0], 1, ["a"])).toThrow("a[0]: key for a map must be a string");
  });

  test("can't make a map that reads as a secret", () => {
    expect(() => withValueAt(undefined, ["secure"], "x", ["a"])).toThrow('"secure" key in maps of length 1 are reserved');
    expect(() => withoutValueAt({ secure: "x", other: "y" }, ["other"])).toThrow('"secure" key in maps of length 1 are reserved');
  });

  test("are removed without a trace, or left when absent", () => {
    const value: ConfigValue = { list: ["a", "b"], x: { y: 1 } };
    expect(withoutValueAt(value, ["list", 0])).toEqual({ list: ["b"], x: { y: 1 } });
    expect(withoutValueAt(value, ["x", "z"])).toEqual(value);
    expect(valueAt(value, ["x", "y"])).toBe(1);
    expect(valueAt(value, ["list", 7])).toBeUndefined();
  });

  test("get their type from the text", () => {
    expect(["true", "false", "7", "-7", "0", "07", "1.5", "12345678901234567890", "x"].map(coerced)).toEqual([
      true,
      false,
      7,
      -7,
      0,
      "07",
      "1.5",
      "12345678901234567890",
      "x",
    ]);
  });

  test("are secret at any depth", () => {
    const value = configValueFrom({ a: [{ secure: "v1:x:y" }], b: 1 });
    expect(isSecure(value)).toBe(true);
    expect(plainText(value, () => "open")).toBe('{"a":["open"],"b":1}');
  });
});

describe("a stack's settings file", () => {
  const text = '# about this stack\nencryptionsalt: v1:x\nconfig:\n  # how many\n  shop:count: "3" # three\n  shop:z: last\n';

  test("keeps comments, order and quoting of what isn't changed", async () => {
    await writeFile(join(folder, "Pulumi.dev.yaml"), text);
    const file = await settings();
    file.set(key("count"), "4");
    file.set(key("new"), new SecureText("v1:a:b"));
    await file.save();
    expect(await readFile(join(folder, "Pulumi.dev.yaml"), "utf8")).toBe(
      '# about this stack\nencryptionsalt: v1:x\nconfig:\n  # how many\n  shop:count: "4" # three\n  shop:new:\n    secure: v1:a:b\n  shop:z: last\n',
    );
  });

  test("is made with its keys in order when absent", async () => {
    const file = await settings();
    file.set(key("b"), "true");
    file.set(key("a"), "x");
    file.setSetting("encryptionsalt", "v1:salt");
    await file.save();
    expect(await readFile(file.file, "utf8")).toBe('encryptionsalt: v1:salt\nconfig:\n  shop:a: x\n  shop:b: "true"\n');
  });

  test("reads top-level scalars as text and keeps a key's old spelling", async () => {
    await writeFile(join(folder, "Pulumi.dev.yaml"), "config:\n  shop:config:n: 7\n  shop:yes: true\n");
    const file = await settings();
    expect([...file.config()]).toEqual([
      ["shop:n", "7"],
      ["shop:yes", "true"],
    ]);
    file.set(key("n"), "8");
    await file.save();
    expect(await readFile(file.file, "utf8")).toContain('shop:config:n: "8"');
  });

  test("loses its config section with the last value", async () => {
    await writeFile(join(folder, "Pulumi.dev.yaml"), "encryptionsalt: v1:x\nconfig:\n  shop:a: b\n");
    const file = await settings();
    file.remove(key("a"));
    await file.save();
    expect(await readFile(file.file, "utf8")).toBe("encryptionsalt: v1:x\n");
  });

  test("that is broken is refused with its place", async () => {
    await writeFile(join(folder, "Pulumi.dev.yaml"), "config:\n  a: [1\n");
    await expect(settings()).rejects.toThrow(/Pulumi\.dev\.yaml:\d+:\d+: /);
  });

  test("may be JSON and may lie in another folder", async () => {
    await writeFile(join(folder, "Pulumi.yaml"), "name: shop\nruntime: nodejs\nstackConfigDir: stacks\n");
    const file = await settings();
    expect(file.file).toBe(join(folder, "stacks", "Pulumi.dev.yaml"));
    file.set(key("a"), "b");
    await file.save();
    expect((await settings()).get(key("a"))).toBe("b");
  });
});

describe("a project's configuration block", () => {
  const project = async (config: string) => {
    await writeFile(join(folder, "Pulumi.yaml"), `name: shop\nruntime: nodejs\nconfig:\n${config}`);
    return (await findProject(folder))!;
  };
  const merge = async (config: string, own: Record<string, ConfigValue> = {}) =>
    withProjectConfig(await project(config), "dev", new Map(Object.entries(own).map(([name, value]): [ConfigKey, ConfigValue] => [key(name), value])), {
      decrypt: (text) => text,
    });

  test("adds defaults and values, which the stack may override", async () => {
    const merged = await merge("  a: {type: integer, default: 3}\n  b: {default: text}\n  aws:region: {value: eu}\n", { b: "mine" });
    expect([...merged]).toEqual([
      ["shop:b", "mine"],
      ["shop:a", "3"],
      ["aws:region", "eu"],
    ]);
  });

  test("names every missing value", async () => {
    await expect(merge("  b: {type: string}\n")).rejects.toThrow("Stack 'dev' is missing configuration value 'b'");
    await expect(merge("  c: {type: string}\n  b: {type: string}\n  a: {type: string}\n")).rejects.toThrow(
      "Stack 'dev' is missing configuration values 'a', 'b' and 'c'",
    );
  });

  test("refuses a value of another type and an unencrypted secret", async () => {
    await expect(merge("  a: {type: array, items: {type: integer}}\n", { a: ["x"] })).rejects.toThrow(
      "Stack 'dev' with configuration key 'a' must be of type 'array<integer>'",
    );
    await expect(merge("  a: {type: string, secret: true}\n", { a: "x" })).rejects.toThrow(
      "Stack 'dev' with configuration key 'a' must be encrypted as it's secret",
    );
  });
});
