import { stopController } from "#cli/controller/stop-controller.ts";
import type { ExitCodeName } from "#cli/exit-codes.ts";
import type { ControllerApi } from "#cli/http/controller-api.ts";
import type { Invocation } from "#cli/program/strata-command.ts";
import { StrataError } from "#core/errors.ts";

/** `strata stop`: stops the controller of this machine, unless operations run. */
export async function stop({ session, options }: Invocation<{ force?: boolean }>): Promise<ExitCodeName> {
  const api = await session.connectIfRunning();
  const local = api?.client.endpoint.local;
  if (!api || !local) {
    session.terminal.note(`No controller serves ${session.ports.settings.dataFolder}`);
    if (session.json) session.terminal.json({ stopped: false });
    return "ok";
  }
  const running = options.force ? [] : await unfinishedOperations(api);
  if (running.length)
    throw new StrataError("operation_running", `Stopping the controller would cut short ${running.join(", ")}. Wait, cancel, or repeat with --force.`);
  await stopController(local, session.ports.processes, session);
  if (session.json) session.terminal.json({ stopped: true, pid: local.pid });
  else session.terminal.print(`The controller (process ${local.pid}) has stopped`);
  return "ok";
}

/** Ids of what runs or waits, anywhere. */
export async function unfinishedOperations(api: ControllerApi): Promise<string[]> {
  const lists = await Promise.all((["running", "queued"] as const).map((state) => api.operations({ state }, 100)));
  return lists.flat().map(({ id }) => id);
}
