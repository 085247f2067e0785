import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Cluster, ClusterSource, EnsureOptions } from "#clusters/cluster-source.ts";
import type { SandboxNodes } from "#core/cluster-spec.ts";
import type { ClusterStatus } from "#core/cluster-status.ts";
import { hasCode, StrataError } from "#core/errors.ts";
import { lockFile } from "#toolchain/file-lock.ts";
import type { ToolName } from "#toolchain/tools.ts";
import { type ClusterRecord, newClusterRecord, readClusterRecord, writeClusterRecord } from "./cluster-record.ts";
import { componentNames } from "./components.ts";
import { ControlClient } from "./control-client.ts";
import { type SupervisorLaunch, type SupervisorStatus, sandboxVariable } from "./control-protocol.ts";
import { type SandboxLayout, sandboxLayout } from "./layout.ts";
import { killLeftovers, processesOf } from "./leftovers.ts";
import { lastLines } from "./log-tail.ts";
import { hasErrorCode } from "./node-error.ts";
import { writePrivateFile } from "./private-file.ts";
import { readFailure, sandboxStatus } from "./sandbox-status.ts";
import { simulatedInSandbox } from "./simulated.ts";

/** Finds or builds tools; answers absolute paths. */
export type EnsureTools = <Name extends ToolName>(names: readonly Name[], options: EnsureOptions) => Promise<Readonly<Record<Name, string>>>;

export interface SandboxSourceOptions {
  readonly name: string;
  readonly nodes: readonly SandboxNodes[];
  readonly dataFolder: string;
  readonly ensureTools: EnsureTools;
  /** PATH for the sandbox's processes. */
  readonly path: string;
}

const supervisorEntry = fileURLToPath(new URL("supervisor.ts", import.meta.url));
const stopPatienceMs = 30_000;
const startPatienceMs = 150_000;
/** Another process may be starting it meanwhile. */
const lockPatienceMs = startPatienceMs + stopPatienceMs;

/** A local control plane of real Kubernetes processes with simulated nodes, owned by a supervisor process that outlives its starter. Linux only. */
export class SandboxSource implements ClusterSource {
  readonly #options: SandboxSourceOptions;
  readonly #layout: SandboxLayout;
  readonly #control: ControlClient;

  constructor(options: SandboxSourceOptions) {
    this.#options = options;
    this.#layout = sandboxLayout(options.dataFolder, options.name);
    this.#control = new ControlClient(this.#layout.controlSocket);
  }

  async ensure(options: EnsureOptions): Promise<Cluster> {
    if (process.platform !== "linux")
      throw new StrataError("cluster_failed", `A sandbox needs Linux, this is ${process.platform}: use a cluster of your own (source: kubeconfig).`);
    options.signal.throwIfAborted();
    this.#makeFolder();
    const release = await this.#lock(options.signal, (pid) =>
      options.onProgress(`waiting for process ${pid}, which works on the sandbox '${this.#options.name}'`),
    );
    try {
      await this.#ensureLocked(options);
    } finally {
      release();
    }
    return { source: "sandbox", name: this.#options.name, kubeconfig: this.#layout.kubeconfig, context: this.#options.name, simulated: simulatedInSandbox };
  }

