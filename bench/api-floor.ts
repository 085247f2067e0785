import { readFile } from "node:fs/promises";
import { Pool } from "undici";
import { parse } from "yaml";
import { seconds } from "./timing.ts";

/** A cluster's API over kept-alive parallel connections, without anything of Strata. */
export class ApiFloor {
  private readonly pool: Pool;

  private constructor(pool: Pool) {
    this.pool = pool;
  }

  static async open(kubeconfig: string, connections: number): Promise<ApiFloor> {
    const config = parse(await readFile(kubeconfig, "utf8")) as { clusters: [{ cluster: Record<string, string> }]; users: [{ user: Record<string, string> }] };
    const { cluster } = config.clusters[0];
    const { user } = config.users[0];
    const decode = (field: string | undefined) => (field ? Buffer.from(field, "base64").toString() : undefined);
    return new ApiFloor(
      new Pool(cluster.server!, {
        connections,
        pipelining: 1,
        connect: { ca: decode(cluster["certificate-authority-data"])!, cert: decode(user["client-certificate-data"])!, key: decode(user["client-key-data"])! },
      }),
    );
  }

  /** Creates one Namespace and `count` ConfigMaps in it, `concurrency` calls at a time; answers the seconds it took. */
  create(namespace: string, count: number, concurrency: number): Promise<number> {
    return seconds(async () => {
      await this.call("POST", "/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
      await this.each(count, concurrency, (i) =>
        this.call("POST", `/api/v1/namespaces/${namespace}/configmaps`, {
          apiVersion: "v1",
          kind: "ConfigMap",
          metadata: { name: `map-${i}`, namespace },
          data: { index: String(i) },
        }),
      );
    });
  }

  /** Reads the Namespace and all ConfigMaps, one call each, as a refresh has to. */
  read(namespace: string, count: number, concurrency: number): Promise<number> {
    return seconds(async () => {
      await this.call("GET", `/api/v1/namespaces/${namespace}`);
      await this.each(count, concurrency, (i) => this.call("GET", `/api/v1/namespaces/${namespace}/configmaps/map-${i}`));
    });
  }

  /** Deletes all ConfigMaps, one call each, then the Namespace, and waits until it is gone. */
  delete(namespace: string, count: number, concurrency: number): Promise<number> {
    return seconds(async () => {
      await this.each(count, concurrency, (i) => this.call("DELETE", `/api/v1/namespaces/${namespace}/configmaps/map-${i}`));
      await this.call("DELETE", `/api/v1/namespaces/${namespace}`);
      while ((await this.call("GET", `/api/v1/namespaces/${namespace}`, undefined, [404])) !== 404) await new Promise((resolve) => setTimeout(resolve, 20));
    });
  }

  close(): Promise<void> {
    return this.pool.close();
  }

  private async each(count: number, concurrency: number, work: (i: number) => Promise<unknown>): Promise<void> {
    let next = 0;
    const worker = async () => {
      while (next < count) await work(next++);
    };
    await Promise.all(Array.from({ length: concurrency }, worker));
  }

  private async call(method: "GET" | "POST" | "DELETE", path: string, body?: object, accepted: readonly number[] = []): Promise<number> {
    const response = await this.pool.request({
      method,
      path,
      headers: { "content-type": "application/json" },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await response.body.text();
    if (response.statusCode >= 300 && !accepted.includes(response.statusCode))
      throw new Error(`${method} ${path} answered ${response.statusCode}: ${text.slice(0, 300)}`);
    return response.statusCode;
  }
}
