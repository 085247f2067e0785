import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { isBuiltIn } from "#providers/kubernetes/model/kind.ts";
import { apiVersionOf, type KubernetesObject, kindOf, nameOf, namespaceOf } from "#providers/kubernetes/model/kubernetes-object.ts";

/** Where an object is written in place of a cluster; definitions of custom resources come first. */
export function renderPath(object: KubernetesObject, folder: string): string {
  const version = apiVersionOf(object).replaceAll(/[/:]/g, "_");
  const file = `${version}-${kindOf(object).toLowerCase()}-${namespaceOf(object) || "default"}-${nameOf(object)}.yaml`;
  const isDefinition = isBuiltIn(apiVersionOf(object)) && kindOf(object) === "CustomResourceDefinition";
  return join(folder, isDefinition ? "0-crd" : "1-manifest", file);
}

/** Writes an object as YAML, readable by its owner alone. Answers the path. */
export async function renderObject(object: KubernetesObject, folder: string): Promise<string> {
  for (const part of ["0-crd", "1-manifest"]) await mkdir(join(folder, part), { recursive: true, mode: 0o700 });
  const path = renderPath(object, folder);
  await writeFile(path, stringify(object, { sortMapEntries: true, lineWidth: 0 }), { mode: 0o600 });
  return path;
}

/** Removes what was written; that it isn't there is fine. */
export async function removeRendered(object: KubernetesObject, folder: string): Promise<string> {
  const path = renderPath(object, folder);
  await rm(path, { force: true });
  return path;
}
