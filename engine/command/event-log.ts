import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { resolve } from "node:path";
import { finished } from "node:stream/promises";
import { credentials } from "@grpc/grpc-js";
import type { EngineEvent } from "@pulumi/pulumi/automation/events.js";
import eventsRpc from "@pulumi/pulumi/proto/events_grpc_pb.js";
import events from "@pulumi/pulumi/proto/events_pb.js";
import { messageOf } from "#core/errors.ts";
import { CommandFailure } from "#engine/command/command-failure.ts";

/** Where engine events go besides the display. */
export interface EventLog {
  write(event: EngineEvent): void;
  /** Settles when the receiver has everything; answers what went wrong, if anything did. */
  close(): Promise<string | undefined>;
}

const largestMessage = 400 * 1024 * 1024;

/** Opens `tcp://HOST:PORT` (the SDK's event service) or a file to append to. */
export async function openEventLog(address: string, cwd: string): Promise<EventLog> {
  return address.startsWith("tcp://") ? openStream(address.slice("tcp://".length)) : await openFile(resolve(cwd, address));
}

/** Each event is one JSON document in a message of one client stream. Mirrors pulumi/pulumi:pkg/backend/display/events.go (v3.259.0). */
function openStream(address: string): EventLog {
  const client = new eventsRpc.EventsClient(address, credentials.createInsecure(), { "grpc.max_send_message_length": largestMessage });
  let failure: string | undefined;
  let settle: () => void = () => undefined;
  const replied = new Promise<void>((resolved) => {
    settle = resolved;
  });
  const stream = client.streamEvents((error) => {
    if (error) failure = `the event log at ${address} broke off: ${error.message}`;
    settle();
  });
  stream.on("error", (error: Error) => {
    failure ??= `the event log at ${address} broke off: ${error.message}`;
  });
  return {
    write(event) {
      if (failure) return;
      const request = new events.EventRequest();
      request.setEvent(JSON.stringify(event));
      stream.write(request);
    },
    async close() {
      stream.end();
      await replied;
      client.close();
      return failure;
    },
  };
}

/** One JSON document per line. */
async function openFile(file: string): Promise<EventLog> {
  const stream = createWriteStream(file, { flags: "a", mode: 0o600 });
  let failure: string | undefined;
  try {
    await once(stream, "open");
  } catch (error) {
    throw new CommandFailure(`could not open the event log ${file}: ${messageOf(error)}`);
  }
  stream.on("error", (error) => {
    failure = `the event log ${file} broke off: ${error.message}`;
  });
  return {
    write: (event) => {
      stream.write(`${JSON.stringify(event)}\n`);
    },
    async close() {
      stream.end();
      await finished(stream).catch(() => undefined);
      return failure;
    },
  };
}
