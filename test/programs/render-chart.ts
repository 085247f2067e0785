import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { parseAllDocuments } from "yaml";
import type { JsonObject } from "#core/wire-value.ts";
import type { Manifest } from "#programs/contracts/manifest.ts";

const run = promisify(execFile);

/** Renders a chart as a layer would: hooks left out, custom resource definitions kept. */
export async function renderChart(helm: string, release: string, chart: string, namespace: string, values: JsonObject): Promise<Manifest[]> {
  const running = run(helm, ["template", release, chart, "--namespace", namespace, "--no-hooks", "--include-crds", "--values", "-"], {
    maxBuffer: 64 * 2 ** 20,
  });
  running.child.stdin?.end(JSON.stringify(values));
  const { stdout } = await running;
  // YAML 1.1 is what helm and Kubernetes read.
  return parseAllDocuments(stdout, { version: "1.1" }).flatMap((document) => (document.toJS() as Manifest | null) ?? []);
}
