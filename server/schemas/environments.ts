import { Type } from "typebox";
import type { ClusterSpec } from "#config/spec.ts";
import type { EnvironmentConfig } from "#config/system-definition.ts";
import { operationKinds, type StandIn } from "#core/operation.ts";
import type { EnvironmentStatus, EnvironmentView } from "#operations/environments.ts";
import { choice, name, openObject, problem, time } from "#server/schemas/common.ts";
import { operation, stepCounts } from "#server/schemas/operations.ts";

/** Cluster, budget and config are checked by the catalogue, which knows the schemas of the system at hand. */
export const environmentBody = Type.Object(
  {
    scenario: Type.Optional(name("a scenario; the system's default when absent")),
    cluster: Type.Optional(
      openObject<object>(
        "Where Kubernetes layers land: `{source: sandbox, name, nodes}` or `{source: kubeconfig, path, context?}`; the template's when absent",
      ),
    ),
    budget: Type.Optional(openObject<object>("`{memory}` as a Kubernetes quantity, or `{memoryBytes}`; the template's when absent")),
    config: Type.Optional(openObject<object>("Values per layer and per component: `{layers: {…}, components: {…}}`; see the system's schemas")),
  },
  { additionalProperties: false },
);

const record = Type.Object({
  system: Type.String(),
  environment: Type.String(),
  scenario: Type.String(),
  cluster: openObject<ClusterSpec>("Where Kubernetes layers land"),
  budget: openObject<{ readonly memoryBytes?: number }>("What it may use"),
  config: openObject<EnvironmentConfig>("Values per layer and per component"),
  version: Type.Integer({ description: "Grows with each change; 0 for a shipped environment without a record" }),
  createdAt: Type.Optional(time),
  updatedAt: Type.Optional(time),
});

export const environment = Type.Unsafe<EnvironmentView>(record);

export const environmentStatus = Type.Unsafe<EnvironmentStatus>(
  Type.Object({
    ...record.properties,
    layers: Type.Array(
      Type.Object({
        layer: Type.String(),
        stack: Type.String(),
        operation: Type.String(),
        kind: choice(operationKinds),
        state: choice(["succeeded", "failed", "cancelled", "skipped"]),
        changes: stepCounts,
        finishedAt: time,
        standIns: Type.Array(openObject<StandIn>("What stands in for something that couldn't be had")),
        problem: Type.Optional(problem),
      }),
      { description: "How each layer was left by the last up, refresh or destroy that touched it" },
    ),
    pending: Type.Array(operation, { description: "What runs or waits, oldest first" }),
  }),
);

export const environmentQuery = Type.Object({ system: Type.Optional(Type.String()) }, { additionalProperties: false });
