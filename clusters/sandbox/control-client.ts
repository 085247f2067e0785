import { closeSync, openSync } from "node:fs";
import { request } from "node:http";
import { dirname } from "node:path";
import type { SandboxNodes } from "#core/cluster-spec.ts";
import { fromProblem, type Problem } from "#core/errors.ts";
import type { SupervisorStatus } from "./control-protocol.ts";
import { hasErrorCode } from "./node-error.ts";
import { shortSocketPath } from "./socket-path.ts";

/** The other end of a supervisor's control socket. Every call answers undefined when no supervisor listens. */
export class ControlClient {
  readonly #socket: string;

  constructor(socket: string) {
    this.#socket = socket;
  }

  status(): Promise<SupervisorStatus | undefined> {
    return this.#call("GET", "/status", undefined, 5_000);
  }

  setNodes(nodes: readonly SandboxNodes[]): Promise<SupervisorStatus | undefined> {
    return this.#call("PUT", "/nodes", nodes, 60_000);
  }

  /** Asks for the end; the supervisor's exit is the answer. */
  stop(): Promise<SupervisorStatus | undefined> {
    return this.#call("POST", "/stop", undefined, 5_000);
  }

  async #call(method: string, path: string, body: unknown, timeoutMs: number): Promise<SupervisorStatus | undefined> {
    let folder: number | undefined;
    try {
      folder = openSync(dirname(this.#socket), "r");
      const { status, text } = await this.#send(folder, method, path, body, timeoutMs);
      if (status >= 400) throw fromProblem(JSON.parse(text) as Problem);
      return JSON.parse(text) as SupervisorStatus;
    } catch (error) {
      if (hasErrorCode(error, "ENOENT", "ENOTDIR", "ECONNREFUSED", "ECONNRESET", "EPIPE")) return undefined;
      throw error;
    } finally {
      if (folder !== undefined) closeSync(folder);
    }
  }

  #send(folder: number, method: string, path: string, body: unknown, timeoutMs: number): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const sent = request({ socketPath: shortSocketPath(this.#socket, folder), method, path, timeout: timeoutMs, agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
        response.on("error", reject);
      });
      sent.on("timeout", () => sent.destroy(new Error(`the sandbox's supervisor doesn't answer on ${this.#socket}`)));
      sent.on("error", reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}
