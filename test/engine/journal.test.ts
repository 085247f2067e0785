import { mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "#core/clock.ts";
import { Secret } from "#core/property-value.ts";
import { makeUrn, type Urn } from "#core/urn.ts";
import { type DeploymentJson, newManifest } from "#engine/backend/checkpoint.ts";
import { Journal } from "#engine/backend/journal.ts";
import { foldJournal } from "#engine/backend/journal-fold.ts";
import { parseJournal } from "#engine/backend/journal-format.ts";
import { readWithJournal, recoverJournals } from "#engine/backend/journal-recovery.ts";
import { decodeSnapshot, encodeSnapshot } from "#engine/backend/snapshot-codec.ts";
import { journalFolder } from "#engine/backend/stack-lock.ts";
import { StackStore, type StoredCheckpoint } from "#engine/backend/stack-store.ts";
import { unsealedSecrets } from "#engine/backend/value-codec.ts";
import type { SnapshotChange } from "#engine/deploy/deployment.ts";
import { SnapshotModel } from "#engine/deploy/snapshot-model.ts";
import { SecretSeal } from "#engine/secrets/secret-seal.ts";
import { base64Secrets } from "#engine/secrets/secrets-manager.ts";
import { makeState, type PendingOperationKind, type ResourceState, type Snapshot } from "#engine/state/resource-state.ts";

const reference = { project: "shop", stack: "dev" };
const urn = (name: string) => makeUrn("dev", "shop", undefined, "test:index:Thing", name);
const thing = (name: string, fields: Partial<ResourceState> = {}) =>
  makeState({ urn: urn(name), type: "test:index:Thing", custom: true, id: `${name}-id`, ...fields });

let folder: string;
let store: StackStore;
let seal: SecretSeal;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "journal-"));
  store = new StackStore(folder, {}, systemClock);
  seal = new SecretSeal(base64Secrets);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function writeStack(snapshot: Snapshot): Promise<StoredCheckpoint> {
  await store.write(reference, store.prepare(reference, encodeSnapshot(snapshot, seal, newManifest(new Date(0), "v3.0.0"), undefined)).text);
  return (await store.read(reference))!;
}

function openJournal(checkpoint: StoredCheckpoint, base: Snapshot, id = "dead"): Journal {
  return new Journal({ file: fileOf(id), stack: "organization/shop/dev", base: checkpoint.hash, resources: base.resources, seal });
}

const asText = (deployment: Pick<DeploymentJson, "resources" | "pending_operations">) => JSON.stringify([deployment.resources, deployment.pending_operations]);
const fileOf = (id: string) => store.files.path(`${journalFolder(reference)}/${id}.journal`);
const namesIn = (checkpoint: StoredCheckpoint | undefined) =>
  (checkpoint?.latest?.resources ?? []).map((resource) => resource.urn.split("::")[3] + (resource.delete ? " (delete)" : ""));
const pendingIn = (checkpoint: StoredCheckpoint | undefined) =>
  (checkpoint?.latest?.pending_operations ?? []).map((operation) => `${operation.type} ${operation.resource.urn.split("::")[3]}`);

/** A run in which every kind of record occurs, and the snapshot after each durable step of it. */
async function scriptedRun(journal: Journal, base: Snapshot): Promise<Snapshot[]> {
  const model = new SnapshotModel(base);
  const after: Snapshot[] = [model.snapshot()];
  const step = async (kind: PendingOperationKind, resource: ResourceState, change: SnapshotChange | undefined) => {
    const token = await journal.begin({ resource, type: kind });
    model.begin(token, { resource, type: kind });
    after.push(model.snapshot());
    await journal.end(token, change);
    model.end(token, change);
    after.push(model.snapshot());
  };
  const [kept, replaced, gone] = base.resources as [ResourceState, ResourceState, ResourceState];
  const keptAgain = thing("kept", { outputs: { n: 2 } });
  await journal.record({ drop: kept, put: keptAgain });
  model.apply({ drop: kept, put: keptAgain });
  after.push(model.snapshot());
  await step("creating", thing("fresh", { id: "" }), { put: thing("fresh", { outputs: { password: new Secret("geheim") }, dependencies: [urn("kept")] }) });
  await step("creating", thing("replaced", { id: "" }), {
    amend: { state: replaced, by: { ...replaced, delete: true } },
    put: thing("replaced", { id: "new-id" }),
  });
  await journal.rebase(model.snapshot());
  model.rebase(model.snapshot());
  await step("deleting", gone, { drop: gone });
  await step("updating", keptAgain, { amend: { state: keptAgain, by: { ...keptAgain, initErrors: ["not ready"] } } });
  return after;
}

