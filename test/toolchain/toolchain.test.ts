import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseDocument } from "yaml";
import { hasCode, type StrataError } from "#core/errors.ts";
import { currentPlatform } from "#toolchain/tool-catalogue.ts";
import { Toolchain } from "#toolchain/toolchain.ts";
import type { ToolName } from "#toolchain/tools.ts";
import { FakeTools, goScript } from "./fake-tools.ts";

let tools: FakeTools;
const servers: Server[] = [];
beforeEach(() => {
  tools = new FakeTools();
});
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
  tools.remove();
});

const never = () => new AbortController().signal;
const quiet = () => ({ onProgress: () => undefined, signal: never() });
const toolchain = (change?: (yaml: string) => string) => new Toolchain({ catalogue: tools.catalogue(change), paths: {}, environment: tools.environment });
const inCache = () => readdirSync(join(tools.cache, "strata", "tools")).sort();

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const sha256 = (content: string | Buffer) => createHash("sha256").update(content).digest("hex");

/** Sends one tool's download to `url`, with a checksum for this platform. */
const downloadFrom = (name: ToolName, url: string, sum: string) => (yaml: string) => {
  const document = parseDocument(yaml);
  document.setIn(["tools", name, "download", "url"], url);
  document.setIn(["tools", name, "download", "sha256", currentPlatform()], sum);
  return document.toString();
};

async function failureOf(run: Promise<unknown>): Promise<StrataError> {
  const error = await run.catch((reason: unknown) => reason);
  if (hasCode(error, "tool_unavailable")) return error;
  throw new Error(`expected tool_unavailable, got ${error}`);
}

