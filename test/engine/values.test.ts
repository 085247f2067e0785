import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { Archive, Asset, OutputValue, Secret, unknown } from "#core/property-value.ts";
import { hashAssets } from "#engine/values/asset-hash.ts";
import { parseGoDuration } from "#engine/values/go-duration.ts";
import { withOutputs, withoutOutputs } from "#engine/values/output-values.ts";
import { formatPropertyPath, parsePropertyPath, pathContains, resetPaths } from "#engine/values/property-path.ts";
import { annotateSecrets } from "#engine/values/secret-annotations.ts";
import { tarHeader } from "#engine/values/tar.ts";
import { diffBags, equalBags } from "#engine/values/value-diff.ts";

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

test.each([
  ["root", ["root"]],
  ["root.nested", ["root", "nested"]],
  ['root["nested"]', ["root", "nested"]],
  ["root.array[0]", ["root", "array", 0]],
  ["root.array[0].nested", ["root", "array", 0, "nested"]],
  ["root.array[*].field", ["root", "array", "*", "field"]],
  ['root["key with \\"escaped\\" quotes"]', ["root", 'key with "escaped" quotes']],
  ['["root key with a ."][100]', ["root key with a .", 100]],
])("the property path %s has the parts %j", (text, parts) => {
  expect(parsePropertyPath(text)).toEqual(parts);
});

test.each(["root[", "root[nested]", 'root["nested', "root."])("the property path %s is refused", (text) => {
  expect(() => parsePropertyPath(text)).toThrow(TypeError);
});

test("a formatted path parses to the same parts", () => {
  const path = ["a", 0, "with.dot", 'quo"te', "b"];
  expect(parsePropertyPath(formatPropertyPath(path))).toEqual(path);
});

test("a path contains what lies below it, with * for any part", () => {
  expect(pathContains(["a"], ["a", "b"])).toBe(true);
  expect(pathContains(["a", "*", "c"], ["a", 3, "c", "d"])).toBe(true);
  expect(pathContains(["a", "b"], ["a"])).toBe(false);
});

test("reset paths take old values, drop what was added and bring back what was removed", () => {
  const old = { keep: 1, changed: { inner: 1, gone: 1 }, list: [1, 2] };
  const now = { keep: 2, changed: { inner: 2, added: 1 }, list: [9, 9] };
  expect(resetPaths(now, old, ["changed.inner", "changed.gone", "changed.added", "list[1]"])).toEqual({
    inputs: { keep: 2, changed: { inner: 1, gone: 1 }, list: [9, 2] },
    impossible: [],
  });
  expect(now.changed.inner).toBe(2);
});

test("paths into elements that only one side has can't be reset", () => {
  expect(resetPaths({ list: [1] }, { list: [1, 2] }, ["list[1]", "list[*]", "no.such"]).impossible).toEqual(["list[1]", "list[*]"]);
});

test("a value that was secret only as part of a secret stays secret when it is reset", () => {
  const { inputs } = resetPaths({ a: { b: 2 } }, { a: new Secret({ b: 1 }) }, ["a.b"]);
  expect(inputs).toEqual({ a: { b: new Secret(1) } });
});

test("bags differ by the paths of their leaves, and null counts as absent", () => {
  const diff = diffBags({ a: 1, b: { c: [1, 2] }, n: null }, { a: 2, b: { c: [1, 3, 4] }, d: null }, true);
  expect(diff).toEqual({
    changedKeys: ["a", "b"],
    detailedDiff: { a: { kind: "update", inputDiff: true }, "b.c[1]": { kind: "update", inputDiff: true }, "b.c[2]": { kind: "add", inputDiff: true } },
  });
  expect(diffBags({ a: null }, {}, true)).toBeUndefined();
  expect(equalBags({ a: { b: null } }, { a: {} })).toBe(true);
  expect(equalBags({ a: [null] }, { a: [] })).toBe(false);
});

test("answers are marked secret where the question was, as deep as both have maps", () => {
  expect(
    annotateSecrets({ a: "x", m: { s: "y", o: "z" }, l: ["w"], extra: 1 }, { a: new Secret("x"), m: { s: new Secret("y") }, l: [new Secret("w")] }),
  ).toEqual({
    a: new Secret("x"),
    m: { s: new Secret("y"), o: "z" },
    l: new Secret(["w"]),
    extra: 1,
  });
});

test("outputs become unknown, secret or plain values", () => {
  const bag = {
    known: new OutputValue(1, false, ["urn"]),
    hidden: new OutputValue("s", true, []),
    open: new OutputValue(undefined, true, []),
    list: [new OutputValue(2, false, [])],
  };
  expect(withoutOutputs(bag)).toEqual({ known: 1, hidden: new Secret("s"), open: new Secret(unknown), list: [2] });
});