const baseSnapshot = (): Snapshot => ({
  resources: [thing("kept"), thing("replaced", { dependencies: [urn("kept")] }), thing("gone", { dependencies: [urn("replaced")] })],
  pendingOperations: [],
});

describe("a journal whose process died", () => {
  test("leads, cut at any byte, to the state after its last whole line", async () => {
    const base = baseSnapshot();
    const checkpoint = await writeStack(base);
    const journal = openJournal(checkpoint, base);
    const after = await scriptedRun(journal, base);
    await journal.close();
    const whole = await readFile(fileOf("dead"));
    const expected = after.map((snapshot) => asText(encodeSnapshot(snapshot, seal, checkpoint.latest!.manifest, undefined)));
    const start = { resources: checkpoint.latest!.resources ?? [], pendingOperations: [] };
    const places: number[] = [];
    for (let length = 0; length <= whole.length; length++) {
      const { records, damaged } = parseJournal(whole.subarray(0, length));
      const { resources, pendingOperations } = foldJournal(start, records);
      expect(damaged).toBe(false);
      places.push(expected.indexOf(asText({ resources, pending_operations: pendingOperations })));
    }
    expect(places.every((place, index) => place >= (places[index - 1] ?? 0))).toBe(true);
    expect([...new Set(places)]).toEqual(after.map((_, index) => index));
  });

  test("is folded into the checkpoint by the next operation, once", async () => {
    const base = baseSnapshot();
    const journal = openJournal(await writeStack(base), base);
    await scriptedRun(journal, base);
    await journal.begin({ resource: thing("halfway", { id: "" }), type: "creating" });
    await journal.close();
    expect(await recoverJournals(store, reference, "mine")).toEqual([
      "recovered what an interrupted operation had done; 1 of its operations may still have been under way",
    ]);
    const folded = await store.read(reference);
    expect(namesIn(folded)).toEqual(["kept", "fresh", "replaced", "replaced (delete)"]);
    expect(pendingIn(folded)).toEqual(["creating halfway"]);
    const secrets = decodeSnapshot(folded!.latest, unsealedSecrets(seal)).resources.find((resource) => resource.urn === urn("fresh"))!.outputs;
    expect(secrets).toEqual({ password: new Secret("geheim") });
    expect(await recoverJournals(store, reference, "mine")).toEqual([]);
    expect(await store.files.list(journalFolder(reference))).toEqual([]);
  });

  test("isn't applied twice when the process died between writing the checkpoint and removing it", async () => {
    const base = baseSnapshot();
    const checkpoint = await writeStack(base);
    const journal = openJournal(checkpoint, base);
    const after = (await scriptedRun(journal, base)).at(-1)!;
    const { text, hash } = store.prepare(reference, encodeSnapshot(after, seal, checkpoint.latest!.manifest, undefined));
    await journal.markFolded(hash);
    await journal.close();
    await store.write(reference, text);
    expect(await recoverJournals(store, reference, "mine")).toEqual([]);
    expect((await store.read(reference))!.hash).toBe(hash);
    expect(await store.files.list(journalFolder(reference))).toEqual([]);
  });

  test("is kept aside when somebody changed the checkpoint meanwhile", async () => {
    const base = baseSnapshot();
    const journal = openJournal(await writeStack(base), base);
    await scriptedRun(journal, base);
    await journal.close();
    const other = await writeStack({ resources: [thing("other")], pendingOperations: [] });
    expect(namesIn(await readWithJournal(store, reference))).toEqual(["other"]);
    const [note] = await recoverJournals(store, reference, "mine");
    expect(note).toContain("the checkpoint was changed since an interrupted operation began");
    expect((await store.read(reference))!.hash).toBe(other.hash);
    expect(await store.files.list(journalFolder(reference))).toEqual(["dead.journal.aside"]);
  });

  test("is kept aside when a line in its middle is damaged", async () => {
    const base = baseSnapshot();
    const journal = openJournal(await writeStack(base), base);
    await scriptedRun(journal, base);
    await journal.close();
    const bytes = await readFile(fileOf("dead"));
    bytes[bytes.indexOf("\n") + 30]! ^= 1;
    await writeFile(fileOf("dead"), bytes);
    const [note] = await recoverJournals(store, reference, "mine");
    expect(note).toContain("is damaged and wasn't applied");
    expect(namesIn(await store.read(reference))).toEqual(["kept", "replaced", "gone"]);
  });

  test("that never got beyond its first line is dropped silently", async () => {
    const base = baseSnapshot();
    const journal = openJournal(await writeStack(base), base);
    await journal.flush();
    await journal.close();
    await truncate(fileOf("dead"), 10);
    expect(await recoverJournals(store, reference, "mine")).toEqual([]);
    expect(await store.files.list(journalFolder(reference))).toEqual([]);
  });
});

