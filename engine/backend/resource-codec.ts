/** Resource states as they stand in a checkpoint. Mirrors pulumi/pulumi:sdk/go/common/apitype/core.go `ResourceV3` (v3.259.0), its field order and what it omits. */
import type { Urn } from "#core/urn.ts";
import type { Json, JsonObject } from "#core/wire-value.ts";
import type { OperationJson, ResourceJson } from "#engine/backend/checkpoint.ts";
import { byCodePoints, decodeMap, decodeValue, encodeMap, encodeValue, type SecretDecoder, type SecretEncoder } from "#engine/backend/value-codec.ts";
import { type CustomTimeouts, makeState, type PendingOperation, type PendingOperationKind, type ResourceState } from "#engine/state/resource-state.ts";
import { formatPropertyPath, parsePropertyPath } from "#engine/values/property-path.ts";

export function encodeResource(state: ResourceState, secrets: SecretEncoder): ResourceJson {
  const fields: [string, Json | undefined][] = [
    ["urn", state.urn],
    ["custom", state.custom],
    ["delete", flag(state.delete)],
    ["id", text(state.id)],
    ["type", state.type],
    ["inputs", filled(encodeMap(state.inputs, secrets))],
    ["outputs", filled(encodeMap(state.outputs, secrets))],
    ["parent", text(state.parent)],
    ["protect", flag(state.protect)],
    ["taint", flag(state.taint)],
    ["external", flag(state.external)],
    ["dependencies", list(state.dependencies)],
    ["initErrors", list(state.initErrors)],
    ["provider", text(state.provider)],
    ["propertyDependencies", filled(sortedLists(state.propertyDependencies))],
    ["pendingReplacement", flag(state.pendingReplacement)],
    ["additionalSecretOutputs", list(state.additionalSecretOutputs)],
    ["aliases", list(state.aliases)],
    ["customTimeouts", filled(encodeTimeouts(state.customTimeouts))],
    ["importID", text(state.importId)],
    ["retainOnDelete", flag(state.retainOnDelete)],
    ["deletedWith", text(state.deletedWith)],
    ["replaceWith", list(state.replaceWith)],
    ["created", text(state.created)],
    ["modified", text(state.modified)],
    ["sourcePosition", text(state.sourcePosition)],
    ["stackTrace", state.stackTrace.length ? state.stackTrace.map((position): JsonObject => (position ? { sourcePosition: position } : {})) : undefined],
    ["ignoreChanges", list(state.ignoreChanges)],
    ["hideDiff", state.hideDiff.length ? state.hideDiff.map((path) => [...parsePropertyPath(path)]) : undefined],
    ["replaceOnChanges", list(state.replaceOnChanges)],
    [
      "replacementTrigger",
      state.replacementTrigger === undefined || state.replacementTrigger === null ? undefined : encodeValue(state.replacementTrigger, secrets),
    ],
    ["refreshBeforeUpdate", flag(state.refreshBeforeUpdate)],
    ["viewOf", text(state.viewOf)],
    ["resourceHooks", filled(sortedLists(state.resourceHooks))],
    ...(Object.entries(state.unknownFields) as [string, Json][]),
  ];
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined)) as ResourceJson;
}

export function encodeOperation(operation: PendingOperation, secrets: SecretEncoder): OperationJson {
  return { resource: encodeResource(operation.resource, secrets), type: operation.type };
}

const knownFields = new Set([
  "urn",
  "custom",
  "delete",
  "id",
  "type",
  "inputs",
  "outputs",
  "parent",
  "protect",
  "taint",
  "external",
  "dependencies",
  "initErrors",
  "provider",
  "propertyDependencies",
  "pendingReplacement",
  "additionalSecretOutputs",
  "aliases",
  "customTimeouts",
  "importID",
  "retainOnDelete",
  "deletedWith",
  "replaceWith",
  "created",
  "modified",
  "sourcePosition",
  "stackTrace",
  "ignoreChanges",
  "hideDiff",
  "replaceOnChanges",
  "replacementTrigger",
  "refreshBeforeUpdate",
  "viewOf",
  "resourceHooks",
]);

