import { Type } from "typebox";
import type { OutputView } from "#core/operation.ts";
import { limit, name, time } from "#server/schemas/common.ts";
import { stepCounts } from "#server/schemas/operations.ts";

export const layerPath = Type.Object({ system: name("a system"), environment: name("an environment"), layer: name("a layer") });

export const outputs = Type.Record(
  Type.String(),
  Type.Unsafe<OutputView>({
    type: "object",
    additionalProperties: true,
    description: "`{value}`, `{secret: true}` or `{unknown: true}`; a secret's value is never shown",
  }),
);

export const resources = Type.Object({
  items: Type.Array(
    Type.Object({
      urn: Type.String(),
      type: Type.String(),
      name: Type.String(),
      parent: Type.Optional(Type.String()),
      id: Type.Optional(Type.String()),
      provider: Type.Optional(Type.String()),
      protect: Type.Boolean(),
      external: Type.Boolean(),
      standIn: Type.Optional(Type.Boolean({ description: "True when it stands in for something that couldn't be had" })),
    }),
  ),
});

export const historyQuery = Type.Object({ limit: limit(500, 20) }, { additionalProperties: false });

export const history = Type.Object({
  items: Type.Array(
    Type.Object({
      kind: Type.String(),
      result: Type.String(),
      startTime: time,
      endTime: Type.Optional(time),
      changes: stepCounts,
    }),
  ),
});
