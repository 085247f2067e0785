import { afterEach, beforeEach, expect, test } from "vitest";
import { type PropertyMap, Secret, unknown } from "#core/property-value.ts";
import { InitFailedError } from "#providers/contract.ts";
import { FakeApiServer } from "#test/providers/_helpers/fake-api-server.ts";
import { KubernetesSession, urnOf } from "#test/providers/_helpers/kubernetes-session.ts";

const configMapType = "kubernetes:core/v1:ConfigMap";
const configMap = (data: PropertyMap, metadata: PropertyMap = { name: "a", namespace: "n" }): PropertyMap => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata,
  data,
});
const path = (name: string) => `/api/v1/namespaces/n/configmaps/${name}`;

let api: FakeApiServer;
let session: KubernetesSession;

beforeEach(async () => {
  api = await FakeApiServer.start();
  session = await KubernetesSession.open({ kubeconfig: api.kubeconfig });
});
afterEach(async () => {
  await session.close();
  await api.stop();
});

test("a nameless object gets its resource's name with eight hex digits, and keeps it", async () => {
  const news = configMap({ a: "1" }, { namespace: "n" });
  const inputs = await session.check(configMapType, "settings", news);
  expect(inputs.metadata).toEqual({ namespace: "n", name: expect.stringMatching(/^settings-[0-9a-f]{8}$/), annotations: { "pulumi.com/autonamed": "true" } });
  expect(await session.check(configMapType, "settings", news, inputs)).toEqual(inputs);
});

test("an object without a namespace gets the context's, a cluster-scoped one none", async () => {
  expect((await session.check(configMapType, "a", configMap({}, { name: "a" }))).metadata).toEqual({ name: "a", namespace: "default" });
  const namespace = await session.check("kubernetes:core/v1:Namespace", "n", { apiVersion: "v1", kind: "Namespace", metadata: { name: "n" } });
  expect(namespace.metadata).toEqual({ name: "n" });
});

test("lists, generated names and patches without a name are refused", async () => {
  await expect(session.check("kubernetes:core/v1:ConfigMapList", "l", { apiVersion: "v1", kind: "ConfigMapList" })).rejects.toThrow(
    "list resources exist for compatibility",
  );
  await expect(session.check(configMapType, "a", configMap({}, { generateName: "a-" }))).rejects.toThrow("`.metadata.generateName` field is not supported");
  await expect(session.check("kubernetes:core/v1:ConfigMapPatch", "a", configMap({}, {}))).rejects.toThrow(
    "patch resources require the `.metadata.name` field",
  );
});

test("the data of a secret is secret in inputs and outputs, whatever the program says", async () => {
  const secret = await session.create("kubernetes:core/v1:Secret", "s", {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "s", namespace: "n" },
    stringData: { k: "v" },
  });
  expect(secret.inputs.data).toEqual(new Secret({ k: "dg==" }));
  expect(secret.outputs.data).toBeInstanceOf(Secret);
  expect((secret.outputs.__inputs as PropertyMap).data).toBeInstanceOf(Secret);
});

test("creating takes one request beyond those that every provider sends once", async () => {
  await session.create(configMapType, "a", configMap({ a: "1" }));
  api.seen.length = 0;
  await session.create(configMapType, "b", configMap({ a: "1" }, { name: "b", namespace: "n" }));
  expect(api.seen.map(({ method, path: at }) => `${method} ${at}`)).toEqual(["POST /api/v1/namespaces/n/configmaps"]);
  expect(api.seen[0]?.query.get("fieldManager")).toBe("pulumi-kubernetes");
});

test("state remembers inputs, first version and a field manager of its own", async () => {
  const { id, outputs } = await session.create(configMapType, "a", configMap({ a: "1" }));
  expect(id).toBe("n/a");
  expect(outputs).toMatchObject({ __initialApiVersion: "v1", __inputs: configMap({ a: "1" }), data: { a: "1" } });
  expect(outputs.__fieldManager).toMatch(/^pulumi-kubernetes-[0-9a-f]{8}$/);
});

test("an object that exists already is an error that tells the ways out", async () => {
  api.put(path("a"), configMap({}));
  await expect(session.create(configMapType, "a", configMap({ a: "1" }))).rejects.toThrow(
    /was not successfully created.*configmaps "a" already exists\n\nThe resource already exists/s,
  );
});

test("creation is tried again until its namespace is there", async () => {
  let refusals = 2;
  api.intercept = ({ method }) =>
    method === "POST" && refusals-- > 0
      ? { status: 404, body: { kind: "Status", code: 404, reason: "NotFound", message: 'namespaces "n" not found', details: { kind: "namespaces" } } }
      : undefined;
  await expect(session.create(configMapType, "a", configMap({ a: "1" }))).resolves.toMatchObject({ id: "n/a" });
  expect(session.messages.map(({ text }) => text)).toContain('Retry #0; creation failed: namespaces "n" not found');
});

