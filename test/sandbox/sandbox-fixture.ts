import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KubeConfig, type KubernetesObject, KubernetesObjectApi } from "@kubernetes/client-node";
import type { ClusterSource } from "#clusters/cluster-source.ts";
import { openClusterSource } from "#clusters/open-cluster-source.ts";
import type { EnsureTools } from "#clusters/sandbox/sandbox-source.ts";
import type { SandboxNodes } from "#core/cluster-spec.ts";
import { readToolCatalogue } from "#toolchain/tool-catalogue.ts";
import { Toolchain } from "#toolchain/toolchain.ts";

const toolchain = new Toolchain({ catalogue: readToolCatalogue(), paths: {}, environment: process.env });

/** The real tools: from PATH or the user's cache, built where they aren't there. */
export const realTools: EnsureTools = (names, options) => toolchain.ensure(names, options);

export const twoNodes: readonly SandboxNodes[] = [{ count: 2, cpu: "8", memory: "16Gi" }];

/** A data folder of its own with sandboxes in it. */
export class SandboxFixture {
  readonly dataFolder: string = mkdtempSync(join(tmpdir(), "strata-sandbox-"));
  readonly #opened = new Map<string, ClusterSource>();

  open(name: string, options: { nodes?: readonly SandboxNodes[]; ensureTools?: EnsureTools; path?: string } = {}): ClusterSource {
    const source = openClusterSource(
      { source: "sandbox", name, nodes: options.nodes ?? twoNodes },
      { dataFolder: this.dataFolder, ensureTools: options.ensureTools ?? realTools, path: options.path ?? process.env.PATH ?? "" },
    );
    this.#opened.set(name, source);
    return source;
  }

  folder(name: string): string {
    return join(this.dataFolder, "clusters", name);
  }

  async remove(): Promise<void> {
    for (const source of this.#opened.values()) await source.wipe();
    rmSync(this.dataFolder, { recursive: true, force: true });
  }
}

export const quiet = () => ({ onProgress: () => undefined, signal: new AbortController().signal });

/** A client for any kind of object. */
export function objectsOf(kubeconfig: string): KubernetesObjectApi {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  return KubernetesObjectApi.makeApiClient(config);
}

/** Creates an object and answers a function that reads it again. */
export async function create(api: KubernetesObjectApi, object: object): Promise<() => Promise<KubernetesObject & { status?: Record<string, unknown> }>> {
  const made = await api.create(object as KubernetesObject);
  return () => api.read(made as Parameters<KubernetesObjectApi["read"]>[0]);
}
