import { expect, test } from "vitest";
import type { PropertyMap } from "#core/property-value.ts";
import { DaemonSetReadiness } from "#providers/kubernetes/await/daemon-set.ts";
import { DeploymentReadiness } from "#providers/kubernetes/await/deployment.ts";
import { IngressReadiness } from "#providers/kubernetes/await/ingress.ts";
import { JobReadiness } from "#providers/kubernetes/await/job.ts";
import { PodReadiness } from "#providers/kubernetes/await/pod.ts";
import { kinds, type Readiness, type ReadinessInput } from "#providers/kubernetes/await/readiness.ts";
import { ServiceReadiness } from "#providers/kubernetes/await/service.ts";
import { StatefulSetReadiness } from "#providers/kubernetes/await/stateful-set.ts";
import { waitForReadiness } from "#providers/kubernetes/await/wait-for.ts";
import { type Kind, kindOfObject } from "#providers/kubernetes/model/kind.ts";

/** A rule with time and messages in the test's hands. */
class Bench {
  readonly later: { after: number; action: () => void }[] = [];
  readonly told: string[] = [];
  input(object: PropertyMap, previous?: PropertyMap): ReadinessInput {
    return {
      object,
      previous,
      initialApiVersion: String(object.apiVersion),
      later: (after, action) => this.later.push({ after, action }),
      status: (message, severity = "info") => this.told.push(`${severity}: ${message}`),
    };
  }
  /** Lets everything happen that was put off. */
  pass(): void {
    for (const { action } of this.later.splice(0)) action();
  }
}

function see(readiness: Readiness, object: PropertyMap, type: "added" | "modified" | "deleted" = "modified"): void {
  readiness.observe(kindOfObject(object), { type, object });
}

const meta = (name: string, more: PropertyMap = {}): PropertyMap => ({ name, namespace: "n", uid: `uid-${name}`, ...more });
const ownedBy = (name: string) => ({ ownerReferences: [{ uid: `uid-${name}` }] });
const condition = (type: string, status: string, more: PropertyMap = {}) => ({ type, status, ...more });

function deployment(revision: string, status: PropertyMap, generation = 1): PropertyMap {
  const annotations: PropertyMap = revision ? { "deployment.kubernetes.io/revision": revision } : {};
  return { apiVersion: "apps/v1", kind: "Deployment", metadata: meta("web", { generation, annotations }), spec: { replicas: 2 }, status };
}
function replicaSet(revision: string, ready: number | undefined, wanted = 2): PropertyMap {
  const metadata = meta(`web-${revision}`, { ...ownedBy("web"), annotations: { "deployment.kubernetes.io/revision": revision } });
  return { apiVersion: "apps/v1", kind: "ReplicaSet", metadata, spec: { replicas: wanted }, status: ready === undefined ? {} : { readyReplicas: ready } };
}
const available = condition("Available", "True");
const rolledOut = condition("Progressing", "True", { reason: "NewReplicaSetAvailable" });

test("a new deployment is ready when it is available and its replica set has all pods", () => {
  const rule = new DeploymentReadiness(new Bench().input(deployment("", {})));
  see(rule, deployment("1", { observedGeneration: 1, conditions: [available] }));
  see(rule, replicaSet("1", 1));
  expect(rule.isReady()).toBe(false);
  see(rule, replicaSet("1", 2));
  expect(rule.isReady()).toBe(true);
});

test("an updated deployment waits for its controller to see it and to roll out the new revision", () => {
  const rule = new DeploymentReadiness(new Bench().input(deployment("1", {}, 2), deployment("1", {})));
  see(rule, deployment("1", { observedGeneration: 1, conditions: [available, rolledOut] }, 2));
  see(rule, replicaSet("1", 2));
  expect(rule.isReady()).toBe(false);
  see(rule, deployment("2", { observedGeneration: 2, conditions: [available, condition("Progressing", "True", { reason: "ReplicaSetUpdated" })] }, 2));
  see(rule, replicaSet("2", 2));
  expect(rule.isReady()).toBe(false);
  see(rule, deployment("2", { observedGeneration: 2, conditions: [available, rolledOut] }, 2));
  expect(rule.isReady()).toBe(true);
});

