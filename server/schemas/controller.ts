import { Type } from "typebox";
import { choice, time } from "#server/schemas/common.ts";

export const health = Type.Object({ status: choice(["ok"]), instance: Type.String(), version: Type.String() });
export const readiness = Type.Object({ status: choice(["ready"]) });

export const status = Type.Object({
  instance: Type.String(),
  version: Type.String(),
  pid: Type.Integer(),
  startedAt: time,
  engine: Type.Object({ name: Type.String(), version: Type.String(), reason: Type.String() }),
  database: choice(["embedded", "server"]),
  memoryBytes: Type.Number({ description: "Resident memory of the controller" }),
});

const process = Type.Object({ name: Type.String(), pid: Type.Integer(), memoryBytes: Type.Number() });

export const clusters = Type.Object({
  items: Type.Array(
    Type.Object({
      name: Type.String(),
      source: choice(["sandbox", "kubeconfig"]),
      state: choice(["absent", "stopped", "starting", "running", "failed"]),
      kubeconfig: Type.Optional(Type.String({ description: "Path of its kubeconfig file" })),
      server: Type.Optional(Type.String({ description: "Address of its API server" })),
      processes: Type.Array(process),
      detail: Type.Optional(Type.String()),
    }),
  ),
});

export const audit = Type.Object({
  items: Type.Array(
    Type.Object({
      time,
      requester: Type.String(),
      action: Type.String(),
      subject: Type.String(),
      detail: Type.Unsafe<object>({ type: "object", additionalProperties: true }),
    }),
  ),
});
