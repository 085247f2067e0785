import type { EngineEvent } from "@pulumi/pulumi/automation/events.js";
import { expect, test } from "vitest";
import { CapacityCollector } from "#automation/capacity.ts";
import type { LayerId } from "#core/ids.ts";

function step(kind: string, name: string, spec: object, op = "create", component?: string): EngineEvent {
  const urn = `urn:pulumi:s::p::kubernetes:apps/v1:${kind}::${name}`;
  const inputs = { metadata: { labels: component ? { "strata.dev/component": component } : {} }, spec };
  return {
    sequence: 0,
    timestamp: 0,
    resourcePreEvent: { metadata: { op, urn, type: `kubernetes:apps/v1:${kind}`, new: op === "delete" ? undefined : { inputs } } },
  } as unknown as EngineEvent;
}

const pods = (requests: object, extra = {}) => ({ template: { spec: { containers: [{ resources: { requests } }], ...extra } } });

test("requests are summed over replicas and by component", () => {
  const capacity = new CapacityCollector("l" as LayerId, 1);
  capacity.observe(step("Deployment", "web", { replicas: 3, ...pods({ memory: "100Mi", cpu: "250m" }) }, "create", "shop"));
  capacity.observe(step("StatefulSet", "db", pods({ memory: "1Gi" }), "same", "shop"));
  expect(capacity.sums()).toEqual([{ component: "shop", layer: "l", memoryBytes: 3 * 100 * 2 ** 20 + 2 ** 30, cpuMillis: 750, pods: 4 }]);
});

test("a DaemonSet counts once per node, and a Job not at all", () => {
  const capacity = new CapacityCollector("l" as LayerId, 4);
  capacity.observe(step("DaemonSet", "agent", pods({ memory: "10Mi" })));
  capacity.observe(step("Job", "once", pods({ memory: "10Gi" })));
  expect(capacity.sums()).toMatchObject([{ component: "agent", memoryBytes: 40 * 2 ** 20, pods: 4 }]);
});

test("the largest init container counts when it asks for more than all containers together", () => {
  const capacity = new CapacityCollector("l" as LayerId, 1);
  capacity.observe(step("Deployment", "web", pods({ memory: "10Mi" }, { initContainers: [{ resources: { requests: { memory: "64Mi" } } }] })));
  expect(capacity.sums()[0]!.memoryBytes).toBe(64 * 2 ** 20);
});

test("a container without a request reserves its limit, and a deleted workload nothing", () => {
  const capacity = new CapacityCollector("l" as LayerId, 1);
  capacity.observe(step("Deployment", "a", { template: { spec: { containers: [{ resources: { limits: { memory: "5Mi" } } }] } } }));
  capacity.observe(step("Deployment", "b", pods({ memory: "9Mi" })));
  capacity.observe(step("Deployment", "b", {}, "delete"));
  expect(capacity.sums()).toMatchObject([{ component: "a", memoryBytes: 5 * 2 ** 20 }]);
});