test("a request that the server puts off is sent again when it says", async () => {
  let refusals = 1;
  api.intercept = ({ method }) => (method === "POST" && refusals-- > 0 ? { status: 429, body: {}, headers: { "retry-after": "0" } } : undefined);
  await expect(session.create(configMapType, "a", configMap({}))).resolves.toMatchObject({ id: "n/a" });
});

test("a preview asks the server for a dry run and changes nothing; with unknowns it asks nothing", async () => {
  const dry = await session.create(configMapType, "a", configMap({ a: "1" }), { preview: true });
  expect(dry).toMatchObject({ id: "", outputs: { data: { a: "1" } } });
  expect(api.get(path("a"))).toBeUndefined();
  api.seen.length = 0;
  const open = await session.create(configMapType, "b", configMap({ a: unknown }), { preview: true });
  expect(open.outputs).toEqual(open.inputs);
  expect(api.seen).toEqual([]);
});

test("an unchanged object has no difference, also after others changed it in the cluster", async () => {
  const old = await session.create(configMapType, "a", configMap({ a: "1" }));
  api.put(path("a"), configMap({ a: "drifted" }));
  expect(await session.diff(old, configMap({ a: "1" }))).toMatchObject({ changes: "none", replaces: [], detailedDiff: {} });
});

test("replacing a named object deletes it first, an autonamed one afterwards", async () => {
  const named = await session.create(configMapType, "a", configMap({ a: "1" }));
  expect(await session.diff(named, configMap({ a: "2" }))).toMatchObject({ changes: "some", replaces: ["data.a"], deleteBeforeReplace: true });
  const autonamed = await session.create(configMapType, "b", configMap({ a: "1" }, { namespace: "n" }));
  expect(await session.diff(autonamed, configMap({ a: "2" }, { namespace: "n" }))).toMatchObject({ replaces: ["data.a"], deleteBeforeReplace: false });
});

test("ignored changes aren't differences", async () => {
  const old = await session.create(configMapType, "a", configMap({ a: "1", b: "1" }));
  expect(await session.diff(old, configMap({ a: "2", b: "1" }), ["data.a"])).toMatchObject({ changes: "none", replaces: [] });
});

test("the first update takes over the fields that creation left to the common manager", async () => {
  const labelled = (labels: PropertyMap) => configMap({ a: "1" }, { name: "a", namespace: "n", labels });
  const old = await session.create(configMapType, "a", labelled({ x: "1" }));
  const managedFields: PropertyMap[] = [
    { manager: "pulumi-kubernetes", operation: "Update", fieldsV1: { "f:data": { "f:a": {} } } },
    { manager: "kubelet", operation: "Update", fieldsV1: { "f:status": {} } },
  ];
  api.put(path("a"), { ...(api.get(path("a")) as PropertyMap), metadata: { ...(api.get(path("a"))?.metadata as PropertyMap), managedFields } });
  api.seen.length = 0;
  const updated = await session.update(old, labelled({ x: "2" }));
  const [takeOver, apply] = api.seen.filter(({ method }) => method === "PATCH");
  expect(takeOver?.body).toMatchObject([
    { path: "/metadata/managedFields", value: [managedFields[1], { manager: old.outputs.__fieldManager, operation: "Apply" }] },
    {},
  ]);
  expect(apply?.query.get("fieldManager")).toBe(old.outputs.__fieldManager);
  expect(apply?.query.get("force")).toBe("false");
  expect(updated.outputs.__fieldManager).toBe(old.outputs.__fieldManager);
});

test("an update that the server refuses leaves the live state, marked as not what it should be", async () => {
  const old = await session.create(configMapType, "a", configMap({ a: "1" }, { name: "a", namespace: "n", labels: { x: "1" } }));
  api.intercept = ({ method }) =>
    method === "PATCH" ? { status: 422, body: { kind: "Status", code: 422, reason: "Invalid", message: "field is immutable" } } : undefined;
  const failure = await session.update(old, configMap({ a: "1" }, { name: "a", namespace: "n", labels: { x: "2" } })).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(InitFailedError);
  expect(failure).toMatchObject({
    id: "n/a",
    message: 'the Kubernetes API server reported that "n/a" failed to fully initialize or become live: field is immutable',
  });
});

test("a refresh answers live values in the shape of the inputs; a missing object is gone", async () => {
  const old = await session.create(configMapType, "a", configMap({ a: "1" }));
  api.put(path("a"), { ...configMap({ a: "drifted", b: "more" }), immutable: false });
  expect((await session.read(old)).inputs).toEqual(configMap({ a: "drifted" }));
  api.remove(path("a"));
  expect((await session.read(old)).id).toBeUndefined();
});

test("an import takes everything for inputs but what the server owns", async () => {
  api.put(
    path("a"),
    configMap({ a: "1" }, { name: "a", namespace: "n", generation: 3, annotations: { "kubectl.kubernetes.io/last-applied-configuration": "{}", mine: "1" } }),
  );
  const imported = await session.read({ type: configMapType, name: "a", id: "n/a", inputs: {}, outputs: {} });
  expect(imported.inputs).toEqual(configMap({ a: "1" }, { name: "a", namespace: "n", annotations: { mine: "1" } }));
});

