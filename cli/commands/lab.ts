/** `strata lab …`: the whole life of the local lab in four verbs. */

import { type ChosenEnvironment, chooseEnvironment } from "#cli/commands/choose-environment.ts";
import { confirmDestroy, type OperationOptions, runOperation, submitAndFollow } from "#cli/commands/run-operation.ts";
import { allSchedules } from "#cli/commands/schedules.ts";
import { showStatus } from "#cli/commands/show-status.ts";
import { unfinishedOperations } from "#cli/commands/stop.ts";
import { stopController } from "#cli/controller/stop-controller.ts";
import type { ExitCodeName } from "#cli/exit-codes.ts";
import type { ControllerApi } from "#cli/http/controller-api.ts";
import type { Invocation } from "#cli/program/strata-command.ts";
import type { Session } from "#cli/session.ts";
import { messageOf } from "#core/errors.ts";

export type LabOptions = Pick<OperationOptions, "env" | "scenario" | "yes">;

const labSystem = "local-lab";

/** `strata lab up`. */
export async function labUp({ session, options }: Invocation<LabOptions>): Promise<ExitCodeName> {
  return runOperation("up", { session, options, args: [labSystem] });
}

/** `strata lab status`. */
export async function labStatus({ session, options }: Invocation<LabOptions>): Promise<ExitCodeName> {
  return showStatus({ session, options, args: [labSystem] });
}

/** `strata lab refresh`: records what drifted, then puts it right. */
export async function labRefresh({ session, options }: Invocation<LabOptions>): Promise<ExitCodeName> {
  const api = await session.connect();
  const chosen = await chooseEnvironment(api, labSystem, options.env);
  const refreshed = await submitAndFollow(session, api, chosen, { kind: "refresh" });
  if (refreshed !== "ok") return refreshed;
  if (!session.json) session.terminal.print("");
  return submitAndFollow(session, api, chosen, { kind: "up", ...(options.scenario === undefined ? {} : { scenario: options.scenario }) });
}

/**
 * `strata lab down`: destroys the environment, pauses its schedules, stops its sandbox, and stops the controller if a command started it and nothing
 * else needs it. Stops at the first step that fails, so that nothing is cut off that is still needed to repeat it.
 */
export async function labDown({ session, options }: Invocation<LabOptions>): Promise<ExitCodeName> {
  const api = await session.connect();
  const chosen = await chooseEnvironment(api, labSystem, options.env);
  await confirmDestroy(session, chosen, options);
  await pauseSchedules(session, api, chosen);
  const destroyed = await submitAndFollow(session, api, chosen, { kind: "destroy", reason: "lab down" });
  if (destroyed !== "ok") return destroyed;
  if (session.isRemote) {
    session.terminal.note("The controller was named by its address: its cluster and the controller itself go on.");
    return "ok";
  }
  await stopSandbox(session, api, chosen);
  await stopIdleController(session, api);
  return "ok";
}

async function pauseSchedules(session: Session, api: ControllerApi, { system, environment }: ChosenEnvironment): Promise<void> {
  for (const { id, paused } of await api.schedules(system, environment)) {
    if (paused) continue;
    await api.pauseSchedule(system, environment, id, true);
    session.terminal.note(`Schedule ${id} is paused ('strata schedule resume ${id}')`);
  }
}

async function stopSandbox(session: Session, api: ControllerApi, { system, environment }: ChosenEnvironment): Promise<void> {
  const { cluster } = await api.environment(system, environment);
  if (cluster.source !== "sandbox") return;
  const others = (await api.environments()).filter((e) => e.cluster.source === "sandbox" && e.cluster.name === cluster.name);
  const sharing = others.filter((e) => e.system !== system || e.environment !== environment).map((e) => `${e.system}/${e.environment}`);
  if (sharing.length) {
    session.terminal.note(`Sandbox cluster ${cluster.name} goes on: ${sharing.join(", ")} may use it ('strata cluster stop ${cluster.name}')`);
    return;
  }
  const state = (await session.ports.cluster.list()).find(({ name }) => name === cluster.name)?.state;
  if (state === undefined || state === "absent" || state === "stopped") return;
  await session.ports.cluster.stop(cluster.name);
  session.terminal.note(`Sandbox cluster ${cluster.name} has stopped`);
}

async function stopIdleController(session: Session, api: ControllerApi): Promise<void> {
  const { local } = api.client.endpoint;
  if (local?.startedBy !== "cli") return;
  const needed = [...(await unfinishedOperations(api)), ...(await allSchedules(api)).filter(({ paused }) => !paused).map(({ id }) => id)];
  if (needed.length) {
    session.terminal.note(`The controller goes on for ${needed.join(", ")} ('strata stop' stops it)`);
    return;
  }
  try {
    await stopController(local, session.ports.processes, session);
    session.terminal.note("The controller has stopped");
  } catch (error) {
    session.terminal.note(`The lab is down, but ${messageOf(error)}`);
  }
}
