import { chmodSync, existsSync, mkdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { KubeApiError, KubeClient, type KubeObject } from "#clusters/kube-client.ts";
import type { SandboxNodes } from "#core/cluster-spec.ts";
import { StrataError } from "#core/errors.ts";
import type { Logger } from "#core/logger.ts";
import { ensureCertificates, type SandboxCertificates } from "./certificates.ts";
import { type ClusterRecord, writeClusterRecord } from "./cluster-record.ts";
import { type ComponentName, componentArguments, componentLog, componentNames } from "./components.ts";
import { type SupervisorLaunch, type SupervisorStatus, sandboxVariable } from "./control-protocol.ts";
import { applyFoundations, applyNodes } from "./foundations.ts";
import { writeKubeconfig } from "./kubeconfig-file.ts";
import type { SandboxLayout } from "./layout.ts";
import { LoadBalancerAddresses } from "./load-balancer-addresses.ts";
import { lastLines } from "./log-tail.ts";
import { ManagedProcess, type UnexpectedExit } from "./managed-process.ts";
import { choosePorts, type SandboxPorts } from "./ports.ts";
import { VolumeProvisioner } from "./volume-provisioner.ts";

export interface SandboxSupervisorOptions {
  readonly layout: SandboxLayout;
  readonly record: ClusterRecord;
  readonly launch: SupervisorLaunch;
  /** File with the simulated nodes' behaviour. */
  readonly stages: string;
  /** PATH of the children, also searched for `setpriv`. */
  readonly path: string;
  readonly logger: Logger;
  /** Called once when the sandbox can't go on; everything is stopped by then. */
  readonly onFailure: (error: StrataError) => void;
}

const steps = ["certificates", "processes", "API server", "foundations", "nodes", "ready"] as const;
type Step = (typeof steps)[number];

/** More unasked exits than this within a minute, and the sandbox gives up. */
const exitsBeforeGivingUp = 5;
const portAttempts = 3;

/** Runs the processes of one sandbox and the loops that stand in for what isn't there. Lives in a process of its own. */
export class SandboxSupervisor {
  readonly #options: SandboxSupervisorOptions;
  readonly #loops = new AbortController();
  readonly #startedAt = performance.now();
  #record: ClusterRecord;
  #state: SupervisorStatus["state"] = "starting";
  #step: Step = "certificates";
  #timings: Record<string, number> = {};
  #processes = new Map<ComponentName, ManagedProcess>();
  #client: KubeClient | undefined;
  #running: Promise<void>[] = [];
  #stopped: Promise<void> | undefined;
  #exitDuringStart: ((exit: UnexpectedExit) => void) | undefined;

  constructor(options: SandboxSupervisorOptions) {
    this.#options = options;
    this.#record = options.record;
  }

  status(): SupervisorStatus {
    return {
      id: this.#record.id,
      state: this.#state,
      step: this.#step,
      done: steps.indexOf(this.#step),
      total: steps.length - 1,
      server: this.#record.ports ? serverOf(this.#record.ports) : "",
      nodes: this.#record.nodes,
      supervisor: process.pid,
      processes: [...this.#processes.values()].flatMap(({ name, pid }) => (pid === undefined ? [] : [{ name, pid }])),
      timings: this.#timings,
    };
  }

  /** Resolves when the cluster is usable. Throws `cluster_failed` or `disk_full`, with everything stopped again. */
  async start(): Promise<void> {
    const { layout } = this.#options;
    for (const folder of [layout.logs, layout.pki, layout.etcd]) mkdirSync(folder, { recursive: true, mode: 0o700 });
    chmodSync(layout.etcd, 0o700);
    const certificates = await ensureCertificates(layout.pki);
    try {
      for (let attempt = 1; ; attempt++) {
        try {
          await this.#startProcesses(certificates, attempt === 1 ? this.#record.ports : undefined);
          break;
        } catch (error) {
          // Somebody took a port between our look and the process's bind.
          if (!(error instanceof PortTaken) || attempt === portAttempts) throw error;
          await this.#stopProcesses();
        }
      }
    } catch (error) {
      await this.stop();
      throw error;
    }
    this.#state = "running";
    this.#reach("ready");
    this.#startLoops();
  }

  /** Changes the simulated nodes of the running cluster. */
  async setNodes(nodes: readonly SandboxNodes[]): Promise<void> {
    if (!this.#client || this.#state !== "running") throw new StrataError("cluster_failed", `The sandbox '${this.#record.name}' isn't running.`);
    const names = await applyNodes(this.#client, nodes, await this.#version(this.#client));
    this.#remember({ ...this.#record, nodes });
    await this.#nodesReady(this.#client, names, AbortSignal.timeout(30_000));
  }

  /** Ends everything, dependants first. Safe to call twice. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stopOnce();
    return this.#stopped;
  }

  async #stopOnce(): Promise<void> {
    if (this.#state !== "failed") this.#state = "stopping";
    this.#loops.abort();
    await Promise.allSettled(this.#running);
    await this.#stopProcesses();
  }

  async #stopProcesses(): Promise<void> {
    this.#client?.close();
    this.#client = undefined;
    const stop = (name: ComponentName, patienceMs: number) => this.#processes.get(name)?.stop(patienceMs);
    await Promise.all([stop("kwok", 3_000), stop("kube-scheduler", 3_000), stop("kube-controller-manager", 3_000)]);
    await stop("kube-apiserver", 8_000);
    await stop("etcd", 5_000);
    this.#processes.clear();
  }

  async #startProcesses(certificates: SandboxCertificates, wanted: SandboxPorts | undefined): Promise<void> {
    const ports = await choosePorts(wanted);
    this.#remember({ ...this.#record, ports });
    this.#createProcesses(certificates, ports);
    this.#reach("processes");
    const failed = new Promise<never>((_, reject) => {
      this.#exitDuringStart = (exit) => reject(this.#startError(exit));
    });
    failed.catch(() => undefined);
    const deadline = AbortSignal.timeout(120_000);
    const give = AbortSignal.any([deadline, this.#loops.signal]);
    const first = ["etcd", "kube-apiserver"] as const;
    for (const name of first) this.#processes.get(name)?.start();
    try {
      await Promise.race([failed, this.#bringUp(certificates, ports, give)]);
    } catch (error) {
      if (deadline.aborted)
        throw new StrataError(
          "cluster_failed",
          `The sandbox '${this.#record.name}' didn't become ready within 2 minutes; it got as far as '${this.#step}'. Logs: ${this.#options.layout.logs}.`,
        );
      throw error;
    } finally {
      this.#exitDuringStart = undefined;
    }
  }

  async #bringUp(certificates: SandboxCertificates, ports: SandboxPorts, signal: AbortSignal): Promise<void> {
    const client = new KubeClient({
      server: serverOf(ports),
      ca: certificates.ca.certificate,
      certificate: certificates.supervisor.certificate,
      key: certificates.supervisor.key,
    });
    this.#client = client;
    await until(() => client.text("GET", "/readyz", { signal, timeoutMs: 2_000 }), signal);
    this.#reach("API server");
    this.#processes.get("kube-controller-manager")?.start();
    this.#processes.get("kube-scheduler")?.start();
    const version = await this.#version(client);
    const [names] = await Promise.all([applyNodes(client, this.#record.nodes, version), applyFoundations(client)]);
    this.#processes.get("kwok")?.start();
    this.#reach("foundations");
    await this.#nodesReady(client, names, signal);
    this.#reach("nodes");
    await until(() => client.get("/api/v1/namespaces/default/serviceaccounts/default", signal), signal);
  }

  #createProcesses(certificates: SandboxCertificates, ports: SandboxPorts): void {
    const { layout, launch, path, logger, stages } = this.#options;
    const server = serverOf(ports);
    const kubeconfigFor = (name: string, client: SandboxCertificates["admin"], file = join(layout.pki, `${name}.kubeconfig`)): string => {
      writeKubeconfig({ path: file, name, server, ca: certificates.ca.certificate, client });
      return file;
    };
    kubeconfigFor(this.#record.name, certificates.admin, layout.kubeconfig);
    const kubeconfigs = {
      "kube-controller-manager": kubeconfigFor("kube-controller-manager", certificates.controllerManager),
      "kube-scheduler": kubeconfigFor("kube-scheduler", certificates.scheduler),
      kwok: kubeconfigFor("kwok", certificates.kwok),
    };
    const commandLines = componentArguments({ layout, ports, certificates, kubeconfigs, stages });
    const setpriv = path
      .split(delimiter)
      .map((folder) => join(folder, "setpriv"))
      .find((file) => existsSync(file));
    for (const name of componentNames) {
      // With setpriv the kernel ends a child whose supervisor was killed; without it the next start or stop does.
      const command = setpriv ?? launch.tools[name];
      const before = setpriv ? ["--pdeathsig", "KILL", "--", launch.tools[name]] : [];
      this.#processes.set(
        name,
        new ManagedProcess({
          name,
          command,
          arguments: [...before, ...commandLines[name]],
          environment: { PATH: path, HOME: layout.folder, [sandboxVariable]: this.#record.id },
          logFile: componentLog(layout, name),
          logger,
          onUnexpectedExit: (exit) => this.#onExit(exit),
        }),
      );
    }
  }

  #onExit(exit: UnexpectedExit): void {
    if (this.#exitDuringStart) {
      this.#exitDuringStart(exit);
      return;
    }
    if (this.#state !== "running") return;
    if (exit.recently > exitsBeforeGivingUp) {
      void this.#fail(this.#startError(exit));
      return;
    }
    const wait = 250 * 2 ** (exit.recently - 1);
    this.#options.logger.info({ process: exit.name, wait }, "starting again");
    setTimeout(() => this.#processes.get(exit.name as ComponentName)?.start(), wait);
  }

  async #fail(error: StrataError): Promise<void> {
    this.#state = "failed";
    await this.stop();
    this.#options.onFailure(error);
  }

  #startError(exit: UnexpectedExit): StrataError {
    const log = componentLog(this.#options.layout, exit.name as ComponentName);
    const lines = lastLines(log, 8);
    const text = lines.join("\n");
    if (/address already in use/.test(text)) return new PortTaken(`${exit.name} of the sandbox '${this.#record.name}' found its port taken. Log: ${log}.`);
    if (/no space left on device/i.test(text))
      return new StrataError(
        "disk_full",
        `${exit.name} of the sandbox '${this.#record.name}' ended because the disk of ${this.#options.layout.folder} is full: free some space and start it again.`,
      );
    return new StrataError(
      "cluster_failed",
      `${exit.name} of the sandbox '${this.#record.name}' ended (${exit.reason}${exit.recently > 1 ? `, ${exit.recently} times within a minute` : ""}). Log: ${log}${lines.length ? `, which ends:\n${text}` : " (empty)"}`,
      { facts: { process: exit.name, log } },
    );
  }

  #startLoops(): void {
    const client = this.#client;
    if (!client) return;
    const { logger } = this.#options;
    const { signal } = this.#loops;
    this.#running = [new LoadBalancerAddresses(client, logger).run(signal), new VolumeProvisioner(client, logger).run(signal)];
  }

  async #version(client: KubeClient): Promise<string> {
    const { gitVersion } = (await client.get("/version")) as unknown as { gitVersion: string };
    return gitVersion;
  }

  /** Until every node has a lease renewed after the call and says Ready. */
  async #nodesReady(client: KubeClient, names: readonly string[], signal: AbortSignal): Promise<void> {
    await until(async () => {
      const { items } = await client.list("/api/v1/nodes", signal);
      const ready = new Set(items.filter(isReady).map((node) => node.metadata.name));
      const missing = names.filter((name) => !ready.has(name));
      if (missing.length) throw new Error(`not ready: ${missing.join(", ")}`);
    }, signal);
  }

  #remember(record: ClusterRecord): void {
    this.#record = record;
    writeClusterRecord(this.#options.layout.record, record);
  }

  #reach(step: Step): void {
    this.#step = step;
    this.#timings[step] = Math.round(performance.now() - this.#startedAt);
    this.#options.logger.info({ step, ms: this.#timings[step] }, "reached");
  }
}

class PortTaken extends StrataError {
  constructor(detail: string) {
    super("cluster_failed", detail);
  }
}

function serverOf(ports: SandboxPorts): string {
  return `https://127.0.0.1:${ports.apiServer}`;
}

function isReady(node: KubeObject): boolean {
  const conditions = (node.status as { conditions?: { type: string; status: string }[] } | undefined)?.conditions ?? [];
  return conditions.some((condition) => condition.type === "Ready" && condition.status === "True");
}

/** Tries until it succeeds; ends with the last error when `signal` is aborted. */
async function until(attempt: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      await attempt();
      return;
    } catch (error) {
      if (signal.aborted) throw error;
      if (error instanceof KubeApiError && ![401, 403, 404, 409, 429, 500, 503].includes(error.status)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
