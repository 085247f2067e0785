import type { Urn } from "#core/urn.ts";
import { urnOfReference } from "#engine/deploy/provider-reference.ts";
import type { ResourceState } from "#engine/state/resource-state.ts";

/** Every URN that a state names, its provider excepted, with what the link means. */
export type LinkKind = "parent" | "dependency" | "property" | "deleted-with" | "replace-with";
export interface Link {
  readonly kind: LinkKind;
  readonly urn: Urn;
  /** Property of a `property` link. */
  readonly key?: string;
}

export function linksOf(state: ResourceState): Link[] {
  const links: Link[] = [];
  if (state.parent) links.push({ kind: "parent", urn: state.parent });
  for (const urn of state.dependencies) links.push({ kind: "dependency", urn });
  for (const [key, urns] of Object.entries(state.propertyDependencies)) for (const urn of urns) links.push({ kind: "property", urn, key });
  if (state.deletedWith) links.push({ kind: "deleted-with", urn: state.deletedWith });
  for (const urn of state.replaceWith) links.push({ kind: "replace-with", urn });
  return links;
}

/** The URNs that must exist for the state to make sense, its provider's included. */
export function requiredUrns(state: ResourceState): Urn[] {
  const urns = linksOf(state).map((link) => link.urn);
  if (state.provider) urns.push(urnOfReference(state.provider));
  return urns;
}

/**
 * Who depends on whom in a list of states that has dependencies before dependents. Lookups cost what they answer, not the size of the list.
 * Mirrors pulumi/pulumi:pkg/resource/graph/dependency_graph.go (v3.259.0).
 */
export class DependencyGraph {
  readonly #states: readonly ResourceState[];
  readonly #index = new Map<ResourceState, number>();
  /** Places of the states with a URN: a replaced one may be there besides its successor. */
  readonly #places = new Map<Urn, number[]>();
  readonly #children = new Map<Urn, number[]>();
  readonly #dependents = new Map<Urn, number[]>();

  constructor(states: readonly ResourceState[]) {
    this.#states = states;
    states.forEach((state, place) => {
      this.#index.set(state, place);
      append(this.#places, state.urn, place);
      for (const urn of new Set(requiredUrns(state))) append(this.#dependents, urn, place);
      if (state.parent) append(this.#children, state.parent, place);
    });
  }

  contains(state: ResourceState): boolean {
    return this.#index.has(state);
  }

  /** A newer version of a state stands where that one does. */
  alias(newer: ResourceState, existing: ResourceState): void {
    this.#index.set(newer, this.#place(existing));
  }

  /** All that depend on the state directly or not, in list order; children only when asked for. */
  dependingOn(state: ResourceState, ignore: (urn: Urn) => boolean, includeChildren: boolean): ResourceState[] {
    const start = this.#place(state);
    const found = new Set<number>();
    const frontier: Urn[] = [state.urn];
    const seen = new Set<Urn>(frontier);
    for (let urn = frontier.pop(); urn !== undefined; urn = frontier.pop()) {
      for (const place of this.#dependents.get(urn) ?? []) {
        const candidate = this.#states[place]!;
        if (place <= start || found.has(place) || ignore(candidate.urn) || !this.#dependsOn(candidate, urn, includeChildren)) continue;
        found.add(place);
        if (!seen.has(candidate.urn)) {
          seen.add(candidate.urn);
          frontier.push(candidate.urn);
        }
      }
    }
    return [...found].sort((a, b) => a - b).map((place) => this.#states[place]!);
  }

  /** The states that name the URN by a link of one of the kinds, in list order. */
  linkedTo(urn: Urn, kinds: readonly LinkKind[]): ResourceState[] {
    const candidates = (this.#dependents.get(urn) ?? []).map((place) => this.#states[place]!);
    return candidates.filter((state) => linksOf(state).some((link) => link.urn === urn && kinds.includes(link.kind)));
  }

  /** What the state depends on directly, and, of a component among these, its descendants too. */
  dependenciesOf(state: ResourceState): Set<ResourceState> {
    const place = this.#place(state);
    const found = new Set<ResourceState>();
    const add = (urn: Urn, withDescendants: boolean) => {
      for (const candidatePlace of this.#places.get(urn) ?? []) {
        if (candidatePlace >= place) continue;
        const candidate = this.#states[candidatePlace]!;
        found.add(candidate);
        if (withDescendants && !candidate.custom) this.#addDescendants(urn, place, found);
      }
    };
    for (const link of linksOf(state)) add(link.urn, link.kind !== "parent");
    if (state.provider) add(urnOfReference(state.provider), true);
    return found;
  }

  /** Everything the state needs, directly or not, itself excepted. */
  transitiveDependenciesOf(state: ResourceState): Set<ResourceState> {
    const found = new Set<ResourceState>();
    const frontier = [state];
    for (let next = frontier.pop(); next !== undefined; next = frontier.pop()) {
      for (const urn of requiredUrns(next)) {
        const dependency = this.#lookup(urn, next.delete);
        if (!dependency || dependency === state || found.has(dependency)) continue;
        found.add(dependency);
        frontier.push(dependency);
      }
    }
    return found;
  }

  #dependsOn(candidate: ResourceState, urn: Urn, includeChildren: boolean): boolean {
    if (includeChildren) return true;
    return (
      linksOf(candidate).some((link) => link.kind !== "parent" && link.urn === urn) || (candidate.provider !== "" && urnOfReference(candidate.provider) === urn)
    );
  }

  #addDescendants(parent: Urn, before: number, found: Set<ResourceState>): void {
    for (const place of this.#children.get(parent) ?? []) {
      const child = this.#states[place]!;
      if (place < before) found.add(child);
      if (child.urn !== parent) this.#addDescendants(child.urn, before, found);
    }
  }

  #lookup(urn: Urn, deleted: boolean): ResourceState | undefined {
    const states = (this.#places.get(urn) ?? []).map((place) => this.#states[place]!);
    return states.find((state) => state.delete === deleted) ?? states[0];
  }

  #place(state: ResourceState): number {
    const place = this.#index.get(state);
    if (place === undefined) throw new Error(`${state.urn} isn't part of the dependency graph`);
    return place;
  }
}

function append<K>(map: Map<K, number[]>, key: K, place: number): void {
  const list = map.get(key);
  if (list) list.push(place);
  else map.set(key, [place]);
}
