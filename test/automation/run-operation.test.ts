import { expect, test } from "vitest";
import { createRunOperation, type RunOperationPorts } from "#automation/run-operation.ts";
import type { StackAction, StackActionResult } from "#automation/stack-action.ts";
import type { EnvironmentSpec, LayerSpec } from "#config/spec.ts";
import { StrataError, toProblem } from "#core/errors.ts";
import type { ComponentId, EnvironmentName, LayerId, ScenarioName, StackName, SystemName } from "#core/ids.ts";
import type { OperationEvent, OperationKind } from "#core/operation.ts";

function layer(name: string, needs: string[] = [], extra: Partial<LayerSpec> = {}): LayerSpec {
  return { layer: name as LayerId, stack: `sys.env.${name}` as StackName, needs: needs as LayerId[], onCluster: true, components: [], values: {}, ...extra };
}

function spec(layers: LayerSpec[]): EnvironmentSpec {
  return {
    system: "sys" as SystemName,
    environment: "env" as EnvironmentName,
    scenario: "s" as ScenarioName,
    layers,
    budget: { memoryBytes: 1000 },
    cluster: { source: "sandbox", name: "sys-env", nodes: [{ count: 2, cpu: "8", memory: "16Gi" }] },
  };
}

const succeeded: StackActionResult = { state: "succeeded", changes: { create: 2 }, outputs: {}, capacity: [], access: [] };

/** Stands for the runner processes: answers per layer without a process, engine or cluster. */
function ports(answers: Record<string, StackActionResult | Error> = {}, seen: StackAction[] = []): RunOperationPorts {
  return {
    dataFolder: "/data",
    parallel: 4,
    engine: async () => "fake engine",
    ensureCluster: async () => ({ source: "sandbox", name: "sys-env", kubeconfig: "/data/kubeconfig", simulated: ["Nodes are simulated."] }),
    runners: {
      run: async (action) => {
        seen.push(action);
        const answer = answers[action.layer] ?? succeeded;
        if (answer instanceof Error) throw answer;
        return answer;
      },
      ask: async () => ({ outputs: {} }),
      warm: () => undefined,
    },
  };
}

async function run(kind: OperationKind, layers: LayerSpec[], given: RunOperationPorts, signal = new AbortController().signal) {
  const events: OperationEvent[] = [];
  const request = { kind, system: "sys" as SystemName, environment: "env" as EnvironmentName };
  const result = await createRunOperation(given)(request, spec(layers), { onEvent: (event) => events.push(event), signal });
  return { result, events };
}

test("an operation sums up the changes of its layers", async () => {
  const { result } = await run("up", [layer("a"), layer("b", ["a"])], ports());
  expect(result.state).toBe("succeeded");
  expect(result.changes).toEqual({ create: 4 });
  expect(result.engine).toBe("fake engine");
});

test("a failed layer stops the layers that need it and no others, and is named as the cause", async () => {
  const problem = toProblem(new StrataError("layer_failed", "the disk is too small"));
  const { result } = await run("up", [layer("a"), layer("b", ["a"]), layer("c")], ports({ a: { ...succeeded, state: "failed", problem } }));
  expect(result.state).toBe("failed");
  expect(result.layers.map((l) => [l.layer, l.state])).toEqual([
    ["a", "failed"],
    ["b", "skipped"],
    ["c", "succeeded"],
  ]);
  expect(result.layers[1]!.problem).toMatchObject({ code: "layer_skipped", detail: "Left out because layer 'a' failed." });
  expect(result.problem?.detail).toBe("Layer 'a': the disk is too small");
});

test("a runner that dies fails its layer with the reason", async () => {
  const { result } = await run("up", [layer("a")], ports({ a: new StrataError("runner_died", "ended by signal SIGKILL") }));
  expect(result.problem).toMatchObject({ code: "runner_died" });
});

