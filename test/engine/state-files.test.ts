import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Clock, systemClock } from "#core/clock.ts";
import { newManifest, parseCheckpoint } from "#engine/backend/checkpoint.ts";
import { StackStore } from "#engine/backend/stack-store.ts";
import { StateFiles } from "#engine/backend/state-files.ts";

const reference = { project: "shop", stack: "dev" };
const deployment = (...names: string[]) => ({
  manifest: newManifest(new Date(0), "v3.0.0"),
  resources: names.map((name) => ({ urn: `urn:pulumi:dev::shop::t:t:T::${name}`, custom: true, type: "t:t:T", id: "x" })),
});
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "state-files-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));
const inState = (path: string) => join(folder, ".pulumi", path);
const put = (store: StackStore, ...names: string[]) => store.write(reference, store.prepare(reference, deployment(...names)).text);

describe("a state file", () => {
  test("replaces the old one together with its stale sidecar", async () => {
    const files = new StateFiles(folder);
    await files.write("a/b.json", Buffer.from("1"));
    await writeFile(inState("a/b.json.attrs"), "{}");
    await files.write("a/b.json", Buffer.from("2"), { durable: true });
    expect(await readdir(inState("a"))).toEqual(["b.json"]);
    expect((await stat(inState("a/b.json"))).mode & 0o777).toBe(0o600);
  });

  test("stays when the new one can't be written", async () => {
    const files = new StateFiles(folder);
    await files.write("a/b.json", Buffer.from("1"));
    await files.write("a/c.json/d", Buffer.from("x"));
    await expect(files.write("a/c.json", Buffer.from("2"))).rejects.toThrow();
    expect(await readdir(inState("a"))).toEqual(["b.json", "c.json"]);
  });

  test("isn't listed when it is a sidecar or a leftover of a write", async () => {
    const files = new StateFiles(folder);
    for (const name of ["x.json", "x.json.attrs", "x.json.12ab.tmp"]) await files.write(`a/${name}`, Buffer.from(""));
    expect(await files.list("a")).toEqual(["x.json"]);
    expect(await files.list("nowhere")).toEqual([]);
  });
});

