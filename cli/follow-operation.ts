import type { EventDisplay } from "#cli/display/event-display.ts";
import { JsonDisplay } from "#cli/display/json-display.ts";
import { PlainDisplay } from "#cli/display/plain-display.ts";
import type { ControllerApi } from "#cli/http/controller-api.ts";
import { streamEvents } from "#cli/http/event-stream.ts";
import type { Session } from "#cli/session.ts";
import { messageOf } from "#core/errors.ts";
import type { OperationResult } from "#core/operation.ts";
import type { OperationRecord } from "#core/operation-record.ts";

export interface FollowOutcome {
  readonly record: OperationRecord;
  /** Absent when it was left running by a second Ctrl-C. */
  readonly result?: OperationResult;
}

/**
 * Submits an operation and shows it until it is over. The first Ctrl-C asks the controller to cancel it, the second one leaves it to itself.
 * @param submit is called once; a Ctrl-C while it works takes effect as soon as the operation exists
 */
export async function followOperation(session: Session, api: ControllerApi, submit: () => Promise<OperationRecord>): Promise<FollowOutcome> {
  const leave = new AbortController();
  let cancel: (() => void) | undefined;
  let presses = 0;
  const stopListening = session.ports.onInterrupt(() => {
    presses++;
    if (presses === 1) cancel?.();
    else leave.abort();
  });
  try {
    const record = await submit();
    const display = await openDisplay(session, record);
    cancel = () => askToCancel(api, record, display);
    if (presses > 0) cancel();
    return await follow(session, api, record, display, leave.signal);
  } finally {
    stopListening();
  }
}

async function follow(session: Session, api: ControllerApi, record: OperationRecord, display: EventDisplay, left: AbortSignal): Promise<FollowOutcome> {
  const signal = AbortSignal.any([session.signal, left]);
  let result: OperationResult | undefined;
  try {
    const events = streamEvents(api.client, record.id, {
      signal,
      time: session.time,
      reconnect: async () => (await session.connectIfRunning())?.client,
      onInterruption: (state) =>
        display.notice(
          state === "lost" ? `The connection to the controller is lost; ${record.id} goes on if it does. Trying again …` : "The controller answers again.",
        ),
    });
    for await (const event of events) {
      display.take(event);
      if (event.type === "finished") result = event.result;
    }
    result ??= (await api.operation(record.id)).result;
  } catch (error) {
    if (!left.aborted) throw error;
  } finally {
    display.end(result !== undefined);
  }
  return { record, result };
}

function askToCancel(api: ControllerApi, record: OperationRecord, display: EventDisplay): void {
  display.notice(`Asked to cancel ${record.id}: steps under way come to their end. Ctrl-C again leaves it to the controller.`);
  api.cancel(record.id).catch((error: unknown) => display.notice(`${record.id} couldn't be cancelled: ${messageOf(error)}`));
}

async function openDisplay(session: Session, record: OperationRecord): Promise<EventDisplay> {
  if (session.json) return new JsonDisplay(session.terminal);
  const { kind } = record;
  if (!session.terminal.isTTY || session.ports.env["TERM"] === "dumb") {
    session.terminal.print(titleOf(record));
    return new PlainDisplay(session.terminal, kind);
  }
  const { LiveDisplay } = await import("#cli/display/live-display.ts");
  return new LiveDisplay(session.terminal, session.time, { kind, title: titleOf(record) });
}

function titleOf({ kind, system, environment, scenario, id }: OperationRecord): string {
  return `${kind} ${system}/${environment} (${scenario}), operation ${id}`;
}
