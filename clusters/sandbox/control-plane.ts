import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { KubeApiError, KubeClient } from "#clusters/kube-client.ts";
import type { SandboxNodes } from "#core/cluster-spec.ts";
import type { Logger } from "#core/logger.ts";
import type { SandboxCertificates } from "./certificates.ts";
import { type ComponentName, componentArguments, componentLog, componentNames } from "./components.ts";
import { sandboxVariable } from "./control-protocol.ts";
import { applyFoundations } from "./foundations.ts";
import { writeKubeconfig } from "./kubeconfig-file.ts";
import type { SandboxLayout } from "./layout.ts";
import { ManagedProcess, type UnexpectedExit } from "./managed-process.ts";
import type { SandboxPorts } from "./ports.ts";
import { applyNodes, nodesAlive, nodesRenewed, releaseNodes } from "./simulated-nodes.ts";

export interface ControlPlaneOptions {
  readonly layout: SandboxLayout;
  readonly ports: SandboxPorts;
  readonly certificates: SandboxCertificates;
  readonly tools: Readonly<Record<ComponentName, string>>;
  /** File with the simulated nodes' behaviour. */
  readonly stages: string;
  /** PATH of the processes, also searched for `setpriv`. */
  readonly path: string;
  readonly clusterId: string;
  readonly clusterName: string;
  readonly logger: Logger;
  readonly onUnexpectedExit: (exit: UnexpectedExit) => void;
}

/** In the order in which a start gets there. */
export const startSteps = ["certificates", "processes", "API server", "foundations", "nodes", "ready"] as const;
export type StartStep = (typeof startSteps)[number];

const pollMs = 40;
const healthPaths = {
  etcd: "/health",
  // A hanging etcd isn't the API server's fault.
  "kube-apiserver": "/livez?exclude=etcd",
  "kube-controller-manager": "/healthz",
  "kube-scheduler": "/healthz",
} as const;

/** The five processes of a sandbox on one choice of ports. Started once, stopped once. */
export class ControlPlane {
  readonly client: KubeClient;
  readonly #options: ControlPlaneOptions;
  readonly #processes: ReadonlyMap<ComponentName, ManagedProcess>;
  readonly #healthClients: Readonly<Partial<Record<ComponentName, KubeClient>>>;

