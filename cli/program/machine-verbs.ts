import { InvalidArgumentError, Option } from "commander";
import type { ServeVerbOptions } from "#cli/commands/serve.ts";
import { exitSets } from "#cli/program/exit-sets.ts";
import type { StrataCommand, VerbHost } from "#cli/program/strata-command.ts";

/** `serve`, `stop`, `doctor`, `cluster`, `tools`, `version`: this machine only. */
export function addMachineVerbs(program: StrataCommand, host: VerbHost): void {
  const serve = program
    .verb("serve", "Run the controller in the foreground. Other verbs start one in the background by themselves.")
    .option("--host <address>", "address to listen on (default: 127.0.0.1)")
    .option("--port <port>", "port to listen on (default: 7700, or a free one when another controller has it)", portNumber)
    .option("--insecure", "allow another address than loopback without TLS in front")
    .addOption(new Option("--started-by <who>").choices(["cli", "user"]).default("user").hideHelp()) as StrataCommand;
  serve
    .example("strata serve", "stop it with Ctrl-C or 'strata stop'")
    .runs<ServeVerbOptions, []>(host, exitSets.local, async () => (await import("#cli/commands/serve.ts")).serve);

  program
    .verb("stop", "Stop the controller of this machine. Clusters and what is deployed go on.")
    .option("-f, --force", "even if operations run: they are cut short and marked so")
    .runs<{ force?: boolean }, []>(host, exitSets.local, async () => (await import("#cli/commands/stop.ts")).stop);

  program
    .verb("doctor", "Check this machine and say which engine and tools are used, and why. Exits with 1 when something must be mended.")
    .runs(host, exitSets.local, async () => (await import("#cli/commands/doctor.ts")).doctor);

  addClusterVerbs(program.verb("cluster", "Sandbox clusters of this machine: a real control plane, simulated nodes."), host);

  const tools = program.verb("tools", "The binaries that Strata runs, such as kube-apiserver, etcd and helm.");
  tools.verb("list", "Show where each tool comes from.").runs(host, exitSets.local, async () => (await import("#cli/commands/tools.ts")).listTools);
  tools
    .verb("verify", "Compare the vendors' downloads with the pinned checksums.")
    .option("--lock", "pin the checksums that nobody has fetched yet")
    .runs<{ lock?: boolean }, []>(host, exitSets.local, async () => (await import("#cli/commands/tools.ts")).verifyTools);

  program.verb("version", "Print the version.").runs(host, ["ok"], async () => (await import("#cli/commands/version.ts")).version);
}

function addClusterVerbs(cluster: StrataCommand, host: VerbHost): void {
  cluster.verb("list", "List the clusters.").runs(host, exitSets.local, async () => (await import("#cli/commands/clusters.ts")).listClusters);
  cluster
    .verb("status [name]", "Show a cluster and its processes. The name may be left out where there is only one.")
    .runs<object, [string | undefined]>(host, exitSets.local, async () => (await import("#cli/commands/clusters.ts")).clusterStatus);
  cluster
    .verb("start [name]", "Start a cluster, or adopt one that runs already.")
    .runs<object, [string | undefined]>(host, [...exitSets.local, "interrupted"], async () => (await import("#cli/commands/clusters.ts")).startCluster);
  cluster
    .verb("stop [name]", "Stop a cluster; its data stays.")
    .runs<object, [string | undefined]>(host, exitSets.local, async () => (await import("#cli/commands/clusters.ts")).stopCluster);
  cluster
    .verb("wipe [name]", "Stop a cluster and remove everything in it. Asks for its name first.")
    .option("-y, --yes", "don't ask")
    .runs<{ yes?: boolean }, [string | undefined]>(host, [...exitSets.local, "cancelled"], async () => (await import("#cli/commands/clusters.ts")).wipeCluster);
  cluster
    .verb("kubeconfig [name]", "Print the path of a cluster's kubeconfig.")
    .example('export KUBECONFIG="$(strata cluster kubeconfig)"', "then kubectl works on it")
    .runs<object, [string | undefined]>(host, exitSets.local, async () => (await import("#cli/commands/clusters.ts")).clusterKubeconfig);
}

function portNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 65535) throw new InvalidArgumentError("Expected a port from 1 to 65535.");
  return value;
}
