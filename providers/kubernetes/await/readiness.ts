import type { Severity } from "#core/operation.ts";
import type { ObjectEvent } from "#providers/kubernetes/await/shared-watches.ts";
import type { Kind } from "#providers/kubernetes/model/kind.ts";
import { type KubernetesObject, kindOf, nameOf, uidOf } from "#providers/kubernetes/model/kubernetes-object.ts";

/** What a rule for readiness needs to know of the world. */
export interface ReadinessInput {
  /** The object as create or update answered it. */
  readonly object: KubernetesObject;
  /** The object before an update. */
  readonly previous?: KubernetesObject;
  /** `apiVersion` that the resource was first created with. */
  readonly initialApiVersion: string;
  /** Runs an action later; used to let things settle. */
  readonly later: (milliseconds: number, action: () => void) => void;
  /** Tells people what is being waited for. */
  readonly status: (message: string, severity?: Severity) => void;
}

/** Decides from events when an object is ready. */
export interface Readiness {
  /** Kinds in the object's namespace to hear of, its own among them. */
  readonly kinds: readonly Kind[];
  observe(kind: Kind, event: ObjectEvent): void;
  /** Throws an {@link AwaitError} when it won't become ready any more. */
  isReady(): boolean;
  /** The object as last seen. */
  readonly live: KubernetesObject;
  /** What is missing. */
  reasons(): string[];
  /** Nothing more will change soon: called when there is one look at the cluster only. */
  settle?(): void;
  /** Whether time being up is success after all. */
  isGoodEnough?(): boolean;
  /** Called now and then while waiting. */
  report?(): void;
  /** The error for time being up, `'NAME' timed out waiting to be Ready` if absent. */
  timeoutMessage?(): string;
  /** Milliseconds; a limit of the rule's own that replaces the general one. */
  readonly limit?: number;
}

export const kinds = {
  pod: { group: "", version: "v1", kind: "Pod" },
  persistentVolumeClaim: { group: "", version: "v1", kind: "PersistentVolumeClaim" },
  service: { group: "", version: "v1", kind: "Service" },
  endpoints: { group: "", version: "v1", kind: "Endpoints" },
  event: { group: "", version: "v1", kind: "Event" },
  replicaSet: { group: "apps", version: "v1", kind: "ReplicaSet" },
  storageClass: { group: "storage.k8s.io", version: "v1", kind: "StorageClass" },
} as const satisfies Record<string, Kind>;

/** Whether an event is about the awaited object, or another of its name that belongs to it; a predecessor of the same name isn't it. */
export function concerns(event: ObjectEvent, awaited: KubernetesObject): boolean {
  if (nameOf(event.object) !== nameOf(awaited)) return false;
  return kindOf(event.object) !== kindOf(awaited) || uidOf(event.object) === uidOf(awaited);
}
