import { output, type ResourceTransformArgs } from "@pulumi/pulumi";
import { expect, test } from "vitest";
import type { ChartSpec, LayerInput } from "#config/spec.ts";
import { objectTransform, standInTransforms } from "#programs/object-transform.ts";

const input = { system: "local-lab", environment: "lab", scenario: "base", layer: "platform_base" } as unknown as LayerInput;
const standIn = { name: "traefik", version: "1.0.0", proven: false, source: { kind: "stand-in", path: "/charts/traefik", reason: "no network" } } as ChartSpec;

function args(type: string, props: Record<string, unknown>, custom = true): ResourceTransformArgs {
  return { type, custom, name: "one", props, opts: {} } as unknown as ResourceTransformArgs;
}

async function transformed(transform: ReturnType<typeof objectTransform>, given: ResourceTransformArgs) {
  return (await transform(given))?.props;
}

const labels = { "strata.dev/system": "local-lab", "strata.dev/env": "lab", "strata.dev/layer": "platform_base", "strata.dev/component": "traefik" };

test("every Kubernetes object gets the four labels, and keeps its own", async () => {
  const props = await transformed(
    objectTransform(input, "traefik"),
    args("kubernetes:apps/v1:Deployment", { metadata: { name: "web", labels: { app: "web" } }, spec: {} }),
  );
  expect(props).toEqual({ metadata: { name: "web", labels: { app: "web", ...labels } }, spec: {} });
});

test("nobody waits for a Service", async () => {
  const props = await transformed(
    objectTransform(input, "traefik"),
    args("kubernetes:core/v1:Service", { metadata: { name: "web", annotations: { note: "kept" } } }),
  );
  expect(props).toEqual({ metadata: { name: "web", labels, annotations: { note: "kept", "pulumi.com/skipAwait": "true" } } });
});

test("the volume claims of a StatefulSet are labelled", async () => {
  const spec = { replicas: 1, volumeClaimTemplates: [{ metadata: { name: "data" }, spec: {} }] };
  const props = await transformed(objectTransform(input, "traefik"), args("kubernetes:apps/v1:StatefulSet", { spec }));
  expect(props?.spec).toEqual({ replicas: 1, volumeClaimTemplates: [{ metadata: { name: "data", labels }, spec: {} }] });
});

test("an admission webhook may fail on a sandbox, and nowhere else", async () => {
  const type = "kubernetes:admissionregistration.k8s.io/v1:ValidatingWebhookConfiguration";
  const props = { metadata: { name: "check" }, webhooks: [{ name: "check.example.com", failurePolicy: "Fail" }] };
  const webhooksOn = async (source: "sandbox" | "kubeconfig") => {
    const cluster = { source, name: "one", kubeconfig: "/etc/kubeconfig" };
    return (await transformed(objectTransform({ ...input, cluster }, "cert-manager"), args(type, props)))?.webhooks as unknown;
  };
  expect(await webhooksOn("sandbox")).toEqual([{ name: "check.example.com", failurePolicy: "Ignore", timeoutSeconds: 1 }]);
  expect(await webhooksOn("kubeconfig")).toEqual(props.webhooks);
});

test("nothing is said about the order of a replacement where the program said nothing", async () => {
  const given = { ...args("kubernetes:core/v1:ConfigMap", {}), opts: { deleteBeforeReplace: false, protect: true } };
  expect((await objectTransform(input, "traefik")(given))?.opts).toEqual({ protect: true });
});

test("an object without metadata gets some", async () => {
  expect(await transformed(objectTransform(input, "traefik"), args("kubernetes:core/v1:ConfigMap", { data: {} }))).toEqual({ data: {}, metadata: { labels } });
});

test("metadata that is still an output is labelled when it is known", async () => {
  const props = await transformed(objectTransform(input, "traefik"), args("kubernetes:core/v1:Secret", { metadata: output({ name: "later" }) }));
  const metadata = await new Promise((resolve) => output(props?.metadata).apply(resolve));
  expect(metadata).toEqual({ name: "later", labels });
});

test("components and objects of other providers are left alone", async () => {
  const label = objectTransform(input, "traefik");
  expect(await label(args("kubernetes:helm.sh/v4:Chart", {}, false))).toBeUndefined();
  expect(await label(args("random:index/randomPassword:RandomPassword", { length: 8 }))).toBeUndefined();
});

test("objects of a stand-in chart and their pods carry the mark", async () => {
  const [mark] = standInTransforms(standIn);
  const template = { metadata: { labels: { app: "web" } }, spec: { containers: [] } };
  const props = await transformed(mark!, args("kubernetes:apps/v1:Deployment", { metadata: { name: "web" }, spec: { replicas: 1, template } }));
  const yes = { "strata.dev/stand-in": "true" };
  expect(props).toEqual({
    metadata: { name: "web", labels: yes, annotations: yes },
    spec: { replicas: 1, template: { metadata: { labels: { app: "web", ...yes } }, spec: { containers: [] } } },
  });
});

test("an official chart carries no mark", () => {
  expect(standInTransforms({ ...standIn, source: { kind: "directory", path: "/charts/traefik" } })).toEqual([]);
});
