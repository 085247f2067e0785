import { Option } from "commander";
import type { AddScheduleOptions } from "#cli/commands/schedules.ts";
import type { SetOptions } from "#cli/commands/set-environment.ts";
import { exitSets } from "#cli/program/exit-sets.ts";
import { collect } from "#cli/program/operation-verbs.ts";
import type { StrataCommand, VerbHost } from "#cli/program/strata-command.ts";
import { operationKinds } from "#core/operation.ts";

/** `environments`, `env`, `schedule`. */
export function addEnvironmentVerbs(program: StrataCommand, host: VerbHost): void {
  program
    .verb("environments", "List the environments of all systems.")
    .overHttp()
    .runs(host, exitSets.request, async () => (await import("#cli/commands/list-environments.ts")).listEnvironments);

  const env = program.verb("env", "The records of environments.");
  env
    .verb("set [system]", "Create or change an environment's record: scenario, cluster, memory budget, configuration. Deploys nothing; what isn't given stays.")
    .option("-e, --env <environment>", "environment (default: the system's default one)")
    .option("-s, --scenario <scenario>", "what 'up' means when no scenario is named")
    .option("--sandbox", "land on a sandbox cluster of its own: a real control plane, simulated nodes")
    .option("--kubeconfig <file>", "land on the cluster of this kubeconfig")
    .option("--context <context>", "context in the kubeconfig (default: its current one)")
    .option("--budget <memory>", "what the scenario may ask for, e.g. 22Gi, or none")
    .option("--file <file>", "YAML or JSON with any of scenario, cluster, budget, config; options win over it")
    .example("strata env set local-lab --scenario etl-minimal --budget 22Gi", "")
    .example("strata env set local-lab --env mine --kubeconfig ~/.kube/config --context kind-mine", "another environment on another cluster")
    .example("strata env set local-lab --file values.yaml", "component values under 'config'")
    .overHttp()
    .runs<SetOptions, [string | undefined]>(host, exitSets.request, async () => (await import("#cli/commands/set-environment.ts")).setEnvironment);

  addScheduleVerbs(program.verb("schedule", "Operations that the controller asks for by the clock."), host);
}

function addScheduleVerbs(schedule: StrataCommand, host: VerbHost): void {
  const add = schedule
    .verb("add [system]", "Add a schedule to an environment.")
    .option("-e, --env <environment>", "environment (default: the system's default one)")
    .requiredOption("--cron <expression>", "five fields: minute, hour, day of month, month, day of week")
    .addOption(new Option("-k, --kind <kind>", "which operation").choices(operationKinds).makeOptionMandatory())
    .option("--time-zone <zone>", "IANA time zone that the expression is meant in", "UTC")
    .option("-s, --scenario <scenario>", "scenario (default: the environment's)")
    .option("-l, --layer <layer>", "only this layer; repeat for more", collect)
    .option("-r, --reason <text>", "why, kept with each operation") as StrataCommand;
  add
    .example('strata schedule add local-lab --cron "0 7 * * *" --kind refresh --time-zone Europe/Paris', "every morning")
    .example('strata schedule add local-lab --cron "0 */6 * * *" --kind refresh', "every six hours")
    .overHttp()
    .runs<AddScheduleOptions, [string | undefined]>(host, exitSets.request, async () => (await import("#cli/commands/schedules.ts")).addSchedule);

  schedule
    .verb("list [system]", "List the schedules of an environment, or without a system all of them.")
    .option("-e, --env <environment>", "environment (default: the system's default one)")
    .overHttp()
    .runs<{ env?: string }, [string | undefined]>(host, exitSets.request, async () => (await import("#cli/commands/schedules.ts")).listSchedules);

  schedule
    .verb("show <schedule>", "Show a schedule, its coming runs and what became of its last one.")
    .overHttp()
    .runs<object, [string]>(host, exitSets.request, async () => (await import("#cli/commands/schedules.ts")).showSchedule);

  for (const [verb, paused, description] of [
    ["pause", true, "Pause a schedule."],
    ["resume", false, "Let a paused schedule go on from its next time; what it missed isn't made up for."],
  ] as const)
    schedule
      .verb(`${verb} <schedule>`, description)
      .overHttp()
      .runs<object, [string]>(host, exitSets.request, async () => {
        const { pauseSchedule } = await import("#cli/commands/schedules.ts");
        return (invocation) => pauseSchedule(paused, invocation);
      });

  schedule
    .verb("remove <schedule>", "Remove a schedule. Operations that it asked for stay.")
    .overHttp()
    .runs<object, [string]>(host, exitSets.request, async () => (await import("#cli/commands/schedules.ts")).removeSchedule);
}
