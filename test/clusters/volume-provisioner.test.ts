import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { KubeObject } from "#clusters/kube-client.ts";
import { VolumeProvisioner } from "#clusters/sandbox/volume-provisioner.ts";
import { silentLogger } from "#core/logger.ts";
import { FakeKubeApi } from "./fake-kube-api.ts";

const claims = "/api/v1/persistentvolumeclaims";
const volumes = "/api/v1/persistentvolumes";
const classes = "/apis/storage.k8s.io/v1/storageclasses";
const asked = { "volume.kubernetes.io/storage-provisioner": "strata.dev/simulated" };
let api: FakeKubeApi;
let ending: AbortController;
let running: Promise<void>;
beforeEach(() => {
  api = new FakeKubeApi();
  ending = new AbortController();
  api.set(classes, { metadata: { name: "local-path" }, reclaimPolicy: "Delete", volumeBindingMode: "Immediate" });
  api.set(classes, { metadata: { name: "late" }, reclaimPolicy: "Retain", volumeBindingMode: "WaitForFirstConsumer" });
  running = new VolumeProvisioner(api, silentLogger).run(ending.signal);
});
afterEach(async () => {
  ending.abort();
  await running;
});

const claim = (name: string, annotations: Record<string, string>, spec: object = {}): KubeObject => ({
  metadata: { name, namespace: "n", uid: name, annotations },
  spec: { storageClassName: "local-path", accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "3Gi" } }, ...spec },
});
const volumeOf = (name: string) => api.find(volumes, `pvc-${name}`);

describe("the simulated provisioner", () => {
  test("makes a volume that fits the claim, is bound to it and says that it is simulated", async () => {
    api.set(claims, claim("data", asked));
    await expect.poll(() => volumeOf("data")).toBeDefined();
    expect(volumeOf("data")).toMatchObject({
      metadata: { labels: { "strata.dev/simulated": "true" }, annotations: { "pv.kubernetes.io/provisioned-by": "strata.dev/simulated" } },
      spec: {
        accessModes: ["ReadWriteOnce"],
        capacity: { storage: "3Gi" },
        claimRef: { namespace: "n", name: "data", uid: "data" },
        persistentVolumeReclaimPolicy: "Delete",
        storageClassName: "local-path",
        volumeMode: "Filesystem",
      },
    });
  });

  test("waits for a pod where the class says so", async () => {
    api.set(claims, claim("late", asked, { storageClassName: "late" }));
    api.set(claims, claim("other", asked));
    await expect.poll(() => volumeOf("other")).toBeDefined();
    expect(volumeOf("late")).toBeUndefined();
    api.set(claims, claim("late", { ...asked, "volume.kubernetes.io/selected-node": "simulated-1" }, { storageClassName: "late" }));
    await expect.poll(() => volumeOf("late")?.spec).toMatchObject({ persistentVolumeReclaimPolicy: "Retain" });
  });

  test("leaves other provisioners' claims, bound claims and claims being deleted alone", async () => {
    api.set(claims, claim("foreign", { "volume.kubernetes.io/storage-provisioner": "example.org/disk" }));
    api.set(claims, claim("bound", asked, { volumeName: "pv" }));
    const leaving = claim("leaving", asked);
    api.set(claims, { ...leaving, metadata: { ...leaving.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" } });
    api.set(claims, claim("last", asked));
    await expect.poll(() => volumeOf("last")).toBeDefined();
    expect(["foreign", "bound", "leaving"].map(volumeOf)).toEqual([undefined, undefined, undefined]);
  });

  test("makes one volume however often a claim changes", async () => {
    for (let i = 0; i < 3; i++) api.set(claims, claim("data", { ...asked, round: String(i) }));
    api.set(claims, claim("last", asked));
    await expect.poll(() => volumeOf("last")).toBeDefined();
    expect((await api.list(volumes)).items.map((volume) => volume.metadata.name).sort()).toEqual(["pvc-data", "pvc-last"]);
  });

  test("serves a claim whose class appears only later", async () => {
    api.set(claims, claim("early", asked, { storageClassName: "later" }));
    api.set(claims, claim("other", asked));
    await expect.poll(() => volumeOf("other")).toBeDefined();
    api.set(classes, { metadata: { name: "later" }, volumeBindingMode: "Immediate" });
    await expect.poll(() => volumeOf("early"), { timeout: 5_000 }).toBeDefined();
  });

  test("deletes released volumes of its own whose policy is Delete", async () => {
    const released = (name: string, by: string, policy: string): KubeObject => ({
      metadata: { name, annotations: { "pv.kubernetes.io/provisioned-by": by } },
      spec: { persistentVolumeReclaimPolicy: policy },
      status: { phase: "Released" },
    });
    api.set(volumes, released("foreign", "example.org/disk", "Delete"));
    api.set(volumes, released("kept", "strata.dev/simulated", "Retain"));
    api.set(volumes, released("gone", "strata.dev/simulated", "Delete"));
    await expect.poll(() => api.find(volumes, "gone")).toBeUndefined();
    expect(api.changes).toEqual([`DELETE ${volumes}/gone`]);
  });
});