test("deletion waits until finalizers let the object go", async () => {
  const old = await session.create(configMapType, "a", configMap({}, { name: "a", namespace: "n", finalizers: ["test/hold"] }));
  let ended = false;
  const deletion = session.delete(old).then(() => {
    ended = true;
  });
  await expect.poll(() => api.seen.some(({ query }) => query.get("watch") === "true")).toBe(true);
  expect(ended).toBe(false);
  api.remove(path("a"));
  await deletion;
});

test("deletion that isn't over in time is an error, with a warning that names the finalizers", async () => {
  const old = await session.create(configMapType, "a", configMap({}, { name: "a", namespace: "n", finalizers: ["test/hold"] }));
  await expect(session.delete(old, 0.2)).rejects.toThrow("timed out waiting for the condition");
  expect(session.messages).toContainEqual({ severity: "warning", text: "finalizers might be preventing deletion (test/hold)", ephemeral: false });
});

test("deleting what is gone already is fine", async () => {
  const old = await session.create(configMapType, "a", configMap({}));
  api.remove(path("a"));
  await expect(session.delete(old)).resolves.toBeUndefined();
});

test("a hundred waits for objects of one kind and namespace share one watch", async () => {
  const names = Array.from({ length: 100 }, (_, i) => `c${i}`);
  const all = await Promise.all(names.map((name) => session.create(configMapType, name, configMap({}, { name, namespace: "n", finalizers: ["test/hold"] }))));
  const deletions = Promise.all(all.map((old) => session.delete(old)));
  await expect.poll(() => api.seen.filter(({ method }) => method === "DELETE").length).toBe(100);
  await expect.poll(() => api.seen.some(({ query }) => query.get("watch") === "true")).toBe(true);
  for (const name of names) api.remove(path(name));
  await deletions;
  expect(api.seen.filter(({ query, path: at }) => query.get("watch") === "true" && at.endsWith("/configmaps"))).toHaveLength(1);
});

test("cancelling ends a wait with what is missing", async () => {
  const waiting = session.create("kubernetes:core/v1:Pod", "p", {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "p", namespace: "n" },
    spec: { containers: [{ name: "c", image: "i" }] },
  });
  await expect.poll(() => api.seen.some(({ query, path: at }) => query.get("watch") === "true" && at.endsWith("/pods"))).toBe(true);
  await session.provider.cancel();
  await expect(waiting).rejects.toMatchObject({
    name: "InitFailedError",
    id: "n/p",
    message: expect.stringContaining('Resource operation was cancelled for "p"'),
  });
});

test("a manifest is decoded as Kubernetes reads it, with the default namespace for what needs one", async () => {
  const text =
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {on: yes, mode: 0644, port: 22:22}\n---\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: ns}\n---\nfoo: 1\n";
  const { result } = await session.provider.invoke({ token: "kubernetes:yaml:decode", args: { text, defaultNamespace: "n" }, preview: false });
  expect(result.result).toEqual([
    { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: "n" }, data: { true: true, mode: 420, port: "22:22" } },
    { apiVersion: "v1", kind: "Namespace", metadata: { name: "ns" } },
  ]);
});

test("without a cluster, checking and comparing go on while creating tells the reason", async () => {
  const offline = await KubernetesSession.open({ kubeconfig: "{ clusters: [" });
  const inputs = await offline.check(configMapType, "a", configMap({ a: "1" }));
  expect(inputs).toEqual(configMap({ a: "1" }));
  await expect(offline.create(configMapType, "a", configMap({ a: "1" }))).rejects.toThrow(
    /configured Kubernetes cluster is unreachable: failed to parse kubeconfig data/,
  );
  expect((await offline.create(configMapType, "a", configMap({ a: "1" }), { preview: true })).outputs).toEqual(inputs);
  await offline.close();
});

test("another cluster replaces the provider's resources, another flag doesn't", async () => {
  const request = {
    urn: urnOf("pulumi:providers:kubernetes", "p"),
    type: "pulumi:providers:kubernetes",
    name: "p",
    id: "1",
    ignoreChanges: [],
    oldOutputs: {},
  };
  const moved = api.kubeconfig.replace("127.0.0.1", "127.0.0.2");
  const diff = (oldInputs: PropertyMap, news: PropertyMap) => session.provider.diffConfig({ ...request, oldInputs, news });
  expect(await diff({ kubeconfig: api.kubeconfig }, { kubeconfig: moved })).toMatchObject({ changes: "some", replaces: ["kubeconfig"] });
  expect(await diff({ kubeconfig: api.kubeconfig }, { kubeconfig: api.kubeconfig.replace("let-me-in", "other") })).toMatchObject({
    changes: "some",
    replaces: [],
  });
  expect(await diff({ kubeconfig: api.kubeconfig }, { kubeconfig: api.kubeconfig, enableSecretMutable: "true" })).toMatchObject({
    changes: "some",
    replaces: [],
  });
  expect(await diff({ kubeconfig: api.kubeconfig, clusterIdentifier: "x" }, { kubeconfig: moved, clusterIdentifier: "x" })).toMatchObject({ replaces: [] });
});
