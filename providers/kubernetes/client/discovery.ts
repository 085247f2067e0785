import type { PropertyMap } from "#core/property-value.ts";
import { isNotFound, NoMatchError } from "#providers/kubernetes/client/api-error.ts";
import type { RestClient } from "#providers/kubernetes/client/rest-client.ts";
import { apiVersionText, type Kind, kindText } from "#providers/kubernetes/model/kind.ts";
import { at, listAt, textAt } from "#providers/kubernetes/model/kubernetes-object.ts";

/** How the API serves a kind. */
export interface ServedKind {
  readonly group: string;
  readonly version: string;
  /** Name in URLs, e.g. `configmaps`. */
  readonly plural: string;
  readonly namespaced: boolean;
}

/** Everything the API serves. */
interface Catalogue {
  /** Keys as {@link kindText} writes them. */
  readonly kinds: ReadonlyMap<string, ServedKind>;
  /** `group/version` and `group/version/Kind`, as charts ask for them. */
  readonly names: readonly string[];
}

const aggregated =
  "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

/** What an API server serves, asked once and again when a kind is missing, as it may have been defined meanwhile. */
export class Discovery {
  readonly #client: RestClient;
  #catalogue: Promise<Catalogue> | undefined;
  #reloading: Promise<Catalogue> | undefined;

  constructor(client: RestClient) {
    this.#client = client;
  }

  /** How a kind is served. Throws {@link NoMatchError} if it isn't. */
  async find(kind: Kind): Promise<ServedKind> {
    const found = (await this.#load()).kinds.get(kindText(kind)) ?? (await this.#reload()).kinds.get(kindText(kind));
    if (!found) throw new NoMatchError(kind.kind, kind.group, kind.version);
    return found;
  }

  /** As {@link find}, but `undefined` for a kind that isn't served. */
  async lookUp(kind: Kind): Promise<ServedKind | undefined> {
    try {
      return await this.find(kind);
    } catch (error) {
      if (error instanceof NoMatchError) return undefined;
      throw error;
    }
  }

  /** All served versions and kinds, sorted. */
  async apiVersions(): Promise<readonly string[]> {
    return (await this.#reload()).names;
  }

  async #load(): Promise<Catalogue> {
    this.#catalogue ??= this.#fetch();
    try {
      return await this.#catalogue;
    } catch (error) {
      this.#catalogue = undefined;
      throw error;
    }
  }

  /** Callers that miss a kind at the same time share one request. */
  async #reload(): Promise<Catalogue> {
    this.#reloading ??= this.#fetch().finally(() => {
      this.#reloading = undefined;
    });
    const catalogue = await this.#reloading;
    this.#catalogue = Promise.resolve(catalogue);
    return catalogue;
  }

  async #fetch(): Promise<Catalogue> {
    const answers = await Promise.all(["/api", "/apis"].map((path) => this.#client.request({ method: "GET", path, accept: aggregated })));
    const kinds = new Map<string, ServedKind>();
    for (const [i, answer] of answers.entries()) {
      if (textAt(answer, "kind") === "APIGroupDiscoveryList") addAggregated(kinds, answer);
      else await this.#addByVersion(kinds, answer, i === 0 ? "/api" : "/apis");
    }
    const names = new Set<string>();
    for (const [name, served] of kinds) names.add(apiVersionText(served)).add(name);
    return { kinds, names: [...names].sort() };
  }

  /** For servers before 1.27: one request per group and version. A group that doesn't answer is left out. */
  async #addByVersion(kinds: Map<string, ServedKind>, answer: PropertyMap, root: string): Promise<void> {
    const versions =
      root === "/api"
        ? listAt(answer, "versions").map(String)
        : listAt(answer, "groups").flatMap((group) => listAt(group, "versions").map((version) => textAt(version, "groupVersion")));
    const lists = await Promise.all(
      versions.map(async (version) => {
        try {
          return await this.#client.request({ method: "GET", path: `${root}/${version}` });
        } catch (error) {
          if (isNotFound(error) || (error as { status?: number }).status === 503) return {};
          throw error;
        }
      }),
    );
    for (const [i, list] of lists.entries()) {
      const [first = "", second] = (versions[i] as string).split("/");
      const group = second === undefined ? "" : first;
      for (const resource of listAt(list, "resources")) {
        const plural = textAt(resource, "name");
        if (plural.includes("/")) continue;
        add(kinds, { group, version: second ?? first, kind: textAt(resource, "kind") }, plural, at(resource, "namespaced") === true);
      }
    }
  }
}

function addAggregated(kinds: Map<string, ServedKind>, answer: PropertyMap): void {
  for (const group of listAt(answer, "items"))
    for (const version of listAt(group, "versions"))
      for (const resource of listAt(version, "resources")) {
        const kind = { group: textAt(group, "metadata", "name"), version: textAt(version, "version"), kind: textAt(resource, "responseKind", "kind") };
        if (kind.kind) add(kinds, kind, textAt(resource, "resource"), textAt(resource, "scope") === "Namespaced");
      }
}

function add(kinds: Map<string, ServedKind>, kind: Kind, plural: string, namespaced: boolean): void {
  const key = kindText(kind);
  // The first one is the resource that stores the kind; later ones merely answer with it.
  if (!kinds.has(key)) kinds.set(key, { group: kind.group, version: kind.version, plural, namespaced });
}
