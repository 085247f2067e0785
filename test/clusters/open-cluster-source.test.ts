import { describe, expect, test } from "vitest";
import { openClusterSource } from "#clusters/open-cluster-source.ts";
import { SandboxSource } from "#clusters/sandbox/sandbox-source.ts";
import type { SandboxNodes } from "#core/cluster-spec.ts";

const open = (name: string, nodes: readonly SandboxNodes[]) =>
  openClusterSource(
    { source: "sandbox", name, nodes },
    { dataFolder: "/nowhere", path: "", ensureTools: () => Promise.reject(new Error("no tools are needed to open")) },
  );
const node = { count: 1, cpu: "8", memory: "32Gi" };

describe("opening a cluster", () => {
  test("starts nothing", () => {
    expect(open("lab", [node, { count: 2, cpu: "500m", memory: "1.5Gi" }])).toBeInstanceOf(SandboxSource);
  });

  test.each(["../up", "Lab", "", "a b"])("refuses the name '%s'", (name) => {
    expect(() => open(name, [node])).toThrow(expect.objectContaining({ code: "invalid_name" }));
  });

  test.each([
    [[], "0 nodes"],
    [[{ ...node, count: 251 }], "251 nodes"],
    [[{ ...node, count: 1.5 }], "'1.5' nodes"],
    [[{ ...node, cpu: "eight" }], "cpu 'eight'"],
    [[{ ...node, memory: "32 GB" }], "memory '32 GB'"],
  ])("refuses nodes that can't be: %j", (nodes, named) => {
    expect(() => open("lab", nodes)).toThrow(expect.objectContaining({ code: "invalid_config", message: expect.stringContaining(named) }));
  });
});