test("properties get the dependencies they were registered with", () => {
  expect(withOutputs({ a: 1, b: unknown, c: new Secret("s"), d: 2 }, { a: ["u1"], b: ["u2"], c: ["u3"] })).toEqual({
    a: new OutputValue(1, false, ["u1"]),
    b: new OutputValue(undefined, false, ["u2"]),
    c: new OutputValue("s", true, ["u3"]),
    d: 2,
  });
});

test.each([
  ["5m", 300],
  ["1h30m", 5400],
  ["1.5s", 1.5],
  ["250ms", 0.25],
  ["0", 0],
])("%s is %d seconds", (text, seconds) => {
  expect(parseGoDuration(text)).toBe(seconds);
});

test.each(["", "5", "soon", "5 m"])("'%s' isn't a duration", (text) => {
  expect(() => parseGoDuration(text)).toThrow(TypeError);
});

test("a folder and an archive of the same files have the same hash, wherever the folder is", async () => {
  const folder = await mkdtemp(join(tmpdir(), "assets-"));
  folders.push(folder);
  await mkdir(join(folder, "tree", "sub"), { recursive: true });
  await writeFile(join(folder, "tree", "a.txt"), "A");
  await writeFile(join(folder, "tree", "sub", "b.txt"), "B");
  const { byPath, byName } = await hashAssets(
    {
      byPath: new Archive("path", "tree"),
      byName: new Archive("assets", { "sub/b.txt": new Asset("text", "B"), "a.txt": new Asset("path", "tree/a.txt") }),
    },
    folder,
  );
  expect((byPath as Archive).hash).toMatch(/^[0-9a-f]{64}$/);
  expect((byName as Archive).hash).toBe((byPath as Archive).hash);
});

test("an asset has the hash of its content, also within other values", async () => {
  const hashed = await hashAssets({ list: [new Secret(new Asset("text", "hello"))] }, "/");
  expect(hashed).toEqual({ list: [new Secret(new Asset("text", "hello", createHash("sha256").update("hello").digest("hex")))] });
});

test("an asset whose file is missing is an error that names it", async () => {
  await expect(hashAssets({ a: new Asset("path", "no/such/file") }, "/nowhere")).rejects.toThrow("failed to open asset file '/nowhere/no/such/file'");
});

test("the checksum of a tar header counts its own field as spaces", () => {
  const header = tarHeader("dir/file.txt", 1234);
  const sum = Number.parseInt(header.toString("latin1", 148, 154), 8);
  const blank = Buffer.from(header);
  blank.fill(" ", 148, 156);
  expect(sum).toBe(blank.reduce((total, byte) => total + byte, 0));
  expect(header.toString("latin1", 124, 135)).toBe("00000002322");
});

// The hashes were made with Go's archive/tar, which the genuine CLI uses.
test.each([
  ["a.txt", "abe1608443363f153db85c1098d8bff5dd0feb574270b05b451d81bc2807abde"],
  ["é.txt", "c554213b3caf911fd210a57c82780b110d0d55df856f01a4dde44122c0ea376b"],
  ["dir/日本語/ü.txt", "bb6b613d2d703f3051580574c629e675e06a57f9b748045bc610844306750ecd"],
  ["x".repeat(140), "0f9e28ee4d1c05e414a1cbf4418ff2482a49b687bb55768044448ada6fe9fcb1"],
  [`${"d".repeat(150)}/${"f".repeat(99)}`, "21c18e7d00da058df87f3006b25cb91cf328d9fa476e45490d907e38dab53e51"],
])("an archive may hold a file named %s", async (name, hash) => {
  const { archive } = await hashAssets({ archive: new Archive("assets", { [name]: new Asset("text", "hello") }) }, tmpdir());
  expect(archive).toMatchObject({ hash });
});

test("the files of a folder count level by level in the order of their names", async () => {
  const folder = await mkdtemp(join(tmpdir(), "archive-"));
  folders.push(folder);
  await mkdir(join(folder, "a"));
  await mkdir(join(folder, ".pulumi"));
  for (const file of ["a/b", "a.txt", ".pulumi/left-out"]) await writeFile(join(folder, file), file);
  await symlink("a.txt", join(folder, "link"));
  await symlink("a", join(folder, "folder-link"));
  const hash = createHash("sha256");
  for (const [name, text] of [
    ["a/b", "a/b"],
    ["a.txt", "a.txt"],
    ["link", "a.txt"],
  ] as const)
    hash
      .update(tarHeader(name, text.length))
      .update(text)
      .update(Buffer.alloc(512 - text.length));
  hash.update(Buffer.alloc(1024));
  const { archive } = await hashAssets({ archive: new Archive("path", folder) }, "/");
  expect(archive).toMatchObject({ hash: hash.digest("hex") });
});

test("an archive within an archive counts as the files below its name", async () => {
  const inner = new Archive("assets", { "x/../b": new Asset("text", "hello") });
  const { nested, flat } = await hashAssets(
    { nested: new Archive("assets", { a: inner }), flat: new Archive("assets", { "a/b": new Asset("text", "hello") }) },
    tmpdir(),
  );
  expect((nested as Archive).hash).toBe((flat as Archive).hash);
});
