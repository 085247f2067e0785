import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readToolCatalogue } from "#toolchain/tool-catalogue.ts";
import { verifyTools } from "#toolchain/verify-tools.ts";
import { FakeTools } from "./fake-tools.ts";

let tools: FakeTools;
let server: Server;
let base: string;
beforeEach(async () => {
  tools = new FakeTools();
  // Serves every file with its own path as the content, but no helm.
  server = createServer((request, response) => (request.url?.includes("helm") ? response.writeHead(404).end() : response.end(request.url)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  tools.remove();
});

const local = (yaml: string) => yaml.replaceAll(/url: https:\/\/[^/]+/g, `url: ${base}`);
const sha256 = (content: string) => createHash("sha256").update(content).digest("hex");
const verify = (lock: boolean, catalogue = tools.catalogue(local)) =>
  verifyTools({ catalogue, environment: tools.environment, lock, onProgress: () => undefined, signal: new AbortController().signal });

describe("verifying downloads", () => {
  test("with locking pins what was fetched, leaves the rest unlocked and keeps the file's comments", async () => {
    const results = await verify(true);
    const path = "/release/v1.36.3/bin/linux/arm64/kube-scheduler";
    expect(results.find((entry) => entry.url === base + path)).toMatchObject({
      name: "kube-scheduler",
      platform: "linux-arm64",
      result: "locked",
      detail: sha256(path),
    });
    expect(results.filter((entry) => entry.name === "helm").map((entry) => entry.result)).toEqual(Array(4).fill("unreachable"));

    const catalogue = readToolCatalogue(`${tools.folder}/tools.yaml`);
    expect(catalogue.tools["kube-scheduler"].download.sha256["linux-arm64"]).toBe(sha256(path));
    expect(catalogue.tools.helm.download.sha256["linux-arm64"]).toBe("unlocked");
    expect(readFileSync(catalogue.file, "utf8")).toContain("# The programs that Strata starts");
    expect((await verify(false, catalogue)).filter((entry) => entry.name !== "helm").every((entry) => entry.result === "verified")).toBe(true);
  });

  test("without locking changes nothing", async () => {
    const catalogue = tools.catalogue(local);
    const before = readFileSync(catalogue.file, "utf8");
    expect((await verify(false, catalogue))[0]?.result).toBe("unlocked");
    expect(readFileSync(catalogue.file, "utf8")).toBe(before);
  });

  test("reports a file that isn't the pinned one and never re-pins it", async () => {
    const pinned = "0".repeat(64);
    const catalogue = tools.catalogue((yaml) => local(yaml).replace("linux-amd64: unlocked", `linux-amd64: "${pinned}"`));
    const results = await verify(true, catalogue);
    expect(results[0]).toMatchObject({ name: "etcd", platform: "linux-amd64", result: "mismatch" });
    expect(readToolCatalogue(catalogue.file).tools.etcd.download.sha256["linux-amd64"]).toBe(pinned);
  });
});

describe("the catalogue of tools", () => {
  test("agrees with go.mod on every version that go.mod pins", () => {
    const catalogue = readToolCatalogue();
    const goMod = readFileSync(new URL("../../toolchain/go.mod", import.meta.url), "utf8");
    for (const { package: path, version } of Object.values(catalogue.tools)) {
      const module = path.startsWith("go.etcd.io") ? path : path.split("/cmd/")[0];
      expect(goMod).toContain(`\t${module} v${version}`);
      expect(goMod).toContain(`\t${path}\n`);
    }
  });

  test.each([
    ["version: 3.6.8", "version: three", "'three' isn't a version"],
    ["accepts: ~3.6", "accepts: ~3.5", "isn't a range that holds 3.6.8"],
    ["linux-amd64: unlocked", "linux-amd64: abc", "64 hex digits"],
    ["  kwok:", "  kwak:", "tool 'kwok': it is missing"],
  ])("refuses `%s` changed to `%s`", (from, to, complaint) => {
    expect(() => tools.catalogue((yaml) => yaml.replace(from, to))).toThrow(complaint);
  });
});
