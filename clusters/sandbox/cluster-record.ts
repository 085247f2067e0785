import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import type { SandboxNodes } from "#core/cluster-spec.ts";
import { StrataError } from "#core/errors.ts";
import { hasErrorCode } from "./node-error.ts";
import type { SandboxPorts } from "./ports.ts";
import { writePrivateFile } from "./private-file.ts";

/** What stays of a sandbox between two starts. */
export interface ClusterRecord {
  /** Tells its processes from those of any other sandbox. */
  readonly id: string;
  readonly name: string;
  readonly nodes: readonly SandboxNodes[];
  /** Chosen at the first start, kept as long as they are free. */
  readonly ports?: SandboxPorts;
}

/** The record in `path`; undefined when there is none. Throws `cluster_failed` for one that can't be read. */
export function readClusterRecord(path: string): ClusterRecord | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (hasErrorCode(error, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  }
  try {
    const record = JSON.parse(text) as ClusterRecord;
    if (typeof record.id === "string" && typeof record.name === "string" && Array.isArray(record.nodes)) return record;
  } catch {
    // Told below, together with records of a wrong shape.
  }
  throw new StrataError("cluster_failed", `${path} isn't the record of a sandbox: remove the folder it is in, and the sandbox is made anew.`);
}

export function writeClusterRecord(path: string, record: ClusterRecord): void {
  writePrivateFile(path, `${JSON.stringify(record, undefined, 2)}\n`);
}

export function newClusterRecord(name: string, nodes: readonly SandboxNodes[]): ClusterRecord {
  return { id: randomUUID(), name, nodes };
}
