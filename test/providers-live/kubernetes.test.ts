import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PropertyMap, PropertyValue } from "#core/property-value.ts";
import { makeUrn } from "#core/urn.ts";
import { InitFailedError, type RegisterRequest, type ResourceMonitor } from "#providers/contract.ts";
import { KubernetesSession, type Managed } from "#test/providers/_helpers/kubernetes-session.ts";
import { quiet, realTools, SandboxFixture } from "#test/sandbox/sandbox-fixture.ts";

const namespace = `live-${randomBytes(3).toString("hex")}`;
const chart = fileURLToPath(new URL("../golden/fixtures/chart", import.meta.url));
const fixture = new SandboxFixture();
/** Tools keep caches in the home folder, which goes away with the sandbox. */
const environment: Record<string, string> = { HOME: fixture.dataFolder, PATH: process.env.PATH ?? "" };
let kubeconfig: string;
let session: KubernetesSession;
let home: Managed;

/** On the cluster that STRATA_TEST_KUBECONFIG names (it needs nodes), else on a sandbox of its own. */
beforeAll(async () => {
  kubeconfig = process.env.STRATA_TEST_KUBECONFIG ?? (await fixture.open("providers").ensure(quiet())).kubeconfig;
  const tools = await realTools(["helm", "kubectl"], quiet());
  Object.assign(environment, { HELM: tools.helm, KUBECTL: tools.kubectl });
  session = await KubernetesSession.open({ kubeconfig }, environment);
  home = await session.create("kubernetes:core/v1:Namespace", "home", { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
});
afterAll(async () => {
  try {
    if (home) await session.delete(home);
    await session?.close();
  } finally {
    await fixture.remove();
  }
});

const configMap = (name: string, data: PropertyMap, labels: PropertyMap = {}): PropertyMap => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace, labels },
  data,
});
const deployment = (name: string, image: string, spec: PropertyMap = {}): PropertyMap => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name, namespace },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: "c", image, resources: { requests: { cpu: "1000m" } } }], ...spec } },
  },
});
const live = async (managed: Managed): Promise<PropertyMap> => (await session.read({ ...managed, inputs: {}, outputs: {} })).inputs ?? {};

test("a deployment rolls out, has no difference afterwards, and rolls on", async () => {
  const first = await session.create("kubernetes:apps/v1:Deployment", "web", deployment("web", "web:1"));
  expect(first.outputs).toMatchObject({ status: { readyReplicas: 2 } });
  expect(await session.diff(first, deployment("web", "web:1"))).toMatchObject({ changes: "none" });
  const second = await session.update(first, deployment("web", "web:2"));
  expect(second.outputs).toMatchObject({ metadata: { annotations: { "deployment.kubernetes.io/revision": "2" } }, status: { updatedReplicas: 2 } });
  expect((await session.read(second)).inputs).toMatchObject({ spec: { template: { spec: { containers: [{ image: "web:2" }] } } } });
  await session.delete(second);
});

test("a deployment whose pods find no node fails in time with the reasons, and is there all the same", async () => {
  const failure = await session
    .create("kubernetes:apps/v1:Deployment", "lost", deployment("lost", "i", { nodeSelector: { nowhere: "true" } }), { timeout: 4 })
    .catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(InitFailedError);
  const { id, reasons, outputs } = failure as InitFailedError;
  expect(id).toBe(`${namespace}/lost`);
  expect(reasons[0]).toContain("'lost' timed out waiting to be Ready");
  expect(reasons).toContain("Minimum number of live Pods was not attained");
  await session.delete({ type: "kubernetes:apps/v1:Deployment", name: "lost", id, inputs: {}, outputs });
});

test("a custom resource may be created before the definition of its kind", async () => {
  const definition = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `things.${namespace}.test` },
    spec: {
      group: `${namespace}.test`,
      scope: "Namespaced",
      names: { plural: "things", singular: "thing", kind: "Thing" },
      versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object", x_kubernetes_preserve_unknown_fields: true } } }],
    },
  };
  const thing = { apiVersion: `${namespace}.test/v1`, kind: "Thing", metadata: { name: "t", namespace }, spec: { size: 1 } };
  const early = session.create(`kubernetes:${namespace}.test/v1:Thing`, "t", thing);
  const kind = await session.create("kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition", "things", definition);
  expect(kind.outputs).toMatchObject({ __inputs: { spec: { versions: [{ schema: { openAPIV3Schema: { x_kubernetes_preserve_unknown_fields: true } } }] } } });
  const made = await early;
  expect((await session.update(made, { ...thing, spec: { size: 2 } })).outputs).toMatchObject({ spec: { size: 2 } });
  await session.delete(kind);
  await session.delete(made);
});

