import { expect, test } from "vitest";
import { unknown } from "#core/property-value.ts";
import { normalise } from "#providers/kubernetes/model/normalise.ts";
import { canonicalQuantity } from "#providers/kubernetes/model/quantity.ts";

const deployment = (container: object) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web" },
  spec: { selector: { matchLabels: { app: "web" } }, template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "c", ...container }] } } },
});

test("quantities are written in their shortest form", () => {
  const written = {
    "1000m": "1",
    "0.1": "100m",
    "1.5": "1500m",
    "1024Mi": "1Gi",
    "1.5Gi": "1536Mi",
    "512Mi": "512Mi",
    "0": "0",
    "0Gi": "0",
    "1e3": "1e3",
    "2000": "2k",
    "100k": "100k",
    "1.0": "1",
    "-500m": "-500m",
    "1Ki": "1Ki",
    "1000Ki": "1000Ki",
    "0.5Ki": "512",
  };
  for (const [text, canonical] of Object.entries(written)) expect.soft(canonicalQuantity(text), text).toBe(canonical);
});

test("what isn't a quantity has no canonical form", () => {
  for (const text of ["", "Gi", "1 Gi", "1GB", "one", "1..2"]) expect.soft(canonicalQuantity(text), text).toBeUndefined();
});

test("quantities and integers-or-strings of a workload are canonical afterwards", () => {
  const given = deployment({
    resources: { requests: { cpu: "1000m", memory: "1024Mi" } },
    livenessProbe: { httpGet: { port: "http", path: "/" } },
    ports: [{ containerPort: 80 }],
  });
  expect(normalise(given)).toEqual(
    deployment({
      resources: { requests: { cpu: "1", memory: "1Gi" } },
      livenessProbe: { httpGet: { port: "http", path: "/" } },
      ports: [{ containerPort: 80 }],
    }),
  );
});

test("fields that a built-in kind doesn't have vanish", () => {
  expect(normalise(deployment({ imagine: "web:1", image: "web:1" }))).toEqual(deployment({ image: "web:1" }));
});

test("zero values of optional fields vanish, those behind pointers stay", () => {
  const given = { ...deployment({ image: "", tty: false, args: [], env: [] }) };
  (given.spec as { replicas?: number; paused?: boolean }).replicas = 0;
  (given.spec as { paused?: boolean }).paused = false;
  const result = normalise(given) as { spec: { replicas?: number; paused?: boolean } };
  expect(result.spec.replicas).toBe(0);
  expect(result.spec).not.toHaveProperty("paused");
  expect(result).toMatchObject(deployment({}));
  expect(JSON.stringify(result)).not.toContain("tty");
});

test("an empty map of a config map vanishes, an empty volume source stays", () => {
  expect(normalise({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data: {} })).toEqual({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "a" },
  });
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "a" }, spec: { containers: [{ name: "c" }], volumes: [{ name: "v", emptyDir: {} }] } };
  expect(normalise(pod)).toEqual(pod);
});

test("an object that doesn't fit its type stays as it is", () => {
  const wrong = deployment({ ports: [{ containerPort: "eighty" }], imagine: 1 });
  expect(normalise(wrong)).toEqual(wrong);
});

test("an object with unknowns stays as it is", () => {
  const open = { ...deployment({ imagine: 1 }), metadata: { name: unknown } };
  expect(normalise(open)).toEqual(open);
});

test("custom resources keep everything but what the server owns in metadata", () => {
  const box = {
    apiVersion: "golden.test/v1",
    kind: "Box",
    metadata: { name: "a", uid: "1", resourceVersion: "2", labels: {} },
    spec: { size: "1000m", empty: {} },
  };
  expect(normalise(box)).toEqual({ ...box, metadata: { name: "a", labels: {} } });
});

test("a secret's texts join its data, encoded, and win over them", () => {
  const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "s" }, data: { a: "b2xk", b: "Yg==" }, stringData: { a: "new" } };
  expect(normalise(secret)).toEqual({ apiVersion: "v1", kind: "Secret", metadata: { name: "s" }, data: { a: "bmV3", b: "Yg==" } });
  expect(secret.stringData).toEqual({ a: "new" });
});

test("line breaks in a secret's data vanish; what isn't base64 is left for the server to refuse", () => {
  const normalised = normalise({ apiVersion: "v1", kind: "Secret", metadata: { name: "s" }, data: { a: "Zm9v\nYmFy\n", b: "not base64!" } });
  expect(normalised.data).toEqual({ a: "Zm9vYmFy", b: "not base64!" });
});

test("a definition of custom resources loses its status and a false preserveUnknownFields", () => {
  const definition = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "x" },
    spec: { preserveUnknownFields: false, group: "g" },
    status: {},
  };
  expect(normalise(definition)).toEqual({
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "x" },
    spec: { group: "g" },
  });
});