test("a deployment ignores a predecessor of the same name", () => {
  const rule = new DeploymentReadiness(new Bench().input(deployment("", {})));
  const predecessor = deployment("7", { observedGeneration: 1, conditions: [available, rolledOut] });
  see(rule, { ...predecessor, metadata: { ...(predecessor.metadata as PropertyMap), uid: "another" } }, "added");
  see(rule, replicaSet("7", 2));
  expect(rule.isReady()).toBe(false);
});

test("a deployment of zero replicas is ready, with a warning", () => {
  const bench = new Bench();
  const rule = new DeploymentReadiness(bench.input(deployment("", {})));
  see(rule, { ...deployment("1", { observedGeneration: 1, conditions: [available] }), spec: { replicas: 0 } });
  see(rule, replicaSet("1", undefined, 0));
  expect(rule.isReady()).toBe(true);
  expect(bench.told).toContain('warning: Replicas scaled to 0 for Deployment "web"');
});

test("a replica set that hasn't got its replicas yet isn't taken for scaled down", () => {
  const bench = new Bench();
  const rule = new DeploymentReadiness(bench.input(deployment("1", {}, 2), deployment("1", {})));
  see(rule, deployment("2", { observedGeneration: 2, conditions: [available] }, 2));
  see(rule, replicaSet("2", undefined, 0));
  expect(bench.told.filter((text) => text.startsWith("warning"))).toEqual([]);
});

test("a deployment that isn't ready says why, with its pods' errors and unbound claims", () => {
  const rule = new DeploymentReadiness(new Bench().input(deployment("", {})));
  const volumes = { template: { spec: { volumes: [{ name: "v", persistentVolumeClaim: { claimName: "data" } }] } } };
  const unavailable = condition("Available", "False", { reason: "MinimumReplicasUnavailable", message: "Deployment does not have minimum availability." });
  see(rule, { ...deployment("1", { observedGeneration: 1, conditions: [unavailable] }), spec: volumes });
  see(rule, replicaSet("1", 0));
  const waiting = { name: "c", ready: false, state: { waiting: { reason: "ImagePullBackOff", message: "no such image" } } };
  const conditions = [
    condition("PodScheduled", "True"),
    condition("Initialized", "True"),
    condition("Ready", "False", { reason: "ContainersNotReady", message: "containers with unready status: [c]" }),
  ];
  see(rule, { apiVersion: "v1", kind: "Pod", metadata: meta("web-1-x", ownedBy("web-1")), status: { conditions, containerStatuses: [waiting] } });
  see(rule, { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: meta("data"), status: { phase: "Pending" } });
  expect(rule.reasons()).toEqual([
    "[MinimumReplicasUnavailable] Deployment does not have minimum availability.",
    'Failed to bind PersistentVolumeClaim(s): "data"',
    "Minimum number of live Pods was not attained",
    "[Pod n/web-1-x]: containers with unready status: [c][ImagePullBackOff] no such image",
  ]);
});

function statefulSet(status: PropertyMap, more: PropertyMap = {}, generation = 1): PropertyMap {
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: meta("db", { generation }),
    spec: { replicas: 2, ...more },
    status: { observedGeneration: generation, ...status },
  };
}

test("a stateful set is ready when all replicas are ready and of one revision", () => {
  const rule = new StatefulSetReadiness(new Bench().input(statefulSet({})));
  see(rule, statefulSet({ replicas: 2, readyReplicas: 2, currentReplicas: 2, currentRevision: "a", updateRevision: "b" }));
  expect(rule.isReady()).toBe(false);
  expect(rule.reasons()).toEqual(['StatefulSet controller failed to advance from revision "a" to revision "b"']);
  see(rule, statefulSet({ replicas: 2, readyReplicas: 2, currentReplicas: 2, currentRevision: "b", updateRevision: "b" }));
  expect(rule.isReady()).toBe(true);
});

