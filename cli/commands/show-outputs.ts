import { chooseEnvironment } from "#cli/commands/choose-environment.ts";
import type { ExitCodeName } from "#cli/exit-codes.ts";
import type { Invocation } from "#cli/program/strata-command.ts";
import { cleanText } from "#cli/render/format.ts";
import { table } from "#cli/render/table.ts";
import { hasCode, StrataError } from "#core/errors.ts";
import type { OutputView } from "#core/operation.ts";

export interface OutputsOptions {
  readonly env?: string;
  readonly layer?: readonly string[];
}

type Outputs = Readonly<Record<string, OutputView>>;

/** `strata outputs [system]`: secret values never leave the controller. */
export async function showOutputs({ session, options, args }: Invocation<OutputsOptions, [string | undefined]>): Promise<ExitCodeName> {
  const api = await session.connect();
  const { system, environment, words } = await chooseEnvironment(api, args[0], options.env);
  const layers = options.layer ?? (await api.system(system)).layers.map(({ layer }) => layer);
  const answers = await Promise.all(
    layers.map(async (layer) => {
      const outputs = await api.outputs(system, environment, layer).catch((error: unknown) => {
        // Only a layer that was asked for by name must exist.
        if (!options.layer && hasCode(error, "stack_not_found")) return undefined;
        throw error;
      });
      return outputs ? ([layer, outputs] as const) : undefined;
    }),
  );
  const found: Readonly<Record<string, Outputs>> = Object.fromEntries(answers.filter((answer) => answer !== undefined));
  if (session.json) {
    session.terminal.json(found);
    return "ok";
  }
  if (!Object.keys(found).length) throw new StrataError("stack_not_found", `Nothing is deployed in ${system}/${environment}: 'strata up ${words}' does that.`);
  const rows = Object.entries(found).flatMap(([layer, outputs]) => Object.entries(outputs).map(([name, output]) => [layer, name, outputText(output)]));
  session.terminal.print(table([{ title: "Layer" }, { title: "Output" }, { title: "Value" }], rows, session.terminal.paint.bold));
  return "ok";
}

function outputText(output: OutputView): string {
  if ("secret" in output) return "[secret]";
  if ("unknown" in output) return "[unknown until deployed]";
  return cleanText(typeof output.value === "string" ? output.value : JSON.stringify(output.value)).replaceAll("\n", "\\n");
}
