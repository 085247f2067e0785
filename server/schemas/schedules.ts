import { Type } from "typebox";
import type { ScheduleRecord } from "#core/operation-record.ts";
import { choice, problem, time } from "#server/schemas/common.ts";
import { requestFields } from "#server/schemas/operations.ts";

const action = Type.Object(requestFields, { additionalProperties: false, description: "The operation to ask for each time" });

export const scheduleBody = Type.Object(
  {
    cron: Type.String({ maxLength: 200, description: "minute, hour, day of month, month, day of week", examples: ["30 3 * * mon-fri"] }),
    timeZone: Type.Optional(Type.String({ maxLength: 60, description: "IANA name; UTC unless given" })),
    action,
    paused: Type.Optional(Type.Boolean({ description: "false unless given" })),
  },
  { additionalProperties: false },
);

export const scheduleChange = Type.Object({ paused: Type.Boolean() }, { additionalProperties: false });

export const schedule = Type.Unsafe<ScheduleRecord>(
  Type.Object({
    id: Type.String(),
    system: Type.String(),
    environment: Type.String(),
    cron: Type.String(),
    timeZone: Type.String(),
    action,
    paused: Type.Boolean(),
    nextRuns: Type.Array(time, { description: "The coming times; empty while paused" }),
    lastRun: Type.Optional(
      Type.Object({
        dueAt: time,
        outcome: choice(["submitted", "skipped", "refused"]),
        operation: Type.Optional(Type.String()),
        detail: Type.Optional(Type.String()),
        problem: Type.Optional(problem),
      }),
    ),
    createdAt: time,
    updatedAt: time,
  }),
);

export const schedulePath = Type.Object({
  system: Type.String({ description: "Name of a system" }),
  environment: Type.String({ description: "Name of an environment" }),
  id: Type.String({ description: "Id of a schedule" }),
});
