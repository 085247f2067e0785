import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeUrn } from "#core/urn.ts";
import type { RegisterRequest, ResourceMonitor } from "#providers/contract.ts";
import { KubernetesSession } from "#test/providers/_helpers/kubernetes-session.ts";

let folder: string;
let session: KubernetesSession;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "strata-program-"));
  session = await KubernetesSession.open({ renderYamlToDirectory: "out" }, { HOME: folder }, folder);
});
afterEach(async () => {
  await session.close();
  rmSync(folder, { recursive: true });
});

async function namesIn(type: string, inputs: Record<string, string | string[]>): Promise<string[]> {
  const registered: RegisterRequest[] = [];
  const monitor: ResourceMonitor = {
    registerResource: async (request) => {
      registered.push(request);
      return { urn: makeUrn("dev", "test", request.parent, request.type, request.name), id: "id", outputs: {} };
    },
    registerResourceOutputs: async () => {},
  };
  await session.provider.construct?.({
    type,
    name: "c",
    parent: undefined,
    inputs,
    inputDependencies: {},
    options: { providers: {}, dependencies: [], aliases: [], additionalSecretOutputs: [], ignoreChanges: [], replaceOnChanges: [] },
    project: "test",
    stack: "dev",
    preview: false,
    monitor,
  });
  return registered.slice(1).map(({ name }) => name);
}

const manifest = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: home, labels: null}\ndata: {a: null, b: "1"}\n`;

test("manifests are read from the program's folder", async () => {
  writeFileSync(join(folder, "a.yaml"), manifest("a"));
  writeFileSync(join(folder, "b.yaml"), manifest("b"));
  expect(await namesIn("kubernetes:yaml/v2:ConfigFile", { file: "a.yaml" })).toEqual(["c:home/a"]);
  expect(await namesIn("kubernetes:yaml/v2:ConfigGroup", { files: ["*.yaml"] })).toEqual(["c:home/a", "c:home/b"]);
  await expect(namesIn("kubernetes:yaml/v2:ConfigFile", { file: "none.yaml" })).rejects.toThrow("open none.yaml: no such file or directory");
});

test("manifests are rendered into the program's folder", async () => {
  const map = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "m", namespace: "n" } };
  await session.create("kubernetes:core/v1:ConfigMap", "m", map);
  expect(existsSync(join(folder, "out", "1-manifest", "v1-configmap-n-m.yaml"))).toBe(true);
});

test("a relative kubeconfig is one of the program's folder", async () => {
  writeFileSync(join(folder, "config"), JSON.stringify({ "current-context": "x", contexts: [{ name: "x", context: { cluster: "gone", user: "" } }] }));
  const other = await KubernetesSession.open({ kubeconfig: "config" }, {}, folder);
  const map = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "m" } };
  await expect(other.create("kubernetes:core/v1:ConfigMap", "m", map)).rejects.toThrow('cluster "gone" does not exist');
  await other.close();
});
