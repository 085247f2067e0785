import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parse } from "yaml";
import { Asset, isPropertyMap, type PropertyMap, type PropertyValue, Secret, setOwn, Unknown, unknown, unwrapSecrets } from "#core/property-value.ts";
import { copyOf } from "#providers/kubernetes/model/kubernetes-object.ts";

export const releaseType = "kubernetes:helm.sh/v3:Release";

/** Every input of a release with the value that stands for "not given". Others, e.g. `valueYamlFiles`, aren't kept. */
const emptyInputs: PropertyMap = {
  allowNullValues: false,
  atomic: false,
  chart: "",
  cleanupOnFail: false,
  createNamespace: false,
  dependencyUpdate: false,
  description: "",
  devel: false,
  disableCRDHooks: false,
  disableOpenapiValidation: false,
  disableWebhooks: false,
  forceUpdate: false,
  keyring: "",
  lint: false,
  name: "",
  namespace: "",
  postrender: "",
  recreatePods: false,
  renderSubchartNotes: false,
  replace: false,
  resetValues: false,
  reuseValues: false,
  skipAwait: false,
  skipCrds: false,
  timeout: 0,
  values: {},
  verify: false,
  version: "",
  waitForJobs: false,
};
const optionalInputs = ["maxHistory", "repositoryOpts"];

/** A release's inputs in full, plain and without unknowns; values files are merged under the values. Throws an `Error` for a file that can't be read. */
export function completeInputs(given: PropertyMap, folder: string): PropertyMap {
  const plain = withoutUnknowns(unwrapSecrets(given));
  const inputs: PropertyMap = {};
  for (const [key, empty] of Object.entries(emptyInputs)) inputs[key] = plain[key] ?? copyOf(empty);
  for (const key of optionalInputs) if (plain[key] !== undefined && plain[key] !== null) inputs[key] = plain[key];
  const files = Array.isArray(plain.valueYamlFiles) ? plain.valueYamlFiles : [];
  inputs.values = [...files.map((file) => valuesOf(file, folder)), isPropertyMap(inputs.values) ? inputs.values : {}].reduce<PropertyMap>(mergeValues, {});
  return inputs;
}

function withoutUnknowns(bag: PropertyMap): PropertyMap {
  const strip = (value: PropertyValue): PropertyValue => {
    if (value instanceof Unknown) return null;
    if (Array.isArray(value)) return value.map(strip);
    return isPropertyMap(value) ? withoutUnknowns(value) : value;
  };
  const result: PropertyMap = {};
  for (const [key, value] of Object.entries(bag)) setOwn(result, key, strip(value));
  return result;
}

function valuesOf(file: PropertyValue, folder: string): PropertyMap {
  if (!(file instanceof Asset) || file.kind === "uri") throw new Error("unsupported type for 'valueYamlFiles' arg: expected a file or text asset");
  const text = file.kind === "text" ? file.value : readFileSync(resolve(folder, file.value), "utf8");
  const values: unknown = parse(text);
  if (values === null) return {};
  if (!isPropertyMap(values as PropertyValue)) throw new Error(`the values file ${file.kind === "path" ? file.value : "given as text"} doesn't hold an object`);
  return values as PropertyMap;
}

/** Merges maps, also nested ones; of anything else the later one wins. */
export function mergeValues(first: PropertyMap, second: PropertyMap): PropertyMap {
  const result: PropertyMap = { ...first };
  for (const [key, value] of Object.entries(second)) {
    const present = result[key];
    setOwn(result, key, isPropertyMap(present) && isPropertyMap(value) ? mergeValues(present, value) : value);
  }
  return result;
}

/** Marks in place what isn't known in `like`. */
export function markUnknowns(bag: PropertyMap, like: PropertyMap): void {
  for (const [key, model] of Object.entries(like)) if (Object.hasOwn(bag, key)) setOwn(bag, key, unknownLike(bag[key] as PropertyValue, model));
}

function unknownLike(value: PropertyValue, model: PropertyValue): PropertyValue {
  if (model instanceof Secret) return unknownLike(value, model.element);
  if (model instanceof Unknown) return unknown;
  if (Array.isArray(value) && Array.isArray(model)) return value.map((entry, i) => (model[i] === undefined ? entry : unknownLike(entry, model[i])));
  if (isPropertyMap(value) && isPropertyMap(model)) markUnknowns(value, model);
  return value;
}
