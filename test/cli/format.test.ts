import { describe, expect, test } from "vitest";
import { cleanText, formatCounts, formatCpu, formatSeconds, formatTime, hasChanges } from "#cli/render/format.ts";
import { wantsColor } from "#cli/render/paint.ts";
import { quoteForShell } from "#cli/render/summary-lines.ts";
import { table } from "#cli/render/table.ts";

describe("how quantities are written", () => {
  test("durations keep a decimal below ten seconds and never show 60 seconds", () => {
    expect([0, 0.04, 9.94, 9.96, 59.4, 59.6, 65, 3600, 3725].map(formatSeconds)).toEqual([
      "0.0 s",
      "0.0 s",
      "9.9 s",
      "10 s",
      "59 s",
      "1 min 00 s",
      "1 min 05 s",
      "1 h 00 min",
      "1 h 02 min",
    ]);
    expect(formatSeconds(-3)).toBe("0.0 s");
  });

  test("CPU is written as Kubernetes does", () => {
    expect([0, 50, 250, 1000, 1250, 12_000].map(formatCpu)).toEqual(["0", "50m", "250m", "1", "1.3", "12"]);
  });

  test("counts come in a fixed order, without the halves of replacements", () => {
    expect(formatCounts({ same: 3, delete: 1, create: 2, replace: 1, "create-replacement": 1, "delete-replaced": 1 }, "done")).toBe(
      "2 created, 1 replaced, 1 deleted, 3 unchanged",
    );
    expect(formatCounts({ create: 0 }, "todo")).toBe("no resources");
  });

  test("unchanged, read and refreshed resources are no changes", () => {
    expect(hasChanges({ same: 4, read: 1, refresh: 2 })).toBe(false);
    expect(hasChanges({ same: 4, update: 1 })).toBe(true);
  });

  test("times are in UTC; what isn't a time is left as it is", () => {
    expect(formatTime("2026-11-21T08:00:00.123+01:00")).toBe("2026-11-21 07:00:00");
    expect(formatTime("soon")).toBe("soon");
  });
});

describe("text for terminals", () => {
  test("tables align by what is seen, not by colour codes", () => {
    const lines = table(
      [{ title: "A" }, { title: "B", align: "right" }],
      [
        ["\u001b[31mred\u001b[39m", "1"],
        ["longer", "22"],
      ],
    );
    expect(lines).toEqual(["A        B", "\u001b[31mred\u001b[39m      1", "longer  22"]);
  });

  test("control characters don't get through, line breaks do", () => {
    expect(cleanText("a\u001b[31mb\u0000c\r\nd\te\u009b2J")).toBe("abc\nd  e");
  });

  test("words are quoted for a shell only where needed", () => {
    expect(quoteForShell("/a/b-c.d")).toBe("/a/b-c.d");
    expect(quoteForShell("it's")).toBe("'it'\\''s'");
  });

  test("colour is for terminals, unless the user says otherwise", () => {
    expect(wantsColor({}, true, false)).toBe(true);
    expect(wantsColor({}, false, false)).toBe(false);
    expect(wantsColor({}, true, true)).toBe(false);
    expect(wantsColor({ NO_COLOR: "1", FORCE_COLOR: "1" }, true, false)).toBe(false);
    expect(wantsColor({ FORCE_COLOR: "1" }, false, false)).toBe(true);
    expect(wantsColor({ TERM: "dumb" }, true, false)).toBe(false);
  });
});
