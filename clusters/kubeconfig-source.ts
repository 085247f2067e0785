import { existsSync } from "node:fs";
import { get as httpGet } from "node:http";
import { get as httpsGet, type RequestOptions } from "node:https";
import { resolve } from "node:path";
import type { Cluster, ClusterSource, ClusterStatus, EnsureOptions } from "#clusters/cluster-source.ts";
import { messageOf, StrataError } from "#core/errors.ts";

export interface KubeconfigSourceOptions {
  /** A file; relative to the working folder. */
  readonly path: string;
  /** @default the file's current context */
  readonly context?: string;
  /** How long the server may take to answer, in milliseconds. @default 10000 */
  readonly timeoutMs?: number;
}

interface Target {
  readonly context: string;
  readonly server: string;
  readonly ask: (signal: AbortSignal) => Promise<string>;
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
    return { source: "kubeconfig", name: target.context, kubeconfig: this.#path, context: target.context, simulated: [] };
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
    const ask = async (signal: AbortSignal): Promise<string> => {
      const settings: RequestOptions = {};
      await config.applyToHTTPSOptions(settings);
      return versionOf(server, { ...settings, signal });
    };
    return { context, server, ask };
  }

  /** The server's version. */
  async #check(target: Target, signal: AbortSignal): Promise<string> {
    const late = AbortSignal.timeout(this.#timeoutMs);
    try {
      return await target.ask(AbortSignal.any([late, signal]));
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

/** Asks an API server for its version; rejects for anything but such an answer. */
async function versionOf(server: string, settings: RequestOptions): Promise<string> {
  // A server may live below a path, e.g. behind a proxy.
  const url = new URL("version", server.endsWith("/") ? server : `${server}/`);
  const { status, body } = await new Promise<{ status: number; body: string }>((resolve, reject) => {
    const request = (url.protocol === "http:" ? httpGet : httpsGet)(url, settings, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
      response.on("error", reject);
    });
    request.on("error", reject);
  });
  if (status === 401 || status === 403) throw new Error(`the server refuses the context's credentials (${status})`);
  try {
    const { gitVersion } = JSON.parse(body) as { gitVersion?: unknown };
    if (status === 200 && typeof gitVersion === "string") return gitVersion;
  } catch {
    // Told below.
  }
  throw new Error(`${url} answers ${status}, but not as a Kubernetes API server does`);
}
