import { existsSync } from "node:fs";
import { get as httpGet } from "node:http";
import { get as httpsGet, type RequestOptions } from "node:https";
import { resolve } from "node:path";
import type { Cluster, ClusterSource, EnsureOptions } from "#clusters/cluster-source.ts";
import { simulatedInSandbox, simulatedLabel } from "#clusters/sandbox/simulated.ts";
import type { ClusterStatus } from "#core/cluster-status.ts";
import { messageOf, StrataError } from "#core/errors.ts";

export interface KubeconfigSourceOptions {
  /** A file; relative to the working folder. */
  readonly path: string;
  /** @default the file's current context */
  readonly context?: string;
  /** How long the server may take to answer, in milliseconds. @default 10000 */
  readonly timeoutMs?: number;
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

interface Target {
  readonly context: string;
  readonly server: string;
  readonly get: (path: string, signal: AbortSignal) => Promise<Answer>;
}

/** Somebody else's cluster: only ever checked, never started, stopped or removed. */
export class KubeconfigSource implements ClusterSource {
  readonly #path: string;
  readonly #options: KubeconfigSourceOptions;

  constructor(options: KubeconfigSourceOptions) {
    this.#options = options;
    this.#path = resolve(options.path);
  }

  async ensure(options: EnsureOptions): Promise<Cluster> {
    const target = await this.#target();
    options.onProgress(`asking ${target.server}`);
    await this.#check(target, options.signal);
    const simulated = await this.#simulated(target, options.signal);
    return { source: "kubeconfig", name: target.context, kubeconfig: this.#path, context: target.context, simulated };
  }

  async status(): Promise<ClusterStatus> {
    try {
      const target = await this.#target();
      const base = { name: target.context, source: "kubeconfig" as const, kubeconfig: this.#path, server: target.server, processes: [] };
      try {
        const version = await this.#check(target, AbortSignal.timeout(this.#timeoutMs));
        return { ...base, state: "running", detail: version };
      } catch (error) {
        return { ...base, state: "failed", detail: messageOf(error) };
      }
    } catch (error) {
      return {
        name: this.#options.context ?? this.#path,
        source: "kubeconfig",
        state: "absent",
        kubeconfig: this.#path,
        processes: [],
        detail: messageOf(error),
      };
    }
  }

  async stop(): Promise<void> {}

  async wipe(): Promise<void> {}

  get #timeoutMs(): number {
    return this.#options.timeoutMs ?? 10_000;
  }

  async #target(): Promise<Target> {
    const wrong = (reason: string, remedy: string): StrataError =>
      new StrataError("cluster_unreachable", `The kubeconfig ${this.#path} can't be used: ${reason}. ${remedy}`, { facts: { file: this.#path } });
    if (!existsSync(this.#path)) throw wrong("there is no such file", "Give the path of an existing one.");
    // Loaded when needed: it takes most of a second.
    const { KubeConfig } = await import("@kubernetes/client-node");
    const config = new KubeConfig();
    try {
      config.loadFromFile(this.#path);
    } catch (error) {
      throw wrong(messageOf(error), "Check it with `kubectl config view`.");
    }
    const context = this.#options.context ?? config.getCurrentContext();
    const known = config.getContexts().map((entry) => entry.name);
    if (!context) throw wrong("it has no current context", `Name one of: ${known.join(", ") || "(none there)"}.`);
    if (!known.includes(context)) throw wrong(`it has no context '${context}'`, `Name one of: ${known.join(", ") || "(none there)"}.`);
    config.setCurrentContext(context);
    const server = config.getCurrentCluster()?.server;
    if (!server) throw wrong(`the context '${context}' names a cluster that isn't there`, "Check it with `kubectl config view`.");
    const get = async (path: string, signal: AbortSignal): Promise<Answer> => {
      const settings: RequestOptions = {};
      await config.applyToHTTPSOptions(settings);
      return answerOf(new URL(path, server.endsWith("/") ? server : `${server}/`), { ...settings, signal });
    };
    return { context, server, get };
  }

  /** A kubeconfig may well be that of a sandbox: its nodes tell. Whoever may not list nodes isn't told. */
  async #simulated(target: Target, signal: AbortSignal): Promise<readonly string[]> {
    const path = `api/v1/nodes?limit=1&labelSelector=${encodeURIComponent(`${simulatedLabel}=true`)}`;
    try {
      const { status, body } = await target.get(path, AbortSignal.any([AbortSignal.timeout(this.#timeoutMs), signal]));
      return status === 200 && (JSON.parse(body) as { items?: unknown[] }).items?.length ? simulatedInSandbox : [];
    } catch {
      signal.throwIfAborted();
      return [];
    }
  }

  /** The server's version. */
  async #check(target: Target, signal: AbortSignal): Promise<string> {
    const late = AbortSignal.timeout(this.#timeoutMs);
    try {
      return versionIn(await target.get("version", AbortSignal.any([late, signal])));
    } catch (error) {
      if (signal.aborted && !late.aborted) throw signal.reason;
      const reason = late.aborted ? `no answer within ${this.#timeoutMs / 1000} s` : messageOf(error);
      throw new StrataError(
        "cluster_unreachable",
        `The cluster of ${this.#path}, context '${target.context}', doesn't answer at ${target.server}: ${reason}. Check that it runs and that \`kubectl --kubeconfig ${this.#path} --context ${target.context} version\` works.`,
        { cause: error, facts: { file: this.#path, context: target.context, server: target.server } },
      );
    }
  }
}

/** One GET. */
function answerOf(url: URL, settings: RequestOptions): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = (url.protocol === "http:" ? httpGet : httpsGet)(url, settings, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
      response.on("error", reject);
    });
    request.on("error", reject);
  });
}

/** The version in an API server's answer; throws for anything but such an answer. */
function versionIn({ status, body }: Answer): string {
  if (status === 401 || status === 403) throw new Error(`the server refuses the context's credentials (${status})`);
  try {
    const { gitVersion } = JSON.parse(body) as { gitVersion?: unknown };
    if (status === 200 && typeof gitVersion === "string") return gitVersion;
  } catch {
    // Told below.
  }
  throw new Error(`something answers (${status}), but not as a Kubernetes API server does`);
}
