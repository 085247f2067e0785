import type { CliPorts, OutputStream } from "#cli/ports.ts";
import { makePaint, type Paint, wantsColor } from "#cli/render/paint.ts";

/** Where a command writes: results to stdout, everything else to stderr. */
export class Terminal {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** For stdout. */
  readonly paint: Paint;
  /** For stderr. */
  readonly errorPaint: Paint;

  constructor(ports: Pick<CliPorts, "stdout" | "stderr" | "env">, noColor: boolean) {
    this.stdout = ports.stdout;
    this.stderr = ports.stderr;
    this.paint = makePaint(wantsColor(ports.env, ports.stdout.isTTY === true, noColor));
    this.errorPaint = makePaint(wantsColor(ports.env, ports.stderr.isTTY === true, noColor));
  }

  get isTTY(): boolean {
    return this.stdout.isTTY === true;
  }

  get columns(): number {
    return this.stdout.columns || 80;
  }

  get rows(): number {
    return this.stdout.rows || 24;
  }

  print(lines: string | readonly string[]): void {
    const text = typeof lines === "string" ? lines : lines.join("\n");
    if (typeof lines === "string" || lines.length > 0) this.stdout.write(`${text}\n`);
  }

  /** One value as indented JSON. */
  json(value: unknown): void {
    this.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
  }

  /** One value as a line of JSON. */
  jsonLine(value: unknown): void {
    this.stdout.write(`${JSON.stringify(value)}\n`);
  }

  /** What a person may want to know meanwhile. */
  note(text: string): void {
    this.stderr.write(`${this.errorPaint.dim(text)}\n`);
  }
}
