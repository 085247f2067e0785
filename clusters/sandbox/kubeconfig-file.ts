import { readFileSync } from "node:fs";
import type { Certificate } from "./certificates.ts";
import { writePrivateFile } from "./private-file.ts";

export interface KubeconfigPlan {
  readonly path: string;
  /** Name of cluster, user and context. */
  readonly name: string;
  /** `https://host:port`. */
  readonly server: string;
  /** PEM file of the authority. */
  readonly ca: string;
  readonly client: Certificate;
}

/** Writes a kubeconfig that carries its certificates (0600). JSON is YAML. */
export function writeKubeconfig(plan: KubeconfigPlan): void {
  const inline = (file: string): string => readFileSync(file).toString("base64");
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: plan.name, cluster: { server: plan.server, "certificate-authority-data": inline(plan.ca) } }],
    users: [{ name: plan.name, user: { "client-certificate-data": inline(plan.client.certificate), "client-key-data": inline(plan.client.key) } }],
    contexts: [{ name: plan.name, context: { cluster: plan.name, user: plan.name } }],
    "current-context": plan.name,
  };
  writePrivateFile(plan.path, `${JSON.stringify(config, undefined, 2)}\n`);
}
