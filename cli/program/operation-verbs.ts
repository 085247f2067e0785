import { Option } from "commander";
import type { OperationOptions } from "#cli/commands/run-operation.ts";
import { exitSets } from "#cli/program/exit-sets.ts";
import type { StrataCommand, VerbHost } from "#cli/program/strata-command.ts";
import type { OperationKind } from "#core/operation.ts";
import { conflictChoices } from "#core/operation-record.ts";

interface OperationVerb {
  readonly kind: OperationKind;
  readonly description: string;
  readonly examples: readonly (readonly [command: string, meaning: string])[];
}

const verbs: readonly OperationVerb[] = [
  {
    kind: "up",
    description: "Bring an environment to what its scenario describes: create, update and remove what differs, layer by layer.",
    examples: [
      ["strata up local-lab", "the default scenario in the default environment"],
      ["strata up local-lab --scenario etl-minimal", "another scenario"],
      ["strata up local-lab --layer platform_data", "one layer only"],
      ["strata up local-lab --detach --json", "submit, print the operation, don't wait"],
    ],
  },
  {
    kind: "preview",
    description: "Show what 'up' would change, and the memory it would ask for. Changes nothing.",
    examples: [["strata preview local-lab --scenario etl-minimal", "what that scenario would change"]],
  },
  {
    kind: "refresh",
    description: "Compare the recorded state with what really exists, and record what drifted.",
    examples: [["strata refresh local-lab", "all layers of the active scenario"]],
  },
  {
    kind: "destroy",
    description: "Remove everything an environment has deployed, in reverse order. Asks for the environment's name first.",
    examples: [
      ["strata destroy local-lab", "asks to type local-lab/lab"],
      ["strata destroy local-lab --layer platform_data --yes", "one layer, without asking"],
    ],
  },
];

/** `up`, `preview`, `refresh`, `destroy`. */
export function addOperationVerbs(program: StrataCommand, host: VerbHost): void {
  for (const { kind, description, examples } of verbs) {
    const command = withOperationOptions(program.verb(`${kind} [system]`, description), kind);
    for (const [line, meaning] of examples) command.example(line, meaning);
    command.overHttp().runs<OperationOptions, [string | undefined]>(host, exitSets.operation, async () => {
      const { runOperation } = await import("#cli/commands/run-operation.ts");
      return (invocation) => runOperation(kind, invocation);
    });
  }
}

function withOperationOptions(command: StrataCommand, kind: OperationKind): StrataCommand {
  command
    .option("-e, --env <environment>", "environment (default: the system's default one)")
    .option("-s, --scenario <scenario>", "scenario (default: the environment's)")
    .option("-l, --layer <layer>", "only this layer; repeat for more", collect)
    .option("-t, --target <urn>", "only this resource, a URN or a glob of one; repeat for more", collect)
    .option("-r, --reason <text>", "why, kept with the operation");
  if (kind === "up" || kind === "preview") command.option("-f, --force", "go on beyond the environment's memory budget");
  return command
    .option("-y, --yes", kind === "destroy" ? "don't ask before destroying" : "accepted for scripts: only destroy asks")
    .option("-d, --detach", "don't follow the operation, just submit it")
    .addOption(
      new Option("--on-conflict <choice>", "what to do while another operation runs in the environment").choices(conflictChoices).default("queue"),
    ) as StrataCommand;
}

/** Gathers a repeated option. */
export function collect(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}
