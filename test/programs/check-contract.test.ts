import { expect, test } from "vitest";
import { checkContract } from "#programs/contracts/check-contract.ts";
import type { ComponentContract } from "#programs/contracts/component-contract.ts";
import type { Manifest } from "#programs/contracts/manifest.ts";

const contract: ComponentContract = {
  component: "shop",
  release: "shop",
  crds: [{ name: "orders.example.com", scope: "Namespaced", version: "v1" }],
  services: [{ name: "shop", selector: { app: "shop" }, ports: { http: 80 } }],
  workloads: [{ kind: "Deployment", name: "shop", memory: "96Mi" }],
  secrets: { "shop-key": ["key"] },
};

interface Oddities {
  readonly crdVersion?: string;
  readonly memory?: string;
  readonly selector?: Record<string, string>;
  readonly targetPort?: string;
  readonly secretKey?: string;
  readonly extra?: Manifest[];
}

/** A chart that keeps the contract, but for the given oddity. */
function rendered({
  crdVersion = "v1",
  memory = "64Mi",
  selector = { app: "shop" },
  targetPort = "web",
  secretKey = "key",
  extra = [],
}: Oddities = {}): Manifest[] {
  const env = [{ valueFrom: { secretKeyRef: { name: "shop-key", key: secretKey } } }];
  return [
    {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: "orders.example.com" },
      spec: { scope: "Namespaced", versions: [{ name: crdVersion, served: true }] },
    },
    { apiVersion: "v1", kind: "Service", metadata: { name: "shop" }, spec: { selector, ports: [{ name: "http", port: 80, targetPort }] } },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "shop" },
      spec: {
        template: {
          metadata: { labels: { app: "shop" } },
          spec: {
            containers: [
              { name: "shop", image: "shop", env, ports: [{ name: "web", containerPort: 8080 }], resources: { requests: { memory } } },
              { name: "helper", image: "helper", resources: { requests: { memory: "32Mi" } } },
            ],
          },
        },
      },
    },
    ...extra,
  ];
}

test("a chart that keeps its contract has nothing to answer for", () => {
  expect(checkContract(contract, rendered())).toEqual([]);
});

test("objects that are missing are named", () => {
  expect(checkContract({ ...contract, secrets: {} }, [])).toEqual([
    "CustomResourceDefinition orders.example.com is missing",
    "Deployment shop is missing",
    "Service shop is missing",
  ]);
});

test("a definition that doesn't serve the promised version is named", () => {
  expect(checkContract(contract, rendered({ crdVersion: "v1beta1" }))).toEqual(["CustomResourceDefinition orders.example.com doesn't serve v1"]);
});

test("requests are summed over the containers of a pod", () => {
  expect(checkContract(contract, rendered({ memory: "128Mi" }))).toEqual(["Deployment shop requests 160Mi of memory per pod, not 96Mi"]);
});

test("a service that selects other pods, or none, is named", () => {
  expect(checkContract(contract, rendered({ selector: { app: "other" } }))).toEqual([
    'Service shop selects {"app":"other"}, not {"app":"shop"}',
    "Service shop selects no pods of the chart",
  ]);
});

test("a service port that leads to a closed container port is named", () => {
  expect(checkContract(contract, rendered({ targetPort: "admin" }))).toEqual(["Service shop sends port 'http' to admin, which no container opens"]);
});

test("a key that our Secret doesn't have is named", () => {
  expect(checkContract(contract, rendered({ secretKey: "token" }))).toEqual(["a pod reads key 'token' of Secret shop-key, which has only key"]);
});

test("a Secret that the chart makes although it is ours is named", () => {
  const extra = [{ apiVersion: "v1", kind: "Secret", metadata: { name: "shop-key" } }];
  expect(checkContract(contract, rendered({ extra }))).toEqual(["the chart makes Secret shop-key, which is ours"]);
});

test("a Secret that nobody makes is named", () => {
  expect(checkContract({ ...contract, secrets: {} }, rendered())).toEqual(["a pod reads Secret shop-key, which nobody makes"]);
});

test("a workload that an operator makes counts through its custom resource", () => {
  const operated: ComponentContract = {
    ...contract,
    crds: [],
    secrets: {},
    workloads: [{ kind: "StatefulSet", name: "shop-db", memory: "64Mi", operatedFrom: { kind: "Database", name: "db", podLabels: { app: "shop" } } }],
  };
  const service = { apiVersion: "v1", kind: "Service", metadata: { name: "shop" }, spec: { selector: { app: "shop" }, ports: [{ name: "http", port: 80 }] } };
  const database = (memory: string) => ({
    apiVersion: "example.com/v1",
    kind: "Database",
    metadata: { name: "db" },
    spec: { resources: { requests: { memory } } },
  });
  expect(checkContract(operated, [service, database("64Mi")])).toEqual([]);
  expect(checkContract(operated, [service, database("1Gi")])).toEqual(["StatefulSet shop-db requests 1024Mi of memory per pod, not 64Mi"]);
});
