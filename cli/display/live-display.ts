import { createLogUpdate } from "log-update";
import type { EventDisplay } from "#cli/display/event-display.ts";
import { liveLines } from "#cli/render/live-lines.ts";
import { plainLines, stepLine } from "#cli/render/plain-lines.ts";
import type { Terminal } from "#cli/terminal.ts";
import type { Time } from "#cli/time.ts";
import { emptyView, type OperationView, reduceOperation } from "#cli/view/operation-view.ts";
import type { OperationKind, RecordedEvent } from "#core/operation.ts";

const frameMillis = 100;

/** The live tree on a terminal. Warnings and errors scroll by above it and stay. */
export class LiveDisplay implements EventDisplay {
  readonly #terminal: Terminal;
  readonly #time: Time;
  readonly #kind: OperationKind;
  readonly #title: string;
  readonly #log: ReturnType<typeof createLogUpdate>;
  readonly #timer: NodeJS.Timeout;
  readonly #draw = () => this.#render();
  #view: OperationView = emptyView;
  #notice: string | undefined;
  /** How far this machine's clock is ahead of the controller's, at most; replayed events only make it look larger. */
  #clockAhead: number | undefined;

  constructor(terminal: Terminal, time: Time, operation: { readonly kind: OperationKind; readonly title: string }) {
    this.#terminal = terminal;
    this.#time = time;
    this.#kind = operation.kind;
    this.#title = operation.title;
    this.#log = createLogUpdate(terminal.stdout);
    this.#timer = setInterval(this.#draw, frameMillis);
    terminal.stdout.on("resize", this.#draw);
  }

  take(event: RecordedEvent): void {
    this.#view = reduceOperation(this.#view, event);
    const ahead = this.#time.now() - Date.parse(event.time);
    this.#clockAhead = Math.min(this.#clockAhead ?? ahead, ahead);
    if (event.type !== "diagnostic") return;
    const lines = plainLines(event, { kind: this.#kind, paint: this.#terminal.paint });
    if (lines.length) this.#log.persist(lines.join("\n"));
  }

  notice(text: string): void {
    this.#notice = text;
    this.#render();
  }

  end(finished: boolean): void {
    clearInterval(this.#timer);
    this.#terminal.stdout.off("resize", this.#draw);
    if (finished) this.#log.clear();
    else this.#render();
    this.#log.done();
    if (!finished || this.#kind !== "preview") return;
    const { paint } = this.#terminal;
    this.#terminal.print(
      this.#view.layers.flatMap((layer) => layer.changed.map((step) => stepLine({ ...step, layer: layer.layer }, { kind: this.#kind, paint }))),
    );
    this.#terminal.print("");
  }

  #render(): void {
    const { columns, rows, paint } = this.#terminal;
    const now = this.#time.now() - (this.#clockAhead ?? 0);
    this.#log(liveLines(this.#view, { kind: this.#kind, title: this.#title, now, columns, rows, paint, notice: this.#notice }).join("\n"));
  }
}
