import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { KubeObject } from "#clusters/kube-client.ts";
import { LoadBalancerAddresses } from "#clusters/sandbox/load-balancer-addresses.ts";
import { silentLogger } from "#core/logger.ts";
import { FakeKubeApi } from "./fake-kube-api.ts";

const services = "/api/v1/services";
const ingresses = "/apis/networking.k8s.io/v1/ingresses";
let api: FakeKubeApi;
let ending: AbortController;
let running: Promise<void>;
beforeEach(() => {
  api = new FakeKubeApi();
  ending = new AbortController();
});
afterEach(async () => {
  ending.abort();
  await running;
});

const start = () => {
  running = new LoadBalancerAddresses(api, silentLogger).run(ending.signal);
};
const service = (name: string, spec: object = {}, status?: object): KubeObject => ({
  metadata: { name, namespace: "n", uid: `uid-${name}` },
  spec: { type: "LoadBalancer", ...spec },
  ...(status ? { status } : {}),
});
const addressOf = (path: string, name: string): string | undefined =>
  (api.find(path, name, "n")?.status as { loadBalancer?: { ingress?: { ip: string }[] } } | undefined)?.loadBalancer?.ingress?.[0]?.ip;

describe("simulated load balancers", () => {
  test("give each Service of that type an address of its own, old and new ones alike", async () => {
    api.set(services, service("old"));
    start();
    await expect.poll(() => addressOf(services, "old")).toMatch(/^203\.0\.113\.\d+$/);
    for (const name of ["a", "b", "c"]) api.set(services, service(name));
    await expect.poll(() => addressOf(services, "c")).toBeDefined();
    expect(new Set(["old", "a", "b", "c"].map((name) => addressOf(services, name))).size).toBe(4);
  });

  test("leave other types, other implementations' classes and addresses that are there alone", async () => {
    api.set(services, service("internal", { type: "ClusterIP" }));
    api.set(services, service("foreign", { loadBalancerClass: "example.org/other" }));
    api.set(services, service("has", {}, { loadBalancer: { ingress: [{ ip: "203.0.113.2" }] } }));
    api.set(services, service("wants", { loadBalancerIP: "203.0.113.77" }));
    start();
    api.set(services, service("last"));
    await expect.poll(() => addressOf(services, "last")).toBe("203.0.113.3");
    expect(addressOf(services, "wants")).toBe("203.0.113.77");
    expect(addressOf(services, "has")).toBe("203.0.113.2");
    expect([addressOf(services, "internal"), addressOf(services, "foreign")]).toEqual([undefined, undefined]);
  });

  test("serve a Service that becomes one", async () => {
    api.set(services, service("s", { type: "ClusterIP" }));
    start();
    await new Promise((resolve) => setImmediate(resolve));
    api.set(services, service("s"));
    await expect.poll(() => addressOf(services, "s")).toBeDefined();
  });

  test("give all Ingresses the same address, and no Service that one", async () => {
    api.set(ingresses, { metadata: { name: "one", namespace: "n" } });
    api.set(ingresses, { metadata: { name: "two", namespace: "n" } });
    start();
    await expect.poll(() => addressOf(ingresses, "two")).toBe("203.0.113.1");
    expect(addressOf(ingresses, "one")).toBe("203.0.113.1");
    api.set(services, service("s"));
    await expect.poll(() => addressOf(services, "s")).toBe("203.0.113.2");
  });

  test("go on after watches were cut or expired", async () => {
    start();
    api.set(services, service("a"));
    await expect.poll(() => addressOf(services, "a")).toBeDefined();
    api.cutWatches();
    api.set(services, service("b"));
    api.expireWatches();
    api.set(services, service("c"));
    await expect.poll(() => addressOf(services, "c"), { timeout: 5_000 }).toBeDefined();
  });
});
