import { setTimeout as sleep } from "node:timers/promises";
import type { Urn } from "#core/urn.ts";
import { objectStatus } from "#providers/kubernetes/await/object-status.ts";
import type { SharedWatches } from "#providers/kubernetes/await/shared-watches.ts";
import { isNotFound, NoMatchError } from "#providers/kubernetes/client/api-error.ts";
import type { Cluster } from "#providers/kubernetes/client/cluster.ts";
import type { ProviderContext } from "#providers/kubernetes/context.ts";
import { kindOfObject } from "#providers/kubernetes/model/kind.ts";
import { type KubernetesObject, listAt, nameOf, namespaceOf, uidOf } from "#providers/kubernetes/model/kubernetes-object.ts";

const pollEveryMilliseconds = 1000;

/**
 * Waits until an object is gone. Throws an `Error` when it isn't after `limit` milliseconds, or when cancelled.
 *
 * @param object as the delete request answered it
 */
export async function awaitDeleted(context: ProviderContext, urn: Urn, object: KubernetesObject, limit: number): Promise<void> {
  const { cluster } = context.reachable();
  const outcome = Promise.withResolvers<"gone" | "late" | "cancelled">();
  const stop = new AbortController();
  let live = object;
  let reported = false;
  let told = "";
  const see = (seen: KubernetesObject | undefined) => {
    // An object of the same name but another identity was made after ours had gone.
    if (!seen || (uidOf(object) && uidOf(seen) !== uidOf(object))) return outcome.resolve("gone");
    live = seen;
    const { message } = objectStatus(seen);
    if (message !== told) context.status(urn, message);
    told = message;
  };
  const subscription = (context.watches as SharedWatches).subscribe(kindOfObject(object), namespaceOf(object), {
    onEvent: (event) => {
      if (nameOf(event.object) !== nameOf(object)) return;
      reported = true;
      see(event.type === "deleted" ? undefined : event.object);
    },
    // An object that the watch doesn't know is gone already, or too new for it.
    onSynced: () => {
      if (!reported) void lookUp(cluster, object).then(see, () => undefined);
    },
    onDenied: () => void poll(cluster, object, see, stop.signal),
  });
  const cancel = () => outcome.resolve("cancelled");
  const timer = setTimeout(() => outcome.resolve("late"), limit);
  if (context.cancelled.aborted) cancel();
  else context.cancelled.addEventListener("abort", cancel, { once: true });
  try {
    const ended = await context.waiting(() => outcome.promise);
    if (ended === "gone" || (await lookUp(cluster, object).catch(() => live)) === undefined) return;
    const finalizers = listAt(live, "metadata", "finalizers").join(", ");
    context.log("warning", urn, `finalizers might be preventing deletion (${finalizers})`);
    throw new Error(ended === "late" ? "timed out waiting for the condition" : "context canceled");
  } finally {
    clearTimeout(timer);
    stop.abort();
    context.cancelled.removeEventListener("abort", cancel);
    subscription.close();
    if (told) context.status(urn, "");
  }
}

async function lookUp(cluster: Cluster, object: KubernetesObject): Promise<KubernetesObject | undefined> {
  try {
    return await cluster.get(kindOfObject(object), namespaceOf(object), nameOf(object));
  } catch (error) {
    if (isNotFound(error) || error instanceof NoMatchError) return undefined;
    throw error;
  }
}

async function poll(cluster: Cluster, object: KubernetesObject, see: (seen: KubernetesObject | undefined) => void, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    await lookUp(cluster, object).then(see, () => undefined);
    await sleep(pollEveryMilliseconds, undefined, { signal: stop }).catch(() => undefined);
  }
}
