import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { KubeconfigSource } from "#clusters/kubeconfig-source.ts";
import { isStrataError, type StrataError } from "#core/errors.ts";

let folder: string;
let file: string;
const servers: { close(): unknown }[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "strata-kubeconfig-"));
  file = join(folder, "config");
});
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => (server as Server).close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

function write(server: string, current = "one"): void {
  writeFileSync(
    file,
    JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "c", cluster: { server, "insecure-skip-tls-verify": true } }],
      users: [{ name: "u", user: {} }],
      contexts: ["one", "two"].map((name) => ({ name, context: { cluster: "c", user: "u" } })),
      "current-context": current,
    }),
  );
}

function listening(server: Server | ReturnType<typeof createTcpServer>): Promise<number> {
  servers.push(server);
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)));
}

/** Takes connections and never answers; ends when its client does. */
const silentServer = () => createTcpServer((socket) => socket.resume().on("error", () => undefined));

const options = () => ({ onProgress: () => undefined, signal: new AbortController().signal });

async function failure(source: KubeconfigSource): Promise<StrataError> {
  const error = await source.ensure(options()).catch((reason: unknown) => reason);
  if (isStrataError(error)) return error;
  throw new Error(`expected a StrataError, got ${error}`);
}

describe("a cluster from a kubeconfig", () => {
  test("is taken as it is when its server answers", async () => {
    const port = await listening(
      createServer((request, response) =>
        response.setHeader("content-type", "application/json").end(JSON.stringify({ gitVersion: "v1.36.3", url: request.url })),
      ),
    );
    write(`http://127.0.0.1:${port}`);
    const source = new KubeconfigSource({ path: file, context: "two" });
    expect(await source.ensure(options())).toEqual({ source: "kubeconfig", name: "two", kubeconfig: file, context: "two", simulated: [] });
    expect(await source.status()).toMatchObject({ state: "running", server: `http://127.0.0.1:${port}`, detail: "v1.36.3" });
  });

  test("that turns out to be a sandbox is described as simulated", async () => {
    const answers: Record<string, object> = { "/version": { gitVersion: "v1.36.3" }, "/api/v1/nodes": { items: [{ metadata: { name: "simulated-1" } }] } };
    const port = await listening(createServer((request, response) => response.end(JSON.stringify(answers[request.url?.split("?")[0] ?? ""]))));
    write(`http://127.0.0.1:${port}`);
    expect((await new KubeconfigSource({ path: file }).ensure(options())).simulated[0]).toContain("Nodes are simulated");
  });

  test("whose file is missing is refused with the file's name", async () => {
    const error = await failure(new KubeconfigSource({ path: file }));
    expect(error.code).toBe("cluster_unreachable");
    expect(error.detail).toContain(file);
    expect(error.detail).toContain("no such file");
  });

  test("whose file isn't YAML is refused with the file's name", async () => {
    writeFileSync(file, "{ a: [");
    const error = await failure(new KubeconfigSource({ path: file }));
    expect(error.code).toBe("cluster_unreachable");
    expect(error.detail).toContain(file);
  });

  test("whose context is unknown is refused with the contexts that there are", async () => {
    write("https://127.0.0.1:1");
    const error = await failure(new KubeconfigSource({ path: file, context: "three" }));
    expect(error.detail).toContain("'three'");
    expect(error.detail).toContain("one, two");
  });

  test("without a current context is refused with the contexts that there are", async () => {
    write("https://127.0.0.1:1", "");
    expect((await failure(new KubeconfigSource({ path: file }))).detail).toContain("one, two");
  });

  test("whose server refuses connections is refused with file, context and server", async () => {
    const closed = createTcpServer();
    const port = await listening(closed);
    await new Promise((resolve) => servers.pop() && closed.close(resolve));
    write(`https://127.0.0.1:${port}`);
    const error = await failure(new KubeconfigSource({ path: file }));
    expect(error.code).toBe("cluster_unreachable");
    for (const part of [file, "'one'", `https://127.0.0.1:${port}`, "kubectl"]) expect(error.detail).toContain(part);
  });

  test.each([
    [401, "{}", "refuses the context's credentials (401)"],
    [200, "<html>", "not as a Kubernetes API server does"],
    [500, "{}", "something answers (500)"],
  ])("whose server answers %i %s is refused", async (status, body, reason) => {
    const port = await listening(createServer((_, response) => response.writeHead(status).end(body)));
    write(`http://127.0.0.1:${port}`);
    expect((await failure(new KubeconfigSource({ path: file }))).detail).toContain(reason);
  });

  test("whose check is cancelled gives the reason of that", async () => {
    write(`http://127.0.0.1:${await listening(silentServer())}`);
    const signal = AbortSignal.timeout(50);
    await expect(new KubeconfigSource({ path: file }).ensure({ onProgress: () => undefined, signal })).rejects.toMatchObject({ name: "TimeoutError" });
  });

  test("whose server keeps silent is given up after the time allowed", async () => {
    write(`http://127.0.0.1:${await listening(silentServer())}`);
    const error = await failure(new KubeconfigSource({ path: file, timeoutMs: 150 }));
    expect(error.detail).toContain("no answer within 0.15 s");
  });

  test("is neither stopped nor wiped", async () => {
    write("https://127.0.0.1:1");
    const source = new KubeconfigSource({ path: file });
    await source.stop();
    await source.wipe();
    expect((await source.status()).state).toBe("failed");
  });
});
