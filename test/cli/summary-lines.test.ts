import { describe, expect, test } from "vitest";
import { makePaint } from "#cli/render/paint.ts";
import { type SummaryOptions, summaryLines } from "#cli/render/summary-lines.ts";
import type { ComponentId, LayerId } from "#core/ids.ts";
import type { OperationKind, OperationResult } from "#core/operation.ts";
import { layerResult, operationResult } from "./events.ts";

const GiB = 2 ** 30;
const airflow = { component: "airflow" as ComponentId, layer: "platform_data" as LayerId, memoryBytes: 2.3 * GiB, cpuMillis: 1200, pods: 4 };
const traefik = { component: "traefik" as ComponentId, layer: "platform_base" as LayerId, memoryBytes: 100 * 2 ** 20, cpuMillis: 50, pods: 1 };
const capacity = { components: [traefik, airflow], memoryBytes: airflow.memoryBytes + traefik.memoryBytes, cpuMillis: 1250, budgetMemoryBytes: 22 * GiB };

function summary(result: Partial<OperationResult>, kind: OperationKind = "up", more: Partial<SummaryOptions> = {}): string[] {
  return summaryLines(operationResult(result), {
    kind,
    system: "local-lab",
    environment: "lab",
    scenario: "etl-minimal",
    operation: "op-1",
    cluster: "sandbox cluster local-lab-lab",
    seconds: 48.2,
    paint: makePaint(false),
    next: ["strata status local-lab"],
    ...more,
  });
}

describe("the summary of an up", () => {
  const lines = summary({
    capacity,
    layers: [
      layerResult("platform_base"),
      layerResult("platform_data", { standIns: [{ component: "airflow" as ComponentId, layer: "platform_data" as LayerId, reason: "no chart source" }] }),
    ],
    simulated: ["Nodes are simulated: containers don't run."],
    unproven: ["airflow" as ComponentId],
    engine: "embedded engine 1.2.3",
    access: [
      { title: "Argo CD password", kind: "secret", value: "Secret argocd/argocd-initial-admin-secret" },
      { title: "Argo CD", kind: "url", value: "https://argocd.lab.local" },
      { title: "kubeconfig", kind: "kubeconfig", value: "/data/my clusters/kubeconfig" },
    ],
  });
  const text = lines.join("\n");

  test("begins with what was done, how long it took and by which engine", () => {
    expect(lines.slice(0, 2)).toEqual(["Up of local-lab/lab (etl-minimal) succeeded in 48 s: 2 created", "operation op-1, run by embedded engine 1.2.3"]);
  });

  test("has the changes per layer", () => {
    expect(text).toContain(
      "Layer          State      Changes     Time\nplatform_base  succeeded  2 created  3.0 s\nplatform_data  succeeded  2 created  3.0 s",
    );
  });

  test("has what runs where with the memory per component and in total against the budget", () => {
    expect(text).toContain(
      [
        "Component  Layer          Pods  CPU  Memory",
        "traefik    platform_base     1  50m   100Mi",
        "airflow    platform_data     4  1.2   2.3Gi",
        "total                        5  1.3   2.4Gi",
        "2.4Gi of the budget of 22Gi are requested (11 %); it runs on sandbox cluster local-lab-lab",
      ].join("\n"),
    );
  });

  test("says how to reach it, the kubeconfig first and quoted for a shell", () => {
    expect(text).toContain(
      [
        "How to reach it",
        "  kubeconfig        export KUBECONFIG='/data/my clusters/kubeconfig'",
        "  Argo CD           https://argocd.lab.local",
        "  Argo CD password  Secret argocd/argocd-initial-admin-secret",
      ].join("\n"),
    );
  });

  test("says what is simulated, stands in or is unproven, and ends with what to type next", () => {
    expect(text).toContain(
      [
        "Not the real thing",
        "  Nodes are simulated: containers don't run.",
        "  stand-in: airflow: no chart source",
        "  unproven, its official chart was never rendered with these values: airflow",
      ].join("\n"),
    );
    expect(lines.slice(-2)).toEqual(["Next", "  strata status local-lab"]);
  });
});

describe("other summaries", () => {
  test("a repeated up says that nothing changed", () => {
    expect(summary({ changes: { same: 40 } })[0]).toBe("Up of local-lab/lab (etl-minimal) succeeded in 48 s: no changes");
  });

  test("a preview speaks of what is to come and shows memory, but no way to reach what isn't there yet", () => {
    const lines = summary({ capacity, access: [{ title: "x", kind: "url", value: "https://x" }] }, "preview");
    expect(lines[0]).toContain("succeeded in 48 s: 2 to create");
    expect(lines.join("\n")).toContain("airflow    platform_data");
    expect(lines.join("\n")).not.toContain("How to reach it");
  });

  test("more than the budget is told with its share", () => {
    const over = { ...capacity, budgetMemoryBytes: GiB };
    expect(summary({ capacity: over }, "preview").join("\n")).toContain("2.4Gi of the budget of 1Gi are requested (240 %)");
  });

  test("a failure names the layer, the cause and the code, and hides what can't be relied on", () => {
    const problem = {
      type: "",
      title: "A layer failed",
      status: 500,
      detail: "Deployment argocd/server isn't ready:\nimage can't be pulled",
      code: "layer_failed" as const,
    };
    const skipped = layerResult("platform_data", { state: "skipped", changes: {} });
    const lines = summary({ state: "failed", problem, capacity, layers: [layerResult("platform_base", { state: "failed", problem }), skipped] });
    expect(lines[0]).toContain("failed in 48 s");
    expect(lines).toContain("error in platform_base: A layer failed: Deployment argocd/server isn't ready: (layer_failed)");
    expect(lines).toContain("  image can't be pulled");
    expect(lines.filter((line) => line.startsWith("error"))).toHaveLength(1);
    expect(lines.join("\n")).not.toContain("Component");
  });

  test("a failure before any layer is told as the operation's", () => {
    const problem = { type: "", title: "No cluster", status: 503, detail: "etcd died", code: "cluster_failed" as const };
    expect(summary({ state: "failed", problem, layers: [], changes: {} })).toContain("error in operation: No cluster: etcd died (cluster_failed)");
  });

  test("a destroy shows neither memory nor simulations", () => {
    const text = summary({ changes: { delete: 9 }, capacity, simulated: ["Nodes are simulated."] }, "destroy").join("\n");
    expect(text).toContain("Destroy of local-lab/lab (etl-minimal) succeeded in 48 s: 9 deleted");
    expect(text).not.toContain("simulated");
    expect(text).not.toContain("Component");
  });
});
