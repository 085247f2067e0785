import type { EventDisplay } from "#cli/display/event-display.ts";
import type { Terminal } from "#cli/terminal.ts";
import type { RecordedEvent } from "#core/operation.ts";

/** Every event as one line of JSON, as the controller recorded it. */
export class JsonDisplay implements EventDisplay {
  readonly #terminal: Terminal;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  take(event: RecordedEvent): void {
    this.#terminal.jsonLine(event);
  }

  notice(text: string): void {
    this.#terminal.note(text);
  }

  end(): void {}
}
