import type { KubernetesObjectApi } from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { create, objectsOf, quiet, SandboxFixture } from "./sandbox-fixture.ts";

const fixture = new SandboxFixture();
const namespace = "work";
let api: KubernetesObjectApi;

beforeAll(async () => {
  const { kubeconfig } = await fixture.open("workloads").ensure(quiet());
  api = objectsOf(kubeconfig);
  await api.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
});
afterAll(() => fixture.remove());

const soon = { timeout: 20_000, interval: 100 };
const labels = (app: string) => ({ metadata: { labels: { app } } });
const workload = (app: string, containers: object[] = [{ name: "c", image: "example/image" }], spec: object = {}) => ({
  selector: { matchLabels: { app } },
  template: { ...labels(app), spec: { containers, ...spec } },
});

describe("on a sandbox", () => {
  test("nodes are Ready, sized as asked and marked as simulated", async () => {
    const { items } = await api.list("v1", "Node");
    expect(items.map((node) => node.metadata?.name).sort()).toEqual(["simulated-1", "simulated-2"]);
    for (const node of items as unknown as { metadata: { labels: object }; status: { capacity: object; nodeInfo: { kubeletVersion: string } } }[]) {
      expect(node.metadata.labels).toMatchObject({ "strata.dev/simulated": "true" });
      expect(node.status.capacity).toMatchObject({ cpu: "8", memory: "16Gi", pods: "110" });
      expect(node.status.nodeInfo.kubeletVersion).toMatch(/^v1\.36\.\d+\+simulated$/);
    }
  });

  test("a Deployment with init containers becomes available, its pods have addresses of their own, and its Service has endpoints", async () => {
    const read = await create(api, {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web", namespace },
      spec: {
        replicas: 3,
        ...workload("web", undefined, {
          initContainers: [
            { name: "i", image: "i" },
            { name: "sidecar", image: "s", restartPolicy: "Always" },
          ],
        }),
      },
    });
    await create(api, { apiVersion: "v1", kind: "Service", metadata: { name: "web", namespace }, spec: { selector: { app: "web" }, ports: [{ port: 80 }] } });
    await expect.poll(async () => (await read()).status?.availableReplicas, soon).toBe(3);
    const { items } = (await api.list("v1", "Pod", namespace, undefined, undefined, undefined, undefined, "app=web")) as unknown as {
      items: { status: { podIP: string; initContainerStatuses: { ready: boolean }[]; containerStatuses: { ready: boolean }[] } }[];
    };
    expect(new Set(items.map((pod) => pod.status.podIP)).size).toBe(3);
    for (const { status } of items) {
      expect(status.podIP).toMatch(/^10\.244\./);
      expect([...status.initContainerStatuses, ...status.containerStatuses].every((container) => container.ready)).toBe(true);
    }
    const slices = async () => {
      const list = await api.list(
        "discovery.k8s.io/v1",
        "EndpointSlice",
        namespace,
        undefined,
        undefined,
        undefined,
        undefined,
        "kubernetes.io/service-name=web",
      );
      return (list.items as unknown as { endpoints: object[] | null }[]).flatMap((slice) => slice.endpoints ?? []).length;
    };
    await expect.poll(slices, soon).toBe(3);
  });

  test("a StatefulSet gets its volumes, bound to simulated ones, and becomes ready", async () => {
    const read = await create(api, {
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata: { name: "db", namespace },
      spec: {
        serviceName: "db",
        replicas: 2,
        ...workload("db"),
        volumeClaimTemplates: [{ metadata: { name: "data" }, spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } } }],
      },
    });
    await expect.poll(async () => (await read()).status?.readyReplicas, soon).toBe(2);
    const claim = (await api.read({ apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name: "data-db-1", namespace } })) as unknown as {
      spec: { storageClassName: string; volumeName: string };
      status: { phase: string; capacity: object };
    };
    expect(claim).toMatchObject({ spec: { storageClassName: "local-path" }, status: { phase: "Bound", capacity: { storage: "1Gi" } } });
    const volume = await api.read({ apiVersion: "v1", kind: "PersistentVolume", metadata: { name: claim.spec.volumeName } });
    expect(volume.metadata?.labels).toMatchObject({ "strata.dev/simulated": "true" });
  });

  test("the volume of a deleted claim goes away", async () => {
    const claim = { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name: "short", namespace } };
    const read = await create(api, { ...claim, spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } } });
    await expect.poll(async () => (await read()).status?.phase, soon).toBe("Bound");
    const { spec } = (await read()) as unknown as { spec: { volumeName: string } };
    await api.delete(claim);
    const volumes = async () => (await api.list("v1", "PersistentVolume")).items.map((volume) => volume.metadata?.name);
    await expect.poll(volumes, soon).not.toContain(spec.volumeName);
  });

  test("a DaemonSet runs on every node", async () => {
    const read = await create(api, { apiVersion: "apps/v1", kind: "DaemonSet", metadata: { name: "agent", namespace }, spec: workload("agent") });
    await expect.poll(async () => (await read()).status?.numberReady, soon).toBe(2);
  });

  test("a Job with parallel pods completes", async () => {
    const job = (parallelism: number) => ({
      parallelism,
      completions: parallelism,
      template: { spec: { restartPolicy: "OnFailure", containers: [{ name: "c", image: "x" }] } },
    });
    const read = await create(api, { apiVersion: "batch/v1", kind: "Job", metadata: { name: "load", namespace }, spec: job(3) });
    await expect
      .poll(async () => (await read()).status, soon)
      .toMatchObject({ succeeded: 3, conditions: expect.arrayContaining([expect.objectContaining({ type: "Complete", status: "True" })]) });
  });

  test("a Job that is deleted while it runs leaves no pod", async () => {
    const job = { apiVersion: "batch/v1", kind: "Job", metadata: { name: "brief", namespace } };
    await create(api, { ...job, spec: { template: { ...labels("brief"), spec: { restartPolicy: "Never", containers: [{ name: "c", image: "x" }] } } } });
    const pods = async () => (await api.list("v1", "Pod", namespace, undefined, undefined, undefined, undefined, "app=brief")).items.length;
    await expect.poll(pods, soon).toBe(1);
    await api.delete(job, undefined, undefined, undefined, undefined, "Background");
    await expect.poll(pods, soon).toBe(0);
  });

  test("a Service of type LoadBalancer and an Ingress get documentation addresses", async () => {
    const service = await create(api, {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "lb", namespace },
      spec: { type: "LoadBalancer", ports: [{ port: 80 }] },
    });
    const ingress = await create(api, {
      apiVersion: "networking.k8s.io/v1",
      kind: "Ingress",
      metadata: { name: "ing", namespace },
      spec: { defaultBackend: { service: { name: "lb", port: { number: 80 } } } },
    });
    const address = async (read: typeof service) => JSON.stringify((await read()).status);
    await expect.poll(() => address(service), soon).toMatch(/"ip":"203\.0\.113\.(?!1")\d+"/);
    await expect.poll(() => address(ingress), soon).toContain('"ip":"203.0.113.1"');
  });

  test("a pod that asks for more than a node has stays unscheduled", async () => {
    const read = await create(api, {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "huge", namespace },
      spec: { containers: [{ name: "c", image: "x", resources: { requests: { memory: "17Gi" } } }] },
    });
    await expect.poll(async () => JSON.stringify((await read()).status), soon).toContain("Insufficient memory");
  });

  test("a namespace is deleted with everything in it", async () => {
    await api.delete({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
    const names = async () => (await api.list("v1", "Namespace")).items.map((item) => item.metadata?.name);
    await expect.poll(names, { timeout: 60_000, interval: 200 }).not.toContain(namespace);
  });
});
