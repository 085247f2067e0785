import type { ControllerApi } from "#cli/http/controller-api.ts";
import type { CliPorts } from "#cli/ports.ts";
import type { Terminal } from "#cli/terminal.ts";
import type { Time } from "#cli/time.ts";
import { StrataError } from "#core/errors.ts";

/** Options that every verb has. */
export interface CommonOptions {
  readonly url?: string;
  readonly token?: string;
  readonly color?: boolean;
  readonly debug?: boolean;
  readonly json?: boolean;
}

export interface SessionParts {
  readonly ports: CliPorts;
  readonly terminal: Terminal;
  readonly time: Time;
  /** Aborted when nobody reads the output any more. */
  readonly signal: AbortSignal;
  readonly options: CommonOptions;
}

/** One run of one verb: where it writes and the controller it talks to. */
export class Session {
  readonly ports: CliPorts;
  readonly terminal: Terminal;
  readonly time: Time;
  readonly signal: AbortSignal;
  readonly json: boolean;
  readonly #options: CommonOptions;

  constructor({ ports, terminal, time, signal, options }: SessionParts) {
    this.ports = ports;
    this.terminal = terminal;
    this.time = time;
    this.signal = signal;
    this.json = options.json === true;
    this.#options = options;
  }

  /** Whether the controller was named by its address; it is never started or stopped then. */
  get isRemote(): boolean {
    return (this.#options.url ?? this.ports.env["STRATA_URL"] ?? "") !== "";
  }

  /** The controller; one of this machine is started when none answers. Throws `controller_unreachable`. */
  async connect(): Promise<ControllerApi> {
    const api = await this.#open("start");
    if (!api) throw new StrataError("controller_unreachable", `No controller serves ${this.ports.settings.dataFolder}.`);
    return api;
  }

  /** The controller if one answers. */
  connectIfRunning(): Promise<ControllerApi | undefined> {
    return this.#open("find");
  }

  async #open(whenAbsent: "start" | "find"): Promise<ControllerApi | undefined> {
    // Loaded only when needed: help and the verbs of this machine do without.
    const { openController } = await import("#cli/controller/open-controller.ts");
    return openController(this.#options, {
      ports: this.ports,
      time: this.time,
      signal: this.signal,
      whenAbsent,
      onProgress: (message) => this.terminal.note(message),
    });
  }
}
