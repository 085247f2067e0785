import type { Severity } from "#core/operation.ts";
import type { Urn } from "#core/urn.ts";
import type { ProviderHost } from "#providers/contract.ts";
import type { SharedWatches } from "#providers/kubernetes/await/shared-watches.ts";
import type { Connection, ReachableConnection } from "#providers/kubernetes/connection.ts";
import type { HelmCommand } from "#providers/kubernetes/helm/helm-command.ts";
import { builtInScope, definedKind, type Kind } from "#providers/kubernetes/model/kind.ts";
import type { KubernetesObject } from "#providers/kubernetes/model/kubernetes-object.ts";
import type { Settings } from "#providers/kubernetes/settings.ts";

/** What the parts of a configured provider share. */
export class ProviderContext {
  readonly settings: Settings;
  readonly connection: Connection;
  /** Absent while the cluster isn't reachable. */
  readonly watches: SharedWatches | undefined;
  readonly helm: HelmCommand;
  /** Builds a kustomization; answers the manifest. */
  readonly kustomize: (directory: string, flags: readonly string[]) => Promise<string>;
  /** Absolute; what the program's relative paths start from. */
  readonly workingFolder: string;
  /** Fires when calls under way shall come to an end. */
  readonly cancelled: AbortSignal;
  readonly #host: ProviderHost;
  /** Scope of the custom kinds that the program itself defines, by `group/Kind`. */
  readonly #defined = new Map<string, boolean>();

  constructor(
    parts: Pick<ProviderContext, "settings" | "connection" | "watches" | "helm" | "kustomize" | "workingFolder" | "cancelled"> & {
      readonly host: ProviderHost;
    },
  ) {
    this.settings = parts.settings;
    this.connection = parts.connection;
    this.watches = parts.watches;
    this.helm = parts.helm;
    this.kustomize = parts.kustomize;
    this.workingFolder = parts.workingFolder;
    this.cancelled = parts.cancelled;
    this.#host = parts.host;
  }

  get rendering(): boolean {
    return this.settings.renderToFolder !== "";
  }

  /** The cluster's connection. Throws an `Error` with the reason when there is none. */
  reachable(): ReachableConnection {
    if (this.connection.reachable) return this.connection;
    throw new Error(`configured Kubernetes cluster is unreachable: ${this.connection.reason}`);
  }

  log(severity: Severity, urn: Urn, message: string): void {
    this.#host.log(severity, message, { urn });
  }

  /** A passing message about what is being waited for. */
  status(urn: Urn, message: string, severity: Severity = "info"): void {
    this.#host.log(severity, message, { urn, ephemeral: true });
  }

  /** Waits for the cluster; meanwhile other calls may begin. */
  async waiting<T>(work: () => Promise<T>): Promise<T> {
    return await this.#host.whileWaiting(work);
  }

  /** Remembers a definition of custom resources, so that its kind's scope is known before the cluster has it. */
  define(definition: KubernetesObject): void {
    const defined = definedKind(definition);
    if (defined) this.#defined.set(`${defined.group}/${defined.kind}`, defined.namespaced);
  }

  /** Whether objects of the kind live in a namespace; `undefined` when nobody can tell. */
  async isNamespaced(kind: Kind, also: readonly KubernetesObject[] = []): Promise<boolean | undefined> {
    const builtIn = builtInScope(kind);
    if (builtIn) return builtIn === "namespaced";
    for (const definition of also) {
      const defined = definedKind(definition);
      if (defined?.group === kind.group && defined.kind === kind.kind) return defined.namespaced;
    }
    const defined = this.#defined.get(`${kind.group}/${kind.kind}`);
    if (defined !== undefined) return defined;
    if (!this.connection.reachable) return undefined;
    try {
      return (await this.connection.cluster.discovery.lookUp(kind))?.namespaced;
    } catch {
      return undefined;
    }
  }

  /** Whether the cluster serves the kind now. */
  async isServed(kind: Kind): Promise<boolean> {
    if (!this.connection.reachable) return false;
    try {
      return (await this.connection.cluster.discovery.lookUp(kind)) !== undefined;
    } catch {
      return false;
    }
  }
}
