import { podProgress } from "#providers/kubernetes/await/pod.ts";
import { concerns, kinds, type Readiness, type ReadinessInput } from "#providers/kubernetes/await/readiness.ts";
import type { ObjectEvent } from "#providers/kubernetes/await/shared-watches.ts";
import { type Kind, kindOfObject } from "#providers/kubernetes/model/kind.ts";
import { generationOf, isOwnedBy, type KubernetesObject, nameOf, numberAt, textAt } from "#providers/kubernetes/model/kubernetes-object.ts";

/**
 * A stateful set is ready when all its replicas are there, ready and of its latest revision; where updates wait for deletions, revisions don't count.
 * Mirrors pulumi/pulumi-kubernetes:provider/pkg/await/statefulset.go (v4.32.0).
 */
export class StatefulSetReadiness implements Readiness {
  readonly kinds: readonly Kind[];
  live: KubernetesObject;
  readonly #input: ReadinessInput;
  #revisionReady = false;
  #replicasReady = false;
  #current = 0;
  #target = 0;
  #currentRevision = "";
  #targetRevision = "";
  readonly #pods = new Map<string, KubernetesObject>();

  constructor(input: ReadinessInput) {
    this.#input = input;
    this.live = input.object;
    this.kinds = [kindOfObject(input.object), kinds.pod];
  }

  observe(kind: Kind, event: ObjectEvent): void {
    if (kind.kind === "Pod") this.#observePod(event);
    else this.#observeSet(event);
  }

  #observePod(event: ObjectEvent): void {
    if (event.type === "deleted") this.#pods.delete(nameOf(event.object));
    else if (isOwnedBy(event.object, this.live)) this.#pods.set(nameOf(event.object), event.object);
  }

  #observeSet(event: ObjectEvent): void {
    const set = event.object;
    if (!concerns(event, this.#input.object)) return;
    this.#revisionReady = false;
    this.#replicasReady = false;
    if (event.type === "deleted" || generationOf(set) < generationOf(this.#input.object)) return;
    this.live = set;
    const seen = numberAt(set, "status", "observedGeneration");
    if (seen === undefined || seen < generationOf(set)) return;
    const count = (field: string) => numberAt(set, "status", field) ?? 0;
    this.#target = numberAt(set, "spec", "replicas") ?? 0;
    this.#currentRevision = textAt(set, "status", "currentRevision");
    this.#targetRevision = textAt(set, "status", "updateRevision");
    const complete = this.#target === count("replicas") && this.#target === count("readyReplicas");
    if (generationOf(set) > 1 && textAt(set, "spec", "updateStrategy", "type") === "OnDelete") {
      this.#revisionReady = true;
      this.#replicasReady = complete;
    } else {
      this.#revisionReady = this.#currentRevision !== "" && this.#currentRevision === this.#targetRevision;
      this.#replicasReady = complete && this.#target === count("currentReplicas");
    }
    // While it rolls, ready pods of the former revision don't count.
    this.#current = this.#revisionReady ? count("readyReplicas") : Math.min(count("readyReplicas"), count("updatedReplicas"));
    this.#tell();
  }

  #tell(): void {
    const progress = `(${this.#current}/${this.#target} Pods ready)`;
    if (this.isReady()) return;
    if (generationOf(this.live) <= 1) this.#input.status(`[1/2] Waiting for StatefulSet to create Pods ${progress}`);
    else if (!this.#replicasReady) this.#input.status(`[1/3] Waiting for StatefulSet update to roll out ${progress}`);
    else this.#input.status("[2/3] Waiting for StatefulSet to update .status.currentRevision");
  }

  isReady(): boolean {
    return this.#replicasReady && this.#revisionReady;
  }

  report(): void {
    for (const warning of this.#podWarnings()) this.#input.status(warning, "warning");
  }

  #podWarnings(): string[] {
    return [...this.#pods.values()].filter((pod) => isOwnedBy(pod, this.live)).flatMap((pod) => podProgress(pod).warnings);
  }

  reasons(): string[] {
    const reasons: string[] = [];
    if (!this.#replicasReady) reasons.push(`${this.#current} out of ${this.#target} replicas succeeded readiness checks`);
    if (!this.#revisionReady)
      reasons.push(`StatefulSet controller failed to advance from revision "${this.#currentRevision}" to revision "${this.#targetRevision}"`);
    return [...reasons, ...this.#podWarnings()];
  }
}
