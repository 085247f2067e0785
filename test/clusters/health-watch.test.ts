import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ComponentName } from "#clusters/sandbox/components.ts";
import { watchHealth } from "#clusters/sandbox/health-watch.ts";
import { nodesRenewed } from "#clusters/sandbox/simulated-nodes.ts";
import { silentLogger } from "#core/logger.ts";
import { FakeKubeApi } from "./fake-kube-api.ts";

let ending: AbortController;
let running: Promise<void>;
beforeEach(() => {
  ending = new AbortController();
});
afterEach(async () => {
  ending.abort();
  await running;
});

/** Watches etcd, whose checks answer what `healthy` says, one after the other, and well ever after. */
function watch(healthy: boolean[]): { checks: () => number; hung: ComponentName[] } {
  let checks = 0;
  const hung: ComponentName[] = [];
  running = watchHealth(
    {
      components: ["etcd"],
      check: async () => {
        if (healthy[checks++] === false) throw new Error("no answer");
      },
      onHang: (name) => hung.push(name),
      logger: silentLogger,
      everyMs: 1,
      failuresAllowed: 3,
    },
    ending.signal,
  );
  return { checks: () => checks, hung };
}

describe("the watch over health", () => {
  test("reports a component that failed often enough in a row, and starts counting anew", async () => {
    const seen = watch([false, false, false, false, false, true]);
    await expect.poll(seen.checks).toBeGreaterThan(6);
    expect(seen.hung).toEqual(["etcd"]);
  });

  test("forgives single failures", async () => {
    const seen = watch([false, false, true, false, false, true]);
    await expect.poll(seen.checks).toBeGreaterThan(6);
    expect(seen.hung).toEqual([]);
  });
});

describe("simulated nodes", () => {
  const leases = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";
  const lease = (name: string, renewTime: string) => ({ metadata: { name }, spec: { renewTime } });

  test("count as unhealthy when a lease wasn't renewed for half a minute", async () => {
    running = Promise.resolve();
    const api = new FakeKubeApi();
    api.set(leases, lease("simulated-1", "2026-01-01T00:00:25.000000Z"));
    await nodesRenewed(api, new Date("2026-01-01T00:00:30Z"));
    api.set(leases, lease("simulated-2", "2025-12-31T23:59:00.000000Z"));
    await expect(nodesRenewed(api, new Date("2026-01-01T00:00:30Z"))).rejects.toThrow("stale: simulated-2");
  });
});
