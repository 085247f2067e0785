import { EventSourceParserStream } from "eventsource-parser/stream";
import { type JsonClient, unreachable } from "#cli/http/json-client.ts";
import type { Time } from "#cli/time.ts";
import { hasCode, isStrataError, StrataError } from "#core/errors.ts";
import type { RecordedEvent } from "#core/operation.ts";
import type { OperationRecord } from "#core/operation-record.ts";

export interface EventStreamOptions {
  /** Begin after this sequence. @default 0 */
  readonly after?: number;
  readonly signal: AbortSignal;
  readonly time: Time;
  /** A client for the controller as it is now: after a restart it may have another port and token. `undefined` while none answers. */
  readonly reconnect: () => Promise<JsonClient | undefined>;
  /** Told once per interruption, and once when the stream is back. */
  readonly onInterruption: (state: "lost" | "back") => void;
  /** How long a controller may be away. @default 60 */
  readonly patienceSeconds?: number;
  /** Without a byte for so long (heartbeats included) the connection counts as dead. @default 60 */
  readonly silenceSeconds?: number;
}

const firstPauseMillis = 200;
const longestPauseMillis = 3_000;
/** A connection that lasted so long counts as a success even if no event came. */
const stableMillis = 2_000;

/**
 * The events of an operation up to its `finished` one, each once and in order, across dropped connections and restarts of the controller.
 * Ends without `finished` only where the controller says that the operation is over and has no further event.
 * Throws the controller's refusal (`unknown_operation`, `unauthorized` …), or `controller_unreachable` when it stays away.
 */
export async function* streamEvents(client: JsonClient, operation: string, options: EventStreamOptions): AsyncGenerator<RecordedEvent> {
  const { time, signal } = options;
  const patience = (options.patienceSeconds ?? 60) * 1000;
  let current = client;
  let sequence = options.after ?? 0;
  let lostAt: number | undefined;
  let pause = firstPauseMillis;
  for (;;) {
    const before = sequence;
    let openedAt: number | undefined;
    const opened = () => {
      openedAt = time.now();
      if (lostAt !== undefined) options.onInterruption("back");
    };
    try {
      for await (const event of readOnce(current, operation, sequence, opened, options)) {
        if (event.sequence <= sequence) continue;
        sequence = event.sequence;
        yield event;
        if (event.type === "finished") return;
      }
      if (await isOver(current, operation, sequence)) return;
    } catch (error) {
      if (signal.aborted || !mayPass(error)) throw error;
    }
    const now = time.now();
    if (sequence > before || (openedAt !== undefined && now - openedAt > stableMillis)) {
      lostAt = undefined;
      pause = firstPauseMillis;
    }
    if (lostAt === undefined || openedAt !== undefined) options.onInterruption("lost");
    lostAt ??= now;
    if (now - lostAt > patience) throw gone(operation, patience);
    await time.sleep(pause, signal);
    pause = Math.min(pause * 2, longestPauseMillis);
    current = (await options.reconnect()) ?? current;
  }
}

async function isOver(client: JsonClient, operation: string, sequence: number): Promise<boolean> {
  const { body } = await client.send<Pick<OperationRecord, "result" | "lastSequence">>(`/v1/operations/${encodeURIComponent(operation)}`);
  return body.result !== undefined && body.lastSequence <= sequence;
}

/** One connection; ends when it does. */
async function* readOnce(client: JsonClient, operation: string, after: number, opened: () => void, options: EventStreamOptions): AsyncGenerator<RecordedEvent> {
  const silence = new AbortController();
  const watch = setTimeout(() => silence.abort(new Error("no sign of life")), (options.silenceSeconds ?? 60) * 1000);
  const signal = AbortSignal.any([options.signal, silence.signal]);
  try {
    const headers = { accept: "text/event-stream", ...(after > 0 ? { "last-event-id": String(after) } : {}) };
    const response = await client.open(`/v1/operations/${encodeURIComponent(operation)}/events`, { headers }, signal);
    opened();
    if (!response.body) return;
    const heartbeat = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        watch.refresh();
        controller.enqueue(chunk);
      },
    });
    const messages = response.body.pipeThrough(heartbeat).pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
    for await (const message of messages) yield parseEvent(message.data, operation);
  } catch (error) {
    options.signal.throwIfAborted();
    if (isStrataError(error)) throw error;
    throw unreachable(client.endpoint, error);
  } finally {
    clearTimeout(watch);
    silence.abort();
  }
}

function parseEvent(data: string, operation: string): RecordedEvent {
  try {
    const value: unknown = JSON.parse(data);
    if (typeof value === "object" && value !== null && "type" in value && "sequence" in value && typeof value.sequence === "number")
      return value as RecordedEvent;
  } catch {
    // Told below.
  }
  throw new StrataError("internal", `The controller sent an event of ${operation} that can't be understood: ${data.slice(0, 200)}`);
}

/** Whether asking again can help: the controller is away, stopping or starting. */
function mayPass(error: unknown): boolean {
  return hasCode(error, "controller_unreachable") || hasCode(error, "shutting_down") || hasCode(error, "rate_limited");
}

function gone(operation: string, patience: number): StrataError {
  return new StrataError(
    "controller_unreachable",
    `The controller has been away for ${Math.round(patience / 1000)} seconds while ${operation} ran. Once it answers again, 'strata logs ${operation} --follow' shows how it went.`,
    { facts: { operation } },
  );
}
