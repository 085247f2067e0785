import { existsSync, readdirSync } from "node:fs";
import { readClusterRecord } from "#clusters/sandbox/cluster-record.ts";
import { clustersFolder, sandboxLayout } from "#clusters/sandbox/layout.ts";
import { sandboxStatus } from "#clusters/sandbox/sandbox-status.ts";
import type { ClusterSpec } from "#core/cluster-spec.ts";
import type { ClusterStatus } from "#core/cluster-status.ts";
import { messageOf } from "#core/errors.ts";

/** Every sandbox of a data folder and how it is, by name. One whose record can't be read counts as failed. */
export async function listSandboxes(dataFolder: string): Promise<ClusterStatus[]> {
  const folder = clustersFolder(dataFolder);
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  const all = await Promise.all(names.sort().map((name) => statusOrFailure(name, dataFolder)));
  return all.filter((status) => status.state !== "absent");
}

/** The specification that a sandbox was last started with; undefined when there is no such sandbox. */
export function recordedSandbox(dataFolder: string, name: string): ClusterSpec | undefined {
  const record = readClusterRecord(sandboxLayout(dataFolder, name).record);
  return record && { source: "sandbox", name, nodes: record.nodes };
}

async function statusOrFailure(name: string, dataFolder: string): Promise<ClusterStatus> {
  try {
    return await sandboxStatus(name, sandboxLayout(dataFolder, name));
  } catch (error) {
    return { name, source: "sandbox", state: "failed", processes: [], detail: messageOf(error) };
  }
}
