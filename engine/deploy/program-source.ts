import { setTimeout as delay } from "node:timers/promises";
import type { ProgramRun } from "#engine/deploy/program-run.ts";
import { ResourceMonitor } from "#engine/deploy/resource-monitor.ts";
import type { RunContext } from "#engine/deploy/run-context.ts";
import { Callbacks } from "#engine/rpc/callbacks.ts";
import { startEngineService } from "#engine/rpc/engine-service.ts";
import { runProgram } from "#engine/rpc/language-runtime.ts";
import { startMonitorService } from "#engine/rpc/monitor-service.ts";

/** How long a program may take to unwind after its run has failed or was cancelled, before nobody waits for it any more. */
const unwindMilliseconds = 2_000;

/** Runs the program as the source of a run: serves its requests until it is done and the run is over. */
export async function runWithProgram(context: RunContext, run: ProgramRun, version: string): Promise<void> {
  const { request } = context;
  if (!request.languageRuntime) throw new Error(`${request.kind} needs the program, but no language runtime to run it was given`);
  const wantsNothingMore = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  const callbacks = new Callbacks();
  const monitor = new ResourceMonitor(
    context,
    (event) => run.accept(event),
    (error) => run.fail(error),
  );
  const shutdown = async () => {
    wantsNothingMore.resolve();
    await over.promise;
  };
  const engineService = await startEngineService(context.diagnostics, version);
  const monitorService = await startMonitorService({ request, monitor, callbacks, hooks: context.hooks, shutdown });
  try {
    const program = runProgram(request.languageRuntime, request, { engine: engineService.address, monitor: monitorService.address });
    // Older SDKs only end; a program that fails never says that it wants nothing more.
    program.then(wantsNothingMore.resolve, wantsNothingMore.reject);
    await run.complete(wantsNothingMore.promise);
    const failed = run.errored || context.ports.cancellation.cancel.aborted;
    if (failed) monitor.close();
    over.resolve();
    await Promise.race([
      program.catch((error: unknown) => (failed ? undefined : run.fail(error))),
      ...(failed ? [delay(unwindMilliseconds, undefined, { ref: false })] : []),
    ]);
  } finally {
    monitor.close();
    over.resolve();
    callbacks.close();
    monitorService.stop();
    engineService.stop();
  }
}
