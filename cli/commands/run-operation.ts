import { type ChosenEnvironment, chooseEnvironment } from "#cli/commands/choose-environment.ts";
import type { ExitCodeName } from "#cli/exit-codes.ts";
import { followOperation } from "#cli/follow-operation.ts";
import type { ControllerApi, OperationOrder } from "#cli/http/controller-api.ts";
import type { Invocation } from "#cli/program/strata-command.ts";
import { prompt } from "#cli/prompt.ts";
import { quoteForShell, summaryLines } from "#cli/render/summary-lines.ts";
import type { Session } from "#cli/session.ts";
import { typedCommand } from "#cli/typed-command.ts";
import type { ClusterSpec } from "#core/cluster-spec.ts";
import { StrataError } from "#core/errors.ts";
import type { OperationKind, OperationResult } from "#core/operation.ts";
import type { ConflictChoice, OperationRecord } from "#core/operation-record.ts";

export interface OperationOptions {
  readonly env?: string;
  readonly scenario?: string;
  readonly layer?: readonly string[];
  readonly target?: readonly string[];
  readonly reason?: string;
  readonly force?: boolean;
  readonly yes?: boolean;
  readonly detach?: boolean;
  readonly onConflict?: ConflictChoice;
}

/** `strata up|preview|refresh|destroy`: submits the operation and, unless detached, shows it until it is over. */
export async function runOperation(kind: OperationKind, { session, options, args }: Invocation<OperationOptions, [string | undefined]>): Promise<ExitCodeName> {
  const api = await session.connect();
  const chosen = await chooseEnvironment(api, args[0], options.env);
  if (kind === "destroy") await confirmDestroy(session, chosen, options);
  const order = orderOf(kind, options);
  if (!options.detach) return await submitAndFollow(session, api, chosen, order);
  const record = await api.submit(chosen.system, chosen.environment, order);
  if (session.json) session.terminal.json(record);
  else session.terminal.print([`${record.id} is ${record.state}`, `  strata logs ${record.id} --follow`, `  strata cancel ${record.id}`]);
  return "ok";
}

/** Submits one operation, follows it and prints its summary. */
export async function submitAndFollow(session: Session, api: ControllerApi, chosen: ChosenEnvironment, order: OperationOrder): Promise<ExitCodeName> {
  const { record, result } = await followOperation(session, api, () => api.submit(chosen.system, chosen.environment, order));
  if (!result) {
    session.terminal.note(`${record.id} goes on without you: 'strata logs ${record.id} --follow' shows it, 'strata cancel ${record.id}' stops it.`);
    return "interrupted";
  }
  if (!session.json) session.terminal.print(await summarise(session, api, chosen, record, result));
  return result.state === "succeeded" ? "ok" : result.state;
}

function orderOf(kind: OperationKind, options: OperationOptions): OperationOrder {
  return {
    kind,
    ...(options.scenario === undefined ? {} : { scenario: options.scenario }),
    ...(options.layer ? { layers: options.layer } : {}),
    ...(options.target ? { targets: options.target } : {}),
    ...(options.reason === undefined ? {} : { reason: options.reason }),
    ...(options.force ? { force: true } : {}),
    ...(options.onConflict === undefined ? {} : { onConflict: options.onConflict }),
  };
}

/** Has the user type the environment's name. Throws `invalid_request` where nobody can be asked or the name is another one. */
export async function confirmDestroy(
  session: Session,
  { system, environment }: ChosenEnvironment,
  options: Pick<OperationOptions, "layer" | "target" | "yes">,
): Promise<void> {
  if (options.yes) return;
  const name = `${system}/${environment}`;
  if (session.ports.stdin.isTTY !== true || !session.terminal.isTTY || session.json)
    throw new StrataError("invalid_request", `Destroying ${name} can't be undone and nobody can be asked here: add --yes.`);
  const part = options.target ? `${options.target.length} targets` : options.layer ? `layer ${options.layer.join(", ")}` : "everything";
  const answer = await prompt(session.ports, `This destroys ${part} in ${session.terminal.paint.bold(name)}. Type ${name} to go on: `);
  if (answer !== name) throw new StrataError("invalid_request", `'${answer}' isn't ${name}: nothing was destroyed.`);
}

async function summarise(session: Session, api: ControllerApi, chosen: ChosenEnvironment, record: OperationRecord, result: OperationResult): Promise<string[]> {
  const status = await api.environment(chosen.system, chosen.environment).catch(() => undefined);
  const over = await api.operation(record.id).catch(() => record);
  const seconds = over.finishedAt && over.startedAt ? (Date.parse(over.finishedAt) - Date.parse(over.startedAt)) / 1000 : undefined;
  return summaryLines(result, {
    kind: record.kind,
    system: record.system,
    environment: record.environment,
    scenario: record.scenario,
    operation: record.id,
    cluster: status && describeCluster(status.cluster),
    seconds,
    paint: session.terminal.paint,
    next: nextCommands(record, result, chosen).map((command) => typedCommand(command, session.ports.invocation)),
  });
}

/** `sandbox cluster local-lab-lab`, `context dev of /home/me/.kube/config`. */
export function describeCluster(cluster: ClusterSpec): string {
  if (cluster.source === "sandbox") return `sandbox cluster ${cluster.name}`;
  return cluster.context ? `context ${cluster.context} of ${cluster.path}` : cluster.path;
}

function nextCommands(record: OperationRecord, result: OperationResult, { words }: ChosenEnvironment): string[] {
  const narrowed = [
    ...(record.layers ?? []).map((layer) => ` --layer ${layer}`),
    ...(record.targets ?? []).map((target) => ` --target ${quoteForShell(target)}`),
  ].join("");
  const up = `strata up ${words} --scenario ${record.scenario}${narrowed}`;
  if (result.state === "cancelled") return [`strata status ${words}`, `${again(record, words, narrowed)}   goes on where it stopped`];
  if (result.state === "failed") return [`strata logs ${record.id}`, `${again(record, words, narrowed)}   tries what is left`];
  switch (record.kind) {
    case "preview":
      return [up];
    case "up":
      return [`strata status ${words}`, `strata outputs ${words}`, `strata schedule add ${words} --cron "0 7 * * *" --kind refresh`, `strata destroy ${words}`];
    case "refresh":
      return [`strata preview ${words}   shows what 'up' would put right`];
    case "destroy":
      return [up];
  }
}

function again(record: OperationRecord, words: string, narrowed: string): string {
  const scenario = record.kind === "destroy" || record.kind === "refresh" ? "" : ` --scenario ${record.scenario}`;
  return `strata ${record.kind} ${words}${scenario}${narrowed}`;
}
