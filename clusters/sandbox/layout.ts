import { basename, dirname, join } from "node:path";

/** Where a sandbox keeps its files. */
export interface SandboxLayout {
  readonly folder: string;
  readonly kubeconfig: string;
  /** Identity, ports and nodes; survives stops. */
  readonly record: string;
  /** What the supervisor needs for this start: tools. */
  readonly launch: string;
  /** Why the last start or run failed; absent otherwise. */
  readonly failure: string;
  /** Beside the folder, so that the folder can be removed while it is held. */
  readonly lock: string;
  readonly controlSocket: string;
  readonly pki: string;
  readonly logs: string;
  readonly supervisorLog: string;
  readonly etcd: string;
}

/** The folder of all clusters of a data folder. */
export function clustersFolder(dataFolder: string): string {
  return join(dataFolder, "clusters");
}

export function sandboxLayout(dataFolder: string, name: string): SandboxLayout {
  return layoutIn(join(clustersFolder(dataFolder), name));
}

export function layoutIn(folder: string): SandboxLayout {
  return {
    folder,
    kubeconfig: join(folder, "kubeconfig"),
    record: join(folder, "cluster.json"),
    launch: join(folder, "launch.json"),
    failure: join(folder, "failure.json"),
    lock: join(dirname(folder), `.${basename(folder)}.lock`),
    controlSocket: join(folder, "control.sock"),
    pki: join(folder, "pki"),
    logs: join(folder, "logs"),
    supervisorLog: join(folder, "logs", "supervisor.log"),
    etcd: join(folder, "etcd"),
  };
}
