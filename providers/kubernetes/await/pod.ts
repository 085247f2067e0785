import type { PropertyValue } from "#core/property-value.ts";
import { concerns, kinds, type Readiness, type ReadinessInput } from "#providers/kubernetes/await/readiness.ts";
import type { ObjectEvent } from "#providers/kubernetes/await/shared-watches.ts";
import type { Kind } from "#providers/kubernetes/model/kind.ts";
import { at, type KubernetesObject, listAt, nameOf, namespaceOf, numberAt, textAt } from "#providers/kubernetes/model/kubernetes-object.ts";

export interface PodProgress {
  readonly ready: boolean;
  /** What is being waited for. */
  readonly descriptions: readonly string[];
  readonly statuses: readonly string[];
  readonly warnings: readonly string[];
}

/** How far a pod has come. Mirrors pulumi/pulumi-kubernetes:provider/pkg/await/checker/pod/check.go (v4.32.0). */
export function podProgress(pod: KubernetesObject): PodProgress {
  const name = displayName(pod);
  const descriptions = [`Waiting for Pod "${name}" to be scheduled`];
  const scheduled = conditionOf(pod, "PodScheduled");
  if (!isTrue(scheduled)) {
    const message = scheduled && textAt(scheduled, "reason") ? textAt(scheduled, "message") : "";
    return { ready: false, descriptions, statuses: message ? [message] : [], warnings: [] };
  }
  descriptions.push(`Waiting for Pod "${name}" to be initialized`);
  const initialized = conditionOf(pod, "Initialized");
  if (!isTrue(initialized)) return { ready: false, descriptions, statuses: [], warnings: podWarnings(pod, initialized) };
  descriptions.push(`Waiting for Pod "${name}" to be ready`);
  const ready = conditionOf(pod, "Ready");
  if (ready && (isTrue(ready) || textAt(pod, "status", "phase") === "Succeeded")) return { ready: true, descriptions, statuses: [], warnings: [] };
  return { ready: false, descriptions, statuses: [], warnings: podWarnings(pod, ready) };
}

/** `namespace/name`, without the namespace `default`. */
export function displayName(object: KubernetesObject): string {
  const namespace = namespaceOf(object);
  return namespace && namespace !== "default" ? `${namespace}/${nameOf(object)}` : nameOf(object);
}

/** The condition of a type in an object's status. */
export function conditionOf(object: KubernetesObject, type: string): PropertyValue | undefined {
  return listAt(object, "status", "conditions").find((condition) => textAt(condition, "type") === type);
}

export function isTrue(condition: PropertyValue | undefined): boolean {
  return textAt(condition, "status") === "True";
}

function podWarnings(pod: KubernetesObject, condition: PropertyValue | undefined): string[] {
  if (!condition) return [];
  const errors = listAt(pod, "status", "containerStatuses").flatMap(containerErrors);
  const message = textAt(condition, "message");
  if (errors.length === 0 && !message) return [];
  return [`[Pod ${displayName(pod)}]: ${textAt(condition, "reason") ? message : ""}${errors.join("\n")}`];
}

function containerErrors(status: PropertyValue): string[] {
  if (at(status, "ready") === true) return [];
  const errors: string[] = [];
  const waiting = at(status, "state", "waiting");
  if (waiting && textAt(waiting, "reason") !== "ContainerCreating") errors.push(`[${textAt(waiting, "reason")}] ${imageMessage(textAt(waiting, "message"))}`);
  const terminated = at(status, "state", "terminated");
  if (terminated && textAt(terminated, "reason"))
    errors.push(
      textAt(terminated, "message")
        ? `[${textAt(terminated, "reason")}] ${imageMessage(textAt(terminated, "message"))}`
        : `container "${textAt(status, "name")}" completed with exit code ${numberAt(terminated, "exitCode") ?? 0}`,
    );
  const last = at(status, "lastState", "terminated");
  if (last) {
    const exit = `${textAt(last, "reason")}: exit code ${numberAt(last, "exitCode") ?? 0}`;
    errors.push(`container "${textAt(status, "name")}" terminated at ${textAt(last, "finishedAt")} (${exit})`);
    if (textAt(last, "message")) errors.push(textAt(last, "message"));
  }
  return errors;
}

function imageMessage(message: string): string {
  return message.replace(/^rpc error: code = Unknown desc = Error response from daemon: /, "").replace(/: manifest unknown$/, "");
}

/** A pod is ready when it is scheduled, initialised and ready, or has succeeded. */
export class PodReadiness implements Readiness {
  readonly kinds = [kinds.pod];
  live: KubernetesObject;
  #progress: PodProgress | undefined;
  readonly #input: ReadinessInput;

  constructor(input: ReadinessInput) {
    this.#input = input;
    this.live = input.object;
  }

  observe(_kind: Kind, event: ObjectEvent): void {
    if (!concerns(event, this.#input.object)) return;
    this.live = event.object;
    this.#progress = podProgress(event.object);
    const waitingFor = this.#progress.descriptions.at(-1);
    if (waitingFor) this.#input.status(waitingFor);
  }

  isReady(): boolean {
    return this.#progress?.ready ?? false;
  }

  reasons(): string[] {
    return [...(this.#progress?.warnings ?? [])];
  }
}
