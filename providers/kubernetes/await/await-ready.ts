import { setTimeout as sleep } from "node:timers/promises";
import type { Severity } from "#core/operation.ts";
import type { Urn } from "#core/urn.ts";
import { AwaitError } from "#providers/kubernetes/await/await-error.ts";
import { kinds, type Readiness, type ReadinessInput } from "#providers/kubernetes/await/readiness.ts";
import { readinessOf } from "#providers/kubernetes/await/readiness-of.ts";
import type { SharedWatches, Subscription } from "#providers/kubernetes/await/shared-watches.ts";
import { waitForReadiness } from "#providers/kubernetes/await/wait-for.ts";
import { isNotFound } from "#providers/kubernetes/client/api-error.ts";
import type { Cluster } from "#providers/kubernetes/client/cluster.ts";
import type { ProviderContext } from "#providers/kubernetes/context.ts";
import { annotations, isTrue } from "#providers/kubernetes/model/annotations.ts";
import { kindOfObject } from "#providers/kubernetes/model/kind.ts";
import { annotationOf, at, type KubernetesObject, nameOf, namespaceOf, textAt, uidOf } from "#providers/kubernetes/model/kubernetes-object.ts";

const defaultMinutes = 10;
const reportEveryMilliseconds = 10_000;
const pollEveryMilliseconds = 1000;

export interface AwaitRequest {
  readonly urn: Urn;
  /** As the program asked for it; its annotations steer the wait. */
  readonly inputs: KubernetesObject;
  /** As create or update answered it. */
  readonly object: KubernetesObject;
  readonly previous?: KubernetesObject;
  readonly initialApiVersion: string;
  /** Seconds; 0 for the annotation's or the default. */
  readonly timeout: number;
}

/** Waits until an object is ready; answers it as it then is. Throws {@link AwaitError} when time is up, at once when it can't become ready, or when cancelled. */
export async function awaitReady(context: ProviderContext, request: AwaitRequest): Promise<KubernetesObject> {
  if (isTrue(request.inputs, annotations.skipAwait)) return request.object;
  const { cluster } = context.reachable();
  const timers = new Timers();
  const status = statusOnce(context, request.urn);
  let waited = false;
  let changed = () => {};
  const input: ReadinessInput = {
    object: request.object,
    previous: request.previous,
    initialApiVersion: request.initialApiVersion,
    later: (milliseconds, action) =>
      timers.add(milliseconds, () => {
        action();
        changed();
      }),
    status,
  };
  try {
    const waitFor = annotationOf(request.object, annotations.waitFor);
    const readiness = waitFor ? waitForReadiness(waitFor, input) : await readinessOf(input, cluster, context.settings.awaitAll);
    if (!readiness) return request.object;
    const limit = Math.min(timeoutMilliseconds(request.timeout, request.inputs), readiness.limit ?? Number.POSITIVE_INFINITY);
    const wait = new Wait(readiness, request.object, status, timers);
    changed = () => wait.check();
    waited = true;
    return await context.waiting(() => wait.run(cluster, context.watches as SharedWatches, limit, context.cancelled));
  } finally {
    timers.clear();
    if (waited) context.status(request.urn, "");
  }
}

/** Custom timeout, else the annotation, else 10 minutes. */
export function timeoutMilliseconds(seconds: number, inputs: KubernetesObject): number {
  if (seconds > 0) return seconds * 1000;
  const annotated = annotationOf(inputs, annotations.timeoutSeconds);
  return /^[+-]?\d+$/.test(annotated) ? Math.max(0, Number(annotated) * 1000) : defaultMinutes * 60_000;
}

/** Looks once whether an object is ready. Throws {@link AwaitError} if it isn't. */
export async function checkReady(context: ProviderContext, request: Omit<AwaitRequest, "previous" | "timeout">): Promise<void> {
  if (isTrue(request.inputs, annotations.skipAwait)) return;
  const { cluster } = context.reachable();
  const kind = kindOfObject(request.object);
  if (!checkedOnRead.has(`${kind.group}/${kind.kind}`)) return;
  const status = statusOnce(context, request.urn);
  const readiness = await readinessOf({ object: request.object, initialApiVersion: request.initialApiVersion, later: () => {}, status }, cluster, false);
  if (!readiness) return;
  const [own, ...related] = readiness.kinds;
  if (own) readiness.observe(own, { type: "added", object: request.object });
  for (const other of related) {
    // What can't be listed is simply not known: the object itself exists.
    const objects = await cluster.list(other, namespaceOf(request.object)).catch(() => []);
    for (const object of objects) readiness.observe(other, { type: "added", object });
  }
  readiness.settle?.();
  if (!readiness.isReady())
    throw new AwaitError(`Resource '${nameOf(request.object)}' was created but failed to initialize`, request.object, readiness.reasons());
}

