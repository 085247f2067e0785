/** JSON Schemas of the configuration files. */
import type { JsonObject } from "#core/wire-value.ts";

const name = {
  type: "string",
  pattern: "^[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*$",
  maxLength: 40,
  description: "lower-case letters, digits, and single '-' or '_' between them, starting with a letter",
};
const text = { type: "string", minLength: 1 };
const quantity = {
  type: "string",
  pattern: "^[0-9]+(?:\\.[0-9]+)?(?:m|[kMGTPE]|[KMGTPE]i)?$",
  description: "a Kubernetes quantity, for example 512Mi, 1.5Gi, 4 (in quotes)",
};
const freeMapping = { type: "object" };
/** Names to JSON Schemas, the `properties` of a schema that allows no others. */
const properties = { type: "object", additionalProperties: { type: "object" } };

function closed(required: readonly string[], fields: JsonObject): JsonObject {
  return { type: "object", additionalProperties: false, required: [...required], properties: fields };
}

const named = (value: JsonObject): JsonObject => ({ type: "object", propertyNames: name, additionalProperties: value, minProperties: 1 });

export const clusterSchema: JsonObject = {
  type: "object",
  required: ["source"],
  discriminator: { propertyName: "source" },
  oneOf: [
    closed(["source", "name", "nodes"], {
      source: { const: "sandbox" },
      name,
      nodes: {
        type: "array",
        minItems: 1,
        maxItems: 50,
        items: closed(["count", "cpu", "memory"], { count: { type: "integer", minimum: 1, maximum: 1000 }, cpu: quantity, memory: quantity }),
      },
    }),
    closed(["source", "path"], { source: { const: "kubeconfig" }, path: text, context: text }),
  ],
};

export const budgetSchema: JsonObject = closed([], { memory: quantity, memoryBytes: { type: "integer", minimum: 1 } });

/** The frame of user configuration; what is inside each mapping is checked against the schema of that layer or component. */
export const environmentConfigSchema: JsonObject = closed([], {
  layers: { type: "object", additionalProperties: freeMapping },
  components: { type: "object", additionalProperties: freeMapping },
});

export const systemFileSchema: JsonObject = closed(["title", "description", "defaultEnvironment", "defaultScenario", "layers", "components"], {
  title: text,
  description: text,
  defaultEnvironment: name,
  defaultScenario: name,
  layers: named(
    closed(["title"], {
      title: text,
      needs: { type: "array", items: name, uniqueItems: true },
      onCluster: { type: "boolean" },
      schema: properties,
      values: freeMapping,
    }),
  ),
  components: named(closed(["layer", "title"], { layer: name, title: text, memory: quantity, chart: name, schema: properties, values: freeMapping })),
});

export const scenarioFileSchema: JsonObject = closed(["title", "description", "components"], {
  title: text,
  description: text,
  extends: name,
  components: { type: "array", items: name, uniqueItems: true },
  values: { type: "object", additionalProperties: freeMapping },
});

export const environmentFileSchema: JsonObject = closed(["cluster"], { cluster: clusterSchema, budget: budgetSchema, config: environmentConfigSchema });

export const chartsFileSchema: JsonObject = closed(["charts"], {
  charts: named(
    closed(["version", "repository", "digest", "proven"], {
      name: text,
      version: { type: "string", pattern: "^v?[0-9]+\\.[0-9]+\\.[0-9]+(?:[-+][0-9A-Za-z.+-]+)?$", description: "an exact version, for example 41.3.0" },
      repository: { type: "string", pattern: "^(?:https|oci)://[^\\s]+$", description: "an https:// or oci:// address" },
      digest: { type: "string", pattern: "^(?:sha256:[0-9a-f]{64}|unlocked)$", description: "sha256: and 64 hexadecimal digits, or 'unlocked'" },
      proven: { type: "boolean" },
    }),
  ),
});
