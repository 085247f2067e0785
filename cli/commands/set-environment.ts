import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { LineCounter, parseDocument } from "yaml";
import { chooseEnvironment } from "#cli/commands/choose-environment.ts";
import { describeCluster } from "#cli/commands/run-operation.ts";
import type { ExitCodeName } from "#cli/exit-codes.ts";
import type { EnvironmentChange } from "#cli/http/views.ts";
import type { Invocation } from "#cli/program/strata-command.ts";
import { messageOf, StrataError } from "#core/errors.ts";
import { parseQuantity } from "#core/quantity.ts";

export interface SetOptions {
  readonly env?: string;
  readonly scenario?: string;
  readonly sandbox?: boolean;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly budget?: string;
  readonly file?: string;
}

/** `strata env set [system]`: changes the environment's record; nothing is deployed. */
export async function setEnvironment({ session, options, args }: Invocation<SetOptions, [string | undefined]>): Promise<ExitCodeName> {
  const change = { ...(options.file === undefined ? {} : await readChange(options.file)), ...changeOf(options) };
  if (!Object.keys(change).length) throw new StrataError("invalid_request", "Say what to set: --scenario, --sandbox, --kubeconfig, --budget or --file.");
  const api = await session.connect();
  const { system, environment, words } = await chooseEnvironment(api, args[0], options.env);
  const record = await api.changeEnvironment(system, environment, change);
  if (session.json) session.terminal.json(record);
  else
    session.terminal.print([
      `${system}/${environment} is set to scenario ${record.scenario} on ${describeCluster(record.cluster)}; nothing was deployed yet`,
      `  strata preview ${words}`,
      `  strata up ${words}`,
    ]);
  return "ok";
}

function changeOf(options: SetOptions): EnvironmentChange {
  return {
    ...(options.scenario === undefined ? {} : { scenario: options.scenario }),
    ...clusterChange(options),
    ...(options.budget === undefined ? {} : { budget: budgetOf(options.budget) }),
  };
}

/** The sandbox is that of the system's template, which a request means by giving no cluster. */
function clusterChange({ sandbox, kubeconfig, context }: SetOptions): EnvironmentChange {
  if (sandbox && kubeconfig !== undefined) throw new StrataError("invalid_request", "Choose one of --sandbox and --kubeconfig.");
  if (context !== undefined && kubeconfig === undefined) throw new StrataError("invalid_request", "--context needs --kubeconfig.");
  if (kubeconfig !== undefined) return { cluster: { source: "kubeconfig", path: resolve(kubeconfig), ...(context === undefined ? {} : { context }) } };
  return sandbox ? { cluster: undefined } : {};
}

function budgetOf(text: string): { memoryBytes?: number } {
  if (text === "none") return {};
  const memoryBytes = parseQuantity(text);
  if (memoryBytes === undefined || memoryBytes <= 0)
    throw new StrataError("invalid_request", `--budget is '${text}', expected an amount of memory such as 22Gi, or none.`);
  return { memoryBytes: Math.round(memoryBytes) };
}

/** A YAML or JSON file with any of scenario, cluster, budget, config. The controller checks what is in it. */
async function readChange(file: string): Promise<EnvironmentChange> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new StrataError("invalid_config", `${file} can't be read: ${messageOf(cause)}`, { cause });
  });
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error) {
    const { line, col } = lines.linePos(error.pos[0]);
    throw new StrataError("invalid_config", `${file}:${line}:${col}: ${error.message}`);
  }
  const value: unknown = document.toJS();
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new StrataError("invalid_config", `${file}:1:1: expected a mapping with any of scenario, cluster, budget, config.`);
  return value;
}
