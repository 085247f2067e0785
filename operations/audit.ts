import type { Insertable, Selectable } from "kysely";
import type { AuditTable } from "#operations/database/schema.ts";

/** Who asked for what. `detail` never holds secrets or configuration values. */
export interface Audit {
  readonly time: Date;
  readonly requester: string;
  /** `<noun>.<verb>`, e.g. `operation.submit`. */
  readonly action: string;
  /** What it was done to: an operation's or schedule's id, or `<system>/<environment>`. */
  readonly subject: string;
  readonly detail: Readonly<Record<string, string | number | boolean | undefined>>;
}

export function auditRow(audit: Audit): Insertable<AuditTable> {
  return { ...audit, detail: JSON.stringify(audit.detail) };
}

export function toAudit({ time, requester, action, subject, detail }: Selectable<AuditTable>): Audit {
  return { time, requester, action, subject, detail: detail as Audit["detail"] };
}
