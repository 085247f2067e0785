/** What the command line needs from the process around it. Everything else goes through the controller's HTTP API. */

import type { ClusterStatus } from "#core/cluster-status.ts";

/** A terminal, pipe or file that text is written to. */
export type OutputStream = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number };
export type InputStream = NodeJS.ReadableStream & { readonly isTTY?: boolean };

export interface CliPorts {
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of the package. */
  readonly version: string;
  /** What starts this program where it was started: `strata`, or `npx strata` in a checkout. */
  readonly invocation: string;
  readonly settings: CliSettings;
  readonly processes: ProcessControl;
  /** Calls the listener at every Ctrl-C from now on; answers how to stop that. */
  readonly onInterrupt: (listener: () => void) => () => void;
  /** Starts a controller of this machine, detached from this process. Resolves as soon as it is spawned; it need not be ready. */
  readonly startController: () => Promise<StartedController>;
  /** Runs the controller in this process until it is told to stop; answers the exit code. */
  readonly serve: (options: ServeOptions) => Promise<number>;
  readonly doctor: () => Promise<DoctorReport>;
  readonly cluster: ClusterPort;
  readonly tools: ToolsPort;
  /** Runs the embedded engine's subset of the Pulumi CLI with these arguments; answers its exit code. */
  readonly pulumi: (argv: readonly string[]) => Promise<number>;
}

/** Absolute paths of what the local controller leaves in its data folder. */
export interface CliSettings {
  readonly dataFolder: string;
  /** JSON, see {@link ControllerFile}. */
  readonly controllerFile: string;
  /** The token, nothing else. */
  readonly tokenFile: string;
}

/** What a running controller writes into its data folder, so that clients of this machine find it. */
export interface ControllerFile {
  readonly port: number;
  /** `/healthz` answers the same id as `instance`; another one means that somebody else has the port. */
  readonly instanceId: string;
  readonly pid: number;
  /** `cli` when a command started it because none answered; such a one may be stopped by `lab down`. */
  readonly startedBy: "cli" | "user";
}

export interface StartedController {
  readonly logFile: string;
  /** Settles when the process ends, which it does early when it can't start. */
  readonly exited: Promise<number | null>;
}

export interface ProcessControl {
  readonly isAlive: (pid: number) => boolean;
  /** Asks the process to end (SIGTERM). */
  readonly terminate: (pid: number) => void;
}

export interface ServeOptions {
  readonly host?: string;
  readonly port?: number;
  /** Serve plain HTTP on an address other than loopback. */
  readonly insecure: boolean;
  readonly startedBy: ControllerFile["startedBy"];
}

export interface DoctorReport {
  readonly checks: readonly DoctorCheck[];
}

export interface DoctorCheck {
  readonly name: string;
  readonly state: "ok" | "warning" | "problem";
  readonly detail: string;
  readonly remedy?: string;
}

export interface StepProgress {
  readonly onProgress: (message: string, done?: number, total?: number) => void;
  readonly signal: AbortSignal;
}

/** The sandbox clusters in the data folder of this machine, by name. Unknown names are errors that list the known ones. */
export interface ClusterPort {
  list(): Promise<readonly ClusterStatus[]>;
  status(name: string): Promise<ClusterStatus>;
  start(name: string, options: StepProgress): Promise<ClusterStatus>;
  stop(name: string): Promise<void>;
  wipe(name: string): Promise<void>;
}

export interface ToolView {
  readonly name: string;
  readonly version: string;
  readonly state: "found" | "missing";
  /** Where it comes from, or every way that was tried. */
  readonly origin: string;
  readonly path?: string;
}

export interface ToolVerification {
  readonly name: string;
  readonly state: "verified" | "locked" | "unlocked" | "mismatch" | "unreachable";
  readonly detail: string;
}

export interface ToolsPort {
  list(): Promise<readonly ToolView[]>;
  /** Compares downloads with the pinned checksums; `lock` fills those nobody has fetched yet. */
  verify(options: { readonly lock: boolean }): Promise<readonly ToolVerification[]>;
}
