import { readFileSync } from "node:fs";
import type { ClusterStatus } from "#core/cluster-status.ts";
import { messageOf } from "#core/errors.ts";
import { readClusterRecord } from "./cluster-record.ts";
import { ControlClient } from "./control-client.ts";
import type { SupervisorFailure, SupervisorStatus } from "./control-protocol.ts";
import type { SandboxLayout } from "./layout.ts";
import { processesOf, residentBytes } from "./leftovers.ts";

/** How a sandbox is, without changing anything. */
export async function sandboxStatus(name: string, layout: SandboxLayout): Promise<ClusterStatus> {
  const base = { name, source: "sandbox" as const };
  const record = readClusterRecord(layout.record);
  if (!record) return { ...base, state: "absent", processes: [] };
  const known = { ...base, kubeconfig: layout.kubeconfig };
  let now: SupervisorStatus | undefined;
  try {
    now = await new ControlClient(layout.controlSocket).status();
  } catch (error) {
    return { ...known, state: "failed", processes: [], detail: messageOf(error) };
  }
  if (now?.id === record.id) {
    const processes = [{ name: "supervisor", pid: now.supervisor }, ...now.processes].map((entry) => ({ ...entry, memoryBytes: residentBytes(entry.pid) }));
    if (now.state === "running") return { ...known, state: "running", server: now.server, processes };
    return { ...known, state: now.state === "failed" ? "failed" : "starting", server: now.server, processes, detail: `${now.state}: ${now.step}` };
  }
  const failure = readFailure(layout);
  if (failure) return { ...known, state: "failed", processes: [], detail: failure.detail };
  const left = processesOf(record.id);
  if (!left.length) return { ...known, state: "stopped", processes: [] };
  return {
    ...known,
    state: "failed",
    processes: [],
    detail: `The supervisor is gone, ${left.length} of its processes still run; the next start or stop ends them.`,
  };
}

/** Why the last start or run ended; undefined when it ended well. */
export function readFailure(layout: SandboxLayout): SupervisorFailure | undefined {
  try {
    return JSON.parse(readFileSync(layout.failure, "utf8")) as SupervisorFailure;
  } catch {
    return undefined;
  }
}