test("a patch owns only its fields and leaves the object when it goes", async () => {
  const owner = await session.create("kubernetes:core/v1:ConfigMap", "base", configMap("base", { a: "1" }));
  const patch = await session.create("kubernetes:core/v1:ConfigMapPatch", "patch", { ...configMap("base", { b: "2" }) });
  expect(await live(owner)).toMatchObject({ data: { a: "1", b: "2" } });
  await session.delete(patch);
  expect((await live(owner)).data).toEqual({ a: "1" });
  await session.delete(owner);
});

test("two that want the same field conflict, unless told to take it", async () => {
  const owner = await session.create("kubernetes:core/v1:ConfigMap", "fought", configMap("fought", { a: "1" }));
  await expect(session.create("kubernetes:core/v1:ConfigMapPatch", "fought", configMap("fought", { a: "2" }))).rejects.toThrow(
    "server-side apply field conflict detected",
  );
  const forceful = configMap("fought", { a: "2" });
  (forceful.metadata as PropertyMap).annotations = { "pulumi.com/patchForce": "true" };
  const patch = await session.create("kubernetes:core/v1:ConfigMapPatch", "fought", forceful);
  expect(await live(owner)).toMatchObject({ data: { a: "2" } });
  await session.delete(patch);
  await session.delete(owner);
});

test("an existing object is taken over where the provider is told to", async () => {
  const first = await session.create("kubernetes:core/v1:ConfigMap", "there", configMap("there", { a: "1" }));
  await expect(session.create("kubernetes:core/v1:ConfigMap", "again", configMap("there", { a: "1" }))).rejects.toThrow("already exists");
  const upserting = await KubernetesSession.open({ kubeconfig, upsertExistingObjects: "true", enablePatchForce: "true" });
  expect((await upserting.create("kubernetes:core/v1:ConfigMap", "again", configMap("there", { a: "2" }))).outputs).toMatchObject({ data: { a: "2" } });
  await upserting.close();
  await session.delete(first);
});

test("without server-side apply an update still removes what left the program, and keeps what others added", async () => {
  const plain = await KubernetesSession.open({ kubeconfig, enableServerSideApply: "false", enableConfigMapMutable: "true" });
  const old = await plain.create("kubernetes:core/v1:ConfigMap", "plain", configMap("plain", { a: "1", b: "1" }));
  expect(old.inputs).toMatchObject({ metadata: { labels: { "app.kubernetes.io/managed-by": "pulumi" } } });
  await session.create("kubernetes:core/v1:ConfigMapPatch", "plain", configMap("plain", { theirs: "1" }));
  const updated = await plain.update(old, configMap("plain", { a: "2" }));
  expect(updated.outputs.data).toEqual({ a: "2", theirs: "1" });
  await plain.delete(updated);
  await plain.close();
});

test("an ignored field keeps the value that somebody else gave it", async () => {
  const old = await session.create("kubernetes:core/v1:ConfigMap", "kept", configMap("kept", { a: "1" }, { mine: "1", theirs: "1" }));
  const force = configMap("kept", {}, { theirs: "2" });
  (force.metadata as PropertyMap).annotations = { "pulumi.com/patchForce": "true" };
  await session.create("kubernetes:core/v1:ConfigMapPatch", "kept", force);
  const updated = await session.update(old, configMap("kept", { a: "1" }, { mine: "2", theirs: "1" }), ["metadata.labels.theirs"]);
  expect(updated.outputs).toMatchObject({ metadata: { labels: { mine: "2", theirs: "2" } } });
  await session.delete(updated);
});

test("rendering writes files for their owner alone, definitions first, and needs no cluster", async () => {
  const folder = mkdtempSync(join(tmpdir(), "strata-render-"));
  const rendering = await KubernetesSession.open({ renderYamlToDirectory: folder, kubeconfig: "{}" });
  const made = await rendering.create("kubernetes:core/v1:ConfigMap", "r", configMap("r", { a: "1" }));
  const file = join(folder, "1-manifest", `v1-configmap-${namespace}-r.yaml`);
  expect(readdirSync(folder).sort()).toEqual(["0-crd", "1-manifest"]);
  expect(readFileSync(file, "utf8")).toContain("kind: ConfigMap");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  await rendering.delete(made);
  expect(existsSync(file)).toBe(false);
  await rendering.close();
  rmSync(folder, { recursive: true });
});

