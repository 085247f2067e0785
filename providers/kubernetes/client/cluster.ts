import type { PropertyMap, PropertyValue } from "#core/property-value.ts";
import { Discovery, type ServedKind } from "#providers/kubernetes/client/discovery.ts";
import type { RestClient } from "#providers/kubernetes/client/rest-client.ts";
import { type Kind, kindOfObject } from "#providers/kubernetes/model/kind.ts";
import { apiVersionOf, type KubernetesObject, kindOf, listAt, nameOf, namespaceOf, textAt } from "#providers/kubernetes/model/kubernetes-object.ts";

export interface WriteOptions {
  readonly fieldManager?: string;
  readonly dryRun?: boolean;
}

export interface ApplyOptions extends WriteOptions {
  readonly fieldManager: string;
  /** Take fields over from other managers. */
  readonly force: boolean;
  readonly fieldValidation?: "Warn";
}

export interface ServerVersion {
  readonly major: number;
  readonly minor: number;
  /** As the server writes it, e.g. `v1.36.3`. */
  readonly text: string;
}

/** The objects of one cluster. */
export class Cluster {
  readonly client: RestClient;
  readonly discovery: Discovery;

  constructor(client: RestClient) {
    this.client = client;
    this.discovery = new Discovery(client);
  }

  async version(): Promise<ServerVersion> {
    const answer = await this.client.request({ method: "GET", path: "/version" });
    return {
      major: Number.parseInt(textAt(answer, "major"), 10) || 1,
      minor: Number.parseInt(textAt(answer, "minor"), 10) || 0,
      text: textAt(answer, "gitVersion"),
    };
  }

  async get(kind: Kind, namespace: string, name: string): Promise<KubernetesObject> {
    return this.client.request({ method: "GET", path: pathOf(await this.discovery.find(kind), namespace, name) });
  }

  /** The objects of a kind in a namespace, all namespaces for "". The items carry `apiVersion` and `kind`. */
  async list(kind: Kind, namespace: string): Promise<KubernetesObject[]> {
    const answer = await this.client.request({ method: "GET", path: collectionPath(await this.discovery.find(kind), namespace) });
    return listItems(answer);
  }

  async create(object: KubernetesObject, options: WriteOptions = {}): Promise<KubernetesObject> {
    const served = await this.discovery.find(kindOfObject(object));
    return this.client.request({ method: "POST", path: pathOf(served, namespaceOf(object)), query: writeQuery(options), body: object });
  }

  /** Server-side apply. */
  async apply(object: KubernetesObject, options: ApplyOptions): Promise<KubernetesObject> {
    const query = { ...writeQuery(options), force: String(options.force), fieldValidation: options.fieldValidation };
    return this.#patch(object, object, "application/apply-patch+yaml", query);
  }

  async replace(object: KubernetesObject, options: WriteOptions): Promise<KubernetesObject> {
    const served = await this.discovery.find(kindOfObject(object));
    return this.client.request({ method: "PUT", path: pathOf(served, namespaceOf(object), nameOf(object)), query: writeQuery(options), body: object });
  }

  /** Patches the object that `target` identifies. */
  async patch(
    target: KubernetesObject,
    body: PropertyValue,
    type: "json-patch" | "merge-patch" | "strategic-merge-patch",
    options: WriteOptions = {},
  ): Promise<KubernetesObject> {
    return this.#patch(target, body, `application/${type}+json`, writeQuery(options));
  }

  async #patch(target: KubernetesObject, body: PropertyValue, contentType: string, query: Record<string, string | undefined>): Promise<KubernetesObject> {
    const served = await this.discovery.find(kindOfObject(target));
    return this.client.request({ method: "PATCH", path: pathOf(served, namespaceOf(target), nameOf(target)), query, body, contentType });
  }

  async delete(kind: Kind, namespace: string, name: string, propagationPolicy: "Orphan" | "Background" | "Foreground"): Promise<PropertyMap> {
    const body = { apiVersion: "v1", kind: "DeleteOptions", propagationPolicy };
    return this.client.request({ method: "DELETE", path: pathOf(await this.discovery.find(kind), namespace, name), body });
  }
}

/** The items of a list, with the `apiVersion` and `kind` that the server leaves out of them. */
export function listItems(list: PropertyMap): KubernetesObject[] {
  const kind = kindOf(list).replace(/List$/, "");
  return listAt(list, "items").map((item) => ({ apiVersion: apiVersionOf(list), kind, ...(item as PropertyMap) }));
}

/** Path of an object, or of the collection it is created in when `name` is absent. A namespaced object without a namespace is in `default`. */
export function pathOf(served: ServedKind, namespace: string, name?: string): string {
  const collection = collectionPath(served, served.namespaced ? namespace || "default" : "");
  return name === undefined ? collection : `${collection}/${encodeURIComponent(name)}`;
}

/** Path of the collection in a namespace, or across all of them for "". */
export function collectionPath(served: ServedKind, namespace: string): string {
  const root = served.group ? `/apis/${served.group}/${served.version}` : `/api/${served.version}`;
  return served.namespaced && namespace ? `${root}/namespaces/${encodeURIComponent(namespace)}/${served.plural}` : `${root}/${served.plural}`;
}

function writeQuery(options: WriteOptions): Record<string, string | undefined> {
  return { fieldManager: options.fieldManager, dryRun: options.dryRun ? "All" : undefined };
}
