import { expect, test } from "vitest";
import { type PropertyMap, unknown } from "#core/property-value.ts";
import { detailedDiff } from "#providers/kubernetes/model/detailed-diff.ts";
import { dropNothings } from "#providers/kubernetes/model/drop-nothings.ts";
import { forceNewPaths } from "#providers/kubernetes/model/force-new.ts";
import { mergePatch } from "#providers/kubernetes/model/merge-patch.ts";
import { containsPath, parsePath, pathText } from "#providers/kubernetes/model/property-path.ts";
import { prune } from "#providers/kubernetes/model/prune.ts";

const strict = { configMapMutable: false, secretMutable: false };

function changes(before: PropertyMap, after: PropertyMap, mutability = strict): Record<string, string> {
  const diff = detailedDiff(mergePatch(before, after), before, after, forceNewPaths(after, mutability));
  return Object.fromEntries(Object.entries(diff).map(([path, { kind }]) => [path, kind]));
}

const object = (apiVersion: string, kind: string, rest: PropertyMap): PropertyMap => ({ apiVersion, kind, metadata: { name: "a", namespace: "n" }, ...rest });

test("equal objects have no patch", () => {
  const pod = object("v1", "Pod", { spec: { containers: [{ name: "c" }] } });
  expect(mergePatch(pod, structuredClone(pod))).toEqual({});
});

test("a changed name or namespace replaces any object", () => {
  const before = object("v1", "Service", {});
  expect(changes(before, { ...before, metadata: { name: "b", namespace: "n" } })).toEqual({ "metadata.name": "update-replace" });
  expect(changes(before, { ...before, metadata: { name: "a", namespace: "m" } })).toEqual({ "metadata.namespace": "update-replace" });
});

test("data of a config map replaces it unless config maps are mutable, an immutable one always", () => {
  const before = object("v1", "ConfigMap", { data: { a: "1" } });
  const after = object("v1", "ConfigMap", { data: { a: "2", b: "3" } });
  expect(changes(before, after)).toEqual({ "data.a": "update-replace", "data.b": "add-replace" });
  expect(changes(before, after, { ...strict, configMapMutable: true })).toEqual({ "data.a": "update", "data.b": "add" });
  expect(changes({ ...before, immutable: true }, { ...after, immutable: true }, { ...strict, configMapMutable: true })).toMatchObject({
    "data.a": "update-replace",
  });
});

test("a container's image replaces a pod but not a deployment", () => {
  const spec = (image: string) => ({ containers: [{ name: "c", image }] });
  expect(changes(object("v1", "Pod", { spec: spec("a") }), object("v1", "Pod", { spec: spec("b") }))).toEqual({ "spec.containers[0].image": "update-replace" });
  const before = object("apps/v1", "Deployment", { spec: { replicas: 1, template: { spec: spec("a") } } });
  const after = object("apps/v1", "Deployment", { spec: { replicas: 1, template: { spec: spec("b") } } });
  expect(changes(before, after)).toEqual({ "spec.template.spec.containers[0].image": "update" });
});

test("selectors, service names, job templates, claim classes, role references and provisioners replace", () => {
  const cases: [string, string, PropertyMap, PropertyMap][] = [
    ["apps/v1", "Deployment", { spec: { selector: { matchLabels: { a: "1" } } } }, { spec: { selector: { matchLabels: { a: "2" } } } }],
    ["apps/v1", "StatefulSet", { spec: { serviceName: "a" } }, { spec: { serviceName: "b" } }],
    ["batch/v1", "Job", { spec: { template: { spec: { containers: [{ image: "a" }] } } } }, { spec: { template: { spec: { containers: [{ image: "b" }] } } } }],
    ["v1", "PersistentVolumeClaim", { spec: { storageClassName: "a" } }, { spec: { storageClassName: "b" } }],
    ["rbac.authorization.k8s.io/v1", "RoleBinding", { roleRef: { name: "a" } }, { roleRef: { name: "b" } }],
    ["storage.k8s.io/v1", "StorageClass", { provisioner: "a" }, { provisioner: "b" }],
    ["v1", "Secret", { type: "Opaque" }, { type: "other" }],
    ["v1", "Service", { spec: { clusterIP: "10.0.0.1" } }, { spec: { clusterIP: "None" } }],
  ];
  for (const [apiVersion, kind, before, after] of cases)
    expect.soft(Object.values(changes(object(apiVersion, kind, before), object(apiVersion, kind, after))), kind).toEqual(["update-replace"]);
});

