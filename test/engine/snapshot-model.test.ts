import { expect, test } from "vitest";
import type { Urn } from "#core/urn.ts";
import { DependencyGraph } from "#engine/deploy/dependency-graph.ts";
import { SnapshotModel } from "#engine/deploy/snapshot-model.ts";
import { Targets } from "#engine/deploy/targets.ts";
import { makeState, type ResourceState } from "#engine/state/resource-state.ts";

const urn = (name: string) => `urn:pulumi:dev::proj::t::${name}` as Urn;
const state = (name: string, more: Partial<ResourceState> = {}) => makeState({ urn: urn(name), type: "t", custom: true, ...more });
const names = (states: Iterable<ResourceState>) => [...states].map((one) => one.urn.split("::").at(-1));

test("new states come first, in the order they were put, then untouched ones in their old order", () => {
  const [a, b, c] = [state("a"), state("b"), state("c")];
  const model = new SnapshotModel({ resources: [a, b, c], pendingOperations: [] });
  model.apply({ put: state("d") });
  model.apply({ drop: b, put: state("b") });
  expect(names(model.snapshot().resources)).toEqual(["d", "b", "a", "c"]);
});

test("an amended state keeps its place, and is known by any of its versions", () => {
  const [a, b] = [state("a"), state("b")];
  const model = new SnapshotModel({ resources: [a, b], pendingOperations: [] });
  const waiting = { ...a, delete: true };
  model.apply({ put: state("a2"), amend: { state: a, by: waiting } });
  const twice = { ...waiting, protect: true };
  model.apply({ amend: { state: waiting, by: twice } });
  expect(model.snapshot().resources.slice(1)).toEqual([twice, b]);
  model.apply({ drop: twice });
  expect(names(model.snapshot().resources)).toEqual(["a2", "b"]);
});

test("a change of a state that isn't there is an error", () => {
  const model = new SnapshotModel({ resources: [], pendingOperations: [] });
  expect(() => model.apply({ drop: state("a") })).toThrow("doesn't hold the state");
  expect(() => model.apply({ amend: { state: state("a"), by: state("a") } })).toThrow("doesn't hold the state");
});

test("operations are unfinished until they end, and interrupted creations of earlier runs stay", () => {
  const model = new SnapshotModel({
    resources: [],
    pendingOperations: [
      { resource: state("old"), type: "creating" },
      { resource: state("other"), type: "updating" },
    ],
  });
  model.begin(1, { resource: state("a"), type: "creating" });
  model.begin(2, { resource: state("b"), type: "deleting" });
  model.end(1, { put: state("a") });
  expect(model.snapshot().pendingOperations.map(({ type, resource }) => `${type} ${names([resource])[0]}`)).toEqual(["creating old", "deleting b"]);
});

test("dependents are found through every kind of link, transitively and in order", () => {
  const root = state("root");
  const states = [
    root,
    state("dep", { dependencies: [urn("root")] }),
    state("prop", { propertyDependencies: { x: [urn("dep")] } }),
    state("with", { deletedWith: urn("prop") }),
    state("child", { parent: urn("root") }),
    state("free"),
  ];
  const graph = new DependencyGraph(states);
  expect(names(graph.dependingOn(root, () => false, false))).toEqual(["dep", "prop", "with"]);
  expect(names(graph.dependingOn(root, () => false, true))).toEqual(["dep", "prop", "with", "child"]);
  expect(names(graph.dependingOn(root, (one) => one === urn("dep"), false))).toEqual([]);
});

test("who depends on a component depends on its descendants", () => {
  const component = state("component", { custom: false });
  const child = state("child", { parent: urn("component") });
  const user = state("user", { dependencies: [urn("component")] });
  const graph = new DependencyGraph([component, child, user]);
  expect(names(graph.dependenciesOf(user)).sort()).toEqual(["child", "component"]);
  expect(names(graph.dependenciesOf(child))).toEqual(["component"]);
});

test("* stays within a segment of a URN, ** doesn't", () => {
  const one = "urn:pulumi:dev::proj::a:b:C::name";
  expect(new Targets(["urn:pulumi:dev::proj::*:*:*::name"]).contains(one)).toBe(true);
  expect(new Targets(["urn:*::name"]).contains(one)).toBe(false);
  expect(new Targets(["**::name"]).contains(one)).toBe(true);
  expect(new Targets(["**::na.e"]).contains(one)).toBe(false);
  expect(new Targets([]).contains(one)).toBe(true);
});
