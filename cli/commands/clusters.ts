/** `strata cluster …`: the clusters of this machine, without a controller. */

import type { ExitCodeName } from "#cli/exit-codes.ts";
import type { Invocation } from "#cli/program/strata-command.ts";
import { prompt } from "#cli/prompt.ts";
import { table } from "#cli/render/table.ts";
import type { Session } from "#cli/session.ts";
import type { ClusterStatus } from "#core/cluster-status.ts";
import { StrataError } from "#core/errors.ts";
import { formatBytes } from "#core/quantity.ts";

/** `strata cluster list`. */
export async function listClusters({ session }: Invocation): Promise<ExitCodeName> {
  const clusters = await session.ports.cluster.list();
  if (session.json) session.terminal.json(clusters);
  else if (!clusters.length) session.terminal.print("No clusters of this machine so far");
  else {
    const rows = clusters.map((c) => [c.name, c.source, c.state, c.server ?? "", formatBytes(memoryOf(c))]);
    const titles = [{ title: "Cluster" }, { title: "Source" }, { title: "State" }, { title: "Server" }, { title: "Memory", align: "right" as const }];
    session.terminal.print(table(titles, rows, session.terminal.paint.bold));
  }
  return "ok";
}

/** `strata cluster status [name]`. */
export async function clusterStatus({ session, args }: Invocation<object, [string | undefined]>): Promise<ExitCodeName> {
  printCluster(session, await session.ports.cluster.status(await clusterName(session, args[0])));
  return "ok";
}

/** `strata cluster start [name]`. */
export async function startCluster({ session, args }: Invocation<object, [string | undefined]>): Promise<ExitCodeName> {
  const name = await clusterName(session, args[0]);
  const interrupted = new AbortController();
  const stopListening = session.ports.onInterrupt(() => interrupted.abort());
  try {
    const onProgress = (message: string, done?: number, total?: number) =>
      session.terminal.note(`${message}${done !== undefined && total !== undefined ? ` (${done}/${total})` : ""}`);
    printCluster(session, await session.ports.cluster.start(name, { onProgress, signal: AbortSignal.any([session.signal, interrupted.signal]) }));
    return "ok";
  } catch (error) {
    if (interrupted.signal.aborted) return "interrupted";
    throw error;
  } finally {
    stopListening();
  }
}

/** `strata cluster stop [name]`: its data stays. */
export async function stopCluster({ session, args }: Invocation<object, [string | undefined]>): Promise<ExitCodeName> {
  const name = await clusterName(session, args[0]);
  await session.ports.cluster.stop(name);
  printCluster(session, await session.ports.cluster.status(name));
  return "ok";
}

/** `strata cluster wipe [name]`: stops it and removes its data. */
export async function wipeCluster({ session, options, args }: Invocation<{ yes?: boolean }, [string | undefined]>): Promise<ExitCodeName> {
  const name = await clusterName(session, args[0]);
  if (!options.yes) {
    if (session.ports.stdin.isTTY !== true || !session.terminal.isTTY || session.json)
      throw new StrataError("invalid_request", `Wiping cluster ${name} can't be undone and nobody can be asked here: add --yes.`);
    const answer = await prompt(session.ports, `This removes cluster ${name} with everything in it. Type ${name} to go on: `);
    if (answer !== name) throw new StrataError("invalid_request", `'${answer}' isn't ${name}: nothing was removed.`);
  }
  await session.ports.cluster.wipe(name);
  if (session.json) session.terminal.json({ wiped: name });
  else session.terminal.print(`Cluster ${name} is gone`);
  return "ok";
}

/** `strata cluster kubeconfig [name]`: the path, so that `export KUBECONFIG=$(strata cluster kubeconfig)` works. */
export async function clusterKubeconfig({ session, args }: Invocation<object, [string | undefined]>): Promise<ExitCodeName> {
  const name = await clusterName(session, args[0]);
  const { kubeconfig } = await session.ports.cluster.status(name);
  if (kubeconfig === undefined) throw new StrataError("cluster_unreachable", `Cluster ${name} has no kubeconfig yet: 'strata cluster start ${name}' makes it.`);
  if (session.json) session.terminal.json({ name, kubeconfig });
  else session.terminal.print(kubeconfig);
  return "ok";
}

/** The name given, or that of the only cluster. */
async function clusterName(session: Session, name: string | undefined): Promise<string> {
  if (name !== undefined) return name;
  const known = await session.ports.cluster.list();
  if (known.length === 1 && known[0]) return known[0].name;
  const names = known.map((cluster) => cluster.name).join(", ");
  throw new StrataError("invalid_request", names ? `Name a cluster: ${names}.` : "There is no cluster yet: 'strata up' starts the one it needs.");
}

function printCluster(session: Session, cluster: ClusterStatus): void {
  if (session.json) {
    session.terminal.json(cluster);
    return;
  }
  const rows = cluster.processes.map(({ name, pid, memoryBytes }) => [`  ${name}`, String(pid), formatBytes(memoryBytes)]);
  session.terminal.print([
    `${session.terminal.paint.bold(cluster.name)} (${cluster.source}) is ${cluster.state}${cluster.server ? ` at ${cluster.server}` : ""}`,
    ...(cluster.detail ? [`  ${cluster.detail}`] : []),
    ...(cluster.kubeconfig ? [`  export KUBECONFIG=${cluster.kubeconfig}`] : []),
    ...(rows.length ? table([{ title: "  Process" }, { title: "Pid", align: "right" }, { title: "Memory", align: "right" }], rows) : []),
  ]);
}

function memoryOf({ processes }: ClusterStatus): number {
  return processes.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
}