describe("a journal under way", () => {
  test("isn't made before a provider is called", async () => {
    const base = baseSnapshot();
    const journal = openJournal(await writeStack(base), base, "live");
    await journal.record({ drop: base.resources[0]!, put: thing("kept", { protect: true }) });
    await journal.rebase(base);
    expect(journal.isOnDisk).toBe(false);
    await journal.discard();
  });

  test("has a record on disk before the step may go on", async () => {
    const base = baseSnapshot();
    const journal = openJournal(await writeStack(base), base, "live");
    const token = await journal.begin({ resource: thing("fresh", { id: "" }), type: "creating" });
    expect(pendingIn(await readWithJournal(store, reference))).toEqual(["creating fresh"]);
    await journal.end(token, { put: thing("fresh") });
    expect(namesIn(await readWithJournal(store, reference))).toEqual(["fresh", "kept", "replaced", "gone"]);
    await journal.discard();
  });

  test("takes steps that end at once in any order", async () => {
    const base = baseSnapshot();
    const journal = openJournal(await writeStack(base), base, "live");
    const names = Array.from({ length: 50 }, (_, index) => `n${index}`);
    await Promise.all(
      names.map(async (name) => {
        const token = await journal.begin({ resource: thing(name, { id: "" }), type: "creating" });
        await journal.end(token, { put: thing(name) });
      }),
    );
    const read = await readWithJournal(store, reference);
    expect(namesIn(read).sort()).toEqual([...names, "kept", "replaced", "gone"].sort());
    expect(pendingIn(read)).toEqual([]);
    await journal.discard();
  });

  test("fails the step when it can't be written, and names no call that never happened", async () => {
    const base = baseSnapshot();
    const checkpoint = await writeStack(base);
    await writeFile(store.files.path("strata"), "a file where a folder should be");
    const journal = openJournal(checkpoint, base, "live");
    await expect(journal.begin({ resource: thing("fresh", { id: "" }), type: "creating" })).rejects.toThrow(
      /couldn't be recorded in .*live\.journal: (ENOTDIR|EEXIST)/,
    );
    await rm(store.files.path("strata"));
    await journal.begin({ resource: thing("later", { id: "" }), type: "creating" });
    expect(pendingIn(await readWithJournal(store, reference))).toEqual(["creating later"]);
    expect((await store.read(reference))!.hash).toBe(checkpoint.hash);
    await journal.discard();
  });

  test("isn't made anew by a call that ends after the operation is over", async () => {
    const base = baseSnapshot();
    const journal = openJournal(await writeStack(base), base, "live");
    const token = await journal.begin({ resource: thing("late", { id: "" }), type: "creating" });
    await journal.discard();
    await journal.end(token, { put: thing("late") });
    await expect(journal.begin({ resource: thing("later", { id: "" }), type: "creating" })).rejects.toThrow("the operation is over");
    expect(await store.files.list(journalFolder(reference))).toEqual([]);
  });

  test("refuses a change of a state that it never heard of", async () => {
    const base = baseSnapshot();
    const journal = openJournal(await writeStack(base), base, "live");
    await expect(journal.record({ drop: thing("unheard") })).rejects.toThrow(`the state of ${urn("unheard") satisfies Urn}`);
  });
});
