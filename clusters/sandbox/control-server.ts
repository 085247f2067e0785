import { chmodSync, closeSync, openSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { dirname } from "node:path";
import type { SandboxNodes } from "#core/cluster-spec.ts";
import { toProblem } from "#core/errors.ts";
import type { SupervisorStatus } from "./control-protocol.ts";
import { shortSocketPath } from "./socket-path.ts";

export interface ControlServerOptions {
  readonly socket: string;
  readonly status: () => SupervisorStatus;
  readonly setNodes: (nodes: readonly SandboxNodes[]) => Promise<void>;
  readonly stop: () => void;
}

/** Answers `GET /status`, `PUT /nodes` and `POST /stop` on a Unix socket that only its owner may open. */
export async function serveControl(options: ControlServerOptions): Promise<Server> {
  rmSync(options.socket, { force: true });
  const server = createServer((request, response) => void answer(options, request, response));
  const folder = openSync(dirname(options.socket), "r");
  try {
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(shortSocketPath(options.socket, folder), resolve));
    chmodSync(options.socket, 0o600);
  } finally {
    closeSync(folder);
  }
  return server;
}

async function answer(options: ControlServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const send = (status: number, body: unknown): void => {
    response.writeHead(status, { "content-type": "application/json", connection: "close" }).end(JSON.stringify(body));
  };
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    switch (`${request.method} ${request.url}`) {
      case "GET /status":
        return send(200, options.status());
      case "PUT /nodes":
        await options.setNodes(JSON.parse(Buffer.concat(chunks).toString()) as SandboxNodes[]);
        return send(200, options.status());
      case "POST /stop":
        send(202, options.status());
        return options.stop();
      default:
        return send(404, { detail: `no ${request.method} ${request.url} here` });
    }
  } catch (error) {
    const problem = toProblem(error);
    send(problem.status, problem);
  }
}
