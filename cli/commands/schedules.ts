import { chooseEnvironment } from "#cli/commands/choose-environment.ts";
import type { ExitCodeName } from "#cli/exit-codes.ts";
import type { ControllerApi } from "#cli/http/controller-api.ts";
import type { Invocation } from "#cli/program/strata-command.ts";
import { cleanText, formatTime } from "#cli/render/format.ts";
import { table } from "#cli/render/table.ts";
import type { Session } from "#cli/session.ts";
import { StrataError } from "#core/errors.ts";
import type { OperationKind } from "#core/operation.ts";
import type { ScheduledAction, ScheduleRecord } from "#core/operation-record.ts";

export interface AddScheduleOptions {
  readonly env?: string;
  readonly cron: string;
  readonly kind: OperationKind;
  readonly timeZone: string;
  readonly scenario?: string;
  readonly layer?: readonly string[];
  readonly reason?: string;
}

/** `strata schedule add [system]`. */
export async function addSchedule({ session, options, args }: Invocation<AddScheduleOptions, [string | undefined]>): Promise<ExitCodeName> {
  const api = await session.connect();
  const { system, environment } = await chooseEnvironment(api, args[0], options.env);
  const { kind, scenario, layer: layers, reason, cron, timeZone } = options;
  const action = { kind, ...(scenario ? { scenario } : {}), ...(layers ? { layers } : {}), ...(reason ? { reason } : {}) } as ScheduledAction;
  printSchedule(session, await api.addSchedule(system, environment, { cron, timeZone, action }));
  return "ok";
}

/** `strata schedule list [system]`: of one environment, or without a system of all. */
export async function listSchedules({ session, options, args }: Invocation<{ env?: string }, [string | undefined]>): Promise<ExitCodeName> {
  const api = await session.connect();
  const schedules = args[0] === undefined && options.env === undefined ? await allSchedules(api) : await schedulesOf(api, args[0], options.env);
  const { terminal } = session;
  if (session.json) terminal.json(schedules);
  else if (!schedules.length) terminal.print("No schedules");
  else {
    const titles = ["Schedule", "Environment", "Asks for", "Cron", "Time zone", "Next run (UTC)", "Last run (UTC)"].map((title) => ({ title }));
    terminal.print(table(titles, schedules.map(rowOf), terminal.paint.bold));
  }
  return "ok";
}

/** `strata schedule show <schedule>`. */
export async function showSchedule({ session, args }: Invocation<object, [string]>): Promise<ExitCodeName> {
  printSchedule(session, await findSchedule(await session.connect(), args[0]));
  return "ok";
}

/** `strata schedule pause|resume <schedule>`. */
export async function pauseSchedule(paused: boolean, { session, args }: Invocation<object, [string]>): Promise<ExitCodeName> {
  const api = await session.connect();
  const { system, environment, id } = await findSchedule(api, args[0]);
  printSchedule(session, await api.pauseSchedule(system, environment, id, paused));
  return "ok";
}

/** `strata schedule remove <schedule>`. */
export async function removeSchedule({ session, args }: Invocation<object, [string]>): Promise<ExitCodeName> {
  const api = await session.connect();
  const { system, environment, id } = await findSchedule(api, args[0]);
  await api.removeSchedule(system, environment, id);
  if (session.json) session.terminal.json({ removed: id });
  else session.terminal.print(`${id} of ${system}/${environment} is removed`);
  return "ok";
}

async function schedulesOf(api: ControllerApi, system: string | undefined, env: string | undefined): Promise<readonly ScheduleRecord[]> {
  const chosen = await chooseEnvironment(api, system, env);
  return api.schedules(chosen.system, chosen.environment);
}

/** The schedules of every environment. */
export async function allSchedules(api: ControllerApi): Promise<readonly ScheduleRecord[]> {
  const environments = await api.environments();
  return (await Promise.all(environments.map(({ system, environment }) => api.schedules(system, environment)))).flat();
}

async function findSchedule(api: ControllerApi, id: string): Promise<ScheduleRecord> {
  const schedules = await allSchedules(api);
  const found = schedules.find((schedule) => schedule.id === id);
  if (found) return api.schedule(found.system, found.environment, found.id);
  const known = schedules.map((schedule) => schedule.id).join(", ");
  throw new StrataError("unknown_schedule", `There is no schedule '${id}'; ${known ? `there are ${known}` : "there is none at all"}.`);
}

function rowOf(schedule: ScheduleRecord): string[] {
  const { id, system, environment, cron, timeZone, paused, nextRuns, lastRun } = schedule;
  const next = paused ? "paused" : nextRuns[0] ? formatTime(nextRuns[0]) : "none";
  return [id, `${system}/${environment}`, askText(schedule), cron, timeZone, next, lastRun ? `${formatTime(lastRun.dueAt)} ${lastRun.outcome}` : ""];
}

function printSchedule(session: Session, schedule: ScheduleRecord): void {
  if (session.json) {
    session.terminal.json(schedule);
    return;
  }
  const { id, system, environment, cron, timeZone, paused, nextRuns, lastRun } = schedule;
  const lines = [`${id}: ${askText(schedule)} of ${system}/${environment} at '${cron}' (${timeZone})${paused ? ", paused" : ""}`];
  if (nextRuns.length) lines.push("Next runs (UTC)", ...nextRuns.map((time) => `  ${formatTime(time)}`));
  if (lastRun) {
    const why = lastRun.operation ?? lastRun.problem?.detail ?? lastRun.detail ?? "";
    lines.push(`Last run: ${formatTime(lastRun.dueAt)} UTC, ${lastRun.outcome}${why ? `: ${cleanText(why)}` : ""}`);
  }
  session.terminal.print(lines);
}

function askText({ action }: ScheduleRecord): string {
  return [action.kind, ...(action.scenario ? [action.scenario] : []), ...(action.layers?.length ? [`(${action.layers.join(", ")})`] : [])].join(" ");
}