/** The kinds whose readiness a refresh looks at. */
const checkedOnRead = new Set([
  "apps/Deployment",
  "extensions/Deployment",
  "apps/StatefulSet",
  "apps/DaemonSet",
  "extensions/DaemonSet",
  "batch/Job",
  "networking.k8s.io/Ingress",
  "extensions/Ingress",
  "/Pod",
  "/Service",
]);

/** Passes each message on once. */
function statusOnce(context: ProviderContext, urn: Urn): (message: string, severity?: Severity) => void {
  const told = new Set<string>();
  return (message, severity = "info") => {
    const key = `${severity} ${message}`;
    if (!message || told.has(key)) return;
    told.add(key);
    context.status(urn, message, severity);
  };
}

class Timers {
  readonly #timers = new Set<NodeJS.Timeout>();
  add(milliseconds: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, milliseconds);
    this.#timers.add(timer);
  }
  clear(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}

/** One wait: subscriptions, time limit and cancellation around a readiness rule. */
class Wait {
  readonly #readiness: Readiness;
  readonly #object: KubernetesObject;
  readonly #status: (message: string, severity?: Severity) => void;
  readonly #timers: Timers;
  readonly #outcome = Promise.withResolvers<KubernetesObject>();

  constructor(readiness: Readiness, object: KubernetesObject, status: (message: string, severity?: Severity) => void, timers: Timers) {
    this.#readiness = readiness;
    this.#object = object;
    this.#status = status;
    this.#timers = timers;
  }

  /** Ends the wait if the object is ready or has failed. */
  check(): void {
    try {
      if (this.#readiness.isReady()) this.#outcome.resolve(this.#readiness.live);
    } catch (error) {
      this.#outcome.reject(error instanceof AwaitError ? error : new AwaitError((error as Error).message, this.#readiness.live, []));
    }
  }

  async run(cluster: Cluster, watches: SharedWatches, limit: number, cancelled: AbortSignal): Promise<KubernetesObject> {
    const namespace = namespaceOf(this.#object);
    const subscriptions = this.#readiness.kinds.map((kind, i) =>
      watches.subscribe(kind, namespace, {
        onEvent: (event) => {
          this.#readiness.observe(kind, event);
          this.check();
        },
        // Without the right to watch it is asked for again and again; related objects are done without.
        onDenied: () => {
          if (i === 0) void this.#poll(cluster, cancelled);
        },
      }),
    );
    subscriptions.push(this.#tellWarnings(watches, namespace));
    const report = () => {
      this.#readiness.report?.();
      this.#timers.add(reportEveryMilliseconds, report);
    };
    this.#timers.add(reportEveryMilliseconds, report);
    this.#timers.add(limit, () => this.#giveUp(this.#readiness.timeoutMessage?.() ?? `'${nameOf(this.#object)}' timed out waiting to be Ready`));
    const cancel = () => this.#giveUp(`Resource operation was cancelled for "${nameOf(this.#object)}"`);
    if (cancelled.aborted) cancel();
    else cancelled.addEventListener("abort", cancel, { once: true });
    try {
      return await this.#outcome.promise;
    } finally {
      cancelled.removeEventListener("abort", cancel);
      for (const subscription of subscriptions) subscription.close();
    }
  }

  #giveUp(message: string): void {
    if (this.#readiness.isGoodEnough?.()) this.#outcome.resolve(this.#readiness.live);
    else this.#outcome.reject(new AwaitError(message, this.#readiness.live, this.#readiness.reasons()));
  }

  #tellWarnings(watches: SharedWatches, namespace: string): Subscription {
    const uid = uidOf(this.#object);
    return watches.subscribe(kinds.event, namespace, {
      onEvent: ({ type, object: event }) => {
        if (type === "deleted" || textAt(event, "type") !== "Warning" || textAt(event, "involvedObject", "uid") !== uid) return;
        this.#status(`${textAt(event, "reason")}: ${textAt(event, "message")}`, "warning");
      },
    });
  }

  async #poll(cluster: Cluster, cancelled: AbortSignal): Promise<void> {
    const kind = this.#readiness.kinds[0];
    let over = false;
    void this.#outcome.promise
      .catch(() => undefined)
      .finally(() => {
        over = true;
      });
    while (kind && !over && !cancelled.aborted) {
      try {
        const object = await cluster.get(kind, namespaceOf(this.#object), nameOf(this.#object));
        if (at(object, "kind") !== undefined) this.#readiness.observe(kind, { type: "modified", object });
        this.check();
      } catch (error) {
        if (isNotFound(error)) this.#readiness.observe(kind, { type: "deleted", object: this.#object });
      }
      await sleep(pollEveryMilliseconds);
    }
  }
}
