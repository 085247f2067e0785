import { podProgress } from "#providers/kubernetes/await/pod.ts";
import { concerns, kinds, type Readiness, type ReadinessInput } from "#providers/kubernetes/await/readiness.ts";
import type { ObjectEvent } from "#providers/kubernetes/await/shared-watches.ts";
import { type Kind, kindOfObject } from "#providers/kubernetes/model/kind.ts";
import {
  annotationOf,
  generationOf,
  isOwnedBy,
  type KubernetesObject,
  listAt,
  nameOf,
  numberAt,
  textAt,
  uidOf,
} from "#providers/kubernetes/model/kubernetes-object.ts";

const revisionAnnotation = "deployment.kubernetes.io/revision";

/**
 * A deployment is ready when its controller has seen it, it is available, the replica set of its revision has its pods, and the claims it mounts are bound.
 * Mirrors pulumi/pulumi-kubernetes:provider/pkg/await/deployment.go (v4.32.0).
 */
export class DeploymentReadiness implements Readiness {
  readonly kinds: readonly Kind[];
  live: KubernetesObject;
  readonly #input: ReadinessInput;
  #reconciled = false;
  #available = false;
  #progressed = false;
  #rolledOut = false;
  #conditionErrors = new Map<string, string>();
  readonly #replicaSets = new Map<string, KubernetesObject>();
  readonly #pods = new Map<string, KubernetesObject>();
  readonly #claims = new Map<string, KubernetesObject>();

  constructor(input: ReadinessInput) {
    this.#input = input;
    this.live = input.object;
    this.kinds = [kindOfObject(input.object), kinds.replicaSet, kinds.pod, kinds.persistentVolumeClaim];
  }

  observe(kind: Kind, event: ObjectEvent): void {
    if (kind.kind === "ReplicaSet") this.#observeReplicaSet(event);
    else if (kind.kind === "Pod") this.#observePod(event);
    else if (kind.kind === "PersistentVolumeClaim") this.#observeClaim(event);
    else this.#observeDeployment(event);
  }

  #observeDeployment(event: ObjectEvent): void {
    const deployment = event.object;
    if (!concerns(event, this.#input.object) || event.type === "deleted") return;
    if (generationOf(deployment) < generationOf(this.#input.object)) return;
    this.#conditionErrors = new Map();
    this.live = deployment;
    this.#reconciled ||= generationOf(deployment) === numberAt(deployment, "status", "observedGeneration");
    if (!this.#revision) return;
    for (const condition of listAt(deployment, "status", "conditions")) {
      const type = textAt(condition, "type");
      const isTrue = textAt(condition, "status") === "True";
      if (type === "Progressing") this.#progressed = isTrue && textAt(condition, "reason") === "NewReplicaSetAvailable";
      if (type === "Available") this.#available = isTrue;
      if ((type === "Progressing" || type === "Available") && !isTrue) this.#noteCondition(textAt(condition, "reason"), textAt(condition, "message"));
    }
    this.#checkReplicaSet();
  }

  #noteCondition(reason: string, message: string): void {
    if (!reason || !message) return;
    const text = `[${reason}] ${message}`;
    this.#conditionErrors.set(reason, text);
    this.#input.status(text, "warning");
  }

  #observeReplicaSet(event: ObjectEvent): void {
    if (!isOwnedBy(event.object, this.#input.object)) return;
    const revision = annotationOf(event.object, revisionAnnotation);
    if (event.type === "deleted") this.#replicaSets.delete(revision);
    else this.#replicaSets.set(revision, event.object);
    this.#checkReplicaSet();
  }

  #checkReplicaSet(): void {
    const replicaSet = this.#replicaSets.get(this.#revision);
    if (!this.#revision || !replicaSet) return;
    // The replica set's own plan counts: somebody else may have scaled the deployment since.
    const wanted = numberAt(replicaSet, "spec", "replicas");
    const ready = numberAt(replicaSet, "status", "readyReplicas");
    const enough = ready === undefined ? wanted === 0 : ready >= (wanted ?? 1);
    this.#rolledOut = enough;
    if (!enough) this.#input.status(`Waiting for app ReplicaSet to be available (${ready ?? 0}/${wanted ?? 1} Pods available)`);
    // A new replica set begins with none, too.
    else if (wanted === 0 && numberAt(this.live, "spec", "replicas") === 0)
      this.#input.status(`Replicas scaled to 0 for Deployment "${nameOf(this.live)}"`, "warning");
  }

  #observePod(event: ObjectEvent): void {
    if (event.type === "deleted") this.#pods.delete(nameOf(event.object));
    else if (isOwnedBy(event.object, this.#replicaSets.get(this.#revision))) this.#pods.set(nameOf(event.object), event.object);
  }

  #observeClaim(event: ObjectEvent): void {
    const mounted = listAt(this.live, "spec", "template", "spec", "volumes").some(
      (volume) => textAt(volume, "persistentVolumeClaim", "claimName") === nameOf(event.object),
    );
    if (event.type === "deleted") this.#claims.delete(uidOf(event.object));
    else if (mounted) this.#claims.set(uidOf(event.object), event.object);
    for (const claim of this.#unboundClaims())
      this.#input.status(`PersistentVolumeClaim: [${nameOf(claim)}] is not ready. status.phase currently at: ${textAt(claim, "status", "phase")}`, "warning");
  }

  #unboundClaims(): KubernetesObject[] {
    return [...this.#claims.values()].filter((claim) => textAt(claim, "status", "phase") !== "Bound");
  }

  get #revision(): string {
    return annotationOf(this.live, revisionAnnotation);
  }

  isReady(): boolean {
    if (!this.#reconciled || !this.#available || !this.#rolledOut || this.#unboundClaims().length > 0) return false;
    return this.#revision === "1" || this.#progressed;
  }

  settle(): void {
    this.#reconciled = true;
  }

  report(): void {
    for (const warning of this.#podWarnings()) this.#input.status(warning, "warning");
  }

  #podWarnings(): string[] {
    const replicaSet = this.#replicaSets.get(this.#revision);
    if (!replicaSet) return [];
    return [...this.#pods.values()].filter((pod) => isOwnedBy(pod, replicaSet)).flatMap((pod) => podProgress(pod).warnings);
  }

  reasons(): string[] {
    const reasons = [...this.#conditionErrors.values()];
    const unbound = this.#unboundClaims().map(nameOf);
    if (unbound.length) reasons.push(`Failed to bind PersistentVolumeClaim(s): "${unbound.join(",")}"`);
    const first = this.#revision === "1";
    if (!this.#available) reasons.push("Minimum number of live Pods was not attained");
    else if (first ? !this.#rolledOut : !this.#progressed) reasons.push("Minimum number of Pods to consider the application live was not attained");
    else if (!this.#rolledOut) reasons.push("Attempted to roll forward to new ReplicaSet, but minimum number of Pods did not become live");
    return [...reasons, ...this.#podWarnings()];
  }
}