/** Throws a `TypeError` naming the resource when a field doesn't have the type it should. */
export function decodeResource(json: ResourceJson, secrets: SecretDecoder): ResourceState {
  try {
    return makeState({
      urn: readText(json, "urn") as Urn,
      type: readText(json, "type"),
      custom: json.custom === true,
      delete: json.delete === true,
      id: readText(json, "id"),
      inputs: decodeMap(readObject(json, "inputs"), secrets),
      outputs: decodeMap(readObject(json, "outputs"), secrets),
      parent: readUrn(json, "parent"),
      protect: json.protect === true,
      taint: json.taint === true,
      external: json.external === true,
      dependencies: readTexts(json, "dependencies") as Urn[],
      initErrors: readTexts(json, "initErrors"),
      provider: readText(json, "provider"),
      propertyDependencies: readLists(json, "propertyDependencies") as Record<string, Urn[]>,
      pendingReplacement: json.pendingReplacement === true,
      additionalSecretOutputs: readTexts(json, "additionalSecretOutputs"),
      aliases: readTexts(json, "aliases") as Urn[],
      customTimeouts: readObject(json, "customTimeouts") as CustomTimeouts,
      importId: readText(json, "importID"),
      retainOnDelete: json.retainOnDelete === true,
      deletedWith: readUrn(json, "deletedWith"),
      replaceWith: readTexts(json, "replaceWith") as Urn[],
      created: readText(json, "created"),
      modified: readText(json, "modified"),
      sourcePosition: readText(json, "sourcePosition"),
      stackTrace: readList(json, "stackTrace").map((frame) => String((frame as JsonObject | null)?.sourcePosition ?? "")),
      ignoreChanges: readTexts(json, "ignoreChanges"),
      hideDiff: readList(json, "hideDiff").map((path) => formatPropertyPath(path as (string | number)[])),
      replaceOnChanges: readTexts(json, "replaceOnChanges"),
      replacementTrigger: json.replacementTrigger === undefined || json.replacementTrigger === null ? undefined : decodeValue(json.replacementTrigger, secrets),
      refreshBeforeUpdate: json.refreshBeforeUpdate === true,
      viewOf: readUrn(json, "viewOf"),
      resourceHooks: readLists(json, "resourceHooks"),
      unknownFields: Object.fromEntries(Object.entries(json).filter(([key]) => !knownFields.has(key))),
    });
  } catch (error) {
    if (error instanceof TypeError) throw new TypeError(`resource '${String(json.urn)}': ${error.message}`);
    throw error;
  }
}

export function decodeOperation(json: OperationJson, secrets: SecretDecoder): PendingOperation {
  return { resource: decodeResource(json.resource, secrets), type: json.type as PendingOperationKind };
}

function flag(value: boolean): true | undefined {
  return value || undefined;
}

function text(value: string | undefined): string | undefined {
  return value || undefined;
}

function list(values: readonly string[]): string[] | undefined {
  return values.length ? [...values] : undefined;
}

function filled(value: JsonObject): JsonObject | undefined {
  return Object.keys(value).length ? value : undefined;
}

function sortedLists(lists: Readonly<Record<string, readonly string[]>>): JsonObject {
  return Object.fromEntries(
    Object.keys(lists)
      .sort(byCodePoints)
      .map((key) => [key, [...lists[key]!]]),
  );
}

function encodeTimeouts(timeouts: CustomTimeouts): JsonObject {
  const order = ["create", "update", "delete", "read"] as const;
  return Object.fromEntries(order.flatMap((name) => (timeouts[name] ? [[name, timeouts[name]] as [string, number]] : [])));
}

function readText(json: JsonObject, field: string): string {
  const value = json[field];
  if (value === undefined || value === null) return "";
  if (typeof value !== "string") throw new TypeError(`'${field}' isn't a text`);
  return value;
}

function readUrn(json: JsonObject, field: string): Urn | undefined {
  return (readText(json, field) || undefined) as Urn | undefined;
}

function readObject(json: JsonObject, field: string): JsonObject {
  const value = json[field];
  if (value === undefined || value === null) return {};
  if (typeof value !== "object" || Array.isArray(value)) throw new TypeError(`'${field}' isn't an object`);
  return value;
}

function readList(json: JsonObject, field: string): Json[] {
  const value = json[field];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new TypeError(`'${field}' isn't a list`);
  return value;
}

function readTexts(json: JsonObject, field: string): string[] {
  const values = readList(json, field);
  if (!values.every((value) => typeof value === "string")) throw new TypeError(`'${field}' isn't a list of texts`);
  return values as string[];
}

function readLists(json: JsonObject, field: string): Record<string, string[]> {
  const object = readObject(json, field);
  return Object.fromEntries(Object.keys(object).map((key) => [key, readTexts(object, key)]));
}
