import { chooseEnvironment } from "#cli/commands/choose-environment.ts";
import { listEnvironments } from "#cli/commands/list-environments.ts";
import { newestUp } from "#cli/commands/newest-up.ts";
import { describeCluster } from "#cli/commands/run-operation.ts";
import type { ExitCodeName } from "#cli/exit-codes.ts";
import type { ControllerApi } from "#cli/http/controller-api.ts";
import type { EnvironmentStatus, SystemView } from "#cli/http/views.ts";
import type { Invocation } from "#cli/program/strata-command.ts";
import { formatCounts, formatTime } from "#cli/render/format.ts";
import type { Paint } from "#cli/render/paint.ts";
import { accessBlock, capacityBlock, problemLines, realityBlock } from "#cli/render/summary-lines.ts";
import { table } from "#cli/render/table.ts";
import type { OperationRecord, ScheduleRecord } from "#core/operation-record.ts";

export interface EnvironmentOptions {
  readonly env?: string;
}

/** What is known of one environment. */
interface Facts {
  readonly status: EnvironmentStatus;
  readonly schedules: readonly ScheduleRecord[];
  readonly lastUp?: OperationRecord;
}

/** `strata status [system]`. */
export async function showStatus(invocation: Invocation<EnvironmentOptions, [string | undefined]>): Promise<ExitCodeName> {
  const { session, options, args } = invocation;
  const api = await session.connect();
  if (args[0] === undefined && options.env === undefined && (await api.systems()).length > 1) return await listEnvironments({ ...invocation, args: [] });
  const { system, environment } = await chooseEnvironment(api, args[0], options.env);
  const [facts, definition] = await Promise.all([readFacts(api, system, environment), api.system(system)]);
  if (session.json) session.terminal.json({ ...facts.status, schedules: facts.schedules, lastUp: facts.lastUp });
  else session.terminal.print(statusLines(facts, definition, session.terminal.paint));
  return "ok";
}

async function readFacts(api: ControllerApi, system: string, environment: string): Promise<Facts> {
  const [status, schedules, lastUp] = await Promise.all([
    api.environment(system, environment),
    api.schedules(system, environment),
    newestUp(api, system, environment),
  ]);
  return { status, schedules, ...(lastUp ? { lastUp } : {}) };
}

function statusLines({ status, schedules, lastUp }: Facts, system: SystemView, paint: Paint): string[] {
  const cluster = describeCluster(status.cluster);
  const isUp = status.layers.some((layer) => layer.kind !== "destroy" || layer.state !== "succeeded");
  const result = isUp ? lastUp?.result : undefined;
  const blocks = [
    [`${paint.bold(`${status.system}/${status.environment}`)}  scenario ${status.scenario}, ${cluster}`],
    layerLines(status, system, paint),
    status.layers.flatMap((layer) => (layer.problem ? problemLines(layer.layer, layer.problem, paint) : [])),
    pendingLines(status.pending, paint),
    capacityBlock(result?.capacity, { cluster, paint }),
    accessBlock(result?.access ?? [], paint),
    result ? realityBlock(result, paint) : [],
    scheduleLines(schedules, paint),
  ];
  return blocks.filter((block) => block.length > 0).flatMap((block, i) => (i === 0 ? block : ["", ...block]));
}

function layerLines(status: EnvironmentStatus, system: SystemView, paint: Paint): string[] {
  const active = activeLayers(system, status.scenario);
  const rows = system.layers
    .filter(({ layer }) => active.has(layer) || status.layers.some((known) => known.layer === layer))
    .map(({ layer }) => {
      const known = status.layers.find((candidate) => candidate.layer === layer);
      if (!known) return [layer, paint.dim("never deployed"), "", ""];
      const gone = known.kind === "destroy" && known.state === "succeeded";
      const state = gone ? paint.dim("destroyed") : known.state === "succeeded" ? paint.good("up") : paint.bad(`${known.kind} ${known.state}`);
      return [layer, state, formatCounts(known.changes, "done"), `${formatTime(known.finishedAt)}  ${known.operation}`];
    });
  return table([{ title: "Layer" }, { title: "State" }, { title: "Last changes" }, { title: "When (UTC), operation" }], rows, paint.bold);
}

/** Layers that hold a component of the scenario, and those that these need. */
function activeLayers(system: SystemView, scenario: string): ReadonlySet<string> {
  const components = new Set<string>(system.scenarios.find((candidate) => candidate.scenario === scenario)?.components);
  const active = new Set<string>(system.components.filter(({ component }) => components.has(component)).map(({ layer }) => layer));
  for (const layer of active) for (const needed of system.layers.find((candidate) => candidate.layer === layer)?.needs ?? []) active.add(needed);
  return active;
}

function pendingLines(pending: readonly OperationRecord[], paint: Paint): string[] {
  if (!pending.length) return [];
  return [
    paint.bold("Running and waiting"),
    ...pending.map(({ id, kind, state, submittedAt }) => `  ${kind} ${state} since ${formatTime(submittedAt)} UTC  ${id}`),
  ];
}

function scheduleLines(schedules: readonly ScheduleRecord[], paint: Paint): string[] {
  if (!schedules.length) return [];
  const next = ({ paused, nextRuns }: ScheduleRecord) => (paused ? "paused" : nextRuns[0] ? `next ${formatTime(nextRuns[0])} UTC` : "no coming run");
  return [
    paint.bold("Schedules"),
    ...schedules.map((schedule) => `  ${schedule.action.kind} at '${schedule.cron}' ${schedule.timeZone}, ${next(schedule)}  ${schedule.id}`),
  ];
}
