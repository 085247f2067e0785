import { objectStatus } from "#providers/kubernetes/await/object-status.ts";
import { podProgress } from "#providers/kubernetes/await/pod.ts";
import { concerns, kinds, type Readiness, type ReadinessInput } from "#providers/kubernetes/await/readiness.ts";
import type { ObjectEvent } from "#providers/kubernetes/await/shared-watches.ts";
import { type Kind, kindOfObject } from "#providers/kubernetes/model/kind.ts";
import { generationOf, isOwnedBy, type KubernetesObject } from "#providers/kubernetes/model/kubernetes-object.ts";

/** A daemon set is ready when every node that should run its pod runs the latest one. */
export class DaemonSetReadiness implements Readiness {
  readonly kinds: readonly Kind[];
  live: KubernetesObject;
  readonly #input: ReadinessInput;

  constructor(input: ReadinessInput) {
    this.#input = input;
    this.live = input.object;
    this.kinds = [kindOfObject(input.object), kinds.pod];
  }

  observe(kind: Kind, event: ObjectEvent): void {
    if (event.type === "deleted") return;
    if (kind.kind === "Pod") {
      if (isOwnedBy(event.object, this.live)) for (const warning of podProgress(event.object).warnings) this.#input.status(warning, "warning");
    } else if (concerns(event, this.#input.object) && generationOf(event.object) >= generationOf(this.#input.object)) {
      this.live = event.object;
      this.#input.status(objectStatus(this.live).message);
    }
  }

  isReady(): boolean {
    return objectStatus(this.live).current;
  }

  reasons(): string[] {
    return [];
  }

  timeoutMessage(): string {
    return "timed out waiting for the condition";
  }
}
