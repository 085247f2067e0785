import type { LabOptions } from "#cli/commands/lab.ts";
import { exitSets } from "#cli/program/exit-sets.ts";
import type { StrataCommand, VerbHost } from "#cli/program/strata-command.ts";

/** `lab up|down|refresh|status`: system local-lab with everything around it. */
export function addLabVerbs(program: StrataCommand, host: VerbHost): void {
  const lab = program.verb("lab", "The local lab (system local-lab) in four verbs.");

  labVerb(lab, "up", "Raise the lab: starts controller and cluster where needed, then deploys the scenario.")
    .option("-s, --scenario <scenario>", "scenario (default: the environment's)")
    .example("strata lab up --scenario etl-minimal", "")
    .overHttp()
    .runs<LabOptions, []>(host, exitSets.operation, async () => (await import("#cli/commands/lab.ts")).labUp);

  labVerb(
    lab,
    "down",
    "Take the lab down: destroys the environment, pauses its schedules, stops its sandbox cluster, and the controller if a command started it and nothing else needs it.",
  )
    .option("-y, --yes", "don't ask before destroying")
    .overHttp()
    .runs<LabOptions, []>(host, exitSets.operation, async () => (await import("#cli/commands/lab.ts")).labDown);

  labVerb(lab, "refresh", "Bring the lab back to its declared state: records what drifted (refresh), then puts it right (up).")
    .option("-s, --scenario <scenario>", "scenario (default: the environment's)")
    .overHttp()
    .runs<LabOptions, []>(host, exitSets.operation, async () => (await import("#cli/commands/lab.ts")).labRefresh);

  labVerb(lab, "status", "Show the lab, like 'strata status local-lab'.")
    .overHttp()
    .runs<LabOptions, []>(host, exitSets.request, async () => (await import("#cli/commands/lab.ts")).labStatus);
}

function labVerb(lab: StrataCommand, name: string, description: string): StrataCommand {
  return lab.verb(name, description).option("-e, --env <environment>", "environment (default: the system's default one)");
}
