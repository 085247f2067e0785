import { Cron } from "croner";
import { messageOf, StrataError } from "#core/errors.ts";

const fields = ["minute", "hour", "day of month", "month", "day of week"] as const;
const weekdayOrMonth = /[A-Za-z]+/g;
const names = new Set("jan feb mar apr may jun jul aug sep oct nov dec sun mon tue wed thu fri sat".split(" "));

/**
 * A time table: cron with five fields (minute, hour, day of month, month, day of week) of numbers, English short names, `*`, `,`, `-` and `/`, in a time
 * zone. Where both day fields are restricted, either may fit. A time that a clock change leaves out is taken at the change.
 */
export class TimeTable {
  readonly #cron: Cron;

  /** Throws `invalid_schedule` naming the field, its value and what it may hold. */
  constructor(expression: string, timeZone: string) {
    checkTimeZone(timeZone);
    const parts = expression.trim().split(/\s+/);
    if (parts.length !== fields.length || !parts[0])
      throw invalid(
        "/cron",
        `'${expression}' has ${parts[0] ? parts.length : 0} fields; a cron expression has five: ${fields.join(", ")}. Example: '30 3 * * mon-fri'.`,
      );
    for (const [index, value] of parts.entries()) checkField(fields[index]!, value, index);
    this.#cron = new Cron(parts.join(" "), { timezone: timeZone, mode: "5-part", paused: true });
    if (this.next(new Date()) === undefined)
      throw invalid("/cron", `'${expression}' never happens: there is no such day. Change ${fields[2]} or ${fields[3]}.`);
  }

  /** The first time after `after`. */
  next(after: Date): Date | undefined {
    return this.#cron.nextRun(after) ?? undefined;
  }

  /** The first `count` times after `after`. */
  upcoming(after: Date, count: number): Date[] {
    return this.#cron.nextRuns(count, after);
  }

  /** The last time at or before `now`, not before `since`. */
  lastDue(since: Date, now: Date): Date | undefined {
    const [last] = this.#cron.previousRuns(1, new Date(now.getTime() + 1));
    return last && last >= since ? last : undefined;
  }
}

function checkField(name: (typeof fields)[number], value: string, index: number): void {
  const strange = /[^0-9A-Za-z*,/-]/.exec(value)?.[0] ?? value.match(weekdayOrMonth)?.find((word) => !names.has(word.toLowerCase()));
  if (strange !== undefined) throw invalid("/cron", `'${value}' can't be the ${name}: '${strange}' isn't understood. ${allowed(index)}`);
  const alone = fields.map((_, other) => (other === index ? value : "*")).join(" ");
  try {
    void new Cron(alone, { mode: "5-part", paused: true });
  } catch (error) {
    throw invalid("/cron", `'${value}' can't be the ${name}: ${messageOf(error).replace(/^CronPattern: /, "")}. ${allowed(index)}`);
  }
}

function allowed(index: number): string {
  const range = ["0 to 59", "0 to 23", "1 to 31", "1 to 12 or jan to dec", "0 to 7 or sun to sat"][index];
  return `It may hold ${range}, with '*', ',', '-' and '/'.`;
}

function checkTimeZone(timeZone: string): void {
  try {
    new Intl.DateTimeFormat("en", { timeZone });
  } catch {
    throw invalid("/timeZone", `'${timeZone}' isn't a time zone; use an IANA name such as UTC or Europe/Berlin.`);
  }
}

function invalid(pointer: string, detail: string): StrataError {
  return new StrataError("invalid_schedule", detail, { fields: [{ pointer, detail }] });
}
