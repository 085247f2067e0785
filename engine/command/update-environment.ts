import type { Arguments } from "#engine/command/argv.ts";
import type { Environment } from "#engine/command/command-context.ts";

const goArchitectures: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386" };
const goSystems: Readonly<Record<string, string>> = { win32: "windows" };

/** What an update's record in the history says about where it ran. Mirrors pulumi/pulumi:pkg/cmd/pulumi/metadata/metadata.go (v3.259.0); no value of a variable or flag is kept. */
export function updateEnvironment(args: Arguments, environment: Environment, version: string, runtime: string | undefined): Record<string, string> {
  const entries: [string, string][] = [
    ["exec.kind", args.text("exec-kind") ?? "cli"],
    ["pulumi.arch", goArchitectures[process.arch] ?? process.arch],
    ["pulumi.os", goSystems[process.platform] ?? process.platform],
    ["pulumi.version", version],
    ["stack.environments", "[]"],
    ["updatePlan", "false"],
  ];
  const agent = args.text("exec-agent");
  if (agent) entries.push(["exec.agent", agent]);
  for (const [name, value] of Object.entries(environment))
    if (name.startsWith("PULUMI_") && value !== undefined) entries.push([`pulumi.env.${name}`, summarised(value)]);
  for (const [name, value] of args.given()) entries.push([`pulumi.flag.${name}`, summarised(value)]);
  if (runtime !== undefined) entries.push(["runtime.executable", process.execPath], ["runtime.name", runtime], ["runtime.version", process.version]);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function summarised(value: string): string {
  return value === "true" || value === "false" ? value : "set";
}
