import { Type } from "typebox";
import type { JsonObject } from "#core/wire-value.ts";
import { openObject } from "#server/schemas/common.ts";

export const systemSummary = Type.Object({
  name: Type.String(),
  title: Type.String(),
  description: Type.String(),
  defaultEnvironment: Type.String(),
  defaultScenario: Type.String(),
  scenarios: Type.Array(Type.String()),
  environments: Type.Array(Type.String()),
});

const jsonSchema = openObject<JsonObject>("JSON Schema of the values");
const values = openObject<JsonObject>("Shipped values");

export const system = Type.Object({
  name: Type.String(),
  title: Type.String(),
  description: Type.String(),
  defaultEnvironment: Type.String(),
  defaultScenario: Type.String(),
  layers: Type.Array(
    Type.Object({
      layer: Type.String(),
      title: Type.String(),
      needs: Type.Array(Type.String()),
      onCluster: Type.Boolean(),
      schema: jsonSchema,
      values,
    }),
  ),
  components: Type.Array(
    Type.Object({
      component: Type.String(),
      layer: Type.String(),
      title: Type.String(),
      memoryBytes: Type.Number({ description: "Estimated sum of memory requests; what a preview measures wins" }),
      chart: Type.Optional(Type.String()),
      schema: jsonSchema,
      values,
    }),
  ),
  scenarios: Type.Array(
    Type.Object({
      scenario: Type.String(),
      title: Type.String(),
      description: Type.String(),
      components: Type.Array(Type.String()),
      memoryBytes: Type.Number({ description: "Sum over its components" }),
    }),
  ),
  environments: Type.Array(
    Type.Object({ environment: Type.String(), cluster: openObject<object>("Where its layers land"), budget: openObject<object>("What it may use") }),
  ),
});

export const systemPath = Type.Object({ system: Type.String({ description: "Name of a system" }) });