/** Keeps what a component registers instead of creating it. */
class RecordingMonitor implements ResourceMonitor {
  readonly registered: RegisterRequest[] = [];
  async registerResource(request: RegisterRequest) {
    this.registered.push(request);
    return { urn: makeUrn("dev", "test", request.parent, request.type, request.name), id: request.custom ? "id" : undefined, outputs: {} };
  }
  async registerResourceOutputs(): Promise<void> {}
}

test("a chart becomes a component with an object each, without hooks, kinds before their instances", async () => {
  const monitor = new RecordingMonitor();
  const answer = await session.provider.construct?.({
    type: "kubernetes:helm.sh/v4:Chart",
    name: "shop",
    parent: undefined,
    inputs: { chart, namespace, values: { replicas: 3 } as PropertyValue },
    inputDependencies: {},
    options: { providers: { kubernetes: "p::1" }, dependencies: [], aliases: [], additionalSecretOutputs: [], ignoreChanges: [], replaceOnChanges: [] },
    project: "test",
    stack: "dev",
    preview: false,
    monitor,
  });
  const names = monitor.registered.map(({ name }) => name);
  expect(names[0]).toBe("shop");
  expect(names.slice(1).sort()).toEqual(["shop:crates.chart.golden.test", ...Array(4).fill(`shop:${namespace}/shop-shop`)]);
  const crate = monitor.registered.find(({ type }) => type === "kubernetes:chart.golden.test/v1:Crate");
  expect(crate?.options?.dependencies).toEqual([expect.stringContaining("crates.chart.golden.test")]);
  expect(monitor.registered.find(({ type }) => type === "kubernetes:apps/v1:Deployment")?.inputs).toMatchObject({ spec: { replicas: 3 } });
  expect(answer?.state.resources).toHaveLength(5);
});

test("a release is installed, upgraded and removed by Helm itself", async () => {
  const type = "kubernetes:helm.sh/v3:Release";
  const given = (values: PropertyMap): PropertyMap => ({ name: "corner", namespace, chart, values, skipCrds: false });
  const made = await session.create(type, "corner", given({}));
  expect(made.outputs).toMatchObject({ status: { status: "deployed", revision: 1 }, version: "1.2.3" });
  expect(await session.diff(made, given({ replicas: 2 }))).toMatchObject({ changes: "some", replaces: [], diffs: ["values"] });
  const upgraded = await session.update(made, given({ replicas: 2 }));
  expect(upgraded.outputs).toMatchObject({ status: { revision: 2 }, values: { replicas: 2 } });
  await session.delete(upgraded);
  expect((await session.read(upgraded)).id).toBeUndefined();
  const definition = { type: "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition", name: "crates", id: "crates.chart.golden.test", inputs: {} };
  const { outputs } = await session.read({ ...definition, outputs: {} });
  await session.delete({ ...definition, outputs });
});

test("a chart whose values its schema refuses is refused with the schema's words", async () => {
  const args = { jsonOpts: JSON.stringify({ path: chart, namespace, values: { replicas: -1 } }) };
  await expect(session.provider.invoke({ token: "kubernetes:helm:template", args, preview: false })).rejects.toThrow(
    /failed to generate YAML for specified Helm chart: values don't meet/,
  );
});

test("an unreachable cluster is told apart from a wrong request", async () => {
  const nobody = kubeconfigTo("https://127.0.0.1:1");
  const offline = await KubernetesSession.open({ kubeconfig: nobody });
  const made = { type: "kubernetes:core/v1:ConfigMap", name: "a", id: `${namespace}/a`, inputs: configMap("a", {}), outputs: configMap("a", {}) };
  await expect(offline.read(made)).rejects.toThrow("failed to read resource state due to unreachable cluster");
  await expect(offline.delete(made)).rejects.toThrow("configured Kubernetes cluster is unreachable");
  await offline.close();
  const forgetful = await KubernetesSession.open({ kubeconfig: nobody, deleteUnreachable: "true" });
  expect((await forgetful.read(made)).id).toBeUndefined();
  await forgetful.delete(made);
  await forgetful.close();
});

function kubeconfigTo(server: string): string {
  return JSON.stringify({
    "current-context": "x",
    contexts: [{ name: "x", context: { cluster: "x", user: "x" } }],
    clusters: [{ name: "x", cluster: { server } }],
    users: [{ name: "x", user: {} }],
  });
}
