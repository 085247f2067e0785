import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import type { Logger } from "#core/logger.ts";

export interface ManagedProcessOptions {
  readonly name: string;
  readonly command: string;
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly logger: Logger;
  /** Called for an exit that nobody asked for, before any restart. */
  readonly onUnexpectedExit: (exit: UnexpectedExit) => void;
}

export interface UnexpectedExit {
  readonly name: string;
  /** "code 1" or "signal SIGKILL". */
  readonly reason: string;
  /** Unasked exits within the last minute, this one included. */
  readonly recently: number;
}

/** One child that should be running: started, watched, stopped. Whether and when it is started again is the owner's choice. */
export class ManagedProcess {
  readonly #options: ManagedProcessOptions;
  #child: ChildProcess | undefined;
  #gone: Promise<void> = Promise.resolve();
  #stopping = false;
  #exits: number[] = [];

  constructor(options: ManagedProcessOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  start(): void {
    if (this.#child || this.#stopping) return;
    const log = openSync(this.#options.logFile, "a", 0o600);
    try {
      const child = spawn(this.#options.command, this.#options.arguments, {
        env: { ...this.#options.environment },
        cwd: "/",
        stdio: ["ignore", log, log],
      });
      this.#child = child;
      this.#gone = new Promise((resolve) => {
        // A command that can't be executed gives `error` without `exit`.
        child.once("error", (error) => this.#ended(child, error.message, resolve));
        child.once("exit", (code, signal) => this.#ended(child, signal ? `signal ${signal}` : `code ${code}`, resolve));
      });
    } finally {
      closeSync(log);
    }
  }

  /** Asks, waits, kills. Never started again afterwards. */
  async stop(patienceMs: number): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    if (!child) return;
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), patienceMs);
    await this.#gone;
    clearTimeout(timer);
  }

  /** Ends it at once, as a crash would. */
  kill(): void {
    this.#child?.kill("SIGKILL");
  }

  #ended(child: ChildProcess, reason: string, resolve: () => void): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    resolve();
    if (this.#stopping) return;
    const now = Date.now();
    this.#exits = [...this.#exits.filter((at) => now - at < 60_000), now];
    this.#options.logger.warn({ process: this.name, reason }, "ended unexpectedly");
    this.#options.onUnexpectedExit({ name: this.name, reason, recently: this.#exits.length });
  }
}