test("a stateful set that updates on deletion doesn't wait for revisions", () => {
  const onDelete = { updateStrategy: { type: "OnDelete" } };
  const rule = new StatefulSetReadiness(new Bench().input(statefulSet({}, onDelete, 2)));
  see(rule, statefulSet({ replicas: 2, readyReplicas: 2, currentRevision: "a", updateRevision: "b" }, onDelete, 2));
  expect(rule.isReady()).toBe(true);
});

test("a daemon set is ready when every node has its latest pod", () => {
  const set = (status: PropertyMap) => ({ apiVersion: "apps/v1", kind: "DaemonSet", metadata: meta("agent", { generation: 1 }), status });
  const counts = { desiredNumberScheduled: 2, currentNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 2, numberReady: 1 };
  const rule = new DaemonSetReadiness(new Bench().input(set({ desiredNumberScheduled: 0 })));
  expect(rule.isReady()).toBe(false);
  see(rule, set({ observedGeneration: 1, ...counts }));
  expect(rule.isReady()).toBe(false);
  see(rule, set({ observedGeneration: 1, ...counts, numberReady: 2 }));
  expect(rule.isReady()).toBe(true);
});

test("a job is ready when complete, and fails at once when it has run out of attempts", () => {
  const job = (status: PropertyMap) => ({ apiVersion: "batch/v1", kind: "Job", metadata: meta("once"), status });
  const rule = new JobReadiness(new Bench().input(job({})));
  see(rule, job({ startTime: "2026-01-01T00:00:00Z", active: 1 }));
  expect(rule.isReady()).toBe(false);
  see(rule, job({ startTime: "2026-01-01T00:00:00Z", conditions: [condition("Complete", "True")] }));
  expect(rule.isReady()).toBe(true);
  see(
    rule,
    job({
      startTime: "2026-01-01T00:00:00Z",
      conditions: [condition("Failed", "True", { reason: "BackoffLimitExceeded", message: "Job has reached the specified backoff limit" })],
    }),
  );
  expect(() => rule.isReady()).toThrow("Resource 'once' was created but failed to initialize");
  expect(rule.reasons()).toEqual(["[BackoffLimitExceeded] Job has reached the specified backoff limit"]);
});

test("a pod is ready when scheduled, initialised and ready, or when it has succeeded", () => {
  const pod = (phase: string, ready: string) => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: meta("p"),
    status: { phase, conditions: [condition("PodScheduled", "True"), condition("Initialized", "True"), condition("Ready", ready)] },
  });
  const rule = new PodReadiness(new Bench().input(pod("Pending", "False")));
  see(rule, pod("Running", "False"));
  expect(rule.isReady()).toBe(false);
  see(rule, pod("Running", "True"));
  expect(rule.isReady()).toBe(true);
  see(rule, pod("Succeeded", "False"));
  expect(rule.isReady()).toBe(true);
});

function service(spec: PropertyMap, status: PropertyMap = {}): PropertyMap {
  return { apiVersion: "v1", kind: "Service", metadata: meta("web"), spec, status };
}
const endpoints = (subsets: PropertyMap[]): PropertyMap => ({
  apiVersion: "v1",
  kind: "Endpoints",
  metadata: { name: "web", namespace: "n", uid: "other" },
  subsets,
});

test("a service waits until its endpoints have been quiet, and for none that is unready", () => {
  const bench = new Bench();
  const rule = new ServiceReadiness(bench.input(service({ selector: { app: "web" } })));
  see(rule, service({ selector: { app: "web" } }), "added");
  see(rule, endpoints([{ notReadyAddresses: [{ ip: "10.0.0.1" }] }]), "added");
  bench.pass();
  expect(rule.isReady()).toBe(false);
  see(rule, endpoints([{ addresses: [{ ip: "10.0.0.1" }] }]));
  expect(rule.isReady()).toBe(false);
  bench.pass();
  expect(rule.isReady()).toBe(true);
});

