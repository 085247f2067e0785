import { mkdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { SandboxNodes } from "#core/cluster-spec.ts";
import { isStrataError, messageOf, StrataError } from "#core/errors.ts";
import type { Logger } from "#core/logger.ts";
import { ensureCertificates, type SandboxCertificates } from "./certificates.ts";
import { type ClusterRecord, writeClusterRecord } from "./cluster-record.ts";
import { type ComponentName, componentLog, componentNames } from "./components.ts";
import { ControlPlane, type StartStep, serverOf, startSteps } from "./control-plane.ts";
import type { SupervisorLaunch, SupervisorStatus } from "./control-protocol.ts";
import { watchHealth } from "./health-watch.ts";
import type { SandboxLayout } from "./layout.ts";
import { LoadBalancerAddresses } from "./load-balancer-addresses.ts";
import { rotateLogs } from "./log-rotation.ts";
import { lastLines } from "./log-tail.ts";
import type { UnexpectedExit } from "./managed-process.ts";
import { choosePorts } from "./ports.ts";
import { nodesAlive } from "./simulated-nodes.ts";
import { VolumeProvisioner } from "./volume-provisioner.ts";

export interface SandboxSupervisorOptions {
  readonly layout: SandboxLayout;
  readonly record: ClusterRecord;
  readonly launch: SupervisorLaunch;
  /** File with the simulated nodes' behaviour. */
  readonly stages: string;
  /** PATH of the processes. */
  readonly path: string;
  readonly logger: Logger;
  /** Called once when a running sandbox can't go on; everything is stopped by then. */
  readonly onFailure: (error: StrataError) => void;
}

/** More unasked exits than this within a minute, and the sandbox gives up. */
const exitsBeforeGivingUp = 5;
const portAttempts = 3;
const startLimitMs = 120_000;

/** Keeps one sandbox going: its processes and the loops that stand in for what isn't there. Lives in a process of its own. */
export class SandboxSupervisor {
  readonly #options: SandboxSupervisorOptions;
  /** Aborted when the sandbox is to end, for whatever reason. */
  readonly #ending = new AbortController();
  readonly #startedAt = performance.now();
  readonly #timings: Record<string, number> = {};
  #record: ClusterRecord;
  #state: SupervisorStatus["state"] = "starting";
  #step: StartStep = "certificates";
  #plane: ControlPlane | undefined;
  #starting: Promise<void> = Promise.resolve();
  #loops: Promise<void>[] = [];
  #stopped: Promise<void> | undefined;

  constructor(options: SandboxSupervisorOptions) {
    this.#options = options;
    this.#record = options.record;
  }

  status(): SupervisorStatus {
    return {
      id: this.#record.id,
      state: this.#state,
      step: this.#step,
      done: startSteps.indexOf(this.#step),
      total: startSteps.length - 1,
      server: this.#record.ports ? serverOf(this.#record.ports) : "",
      nodes: this.#record.nodes,
      supervisor: process.pid,
      processes: this.#plane?.processes ?? [],
      timings: this.#timings,
    };
  }

  /** Resolves when the cluster is usable. Throws `cluster_failed` or `disk_full`, or the reason of a stop, with everything stopped again. */
  async start(): Promise<void> {
    try {
      this.#starting = this.#startOnAnyPorts();
      await this.#starting;
    } catch (error) {
      await this.stop();
      throw error;
    }
    this.#state = "running";
    this.#startLoops();
  }

  /** Changes the simulated nodes of the running cluster. */
  async setNodes(nodes: readonly SandboxNodes[]): Promise<void> {
    const plane = this.#plane;
    if (!plane || this.#state !== "running") throw new StrataError("cluster_failed", `The sandbox '${this.#record.name}' isn't running.`);
    const names = await plane.setNodes(nodes);
    this.#remember({ ...this.#record, nodes });
    for (let left = 300; ; left--) {
      try {
        return await nodesAlive(plane.client, names);
      } catch (error) {
        if (!left) throw new StrataError("cluster_failed", messageOf(error), { cause: error });
        await sleep(100);
      }
    }
  }

  /** Ends everything. Safe to call at any time and twice. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stopOnce();
    return this.#stopped;
  }

  async #stopOnce(): Promise<void> {
    if (this.#state !== "failed") this.#state = "stopping";
    this.#ending.abort(new StrataError("cluster_failed", `The sandbox '${this.#record.name}' was stopped.`));
    await Promise.allSettled([this.#starting, ...this.#loops]);
    await this.#plane?.stop();
  }

  async #startOnAnyPorts(): Promise<void> {
    const { layout } = this.#options;
    for (const folder of [layout.logs, layout.pki, layout.etcd]) mkdirSync(folder, { recursive: true, mode: 0o700 });
    const certificates = await ensureCertificates(layout.pki);
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#startOnce(certificates, attempt);
      } catch (error) {
        // Somebody took a port between our look and the process's bind.
        if (!(error instanceof PortTakenError) || attempt === portAttempts) throw error;
        await this.#plane?.stop();
      }
    }
  }

  async #startOnce(certificates: SandboxCertificates, attempt: number): Promise<void> {
    const { layout, launch, path, logger, stages } = this.#options;
    const ports = await choosePorts(attempt === 1 ? this.#record.ports : undefined);
    this.#ending.signal.throwIfAborted();
    this.#remember({ ...this.#record, ports });
    const died = new AbortController();
    const late = AbortSignal.timeout(startLimitMs);
    let ready = false;
    this.#plane = new ControlPlane({
      ...{ layout, ports, certificates, tools: launch.tools, stages, path, logger },
      clusterId: this.#record.id,
      clusterName: this.#record.name,
      onUnexpectedExit: (exit) => (ready ? this.#onExit(exit) : died.abort(this.#exitError(exit))),
    });
    const signal = AbortSignal.any([died.signal, late, this.#ending.signal]);
    try {
      await this.#plane.start(this.#record.nodes, signal, (step) => this.#reach(step));
      signal.throwIfAborted();
      ready = true;
    } catch (error) {
      if (died.signal.aborted) throw died.signal.reason;
      if (this.#ending.signal.aborted) throw this.#ending.signal.reason;
      if (!late.aborted) throw error;
      throw new StrataError(
        "cluster_failed",
        `The sandbox '${this.#record.name}' wasn't ready after ${startLimitMs / 1000} s; it got as far as '${this.#step}' (${messageOf(error)}). Logs: ${layout.logs}.`,
        { cause: error },
      );
    }
  }

  #onExit(exit: UnexpectedExit): void {
    if (this.#ending.signal.aborted) return;
    if (exit.recently > exitsBeforeGivingUp) {
      void this.#fail(this.#exitError(exit));
      return;
    }
    const waitMs = 250 * 2 ** (exit.recently - 1);
    this.#options.logger.info({ component: exit.name, waitMs }, "starting again");
    void this.#restartLater(exit.name as ComponentName, waitMs);
  }

  async #restartLater(name: ComponentName, waitMs: number): Promise<void> {
    const { signal } = this.#ending;
    for (let wait = waitMs; !signal.aborted; wait = 1_000) {
      await sleep(wait, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        return await this.#plane?.restart(name);
      } catch (error) {
        // kwok's start needs the API server, which may be away itself.
        this.#options.logger.warn({ component: name, reason: messageOf(error) }, "can't start it yet");
      }
    }
  }

  async #fail(error: StrataError): Promise<void> {
    this.#state = "failed";
    await this.stop();
    this.#options.onFailure(error);
  }

  #exitError(exit: UnexpectedExit): StrataError {
    const log = componentLog(this.#options.layout, exit.name as ComponentName);
    const text = lastLines(log, 8).join("\n");
    const what = `${exit.name} of the sandbox '${this.#record.name}'`;
    if (/address already in use/.test(text)) return new PortTakenError("cluster_failed", `${what} found its port taken. Log: ${log}.`);
    if (/no space left on device/i.test(text))
      return new StrataError("disk_full", `${what} ended because the disk of ${this.#options.layout.folder} is full: free some space and start it again.`);
    const often = exit.recently > 1 ? `, ${exit.recently} times within a minute` : "";
    return new StrataError("cluster_failed", `${what} ended (${exit.reason}${often}). Log: ${log}${text ? `, which ends:\n${text}` : " (empty)"}`, {
      facts: { process: exit.name, log },
    });
  }

  #startLoops(): void {
    const plane = this.#plane;
    if (!plane) return;
    const { logger, layout } = this.#options;
    const { signal } = this.#ending;
    const logs = [...componentNames.map((name) => componentLog(layout, name)), layout.supervisorLog];
    this.#loops = [
      new LoadBalancerAddresses(plane.client, logger).run(signal),
      new VolumeProvisioner(plane.client, logger).run(signal),
      rotateLogs(logs, signal),
      watchHealth(
        {
          components: componentNames,
          check: (name) => plane.isHealthy(name),
          onHang: (name) => plane.kill(name),
          logger,
        },
        signal,
      ),
    ];
  }

  #remember(record: ClusterRecord): void {
    this.#record = record;
    writeClusterRecord(this.#options.layout.record, record);
  }

  #reach(step: StartStep): void {
    this.#step = step;
    this.#timings[step] = Math.round(performance.now() - this.#startedAt);
    this.#options.logger.info({ step, ms: this.#timings[step] }, "reached");
  }
}

class PortTakenError extends StrataError {}

/** The code and sentence that a start's failure is reported with. */
export function failureOf(error: unknown): { code: "cluster_failed" | "disk_full" | "data_folder_unusable"; detail: string } {
  const detail = messageOf(error);
  if (isStrataError(error) && (error.code === "disk_full" || error.code === "data_folder_unusable")) return { code: error.code, detail };
  return { code: /ENOSPC|EDQUOT/.test(detail) ? "disk_full" : "cluster_failed", detail };
}
