import type { EventDisplay } from "#cli/display/event-display.ts";
import { plainLines } from "#cli/render/plain-lines.ts";
import type { Terminal } from "#cli/terminal.ts";
import type { OperationKind, RecordedEvent } from "#core/operation.ts";

/** A line per event that matters, for pipes and log files. */
export class PlainDisplay implements EventDisplay {
  readonly #terminal: Terminal;
  readonly #kind: OperationKind;

  constructor(terminal: Terminal, kind: OperationKind) {
    this.#terminal = terminal;
    this.#kind = kind;
  }

  take(event: RecordedEvent): void {
    this.#terminal.print(plainLines(event, { kind: this.#kind, paint: this.#terminal.paint }));
  }

  notice(text: string): void {
    this.#terminal.note(text);
  }

  end(finished: boolean): void {
    if (finished) this.#terminal.print("");
  }
}
