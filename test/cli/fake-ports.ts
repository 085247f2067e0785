import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import type { CliPorts, ControllerFile } from "#cli/ports.ts";
import { runCli } from "#cli/run-cli.ts";
import type { Time } from "#cli/time.ts";

/** Time that passes only by sleeping. */
export class FakeTime implements Time {
  /** How many times longer each sleep takes than was asked for, to get over long waits. */
  pace = 1;
  #now = Date.parse("2026-11-21T08:00:00Z");

  now(): number {
    return this.#now;
  }

  async sleep(millis: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.#now += millis * this.pace;
    // Lets sockets and files move.
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** A stream that keeps what is written to it; a terminal if asked. */
export class Sink extends PassThrough {
  readonly isTTY: boolean;
  columns = 100;
  rows = 30;
  raw = "";

  constructor(isTTY: boolean) {
    super();
    this.isTTY = isTTY;
    this.on("data", (chunk: Buffer) => {
      this.raw += chunk.toString();
    });
  }

  /** Without colours and cursor movements. */
  get text(): string {
    return stripVTControlCharacters(this.raw);
  }
}

/** A machine for the command line: everything but HTTP is faked; a test overrides what it cares about. */
export class FakeMachine {
  readonly stdin: PassThrough & { isTTY?: boolean };
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly time = new FakeTime();
  readonly dataFolder: string;
  readonly env: Record<string, string | undefined> = {};
  readonly interruptListeners = new Set<() => void>();
  readonly terminated: number[] = [];
  alive = new Set<number>();
  overrides: Partial<CliPorts> = {};

  constructor(dataFolder: string, isTTY: boolean) {
    this.dataFolder = dataFolder;
    this.stdin = Object.assign(new PassThrough(), { isTTY });
    this.stdout = new Sink(isTTY);
    this.stderr = new Sink(isTTY);
  }

  static async make({ isTTY = false } = {}): Promise<FakeMachine> {
    return new FakeMachine(await mkdtemp(join(tmpdir(), "strata-cli-")), isTTY);
  }

  get ports(): CliPorts {
    const absent = (what: string) => async () => {
      throw new Error(`this test has no ${what}`);
    };
    return {
      stdin: this.stdin,
      stdout: this.stdout,
      stderr: this.stderr,
      env: this.env,
      version: "1.2.3",
      invocation: "strata",
      settings: { dataFolder: this.dataFolder, controllerFile: join(this.dataFolder, "controller.json"), tokenFile: join(this.dataFolder, "token") },
      processes: {
        isAlive: (pid) => this.alive.has(pid),
        terminate: (pid) => {
          this.terminated.push(pid);
          this.alive.delete(pid);
        },
      },
      onInterrupt: (listener) => {
        this.interruptListeners.add(listener);
        return () => this.interruptListeners.delete(listener);
      },
      startController: absent("controller to start"),
      serve: absent("serve"),
      doctor: absent("doctor"),
      cluster: { list: absent("clusters"), status: absent("clusters"), start: absent("clusters"), stop: absent("clusters"), wipe: absent("clusters") },
      tools: { list: absent("tools"), verify: absent("tools") },
      pulumi: absent("engine"),
      ...this.overrides,
    };
  }

  /** Writes what a running controller leaves in the data folder. */
  async announce(controller: ControllerFile, token = "secret-token"): Promise<void> {
    await writeFile(join(this.dataFolder, "token"), `${token}\n`);
    await writeFile(join(this.dataFolder, "controller.json"), JSON.stringify(controller));
  }

  run(...argv: string[]): Promise<number> {
    return runCli(argv, this.ports, this.time);
  }

  interrupt(): void {
    for (const listener of this.interruptListeners) listener();
  }

  async remove(): Promise<void> {
    await rm(this.dataFolder, { recursive: true, force: true });
  }
}
