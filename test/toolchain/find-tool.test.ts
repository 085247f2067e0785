import { chmodSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type FindToolOptions, findTool } from "#toolchain/find-tool.ts";
import { ToolCache } from "#toolchain/tool-cache.ts";
import { FakeTools } from "./fake-tools.ts";

let tools: FakeTools;
beforeEach(() => {
  tools = new FakeTools();
});
afterEach(() => tools.remove());

const options = (paths: FindToolOptions["paths"] = {}): FindToolOptions => ({
  catalogue: tools.catalogue(),
  cache: new ToolCache(tools.environment),
  paths,
  environment: tools.environment,
});

describe("finding a tool", () => {
  test("takes one of a fitting version from PATH before the cache", async () => {
    const path = tools.onPath("kwok", "echo kwok version v0.8.3 go1.26 '(linux/amd64)'");
    tools.cached("kwok", "0.8.0");
    expect((await findTool("kwok", options())).found).toEqual({ name: "kwok", path, version: "0.8.3", source: "PATH" });
  });

  test("passes over one of another minor version on PATH and keeps the reason", async () => {
    const path = tools.onPath("kube-scheduler", "echo Kubernetes v1.31.4");
    const cached = tools.cached("kube-scheduler", "1.36.3");
    const search = await findTool("kube-scheduler", options());
    expect(search.found).toMatchObject({ path: cached, source: "cache" });
    expect(search.obstacles).toEqual([{ place: path, reason: "it is 1.31.4, needed is ~1.36" }]);
  });

  test("passes over a program on PATH that fails or doesn't say its version", async () => {
    tools.onPath("kwok", "echo broken >&2; exit 3");
    tools.onPath("helm", "echo hello");
    expect((await findTool("kwok", options())).obstacles[0]?.reason).toContain("broken");
    expect((await findTool("helm", options())).obstacles[0]?.reason).toContain("which version");
  });

  test("takes a configured path before any other", async () => {
    tools.onPath("kwok", "echo v0.8.1");
    const path = tools.at("elsewhere/kwok", "echo v0.8.2");
    expect((await findTool("kwok", options({ kwok: path }))).found).toEqual({ name: "kwok", path, version: "0.8.2", source: "configured" });
  });

  test("doesn't replace a configured path that is wrong", async () => {
    tools.cached("kwok", "0.8.0");
    const old = tools.at("old/kwok", "echo v0.6.0");
    for (const [path, reason] of [
      ["/nowhere/kwok", "executable"],
      ["relative/kwok", "absolute"],
      [old, "it is 0.6.0"],
    ] as const) {
      const search = await findTool("kwok", options({ kwok: path }));
      expect(search.found).toBeUndefined();
      expect(search.final).toBe(true);
      expect(search.obstacles[0]?.place).toContain(path);
      expect(search.obstacles[0]?.reason).toContain(reason);
    }
  });

  test("ignores a cached file that can't be executed, and another version's", async () => {
    chmodSync(tools.cached("kwok", "0.8.0"), 0o644);
    tools.cached("kwok", "0.7.0");
    expect(await findTool("kwok", options())).toMatchObject({ final: false, obstacles: [{ place: "PATH" }, { reason: "no 0.8.0 there" }] });
  });

  test("uses ~/.cache where XDG_CACHE_HOME is absent or relative", () => {
    expect(new ToolCache({ HOME: "/home/somebody" }).folder).toBe("/home/somebody/.cache/strata/tools");
    expect(new ToolCache({ HOME: "/home/somebody", XDG_CACHE_HOME: "cache" }).folder).toBe("/home/somebody/.cache/strata/tools");
  });
});
