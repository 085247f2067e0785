import { once } from "node:events";
import type { FastifyReply, FastifyRequest } from "fastify";
import { messageOf } from "#core/errors.ts";
import type { Logger } from "#core/logger.ts";
import type { RecordedEvent } from "#core/operation.ts";

export interface EventStreamOptions {
  readonly events: (signal: AbortSignal) => AsyncIterable<RecordedEvent>;
  /** Aborted when the service stops. */
  readonly closing: AbortSignal;
  readonly heartbeatMs: number;
  readonly logger: Logger;
}

/**
 * Answers with server-sent events: one per recorded event, its sequence as the id, so that a client that was cut off resumes with `Last-Event-ID`. Ends with
 * the source, with the client, or with the service. Mirrors whatwg/html: server-sent events.
 */
export async function streamEvents(request: FastifyRequest, reply: FastifyReply, options: EventStreamOptions): Promise<FastifyReply> {
  const gone = new AbortController();
  const signal = AbortSignal.any([gone.signal, options.closing]);
  reply.hijack();
  const { raw } = reply;
  raw.once("close", () => gone.abort());
  raw.writeHead(200, { ...headersOf(reply), "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store", "x-accel-buffering": "no" });
  raw.write(": connected\n\n");
  const heartbeat = setInterval(() => raw.write(": alive\n\n"), options.heartbeatMs);
  try {
    for await (const event of options.events(signal)) {
      const text = `id: ${event.sequence}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
      if (!raw.write(text)) await once(raw, "drain", { signal });
    }
  } catch (error) {
    // The headers are sent: all that's left is to cut the stream, so that the client resumes.
    if (!signal.aborted) options.logger.error({ request: request.id, error: messageOf(error) }, "An event stream broke");
  } finally {
    clearInterval(heartbeat);
    raw.end();
  }
  return reply;
}

function headersOf(reply: FastifyReply): Record<string, string | number | string[]> {
  return Object.fromEntries(Object.entries(reply.getHeaders()).filter((entry): entry is [string, string | number | string[]] => entry[1] !== undefined));
}
