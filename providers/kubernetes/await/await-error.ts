import type { KubernetesObject } from "#providers/kubernetes/model/kubernetes-object.ts";

/** An object that exists didn't become ready. */
export class AwaitError extends Error {
  /** What was last seen of it. */
  readonly object: KubernetesObject;
  /** What is missing, one sentence each. */
  readonly reasons: readonly string[];
  constructor(message: string, object: KubernetesObject, reasons: readonly string[]) {
    super(message);
    this.name = "AwaitError";
    this.object = object;
    this.reasons = reasons;
  }
}
