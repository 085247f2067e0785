import { createServer } from "node:net";
import { hasErrorCode } from "./node-error.ts";

/** The loopback ports of a sandbox. */
export interface SandboxPorts {
  readonly etcd: number;
  readonly etcdPeer: number;
  readonly apiServer: number;
  readonly controllerManager: number;
  readonly scheduler: number;
}

export const portNames = ["etcd", "etcdPeer", "apiServer", "controllerManager", "scheduler"] as const satisfies readonly (keyof SandboxPorts)[];

/** Free ports: the `wanted` ones where they are still free, others otherwise. */
export async function choosePorts(wanted?: Partial<SandboxPorts>): Promise<SandboxPorts> {
  // All are held open until every one is known, so that no two are the same.
  const held: { port: number; release: () => Promise<void> }[] = [];
  try {
    const chosen: Partial<Record<keyof SandboxPorts, number>> = {};
    for (const name of portNames) {
      const hold = (await holdPort(wanted?.[name] ?? 0)) ?? (await holdPort(0));
      if (!hold) throw new Error("no free port on 127.0.0.1");
      held.push(hold);
      chosen[name] = hold.port;
    }
    return chosen as SandboxPorts;
  } finally {
    await Promise.all(held.map((hold) => hold.release()));
  }
}

async function holdPort(port: number): Promise<{ port: number; release: () => Promise<void> } | undefined> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen({ port, host: "127.0.0.1", exclusive: true }, resolve));
  } catch (error) {
    if (hasErrorCode(error, "EADDRINUSE", "EACCES")) return undefined;
    throw error;
  }
  const address = server.address();
  const held = typeof address === "object" && address ? address.port : port;
  return { port: held, release: () => new Promise((resolve) => server.close(() => resolve())) };
}
