import { AwaitError } from "#providers/kubernetes/await/await-error.ts";
import { conditionOf, displayName, isTrue, podProgress } from "#providers/kubernetes/await/pod.ts";
import { concerns, kinds, type Readiness, type ReadinessInput } from "#providers/kubernetes/await/readiness.ts";
import type { ObjectEvent } from "#providers/kubernetes/await/shared-watches.ts";
import { type Kind, kindOfObject } from "#providers/kubernetes/model/kind.ts";
import { isOwnedBy, type KubernetesObject, nameOf, numberAt, textAt } from "#providers/kubernetes/model/kubernetes-object.ts";

export interface JobProgress {
  readonly ready: boolean;
  /** What is being waited for. */
  readonly description: string;
  /** Why it has failed for good. */
  readonly failure: string | undefined;
}

/** How far a job has come. Mirrors pulumi/pulumi-kubernetes:provider/pkg/await/checker/job/check.go (v4.32.0). */
export function jobProgress(job: KubernetesObject): JobProgress {
  const name = displayName(job);
  if (!textAt(job, "status", "startTime")) return { ready: false, description: `Waiting for Job "${name}" to start`, failure: undefined };
  const count = (field: string) => numberAt(job, "status", field) ?? 0;
  const progress = `(Active: ${count("active")} | Succeeded: ${count("succeeded")} | Failed: ${count("failed")})`;
  const failed = conditionOf(job, "Failed");
  const reason = textAt(failed, "reason");
  const failure = isTrue(failed) && ["BackoffLimitExceeded", "DeadlineExceeded"].includes(reason) ? `[${reason}] ${textAt(failed, "message")}` : undefined;
  return { ready: !failure && isTrue(conditionOf(job, "Complete")), description: `Waiting for Job "${name}" to succeed ${progress}`, failure };
}

/** A job is ready when it is complete; it fails as soon as it has run out of attempts or time. */
export class JobReadiness implements Readiness {
  readonly kinds: readonly Kind[];
  live: KubernetesObject;
  readonly #input: ReadinessInput;
  #progress: JobProgress | undefined;
  readonly #messages = new Set<string>();

  constructor(input: ReadinessInput) {
    this.#input = input;
    this.live = input.object;
    this.kinds = [kindOfObject(input.object), kinds.pod];
  }

  observe(kind: Kind, event: ObjectEvent): void {
    if (kind.kind === "Pod") this.#observePod(event);
    else if (event.type !== "deleted" && concerns(event, this.#input.object)) this.#observeJob(event);
  }

  #observeJob(event: ObjectEvent): void {
    this.live = event.object;
    this.#progress = jobProgress(event.object);
    if (this.#progress.failure) this.#messages.add(this.#progress.failure);
    this.#input.status(this.#progress.description);
  }

  #observePod(event: ObjectEvent): void {
    if (event.type === "deleted" || !isOwnedBy(event.object, this.live)) return;
    for (const warning of podProgress(event.object).warnings) {
      this.#messages.add(warning);
      // Every job's pods are unready for a while.
      if (!warning.includes("containers with unready status")) this.#input.status(warning, "warning");
    }
  }

  isReady(): boolean {
    if (this.#progress?.failure) throw new AwaitError(`Resource '${nameOf(this.live)}' was created but failed to initialize`, this.live, this.reasons());
    return this.#progress?.ready ?? false;
  }

  reasons(): string[] {
    return [...this.#messages];
  }
}
