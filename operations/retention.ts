import { sql } from "kysely";
import type { Clock } from "#core/clock.ts";
import type { Database } from "#operations/database/database.ts";

const dayMs = 86_400_000;
/** How long operations that are over are kept with their events. */
const operationDays = 90;
const auditDays = 365;

/**
 * Removes operations that ended more than 90 days ago, with their events, and audit entries older than a year. Operations that a layer's status points to
 * stay, however old. Answers how many operations were removed.
 */
export async function removeOldRecords(database: Database, clock: Clock): Promise<number> {
  const before = (days: number) => new Date(clock.now().getTime() - days * dayMs);
  return database.run(async (records) => {
    await records.deleteFrom("audit").where("time", "<", before(auditDays)).execute();
    const removed = await records
      .deleteFrom("operations")
      .where("finished_at", "<", before(operationDays))
      .where("id", "not in", records.selectFrom("layer_statuses").select(sql<string>`status->>'operation'`.as("operation")))
      .executeTakeFirst();
    return Number(removed.numDeletedRows);
  });
}
