import { type TSchema, Type } from "typebox";
import { type ErrorCode, errorCatalogue } from "#core/error-catalogue.ts";
import type { Problem } from "#core/errors.ts";
import type { Page } from "#core/operation-record.ts";

export const name = (what: string) => Type.String({ description: `Name of ${what}` });
export const time = Type.String({ format: "date-time", description: "ISO 8601, UTC" });
/** A JSON object whose members aren't listed here. */
export const openObject = <T>(description: string) => Type.Unsafe<T>({ type: "object", additionalProperties: true, description });
export const choice = <const T extends readonly string[]>(values: T, description?: string) =>
  Type.Unsafe<T[number]>({ type: "string", enum: [...values], ...(description ? { description } : {}) });

export const environmentPath = Type.Object({ system: name("a system"), environment: name("an environment") });

/** Registered once under its `$id`; elsewhere {@link problem} refers to it. */
export const problemSchema = Type.Object(
  {
    type: Type.String({ description: "Address of a page about this kind of problem" }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String({ description: "What happened this time: value, place, remedy" }),
    code: Type.String({ enum: Object.keys(errorCatalogue) }),
    instance: Type.Optional(Type.String()),
    request_id: Type.Optional(Type.String()),
    errors: Type.Optional(Type.Array(Type.Object({ pointer: Type.String({ description: "JSON pointer into the request" }), detail: Type.String() }))),
    facts: Type.Optional(Type.Record(Type.String(), Type.Unsafe<string | number | boolean>({}))),
  },
  { $id: "Problem", description: "RFC 9457" },
);

export const problem = Type.Unsafe<Problem>({ $ref: "Problem#" });

export const page = <T>(item: TSchema) =>
  Type.Unsafe<Page<T>>(
    Type.Object({ items: Type.Array(item), next: Type.Optional(Type.String({ description: "Cursor of the part that follows; absent at the end" })) }),
  );

export const limit = (most: number, usual: number) =>
  Type.Optional(Type.Integer({ minimum: 1, maximum: most, description: `At most so many; ${usual} unless given` }));

/** The answers of a route that are problems: those named and those that every protected route has. */
export function problems(...codes: ErrorCode[]): Record<number, TSchema> {
  const all: ErrorCode[] = ["invalid_request", "unauthorized", "untrusted_origin", "rate_limited", "internal", ...codes];
  const byStatus = Map.groupBy(all, (code) => errorCatalogue[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, kinds]) => [
      status,
      Type.Unsafe<never>({
        description: kinds.map((code) => `\`${code}\`: ${errorCatalogue[code].title}`).join("; "),
        content: { "application/problem+json": { schema: problem } },
      }),
    ]),
  );
}
