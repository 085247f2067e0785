import { type ChildProcess, fork } from "node:child_process";
import type { FromRunner, StackAnswer, ToRunner } from "#automation/runner/protocol.ts";
import type { StackAction, StackActionEvent, StackActionResult, StackQuestion } from "#automation/stack-action.ts";
import { fromProblem, StrataError } from "#core/errors.ts";
import type { Logger } from "#core/logger.ts";

export interface RunnerPoolOptions {
  /** Module that a runner process starts with. */
  readonly entry: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Runners kept waiting with the SDK loaded. @default 1 */
  readonly idle?: number;
  /** Milliseconds between asking an action to end and killing its process. @default 120000 */
  readonly cancelDeadline?: number;
  readonly logger: Logger;
}

/** Processes that run stack actions, one at a time each. One that ended its action cleanly serves again; one that didn't is replaced. */
export class RunnerPool {
  private readonly options: RunnerPoolOptions;
  private readonly waiting: Runner[] = [];
  private readonly all = new Set<Runner>();
  private closed = false;

  constructor(options: RunnerPoolOptions) {
    this.options = options;
  }

  /** Starts the runners that are to be kept waiting, or as many as are going to be needed at the same time. */
  warm(count = this.options.idle ?? 1): void {
    while (!this.closed && this.waiting.length < count) this.waiting.push(this.start());
  }

  /** Runs one action. `signal` asks it to end; after the deadline its process is killed. Throws `runner_died`. */
  async run(action: StackAction, onEvent: (event: StackActionEvent) => void, signal: AbortSignal): Promise<StackActionResult> {
    return this.withRunner(async (runner) => {
      let deadline: NodeJS.Timeout | undefined;
      const cancel = () => {
        runner.send({ type: "cancel" });
        deadline = setTimeout(() => runner.kill(), this.options.cancelDeadline ?? 120_000);
      };
      if (signal.aborted) throw new StrataError("operation_cancelled", "The operation was cancelled before this layer began.");
      signal.addEventListener("abort", cancel, { once: true });
      try {
        return await runner.exchange({ type: "run", action }, (message) => {
          if (message.type === "event") onEvent(message.event);
          return message.type === "result" ? message.result : undefined;
        });
      } finally {
        signal.removeEventListener("abort", cancel);
        clearTimeout(deadline);
      }
    });
  }

  /** Asks about a stack. Throws `stack_not_found`, `runner_died`. */
  async ask(question: StackQuestion): Promise<StackAnswer> {
    return this.withRunner((runner) => runner.exchange({ type: "ask", question }, (message) => (message.type === "answer" ? message.answer : undefined)));
  }

  /** Ends all runners; those with an action under way should have been asked before. */
  async close(): Promise<void> {
    this.closed = true;
    await Promise.all([...this.all].map((runner) => runner.end()));
  }

  private async withRunner<T>(work: (runner: Runner) => Promise<T>): Promise<T> {
    if (this.closed) throw new StrataError("shutting_down", "The controller is stopping; no new work is begun.");
    const runner = this.waiting.shift() ?? this.start();
    try {
      const result = await work(runner);
      if (!this.closed && runner.alive && this.waiting.length < Math.max(2, this.options.idle ?? 1)) this.waiting.push(runner);
      else await runner.end();
      return result;
    } catch (error) {
      await runner.end();
      throw error;
    } finally {
      this.warm();
    }
  }

  private start(): Runner {
    const runner = new Runner(this.options.entry, this.options.environment, this.options.logger);
    this.all.add(runner);
    runner.onExit(() => {
      this.all.delete(runner);
      const place = this.waiting.indexOf(runner);
      if (place >= 0) this.waiting.splice(place, 1);
    });
    return runner;
  }
}

class Runner {
  private readonly child: ChildProcess;
  private readonly exited: Promise<void>;
  private readonly lastLines: string[] = [];

  constructor(entry: string, environment: Readonly<Record<string, string | undefined>>, logger: Logger) {
    this.child = fork(entry, { env: { ...environment }, stdio: ["ignore", "pipe", "pipe", "ipc"], serialization: "json" });
    this.exited = new Promise((resolve) => {
      this.child.once("exit", () => resolve());
      this.child.once("error", (error) => {
        this.lastLines.push(error.message);
        resolve();
      });
    });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.lastLines.push(...text.split("\n").filter(Boolean));
        this.lastLines.splice(0, this.lastLines.length - 20);
        logger.debug({ runner: this.child.pid }, text.trimEnd());
      });
  }

  get alive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null && this.child.connected;
  }

  onExit(listener: () => void): void {
    void this.exited.then(listener);
  }

  send(message: ToRunner): void {
    if (this.child.connected) this.child.send(message);
  }

  kill(): void {
    this.child.kill("SIGKILL");
  }

  async end(): Promise<void> {
    if (!this.alive) return this.exited;
    this.child.disconnect();
    const deadline = setTimeout(() => this.kill(), 5_000);
    await this.exited;
    clearTimeout(deadline);
  }

  private lastWords(): string {
    const how = this.child.signalCode ? `by signal ${this.child.signalCode}` : `with code ${this.child.exitCode ?? "unknown"}`;
    const words = this.lastLines.length ? `\nIts last words:\n${this.lastLines.join("\n")}` : "";
    return `The process that ran the layer ended ${how}. The next operation repairs the stack's state by itself; run it again.${words}`;
  }

  /** Sends a request and answers the first thing that `pick` makes of what comes back. */
  exchange<T>(request: ToRunner, pick: (message: FromRunner) => T | undefined): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      let settled = false;
      const settle = (finish: () => void) => {
        settled = true;
        this.child.off("message", onMessage);
        finish();
      };
      const onMessage = (message: FromRunner) => {
        if (message.type === "problem") return settle(() => reject(fromProblem(message.problem)));
        const picked = pick(message);
        if (picked !== undefined) settle(() => resolve(picked));
      };
      this.child.on("message", onMessage);
      void this.exited.then(() => {
        if (!settled) settle(() => reject(new StrataError("runner_died", this.lastWords())));
      });
      this.send(request);
    });
  }
}