  constructor(options: ControlPlaneOptions) {
    this.#options = options;
    const { ports } = options;
    const clientOf = (port: number): KubeClient => this.#clientOf(port);
    this.client = clientOf(ports.apiServer);
    this.#healthClients = {
      etcd: clientOf(ports.etcd),
      "kube-apiserver": this.client,
      "kube-controller-manager": clientOf(ports.controllerManager),
      "kube-scheduler": clientOf(ports.scheduler),
    };
    this.#processes = this.#createProcesses();
  }

  get server(): string {
    return serverOf(this.#options.ports);
  }

  get processes(): { name: ComponentName; pid: number }[] {
    return [...this.#processes].flatMap(([name, { pid }]) => (pid === undefined ? [] : [{ name, pid }]));
  }

  /** Resolves when the cluster is usable; rejects when `signal` is aborted. Processes that end meanwhile are the business of `onUnexpectedExit`. */
  async start(nodes: readonly SandboxNodes[], signal: AbortSignal, onStep: (step: StartStep) => void): Promise<void> {
    signal.throwIfAborted();
    this.#writeKubeconfigs();
    onStep("processes");
    this.#run("etcd");
    this.#run("kube-apiserver");
    await this.#until(() => this.client.text("GET", "/readyz", { signal, timeoutMs: 2_000 }), signal);
    onStep("API server");
    this.#run("kube-controller-manager");
    this.#run("kube-scheduler");
    await this.#until(() => applyFoundations(this.client), signal);
    const names = await this.#until(() => this.setNodes(nodes), signal);
    await this.restart("kwok");
    onStep("foundations");
    await this.#until(() => nodesAlive(this.client, names), signal);
    onStep("nodes");
    await this.#until(
      () =>
        Promise.all([
          this.isHealthy("kube-controller-manager"),
          this.isHealthy("kube-scheduler"),
          this.client.get("/api/v1/namespaces/default/serviceaccounts/default", signal),
        ]),
      signal,
    );
    onStep("ready");
  }

  /** Starts a component that ended; nothing happens to one that runs or was stopped. */
  async restart(name: ComponentName): Promise<void> {
    // The simulated nodes belong to the kwok that went before until their leases run out, which would take most of a minute.
    if (name === "kwok") await releaseNodes(this.client);
    this.#run(name);
  }

  /** Kills a component that hangs, so that it is started again. */
  kill(name: ComponentName): void {
    this.#processes.get(name)?.kill();
  }

  /** Rejects when a component doesn't do its work. */
  async isHealthy(name: ComponentName): Promise<void> {
    if (name === "kwok") return nodesRenewed(this.client, new Date());
    await this.#healthClients[name]?.text("GET", healthPaths[name], { timeoutMs: 5_000 });
  }

  /** Makes the simulated nodes what `nodes` say; answers their names. */
  async setNodes(nodes: readonly SandboxNodes[]): Promise<string[]> {
    const { gitVersion } = (await this.client.get("/version")) as unknown as { gitVersion: string };
    return applyNodes(this.client, nodes, gitVersion);
  }

  /** Ends everything, dependants first. */
  async stop(): Promise<void> {
    const stop = (name: ComponentName, patienceMs: number) => this.#processes.get(name)?.stop(patienceMs);
    await Promise.all([stop("kwok", 3_000), stop("kube-scheduler", 3_000), stop("kube-controller-manager", 3_000)]);
    await stop("kube-apiserver", 8_000);
    await stop("etcd", 5_000);
    this.client.close();
    for (const client of Object.values(this.#healthClients)) client.close();
  }

  #run(name: ComponentName): void {
    this.#processes.get(name)?.start();
  }

  #clientOf(port: number): KubeClient {
    const { ca, supervisor } = this.#options.certificates;
    return new KubeClient({ server: `https://127.0.0.1:${port}`, ca: ca.certificate, certificate: supervisor.certificate, key: supervisor.key });
  }

  #kubeconfigOf(name: string): string {
    return join(this.#options.layout.pki, `${name}.kubeconfig`);
  }

  #writeKubeconfigs(): void {
    const { layout, certificates, clusterName } = this.#options;
    const write = (path: string, name: string, client: SandboxCertificates["admin"]): void =>
      writeKubeconfig({ path, name, server: this.server, ca: certificates.ca.certificate, client });
    write(layout.kubeconfig, clusterName, certificates.admin);
    write(this.#kubeconfigOf("kube-controller-manager"), "kube-controller-manager", certificates.controllerManager);
    write(this.#kubeconfigOf("kube-scheduler"), "kube-scheduler", certificates.scheduler);
    write(this.#kubeconfigOf("kwok"), "kwok", certificates.kwok);
  }

  #createProcesses(): ReadonlyMap<ComponentName, ManagedProcess> {
    const { layout, ports, certificates, tools, stages, path, clusterId, logger, onUnexpectedExit } = this.#options;
    const kubeconfigs = {
      "kube-controller-manager": this.#kubeconfigOf("kube-controller-manager"),
      "kube-scheduler": this.#kubeconfigOf("kube-scheduler"),
      kwok: this.#kubeconfigOf("kwok"),
    };
    const commandLines = componentArguments({ layout, ports, certificates, kubeconfigs, stages });
    // With setpriv the kernel ends a child whose supervisor was killed; without it the next start or stop does.
    const setpriv = path
      .split(delimiter)
      .map((folder) => join(folder, "setpriv"))
      .find((file) => existsSync(file));
    const commandOf = (name: ComponentName) =>
      setpriv
        ? { command: setpriv, arguments: ["--pdeathsig", "KILL", "--", tools[name], ...commandLines[name]] }
        : { command: tools[name], arguments: commandLines[name] };
    return new Map(
      componentNames.map((name) => [
        name,
        new ManagedProcess({
          name,
          ...commandOf(name),
          environment: { PATH: path, HOME: layout.folder, [sandboxVariable]: clusterId },
          logFile: componentLog(layout, name),
          logger,
          onUnexpectedExit,
        }),
      ]),
    );
  }

  /** Tries until it succeeds; ends with the last error when `signal` is aborted, or at once with one that won't go away. */
  async #until<T>(attempt: () => Promise<T>, signal: AbortSignal): Promise<T> {
    for (;;) {
      signal.throwIfAborted();
      try {
        return await attempt();
      } catch (error) {
        if (signal.aborted) throw error;
        if (error instanceof KubeApiError && [400, 405, 422].includes(error.status)) throw error;
        await sleep(pollMs);
      }
    }
  }
}

export function serverOf(ports: SandboxPorts): string {
  return `https://127.0.0.1:${ports.apiServer}`;
}
