import { chooseEnvironment } from "#cli/commands/choose-environment.ts";
import type { ExitCodeName } from "#cli/exit-codes.ts";
import type { ControllerApi } from "#cli/http/controller-api.ts";
import { streamEvents } from "#cli/http/event-stream.ts";
import type { Invocation } from "#cli/program/strata-command.ts";
import { plainLines } from "#cli/render/plain-lines.ts";
import { problemLines } from "#cli/render/summary-lines.ts";
import type { Session } from "#cli/session.ts";
import { StrataError } from "#core/errors.ts";
import type { OperationState, RecordedEvent } from "#core/operation.ts";
import type { OperationRecord } from "#core/operation-record.ts";

export interface LogsOptions {
  readonly env?: string;
  readonly follow?: boolean;
  readonly verbose?: boolean;
}

const exits: Readonly<Record<OperationState, ExitCodeName>> = { queued: "ok", running: "ok", succeeded: "ok", failed: "failed", cancelled: "cancelled" };

/** `strata logs [operation|system]`: what was recorded, and with `--follow` what comes, after which the exit code tells how the operation ended. */
export async function showLogs({ session, options, args }: Invocation<LogsOptions, [string | undefined]>): Promise<ExitCodeName> {
  const api = await session.connect();
  const record = args[0]?.startsWith("op-") ? await api.operation(args[0]) : await newestOperation(api, args[0], options.env);
  if (!session.json)
    session.terminal.note(`${record.kind} ${record.system}/${record.environment} (${record.scenario}), operation ${record.id}, ${record.state}`);
  let state = record.state;
  for await (const event of eventsOf(session, api, record, options.follow === true)) {
    if (event.type === "finished") state = event.result.state;
    show(session, record, event, options.verbose === true);
  }
  return options.follow ? exits[state] : "ok";
}

async function newestOperation(api: ControllerApi, system: string | undefined, env: string | undefined): Promise<OperationRecord> {
  const chosen = await chooseEnvironment(api, system, env);
  const [newest] = await api.operations({ system: chosen.system, environment: chosen.environment }, 1);
  if (newest) return newest;
  throw new StrataError("unknown_operation", `There was no operation in ${chosen.system}/${chosen.environment} yet: 'strata up ${chosen.words}' is one.`);
}

async function* eventsOf(session: Session, api: ControllerApi, record: OperationRecord, follow: boolean): AsyncGenerator<RecordedEvent> {
  if (!follow) {
    yield* api.events(record.id);
    return;
  }
  yield* streamEvents(api.client, record.id, {
    signal: session.signal,
    time: session.time,
    reconnect: async () => (await session.connectIfRunning())?.client,
    onInterruption: (state) =>
      session.terminal.note(state === "lost" ? "The connection to the controller is lost. Trying again …" : "The controller answers again."),
  });
}

function show(session: Session, record: OperationRecord, event: RecordedEvent, verbose: boolean): void {
  const { terminal } = session;
  if (session.json) {
    terminal.jsonLine(event);
    return;
  }
  const { paint } = terminal;
  const lines = plainLines(event, { kind: record.kind, paint, verbose });
  if (event.type === "finished" && event.result.problem) lines.push(...problemLines("operation", event.result.problem, paint));
  const time = paint.dim(event.time.slice(11, 19));
  terminal.print(lines.map((line) => `${time} ${line}`));
}