  status(): Promise<ClusterStatus> {
    return sandboxStatus(this.#options.name, this.#layout);
  }

  async stop(): Promise<void> {
    await this.#whileLocked(() => this.#stopLocked());
  }

  async wipe(): Promise<void> {
    await this.#whileLocked(async () => {
      await this.#stopLocked().catch((error: unknown) => {
        // A record that can't be read is no reason to keep the folder.
        if (!hasCode(error, "cluster_failed")) throw error;
      });
      rmSync(this.#layout.folder, { recursive: true, force: true, maxRetries: 3 });
    });
  }

  async #whileLocked(work: () => Promise<void>): Promise<void> {
    if (!existsSync(this.#layout.folder)) return;
    const release = await this.#lock(AbortSignal.timeout(lockPatienceMs));
    try {
      await work();
    } finally {
      release();
    }
  }

  async #ensureLocked(options: EnsureOptions): Promise<void> {
    const record = readClusterRecord(this.#layout.record) ?? newClusterRecord(this.#options.name, this.#options.nodes);
    const now = await this.#statusNow();
    if (now?.id === record.id && now.state === "running") {
      if (JSON.stringify(now.nodes) !== JSON.stringify(this.#options.nodes)) {
        options.onProgress("changing the simulated nodes");
        await this.#control.setNodes(this.#options.nodes);
      }
      return;
    }
    if (now?.id === record.id && now.state === "starting") return this.#untilRunning(record, options);
    await this.#stopLocked();
    const tools = await this.#options.ensureTools(componentNames, options);
    options.signal.throwIfAborted();
    this.#launch({ ...record, nodes: this.#options.nodes }, tools);
    await this.#untilRunning(record, options);
  }

  #launch(record: ClusterRecord, tools: SupervisorLaunch["tools"]): void {
    const { layout, path } = { layout: this.#layout, path: this.#options.path };
    rmSync(layout.failure, { force: true });
    writeClusterRecord(layout.record, record);
    writePrivateFile(layout.launch, JSON.stringify({ tools: Object.fromEntries(componentNames.map((name) => [name, tools[name]])) }));
    const log = openSync(layout.supervisorLog, "a", 0o600);
    try {
      const child = spawn(process.execPath, [supervisorEntry, layout.folder], {
        detached: true,
        cwd: "/",
        stdio: ["ignore", log, log],
        env: { PATH: path, [sandboxVariable]: record.id },
      });
      child.on("error", () => undefined);
      child.unref();
    } finally {
      closeSync(log);
    }
  }

  async #untilRunning(record: ClusterRecord, options: EnsureOptions): Promise<void> {
    const deadline = Date.now() + startPatienceMs;
    let step = "";
    for (;;) {
      if (options.signal.aborted) {
        await this.#stopLocked();
        options.signal.throwIfAborted();
      }
      const now = await this.#control.status();
      if (now?.id === record.id && now.state === "running") return;
      if (now && now.step !== step) {
        step = now.step;
        options.onProgress(progressText(now), now.done, now.total);
      }
      if (!now) this.#throwIfGone(record, Date.now() > deadline);
      await sleep(50);
    }
  }

  /** No socket yet is normal for a moment; no process is the end. */
  #throwIfGone(record: ClusterRecord, late: boolean): void {
    const failure = readFailure(this.#layout);
    if (failure) throw new StrataError(failure.code, failure.detail);
    if (!late && processesOf(record.id).length) return;
    const lines = lastLines(this.#layout.supervisorLog, 8).join("\n");
    throw new StrataError(
      "cluster_failed",
      `The supervisor of the sandbox '${record.name}' ended at once. Log: ${this.#layout.supervisorLog}, which ends:\n${lines}`,
    );
  }

  async #stopLocked(): Promise<void> {
    const now = await this.#statusNow();
    const id = now?.id ?? readClusterRecord(this.#layout.record)?.id;
    if (!id) return;
    if (now) {
      await this.#control.stop();
      const deadline = Date.now() + stopPatienceMs;
      while (processesOf(id).length && Date.now() < deadline) await sleep(30);
    }
    await killLeftovers(id);
    rmSync(this.#layout.controlSocket, { force: true });
    rmSync(this.#layout.failure, { force: true });
  }

  /** A supervisor that hangs counts as gone: what it left is killed like any other remains. */
  #statusNow(): Promise<SupervisorStatus | undefined> {
    return this.#control.status().catch(() => undefined);
  }

  async #lock(signal: AbortSignal, onWait: (pid: number) => void = () => undefined): Promise<() => void> {
    return lockFile(this.#layout.lock, { signal, onWait: ({ pid }) => onWait(pid) });
  }

  #makeFolder(): void {
    try {
      mkdirSync(this.#layout.logs, { recursive: true, mode: 0o700 });
      const probe = join(this.#layout.folder, ".probe");
      // Large enough to need a block of its own.
      writePrivateFile(probe, "x".repeat(4096));
      rmSync(probe);
    } catch (error) {
      if (hasErrorCode(error, "ENOSPC", "EDQUOT"))
        throw new StrataError("disk_full", `The disk of ${this.#layout.folder} is full: free some space and try again.`, { cause: error });
      const why = hasErrorCode(error, "EACCES", "EPERM", "EROFS", "ENOTDIR", "EEXIST", "ENAMETOOLONG") ? error.code : undefined;
      if (!why) throw error;
      throw new StrataError(
        "data_folder_unusable",
        `The sandbox's folder ${this.#layout.folder} can't be written (${why}): make it writable or choose another data folder (STRATA_HOME).`,
        { cause: error },
      );
    }
  }
}

function progressText(now: SupervisorStatus): string {
  return (
    {
      certificates: "making certificates",
      processes: "starting the control plane",
      "API server": "the API server answers",
      foundations: "starting the simulated nodes",
      nodes: "waiting for the controllers",
      ready: "ready",
    }[now.step] ?? now.step
  );
}
