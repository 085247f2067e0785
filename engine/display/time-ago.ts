/** How long ago something was, as dustin/go-humanize:times.go says it: "now", "2 seconds ago", "1 week ago". */
export function timeAgo(then: Date, now: Date): string {
  const seconds = Math.floor(Math.abs(now.getTime() - then.getTime()) / 1000);
  const suffix = then.getTime() > now.getTime() ? "from now" : "ago";
  if (seconds < 1) return "now";
  for (const [unit, length, until] of units) {
    if (seconds >= until) continue;
    const count = Math.max(1, Math.floor(seconds / length));
    return `${count} ${unit}${count === 1 ? "" : "s"} ${suffix}`;
  }
  return `a long while ${suffix}`;
}

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;
const month = 30 * day;
const year = 365 * day;
const units: readonly (readonly [string, number, number])[] = [
  ["second", 1, minute],
  ["minute", minute, hour],
  ["hour", hour, day],
  ["day", day, 7 * day],
  ["week", 7 * day, month],
  ["month", month, year],
  ["year", year, 37 * year],
];
