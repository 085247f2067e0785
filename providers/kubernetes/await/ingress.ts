import { concerns, kinds, type Readiness, type ReadinessInput } from "#providers/kubernetes/await/readiness.ts";
import { quietMilliseconds } from "#providers/kubernetes/await/service.ts";
import type { ObjectEvent } from "#providers/kubernetes/await/shared-watches.ts";
import { type Kind, kindOfObject } from "#providers/kubernetes/model/kind.ts";
import { type KubernetesObject, listAt, nameOf, textAt } from "#providers/kubernetes/model/kubernetes-object.ts";

/** Without a single endpoint in this time, none is expected. */
const graceMilliseconds = 60_000;

/**
 * An ingress is ready when it has an address and each of its paths leads to a service with endpoints or to an external name; endpoints that don't turn up in time
 * only warn. Mirrors pulumi/pulumi-kubernetes:provider/pkg/await/ingress.go (v4.32.0).
 */
export class IngressReadiness implements Readiness {
  readonly kinds: readonly Kind[];
  live: KubernetesObject;
  readonly #input: ReadinessInput;
  #hasAddress = false;
  #settled = false;
  #changes = 0;
  readonly #endpoints = new Set<string>();
  readonly #externalNames = new Set<string>();
  readonly #warned = new Set<string>();

  constructor(input: ReadinessInput) {
    this.#input = input;
    this.live = input.object;
    this.kinds = [kindOfObject(input.object), kinds.service, kinds.endpoints];
    input.status("[1/3] Finding a matching service for each Ingress path");
    input.later(graceMilliseconds, () => {
      if (this.#changes === 0) this.#settled = true;
    });
  }

  observe(kind: Kind, event: ObjectEvent): void {
    if (kind.kind === "Service") this.#observeService(event);
    else if (kind.kind === "Endpoints") this.#observeEndpoints(event);
    else if (concerns(event, this.#input.object)) {
      this.#hasAddress = false;
      if (event.type === "deleted") return;
      this.live = event.object;
      this.#hasAddress = listAt(event.object, "status", "loadBalancer", "ingress").length > 0;
    }
  }

  #observeService(event: ObjectEvent): void {
    const name = nameOf(event.object);
    if (event.type === "deleted") this.#externalNames.delete(name);
    else if (textAt(event.object, "spec", "type") === "ExternalName") this.#externalNames.add(name);
  }

  #observeEndpoints(event: ObjectEvent): void {
    if (event.type === "deleted") this.#endpoints.delete(nameOf(event.object));
    else this.#endpoints.add(nameOf(event.object));
    this.#settled = false;
    const change = ++this.#changes;
    this.#input.later(quietMilliseconds, () => {
      if (change === this.#changes) this.#settled = true;
    });
  }

  isReady(): boolean {
    const served = this.#pathsAreServed();
    if (served && !this.#hasAddress) this.#input.status("[2/3] Waiting for update of .status.loadBalancer with hostname/IP");
    return served && this.#hasAddress;
  }

  #pathsAreServed(): boolean {
    const missing = this.#missingBackends();
    if (missing.length === 0) return true;
    if (!this.#settled) return false;
    for (const path of missing) {
      if (this.#warned.has(path)) continue;
      this.#warned.add(path);
      this.#input.status(`No matching service found for ingress rule: ${path}`, "warning");
    }
    return true;
  }

  /** Paths whose service has no endpoints, as `"HOST/PATH" -> "SERVICE"`. */
  #missingBackends(): string[] {
    return listAt(this.live, "spec", "rules").flatMap((rule) =>
      listAt(rule, "http", "paths").flatMap((path) => {
        const service = textAt(path, "backend", "service", "name") || textAt(path, "backend", "serviceName");
        if (!service || this.#externalNames.has(service) || this.#endpoints.has(service)) return [];
        const address = textAt(rule, "host") + textAt(path, "path");
        return [`${address ? JSON.stringify(address) : '"" (default path)'} -> "${service}"`];
      }),
    );
  }

  settle(): void {
    this.#settled = true;
  }

  isGoodEnough(): boolean {
    return this.#pathsAreServed() && this.#hasAddress;
  }

  reasons(): string[] {
    const reasons: string[] = [];
    if (!this.#pathsAreServed()) reasons.push("Ingress has at least one rule with an unavailable target endpoint.");
    if (!this.#hasAddress)
      reasons.push(
        "Ingress .status.loadBalancer field was not updated with a hostname/IP address. \n    for more information about this error, see https://pulumi.io/xdv72s",
      );
    return reasons;
  }
}
