import { expect, test } from "vitest";
import { loadCatalogue } from "#config/catalogue.ts";
import type { LayerInput } from "#config/spec.ts";
import { layerProgram } from "#programs/registry.ts";
import { runLayer } from "#programs/run-layer.ts";

const catalogue = await loadCatalogue();

test("every layer of every system has a program", async () => {
  for (const system of catalogue.systems)
    for (const { layer } of system.layers) expect(await layerProgram({ system: system.name, layer }), `${system.name}.${layer}`).toBeTypeOf("function");
});

test("a layer without a program is refused by name", async () => {
  const input = { system: "local-lab", layer: "attic" } as unknown as LayerInput;
  await expect(layerProgram(input)).rejects.toMatchObject({ code: "unknown_layer", detail: expect.stringContaining("'attic'") });
  await expect(layerProgram({ ...input, system: "constructor" as LayerInput["system"] })).rejects.toMatchObject({ code: "unknown_system" });
});

test("an upstream chart that isn't locked stops the layer before anything is registered, naming chart and address", async () => {
  const record = catalogue.newRecord("local-lab", "lab", { cluster: { source: "kubeconfig", path: "/etc/kubeconfig" } });
  const spec = catalogue.resolve(record, {});
  const base = spec.layers.find((one) => one.layer === "platform_base")!;
  const input: LayerInput = {
    ...spec,
    layer: base.layer,
    components: base.components,
    values: base.values,
    cluster: { source: "kubeconfig", name: "k", kubeconfig: "/etc/kubeconfig" },
    upstream: {},
  };
  await expect(runLayer({ input })).rejects.toMatchObject({
    code: "chart_unavailable",
    detail: expect.stringMatching(/cert-manager v1\.21\.1 from https:\/\/charts\.jetstack\.io/),
  });
});
