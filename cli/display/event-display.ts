import type { RecordedEvent } from "#core/operation.ts";

/** Shows the events of one operation as they come. */
export interface EventDisplay {
  take(event: RecordedEvent): void;
  /** Something about the watching itself: the connection is lost, a cancel was asked for. */
  notice(text: string): void;
  /** Leaves the output in order. `finished` tells whether a summary follows. */
  end(finished: boolean): void;
}