test("destroy takes the layers in reverse order and reports nothing as running", async () => {
  const seen: StackAction[] = [];
  const { result } = await run("destroy", [layer("a"), layer("b", ["a"])], ports({}, seen));
  expect(seen.map((action) => action.layer)).toEqual(["b", "a"]);
  expect(result.capacity).toBeUndefined();
  expect(result.simulated).toEqual([]);
});

test("a cluster that can't be started fails the operation before any layer", async () => {
  const seen: StackAction[] = [];
  const broken = { ...ports({}, seen), ensureCluster: async () => Promise.reject(new StrataError("cluster_failed", "port 6443 is taken")) };
  const { result } = await run("up", [layer("a")], broken);
  expect(result).toMatchObject({ state: "failed", problem: { code: "cluster_failed" } });
  expect(seen).toEqual([]);
});

test("no cluster is started for layers that don't land on one", async () => {
  const without = { ...ports(), ensureCluster: async () => Promise.reject(new Error("must not be called")) };
  expect((await run("up", [layer("a", [], { onCluster: false })], without)).result.state).toBe("succeeded");
});

test("after a cancellation the remaining layers aren't begun", async () => {
  const controller = new AbortController();
  const seen: StackAction[] = [];
  const given = ports({}, seen);
  const cancelling: RunOperationPorts = {
    ...given,
    runners: {
      ...given.runners,
      run: async (action, ...rest) => {
        controller.abort();
        return { ...(await given.runners.run(action, ...rest)), state: "cancelled" };
      },
    },
  };
  const { result } = await run("up", [layer("a"), layer("b", ["a"])], cancelling, controller.signal);
  expect(result.state).toBe("cancelled");
  expect(seen.map((action) => action.layer)).toEqual(["a"]);
});

test("a preview hands the previewed outputs of upstream layers on", async () => {
  const seen: StackAction[] = [];
  await run("preview", [layer("a"), layer("b", ["a"])], ports({ a: { ...succeeded, outputs: { host: { value: "db" }, port: { unknown: true } } } }, seen));
  expect(seen[1]!.previewed).toEqual({ a: { host: { value: "db" }, port: { unknown: true } } });
});

test("stand-ins and components whose chart was never rendered are listed", async () => {
  const chart = {
    name: "minio",
    version: "5.4.0",
    proven: false,
    source: { kind: "stand-in" as const, path: "/charts/minio", reason: "its chart can't be had here" },
  };
  const { result } = await run("up", [layer("a", [], { components: [{ component: "minio" as ComponentId, values: {}, chart }] })], ports());
  expect(result.unproven).toEqual(["minio"]);
  expect(result.simulated).toEqual(["Nodes are simulated."]);
  expect(result.layers[0]!.standIns).toEqual([{ component: "minio", layer: "a", reason: "its chart can't be had here" }]);
});

test("capacity is summed over the layers and held against the budget", async () => {
  const capacity = (component: string, memoryBytes: number) => [
    { component: component as ComponentId, layer: "a" as LayerId, memoryBytes, cpuMillis: 100, pods: 1 },
  ];
  const { result } = await run(
    "preview",
    [layer("a"), layer("b")],
    ports({ a: { ...succeeded, capacity: capacity("x", 300) }, b: { ...succeeded, capacity: capacity("y", 500) } }),
  );
  expect(result.capacity).toMatchObject({ memoryBytes: 800, cpuMillis: 200, budgetMemoryBytes: 1000 });
  expect(result.capacity!.components.map((c) => c.component)).toEqual(["y", "x"]);
});

test("runners for the layers that run at the same time are started before the cluster is", async () => {
  const calls: string[] = [];
  const given = ports();
  await run("up", [layer("base"), layer("left", ["base"]), layer("right", ["base"])], {
    ...given,
    runners: { ...given.runners, warm: (count) => void calls.push(`warm ${count}`) },
    ensureCluster: async (...args) => {
      calls.push("cluster");
      return given.ensureCluster(...args);
    },
  });
  expect(calls).toEqual(["warm 2", "cluster"]);
});
