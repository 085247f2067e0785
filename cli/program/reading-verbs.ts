import { InvalidArgumentError, Option } from "commander";
import type { ListOptions } from "#cli/commands/list-operations.ts";
import type { HostsOptions } from "#cli/commands/print-hosts.ts";
import type { LogsOptions } from "#cli/commands/show-logs.ts";
import type { OutputsOptions } from "#cli/commands/show-outputs.ts";
import type { EnvironmentOptions } from "#cli/commands/show-status.ts";
import { exitSets } from "#cli/program/exit-sets.ts";
import { collect } from "#cli/program/operation-verbs.ts";
import type { StrataCommand, VerbHost } from "#cli/program/strata-command.ts";
import { operationKinds, operationStates } from "#core/operation.ts";

const envOption = ["-e, --env <environment>", "environment (default: the system's default one)"] as const;

/** `status`, `outputs`, `logs`, `operations`, `cancel`, `hosts`, `systems`. */
export function addReadingVerbs(program: StrataCommand, host: VerbHost): void {
  program
    .verb("status [system]", "Show an environment: its layers, what runs in it and how to reach it, what runs or waits, its schedules.")
    .option(...envOption)
    .example("strata status local-lab", "the default environment")
    .overHttp()
    .runs<EnvironmentOptions, [string | undefined]>(host, exitSets.request, async () => (await import("#cli/commands/show-status.ts")).showStatus);

  program
    .verb("outputs [system]", "Show the outputs of the deployed layers. Secret values are never shown.")
    .option(...envOption)
    .option("-l, --layer <layer>", "only this layer; repeat for more", collect)
    .example("strata outputs local-lab --layer platform_data --json", "for scripts")
    .overHttp()
    .runs<OutputsOptions, [string | undefined]>(host, exitSets.request, async () => (await import("#cli/commands/show-outputs.ts")).showOutputs);

  program
    .verb("logs [operation-or-system]", "Show what happened in an operation: the given one, or the newest of an environment.")
    .option(...envOption)
    .option("-f, --follow", "go on until the operation is over; the exit code tells how it ended")
    .option("-v, --verbose", "also unchanged resources and messages of less weight")
    .example("strata logs op-0m1a2b3c4-1234abcd", "one operation")
    .example("strata logs local-lab --follow --json", "the newest operation of an environment, a line of JSON per event")
    .overHttp()
    .runs<LogsOptions, [string | undefined]>(host, exitSets.operation, async () => (await import("#cli/commands/show-logs.ts")).showLogs);

  program
    .verb("operations [system]", "List operations, newest first.")
    .option("-e, --env <environment>", "only of this environment")
    .addOption(new Option("-k, --kind <kind>", "only of this kind").choices(operationKinds))
    .addOption(new Option("--state <state>", "only in this state").choices(operationStates))
    .option("-n, --limit <count>", "at most so many", positiveInteger, 20);
  (program.commands.at(-1) as StrataCommand)
    .example("strata operations local-lab --state failed", "what went wrong lately")
    .overHttp()
    .runs<ListOptions, [string | undefined]>(host, exitSets.request, async () => (await import("#cli/commands/list-operations.ts")).listOperations);

  program
    .verb("cancel <operation>", "Ask an operation to stop. Steps under way come to their end; a waiting one is cancelled at once.")
    .example("strata cancel op-0m1a2b3c4-1234abcd", "")
    .overHttp()
    .runs<object, [string]>(host, exitSets.request, async () => (await import("#cli/commands/cancel-operation.ts")).cancelOperation);

  program
    .verb("systems [system]", "List the systems that can be deployed, or show one: scenarios, layers, components and the memory they ask for.")
    .example("strata systems local-lab", "its scenarios, layers and components")
    .overHttp()
    .runs<object, [string | undefined]>(host, exitSets.request, async () => (await import("#cli/commands/show-systems.ts")).showSystems);

  const hosts = program.verb("hosts", "Name resolution for what is deployed.");
  hosts
    .verb("print [system]", "Print lines for the host file that make the deployed host names known. Never edits the file itself.")
    .option(...envOption)
    .option("--address <ip>", "address the names stand for", "127.0.0.1")
    .example("strata hosts print local-lab | sudo tee -a /etc/hosts", "")
    .overHttp()
    .runs<HostsOptions, [string | undefined]>(host, exitSets.request, async () => (await import("#cli/commands/print-hosts.ts")).printHosts);
}

/** For options that count something. */
function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("Expected a whole number from 1.");
  return value;
}