test("a bigger claim, another service type and any field of a custom resource change in place", () => {
  const inPlace: [string, string, PropertyMap, PropertyMap][] = [
    ["v1", "PersistentVolumeClaim", { spec: { resources: { requests: { storage: "1Gi" } } } }, { spec: { resources: { requests: { storage: "2Gi" } } } }],
    ["v1", "Service", { spec: { type: "ClusterIP" } }, { spec: { type: "NodePort" } }],
    ["golden.test/v1", "Box", { spec: { selector: 1 } }, { spec: { selector: 2 } }],
    ["networking.k8s.io/v1", "Ingress", { spec: { ingressClassName: "a" } }, { spec: { ingressClassName: "b" } }],
  ];
  for (const [apiVersion, kind, before, after] of inPlace)
    expect.soft(Object.values(changes(object(apiVersion, kind, before), object(apiVersion, kind, after))), kind).toEqual(["update"]);
});

test("items that join or leave a list, and fields that leave an item, are told one by one", () => {
  const service = (ports: PropertyMap[]) => object("v1", "Service", { spec: { ports } });
  expect(changes(service([{ port: 80, name: "http" }]), service([{ port: 80 }, { port: 443 }]))).toEqual({
    "spec.ports[0].name": "delete",
    "spec.ports[1]": "add",
  });
  expect(changes(service([{ port: 80 }, { port: 443 }]), service([{ port: 80 }]))).toEqual({ "spec.ports[1]": "delete" });
});

test("a value that isn't known yet counts as a change", () => {
  const before = object("v1", "Service", { spec: { externalName: "a" } });
  expect(changes(before, object("v1", "Service", { spec: { externalName: unknown, type: unknown } }))).toEqual({
    "spec.externalName": "update",
    "spec.type": "add",
  });
});

test("keys with dots are quoted, others aren't", () => {
  const annotated = (value: string) => ({ ...object("v1", "Service", {}), metadata: { annotations: { "a.b/c": value, "checksum/config": value } } });
  expect(Object.keys(changes(annotated("1"), annotated("2")))).toEqual(['metadata.annotations["a.b/c"]', "metadata.annotations.checksum/config"]);
});

test("paths are read as they are written", () => {
  for (const text of ["a.b[0].c", 'metadata.annotations["a.b/c"]', "spec.containers[2]", "a[*].b"])
    expect.soft(containsPath(parsePath(text), parsePath(text)), text).toBe(true);
  expect(pathText(parsePath('a["b.c"][1].d'))).toBe('a["b.c"][1].d');
  expect(() => parsePath('a["b')).toThrow("failed to parse property path");
});

test("an ignored path covers what lies below it", () => {
  expect(containsPath(parsePath("spec.template"), parsePath("spec.template.spec"))).toBe(true);
  expect(containsPath(parsePath("spec.containers[*].image"), parsePath("spec.containers[3].image"))).toBe(true);
  expect(containsPath(parsePath("spec.template.spec"), parsePath("spec.template"))).toBe(false);
});

test("a live object is reduced to what was asked for, lists place by place", () => {
  const live: PropertyMap = { a: 1, b: { c: 2, d: 3 }, list: [{ x: 1, y: 2 }, { x: 3 }], gone: null };
  expect(prune(live, { b: { c: 0 }, list: [{ x: 0 }], more: 1 })).toEqual({ b: { c: 2 }, list: [{ x: 1 }] });
});

test("what says nothing is no change where there was nothing", () => {
  const settle = (before: PropertyMap, after: PropertyMap, nothings = { lists: true, zeroValues: false }) => {
    dropNothings(before, after, nothings);
    return mergePatch(before, after);
  };
  expect(settle({ rules: null }, { rules: [], data: null })).toEqual({});
  expect(settle({ list: [{ a: 1 }] }, { list: [{ a: 1, b: null }] })).toEqual({});
  expect(settle({}, { emptyDir: {}, text: "" })).toEqual({ emptyDir: {}, text: "" });
  expect(settle({}, { labels: {}, immutable: false }, { lists: true, zeroValues: true })).toEqual({});
  expect(settle({}, { list: [] }, { lists: false, zeroValues: false })).toEqual({ list: [] });
});

test("nothing in the place of something is a change", () => {
  const before = { rules: [{ verbs: ["get"] }], data: { a: "1" } };
  const after = { rules: [], data: null };
  dropNothings(before, after, { lists: true, zeroValues: true });
  expect(mergePatch(before, after)).toEqual({ rules: [], data: null });
});
