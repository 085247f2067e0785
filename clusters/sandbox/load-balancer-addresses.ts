import type { KubeApi, KubeObject } from "#clusters/kube-client.ts";
import type { Logger } from "#core/logger.ts";
import { WatchedCollection } from "./watched-collection.ts";

/** RFC 5737 documentation addresses: nothing on any network answers at them. The first one is that of every Ingress. */
const pools = ["203.0.113", "198.51.100", "192.0.2"];
const ingressAddress = `${pools[0]}.1`;

interface LoadBalancerStatus {
  loadBalancer?: { ingress?: { ip?: string }[] };
}

/** Gives Services of type LoadBalancer and Ingresses an address, in place of a cloud or an ingress controller. */
export class LoadBalancerAddresses {
  readonly #client: KubeApi;
  readonly #services: WatchedCollection;
  readonly #ingresses: WatchedCollection;
  /** Addresses given out whose change hasn't come back through the watch yet. */
  readonly #given = new Map<string, string>();

  constructor(client: KubeApi, logger: Logger) {
    this.#client = client;
    this.#services = new WatchedCollection(client, "/api/v1/services", logger);
    this.#ingresses = new WatchedCollection(client, "/apis/networking.k8s.io/v1/ingresses", logger);
  }

  /** Runs until `signal`. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([
      this.#services.follow((service) => this.#serve(service), signal),
      this.#ingresses.follow((ingress) => this.#serveIngress(ingress), signal),
    ]);
  }

  async #serve(service: KubeObject): Promise<void> {
    const spec = service.spec as { type?: string; loadBalancerClass?: string; loadBalancerIP?: string };
    const key = service.metadata.uid ?? service.metadata.name;
    if (spec.type !== "LoadBalancer" || spec.loadBalancerClass || service.metadata.deletionTimestamp) {
      this.#given.delete(key);
      return;
    }
    if (addressesOf(service).length) return;
    const ip = spec.loadBalancerIP || this.#freeAddress();
    this.#given.set(key, ip);
    const path = `/api/v1/namespaces/${service.metadata.namespace}/services/${service.metadata.name}/status`;
    await this.#client.patch(path, { status: { loadBalancer: { ingress: [{ ip, ipMode: "VIP" }] } } }, "merge");
  }

  async #serveIngress(ingress: KubeObject): Promise<void> {
    if (addressesOf(ingress).length || ingress.metadata.deletionTimestamp) return;
    const path = `/apis/networking.k8s.io/v1/namespaces/${ingress.metadata.namespace}/ingresses/${ingress.metadata.name}/status`;
    await this.#client.patch(path, { status: { loadBalancer: { ingress: [{ ip: ingressAddress }] } } }, "merge");
  }

  #freeAddress(): string {
    const used = new Set([ingressAddress, ...this.#given.values(), ...[...this.#services.objects].flatMap(addressesOf)]);
    for (const pool of pools)
      for (let host = 1; host < 255; host++) {
        const address = `${pool}.${host}`;
        if (!used.has(address)) return address;
      }
    throw new Error(`all ${pools.length * 254 - 1} simulated load balancer addresses are taken`);
  }
}

function addressesOf(object: KubeObject): string[] {
  const { loadBalancer } = (object.status ?? {}) as LoadBalancerStatus;
  return (loadBalancer?.ingress ?? []).flatMap((entry) => (entry.ip ? [entry.ip] : []));
}