describe("ensuring tools", () => {
  test("changes nothing when all are there", async () => {
    const path = tools.cached("kwok", "0.8.0");
    expect(await toolchain().ensure(["kwok"], quiet())).toEqual({ kwok: path });
    expect(inCache()).toEqual(["kwok"]);
  });

  test("builds all that are missing with one go build and puts them into the cache", async () => {
    const log = join(tools.folder, "go.log");
    tools.onPath("go", `echo "$@" >> ${log}\n${goScript()}`);
    tools.cached("kube-scheduler", "1.36.3");
    const found = await toolchain().ensure(["kwok", "etcd", "kube-scheduler"], quiet());
    expect(execFileSync(found.kwok, { encoding: "utf8" })).toBe("built\n");
    expect(found.etcd).toBe(join(tools.cache, "strata/tools/etcd/3.6.8/etcd"));
    expect(statSync(found.etcd).mode & 0o777).toBe(0o755);
    const builds = readFileSync(log, "utf8")
      .split("\n")
      .filter((line) => line.startsWith("build"));
    expect(builds).toHaveLength(1);
    expect(builds[0]).toContain("-X k8s.io/component-base/version.gitVersion=v1.36.3");
    expect(builds[0]).toContain("sigs.k8s.io/kwok/cmd/kwok go.etcd.io/etcd/server/v3");
    expect(builds[0]).not.toContain("kube-scheduler");
    expect(inCache()).toEqual(["etcd", "kube-scheduler", "kwok"]);
  });

  test("that can't be had names every way that was tried and why it failed", async () => {
    tools.onPath("kwok", "echo v0.5.0");
    tools.onPath("go", goScript("go1.22.1"));
    const { detail } = await failureOf(toolchain().ensure(["kwok"], quiet()));
    for (const part of ["it is 0.5.0, needed is ~0.8", `cache ${tools.cache}/strata/tools: no 0.8.0`, "checksum", "unlocked", "go1.22.1", "1.26.0 or newer"])
      expect(detail).toContain(part);
  });

  test("says so when there is no Go", async () => {
    expect((await failureOf(toolchain().ensure(["kwok"], quiet()))).detail).toContain("go build: there is no Go on PATH");
  });

  test("reports the end of the output of a build that failed, and leaves nothing", async () => {
    tools.onPath("go", `case "$1" in env) echo go1.26.8 ;; build) echo "kwok.go:1:1: no such thing" >&2; exit 1 ;; esac`);
    expect((await failureOf(toolchain().ensure(["kwok"], quiet()))).detail).toContain("no such thing");
    expect(inCache()).toEqual([]);
  });

  test("tells a full disk from other failures", async () => {
    tools.onPath("go", `case "$1" in env) echo go1.26.8 ;; build) echo "write /tmp/x: no space left on device" >&2; exit 1 ;; esac`);
    await expect(toolchain().ensure(["kwok"], quiet())).rejects.toMatchObject({ code: "disk_full" });
  });

  test("stops the build and its children when aborted, and leaves nothing", async () => {
    const pids = join(tools.folder, "pids");
    tools.onPath("go", `case "$1" in env) echo go1.26.8 ;; list) echo p ;; build) sleep 60 & echo $! > ${pids}; echo started >&2; wait ;; esac`);
    const abort = new AbortController();
    const run = toolchain().ensure(["kwok"], { onProgress: () => undefined, signal: abort.signal });
    await expect.poll(() => existsSync(pids) && readFileSync(pids, "utf8").trim()).toMatch(/^\d+$/);
    abort.abort(new Error("enough"));
    await expect(run).rejects.toThrow("enough");
    const child = Number(readFileSync(pids, "utf8"));
    await expect.poll(() => existsSync(`/proc/${child}/exe`)).toBe(false);
    expect(inCache()).toEqual([]);
  });

  test("removes what a killed build left", async () => {
    tools.onPath("go", goScript());
    mkdirSync(join(tools.cache, "strata/tools/.new-1"), { recursive: true });
    writeFileSync(join(tools.cache, "strata/tools/.new-1/half"), "x");
    await toolchain().ensure(["kwok"], quiet());
    expect(inCache()).toEqual(["kwok"]);
  });

  test("builds once for two that ask at the same time; the second is told that it waits", async () => {
    const log = join(tools.folder, "go.log");
    tools.onPath("go", `[ "$1" = build ] && { echo built >> ${log}; sleep 0.3; }\n${goScript()}`);
    const said: string[] = [];
    const ask = () => toolchain().ensure(["kwok"], { onProgress: (message) => said.push(message), signal: never() });
    const [first, second] = await Promise.all([ask(), ask()]);
    expect(first).toEqual(second);
    expect(readFileSync(log, "utf8")).toBe("built\n");
    expect(said.filter((message) => message.startsWith("waiting for process"))).toHaveLength(1);
  });

  test("downloads a program whose checksum is pinned", async () => {
    const base = await serve((_, response) => response.end("#!/bin/sh\necho downloaded\n"));
    const found = await toolchain(downloadFrom("kwok", `${base}/kwok`, sha256("#!/bin/sh\necho downloaded\n"))).ensure(["kwok"], quiet());
    expect(execFileSync(found.kwok, { encoding: "utf8" })).toBe("downloaded\n");
    expect(inCache()).toEqual(["kwok"]);
  });

  test("takes the program out of a downloaded archive", async () => {
    const [os = "", arch = ""] = currentPlatform().split("-");
    tools.at(`${os}-${arch}/helm`, "echo from the archive");
    const archive = execFileSync("tar", ["-czf", "-", "-C", tools.folder, `${os}-${arch}/helm`]);
    const base = await serve((_, response) => response.end(archive));
    const found = await toolchain(downloadFrom("helm", `${base}/helm.tar.gz`, sha256(archive))).ensure(["helm"], quiet());
    expect(execFileSync(found.helm, { encoding: "utf8" })).toBe("from the archive\n");
  });

  test("refuses a download whose checksum differs", async () => {
    const base = await serve((_, response) => response.end("something else"));
    const { detail } = await failureOf(toolchain(downloadFrom("kwok", `${base}/kwok`, sha256("expected"))).ensure(["kwok"], quiet()));
    expect(detail).toContain(sha256("something else"));
    expect(detail).toContain(`pinned is ${sha256("expected")}`);
    expect(inCache()).toEqual([]);
  });

  test("goes on to the build when the server refuses the connection or has no such file", async () => {
    tools.onPath("go", goScript());
    const gone = await serve((_, response) => response.writeHead(404).end());
    await toolchain(downloadFrom("kwok", `${gone}/kwok`, sha256("x"))).ensure(["kwok"], quiet());
    await new Promise((resolve) => servers.pop()?.close(resolve));
    const other = new FakeTools();
    try {
      other.onPath("go", goScript());
      const catalogue = other.catalogue(downloadFrom("kwok", `${gone}/kwok`, sha256("x")));
      const said: string[] = [];
      const { kwok } = await new Toolchain({ catalogue, paths: {}, environment: other.environment }).ensure(["kwok"], {
        onProgress: (message) => said.push(message),
        signal: never(),
      });
      expect(execFileSync(kwok, { encoding: "utf8" })).toBe("built\n");
      expect(said[0]).toBe("downloading kwok 0.8.0");
    } finally {
      other.remove();
    }
  });

  test("says which cache folder can't be written", async () => {
    writeFileSync(join(tools.folder, "cache"), "a file");
    await expect(toolchain().ensure(["kwok"], quiet())).rejects.toMatchObject({ code: "data_folder_unusable", message: expect.stringContaining(tools.cache) });
  });
});

describe("describing tools", () => {
  test("tells place, version and what was passed over, and builds nothing", async () => {
    const path = tools.onPath("helm", "echo v4.1.0");
    tools.onPath("kubectl", "echo Client Version: v1.20.1");
    const [helm, kubectl] = await toolchain().describe(["helm", "kubectl"]);
    expect(helm).toMatchObject({ name: "helm", version: "4.2.4", found: { path, version: "4.1.0", source: "PATH" } });
    expect(kubectl?.found).toBeUndefined();
    expect(kubectl?.obstacles.map((obstacle) => obstacle.reason).join()).toContain("it is 1.20.1");
    expect(existsSync(tools.cache)).toBe(false);
  });
});