describe("the store of stacks", () => {
  test("marks a new folder, refuses an unknown layout and the legacy one", async () => {
    const store = new StackStore(folder, {}, systemClock);
    await store.open();
    expect(await readFile(inState("meta.yaml"), "utf8")).toBe("version: 1\n");
    await writeFile(inState("meta.yaml"), "version: 2\n");
    await expect(store.open()).rejects.toThrow("'meta.yaml' version (2) is not supported");
    await rm(inState("meta.yaml"));
    await store.files.write("stacks/old.json", Buffer.from("{}"));
    await expect(store.open()).rejects.toThrow("legacy layout");
  });

  test("keeps the checkpoint before as .bak", async () => {
    const store = new StackStore(folder, {}, systemClock);
    await put(store, "one");
    await put(store, "two");
    const [now, before] = await Promise.all(["dev.json", "dev.json.bak"].map((name) => readFile(inState(`stacks/shop/${name}`), "utf8")));
    expect(parseCheckpoint(now!, "").latest!.resources![0]!.urn).toMatch(/two$/);
    expect(parseCheckpoint(before!, "").latest!.resources![0]!.urn).toMatch(/one$/);
  });

  test("moves between plain and compressed files as it is told to", async () => {
    await put(new StackStore(folder, {}, systemClock), "plain");
    const gzip = new StackStore(folder, { PULUMI_DIY_BACKEND_GZIP: "true" }, systemClock);
    await put(gzip, "zipped");
    expect((await readdir(inState("stacks/shop"))).sort()).toEqual(["dev.json.bak", "dev.json.gz"]);
    expect(gunzipSync(await readFile(inState("stacks/shop/dev.json.gz"))).toString()).toContain("::zipped");
    const zstd = new StackStore(folder, { PULUMI_DIY_BACKEND_ZSTD: "1" }, systemClock);
    await put(zstd, "standard");
    expect(zstdDecompressSync(await readFile(inState("stacks/shop/dev.json.zst"))).toString()).toContain("::standard");
    expect((await gzip.read(reference))!.latest!.resources![0]!.urn).toMatch(/standard$/);
    expect(await gzip.list()).toEqual([reference]);
  });

  test("puts resources behind those they need before it refuses a deployment", async () => {
    const store = new StackStore(folder, {}, systemClock);
    const [child, parent] = deployment("child", "parent").resources as unknown as [Record<string, unknown>, Record<string, unknown>];
    const { text } = store.prepare(reference, { ...deployment(), resources: [{ ...child, parent: parent.urn } as never, parent as never] });
    expect(parseCheckpoint(text, "").latest!.resources!.map((resource) => resource.urn.slice(-6))).toEqual(["parent", ":child"]);
    expect(() => store.prepare(reference, { ...deployment(), resources: [{ ...child, parent: "urn:pulumi:dev::shop::t:t:T::missing" } as never] })).toThrow(
      /dev\.json: snapshot integrity failure; it wasn't written, the last good checkpoint stays: child resource .*::child refers to missing parent/,
    );
    expect(() => store.prepare(reference, deployment("same", "same"))).toThrow("duplicate resource");
  });

  test("rewrites references to aliased resources", async () => {
    const store = new StackStore(folder, {}, systemClock);
    const [renamed, child] = deployment("renamed", "child").resources as unknown as [Record<string, unknown>, Record<string, unknown>];
    const old = "urn:pulumi:dev::shop::t:t:T::former";
    const { text } = store.prepare(reference, {
      ...deployment(),
      resources: [{ ...renamed, aliases: [old] } as never, { ...child, dependencies: [old], propertyDependencies: { p: [old] } } as never],
    });
    expect(text).not.toContain("former");
    expect(text).not.toContain("aliases");
  });

  test("pages through the history, newest first", async () => {
    let milliseconds = 1_700_000_000_000;
    const clock: Clock = { now: () => new Date(milliseconds++) };
    const store = new StackStore(folder, {}, clock);
    await put(store, "one");
    for (const message of ["first", "second", "third"])
      await store.addToHistory(reference, { kind: "update", startTime: 1, message, environment: {}, config: {}, version: 0, result: "succeeded", endTime: 2 });
    const messages = async (size: number, page: number) => (await store.history(reference, size, page)).map((update) => update.message);
    expect([await messages(0, 1), await messages(2, 1), await messages(2, 2), await messages(2, 3)]).toEqual([
      ["third", "second", "first"],
      ["third", "second"],
      ["first"],
      [],
    ]);
    await store.moveHistory(reference, { project: "shop", stack: "prod" });
    expect([await messages(0, 1), (await store.history({ project: "shop", stack: "prod" }, 0, 1)).length]).toEqual([[], 3]);
  });

  test("forgets a stack but for its backups", async () => {
    const store = new StackStore(folder, {}, systemClock);
    await put(store, "one");
    await store.backup(reference);
    await store.writeTags(reference, { owner: "me" });
    await store.remove(reference, false);
    expect([
      await store.exists(reference),
      await store.tags(reference),
      await readdir(inState("stacks/shop")),
      (await readdir(inState("backups/shop/dev"))).length,
    ]).toEqual([false, {}, ["dev.json.bak"], 1]);
  });
});

describe("a checkpoint file", () => {
  test.each([
    ["{", "file: Expected"],
    ['{"version":2,"checkpoint":{"latest":{}}}', "too old"],
    ['{"version":5,"checkpoint":{}}', "newer than what this engine understands"],
    ['{"version":4,"features":["hooks","spells"],"checkpoint":{"stack":"s"}}', "spells"],
    ['{"version":3,"checkpoint":{"latest":{"resources":[]}}}', "'manifest' is missing"],
    ['{"version":3,"checkpoint":{"latest":{"manifest":{},"resources":[1]}}}', "'resources' isn't a list of objects"],
  ])("like %s is refused with its reason", (text, reason) => {
    expect(() => parseCheckpoint(text, "file")).toThrow(reason);
  });

  test("of a stack just made has no deployment", () => {
    expect(parseCheckpoint('{"version":0,"checkpoint":{"stack":"organization/shop/dev"}}', "file").latest).toBeUndefined();
  });
});
