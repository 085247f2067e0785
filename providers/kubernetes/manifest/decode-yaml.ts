import { parseAllDocuments } from "yaml";
import { isPropertyMap, type PropertyMap, type PropertyValue } from "#core/property-value.ts";
import { apiVersionOf, type KubernetesObject, kindOf } from "#providers/kubernetes/model/kubernetes-object.ts";

/** Types of YAML 1.1 that Kubernetes' own parser doesn't know: `22:22` and `2001-12-14` are texts to it. */
const foreignTags = new Set([
  "tag:yaml.org,2002:timestamp",
  "tag:yaml.org,2002:binary",
  "tag:yaml.org,2002:omap",
  "tag:yaml.org,2002:pairs",
  "tag:yaml.org,2002:set",
]);

/**
 * The objects in YAML or JSON text of any number of documents, empty ones left out. Reads as Kubernetes does (YAML 1.1: `yes` and `on` are true, `0644` is octal).
 * Throws an `Error` with the place of a mistake, also for a key given twice and for a document that isn't an object.
 */
export function decodeDocuments(text: string): KubernetesObject[] {
  const documents = parseAllDocuments(text, {
    version: "1.1",
    customTags: (tags) => tags.filter((tag) => typeof tag === "string" || !(foreignTags.has(tag.tag) || (tag as { format?: string }).format === "TIME")),
    merge: true,
    logLevel: "silent",
  });
  if (!Array.isArray(documents)) return [];
  const objects: KubernetesObject[] = [];
  for (const document of documents) {
    const [error] = document.errors;
    if (error) throw new Error(`error converting YAML to JSON: ${error.message}`, { cause: error });
    const value: unknown = document.toJS({ maxAliasCount: 10_000 });
    if (value === null || value === undefined) continue;
    if (!isPropertyMap(value as PropertyValue)) throw new Error(`error unmarshaling YAML: expected an object, got ${JSON.stringify(value).slice(0, 80)}`);
    if (Object.keys(value as PropertyMap).length > 0) objects.push(value as PropertyMap);
  }
  return objects;
}

/** As {@link decodeDocuments}, without documents that aren't Kubernetes objects. */
export function decodeObjects(text: string): KubernetesObject[] {
  return decodeDocuments(text).filter((object) => kindOf(object) !== "" && apiVersionOf(object) !== "");
}
