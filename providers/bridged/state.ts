import { equalValues, isPropertyMap, mapEntries, type PropertyMap, type PropertyValue, Secret, unwrapSecrets } from "#core/property-value.ts";
import type { Values } from "#providers/bridged/attribute.ts";
import { decode } from "#providers/bridged/decode.ts";
import { encode } from "#providers/bridged/encode.ts";
import type { ResourceKind } from "#providers/bridged/resource-kind.ts";

const metaKey = "__meta";
/** Written by newer bridges; it describes exactly the outputs beside it, so it is dropped whenever they change. */
const deltaKey = "__pulumi_raw_state_delta";

/** A resource's state as read from its outputs, brought up to the current layout. */
export async function stateOf(kind: ResourceKind, outputs: PropertyMap): Promise<Values> {
  const values = encode(outputs, kind.attributes);
  const version = Number(metaOf(outputs)["schema_version"] ?? 0);
  if (version > kind.schemaVersion)
    throw new Error(
      `The current state of ${kind.type} was created by a newer provider version  and cannot be downgraded from resource schema version ${version} to ${kind.schemaVersion}. Please upgrade the provider`,
    );
  const upgraded = version < kind.schemaVersion && kind.upgrade ? await kind.upgrade(values, version) : values;
  return kind.mend?.(upgraded) ?? upgraded;
}

/** The outputs that record a state; `former` are those it replaces, whose private state is carried along. */
export function outputsOf(kind: ResourceKind, state: Values, former: PropertyMap = {}): PropertyMap {
  const outputs = decode(state, kind.attributes);
  const meta = { ...metaOf(former), ...(kind.schemaVersion > 0 ? { schema_version: String(kind.schemaVersion) } : {}) };
  if (Object.keys(meta).length) outputs[metaKey] = JSON.stringify(meta);
  return outputs;
}

/** The outputs with the delta of the former ones, if they are otherwise the same. */
export function withDelta(outputs: PropertyMap, former: PropertyMap): PropertyMap {
  const delta = former[deltaKey];
  if (delta === undefined) return outputs;
  const complete = { ...outputs, [deltaKey]: withSecretValues(unwrapSecrets(delta)) };
  return equalValues(unwrapSecrets(complete), unwrapSecrets(former)) ? complete : outputs;
}

/** A delta holds values of the state where it says `replace`; the bridge keeps those secret. */
function withSecretValues(delta: PropertyValue): PropertyValue {
  if (Array.isArray(delta)) return delta.map(withSecretValues);
  if (!isPropertyMap(delta)) return delta;
  return Object.hasOwn(delta, "replace") ? new Secret(delta) : mapEntries(delta, withSecretValues);
}

function metaOf(outputs: PropertyMap): PropertyMap {
  const text = Object.hasOwn(outputs, metaKey) ? outputs[metaKey] : undefined;
  if (typeof text !== "string") return {};
  try {
    const meta: unknown = JSON.parse(text);
    if (isPropertyMap(meta as PropertyMap)) return meta as PropertyMap;
  } catch (error) {
    throw new Error(`expected "${metaKey}" special property to be a JSON-marshalled string: ${(error as Error).message}`, { cause: error });
  }
  throw new Error(`expected "${metaKey}" special property to be a JSON object`);
}
