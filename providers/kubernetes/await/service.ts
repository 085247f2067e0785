import { concerns, kinds, type Readiness, type ReadinessInput } from "#providers/kubernetes/await/readiness.ts";
import type { ObjectEvent } from "#providers/kubernetes/await/shared-watches.ts";
import type { Kind } from "#providers/kubernetes/model/kind.ts";
import { at, type KubernetesObject, listAt, textAt } from "#providers/kubernetes/model/kubernetes-object.ts";

/** Endpoints come in dribs and drabs: only when nothing changed for this long are they taken for complete. */
export const quietMilliseconds = 10_000;

/**
 * A service is ready when its endpoints are complete and none of them is unready, and, for a load balancer, when it has an address. One that selects no pods, or has
 * no address of its own, doesn't wait for endpoints. Mirrors pulumi/pulumi-kubernetes:provider/pkg/await/service.go (v4.32.0).
 */
export class ServiceReadiness implements Readiness {
  readonly kinds = [kinds.service, kinds.endpoints];
  live: KubernetesObject;
  readonly #input: ReadinessInput;
  readonly #type: string;
  #serviceReady = false;
  #endpointsReady = false;
  #endpointsPending = false;
  #endpointsSettled = false;
  #changes = 0;

  constructor(input: ReadinessInput) {
    this.#input = input;
    this.live = input.object;
    this.#type = textAt(input.object, "spec", "type") || "ClusterIP";
    input.status("[1/3] Finding Pods to direct traffic to");
  }

  observe(kind: Kind, event: ObjectEvent): void {
    if (!concerns(event, this.#input.object)) return;
    if (kind.kind === "Endpoints") this.#observeEndpoints(event);
    else this.#observeService(event);
  }

  #observeService(event: ObjectEvent): void {
    this.#serviceReady = false;
    if (event.type === "deleted") return;
    this.live = event.object;
    this.#serviceReady = this.#type !== "LoadBalancer" || listAt(event.object, "status", "loadBalancer", "ingress").length > 0;
  }

  #observeEndpoints(event: ObjectEvent): void {
    this.#endpointsSettled = false;
    this.#endpointsReady = false;
    this.#endpointsPending = false;
    const change = ++this.#changes;
    this.#input.later(quietMilliseconds, () => {
      if (change === this.#changes) this.#endpointsSettled = true;
    });
    if (event.type === "deleted") return;
    for (const subset of listAt(event.object, "subsets")) {
      this.#endpointsReady ||= listAt(subset, "addresses").length > 0;
      this.#endpointsPending ||= listAt(subset, "notReadyAddresses").length > 0;
    }
  }

  isReady(): boolean {
    if (!this.#hasEndpoints()) return this.#serviceReady;
    if (this.#endpointsSettled && this.#endpointsReady && !this.#serviceReady) this.#input.status("[2/3] Attempting to allocate IP address to Service");
    return this.#serviceReady && this.#endpointsSettled && !this.#endpointsPending;
  }

  #hasEndpoints(): boolean {
    const selector = at(this.live, "spec", "selector");
    return this.#type !== "ExternalName" && !this.#isHeadless() && Object.keys(selector ?? {}).length > 0;
  }

  #isHeadless(): boolean {
    return textAt(this.live, "spec", "clusterIP") === "None";
  }

  settle(): void {
    this.#endpointsSettled = true;
  }

  isGoodEnough(): boolean {
    return this.#serviceReady && !this.#endpointsPending;
  }

  reasons(): string[] {
    if (this.#isHeadless() || this.#type === "ExternalName") return [];
    const reasons: string[] = [];
    if (!this.#endpointsReady)
      reasons.push("Service does not target any Pods. Selected Pods may not be ready, or field '.spec.selector' may not match labels on any Pods");
    if (this.#type === "LoadBalancer" && !this.#serviceReady) reasons.push("Service was not allocated an IP address; does your cloud provider support this?");
    return reasons;
  }
}