test("a service without a selector, without an address of its own or with an external name doesn't wait for endpoints", () => {
  const specs: PropertyMap[] = [{}, { selector: { a: "b" }, clusterIP: "None" }, { type: "ExternalName", selector: { a: "b" } }];
  for (const spec of specs) {
    const rule = new ServiceReadiness(new Bench().input(service(spec)));
    expect.soft(rule.isReady()).toBe(false);
    see(rule, service(spec), "added");
    expect.soft(rule.isReady()).toBe(true);
  }
});

test("a load balancer waits for its address and says so", () => {
  const rule = new ServiceReadiness(new Bench().input(service({ type: "LoadBalancer" })));
  see(rule, service({ type: "LoadBalancer" }), "added");
  expect(rule.isReady()).toBe(false);
  expect(rule.reasons()).toContain("Service was not allocated an IP address; does your cloud provider support this?");
  see(rule, service({ type: "LoadBalancer" }, { loadBalancer: { ingress: [{ ip: "192.0.2.1" }] } }));
  expect(rule.isReady()).toBe(true);
});

test("an ingress waits for an address and for its services, but only warns of one that never comes", () => {
  const bench = new Bench();
  const paths = [{ path: "/", backend: { service: { name: "web" } } }];
  const ingress = (status: PropertyMap): PropertyMap => ({
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: meta("in"),
    spec: { rules: [{ host: "h", http: { paths } }] },
    status,
  });
  const rule = new IngressReadiness(bench.input(ingress({})));
  see(rule, ingress({ loadBalancer: { ingress: [{ ip: "192.0.2.1" }] } }));
  expect(rule.isReady()).toBe(false);
  bench.pass();
  expect(rule.isReady()).toBe(true);
  expect(bench.told).toContain('warning: No matching service found for ingress rule: "h/" -> "web"');
});

test("a custom wait needs all its expressions, of the latest generation", () => {
  const box = (status: PropertyMap, generation = 1): PropertyMap => ({ apiVersion: "g.test/v1", kind: "Box", metadata: meta("box", { generation }), status });
  const rule = waitForReadiness('["jsonpath={.status.phase}=Done", "condition=Ready"]', new Bench().input(box({})));
  see(rule, box({ phase: "Done", conditions: [condition("Ready", "False")] }));
  expect(rule.isReady()).toBe(false);
  see(rule, box({ phase: "Done", conditions: [condition("Ready", "True")], observedGeneration: 1 }, 2));
  expect(rule.isReady()).toBe(false);
  see(rule, box({ phase: "Done", conditions: [condition("Ready", "True")], observedGeneration: 2 }, 2));
  expect(rule.isReady()).toBe(true);
});

test("a custom wait that can't be read is refused with what is expected", () => {
  const input = new Bench().input({ apiVersion: "g.test/v1", kind: "Box", metadata: meta("box") });
  const refusals = {
    "Ready=True": 'expected a "jsonpath=" or "condition=" prefix',
    "jsonpath=.status": "should be wrapped in brackets",
    "jsonpath={.a}=": "requires a value",
    "[]": "at least one condition",
  };
  for (const [annotation, says] of Object.entries(refusals)) expect.soft(() => waitForReadiness(annotation, input), annotation).toThrow(says);
});

test("every rule hears of its own kind first", () => {
  const own = (rule: Readiness): Kind | undefined => rule.kinds[0];
  expect(own(new DeploymentReadiness(new Bench().input(deployment("", {}))))).toMatchObject({ kind: "Deployment" });
  expect(own(new ServiceReadiness(new Bench().input(service({}))))).toEqual(kinds.service);
});
