import { concerns, type Readiness, type ReadinessInput } from "#providers/kubernetes/await/readiness.ts";
import type { ObjectEvent } from "#providers/kubernetes/await/shared-watches.ts";
import { type Kind, kindOfObject } from "#providers/kubernetes/model/kind.ts";
import { generationOf, type KubernetesObject, nameOf } from "#providers/kubernetes/model/kubernetes-object.ts";

export interface ObjectRule {
  /** Whether the object is ready; may throw. */
  readonly isReady: (object: KubernetesObject) => boolean;
  /** Milliseconds. */
  readonly limit?: number;
  readonly timeoutMessage?: string;
}

/** An object is ready by its own looks alone. */
export class ObjectReadiness implements Readiness {
  readonly kinds: readonly Kind[];
  readonly limit: number | undefined;
  live: KubernetesObject;
  readonly #input: ReadinessInput;
  readonly #rule: ObjectRule;
  #seen = false;

  constructor(input: ReadinessInput, rule: ObjectRule) {
    this.#input = input;
    this.#rule = rule;
    this.live = input.object;
    this.limit = rule.limit;
    this.kinds = [kindOfObject(input.object)];
  }

  observe(_kind: Kind, event: ObjectEvent): void {
    if (!concerns(event, this.#input.object) || event.type === "deleted" || generationOf(event.object) < generationOf(this.live)) return;
    this.live = event.object;
    this.#seen = true;
  }

  isReady(): boolean {
    return this.#seen && this.#rule.isReady(this.live);
  }

  reasons(): string[] {
    return [];
  }

  timeoutMessage(): string {
    return this.#rule.timeoutMessage ?? `Timeout occurred polling for '${nameOf(this.#input.object)}'`;
  }
}
