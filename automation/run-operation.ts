import { walkLayers, widthOf } from "#automation/layer-walk.ts";
import type { RunnerPool } from "#automation/runner/runner-pool.ts";
import type { StackActionResult } from "#automation/stack-action.ts";
import type { EnvironmentSpec, LayerInput, LayerSpec } from "#config/spec.ts";
import { fromProblem, hasCode, type Problem, StrataError, toProblem } from "#core/errors.ts";
import type { LayerId } from "#core/ids.ts";
import {
  type AccessHint,
  addCounts,
  type Capacity,
  type ComponentCapacity,
  type LayerResult,
  type OperationRequest,
  type OperationResult,
  type OutputView,
  type StandIn,
  type StepCounts,
} from "#core/operation.ts";
import type { RunOperation, RunOptions } from "#core/run-operation.ts";

/** A cluster that answers, as far as the walk needs to know it. */
export interface ReadyCluster {
  readonly source: "sandbox" | "kubeconfig";
  readonly name: string;
  readonly kubeconfig: string;
  readonly context?: string;
  readonly simulated: readonly string[];
}

export interface RunOperationPorts {
  readonly dataFolder: string;
  readonly parallel: number;
  readonly runners: Pick<RunnerPool, "run" | "ask" | "warm">;
  /** Makes the environment's cluster answer, telling what it does meanwhile. */
  readonly ensureCluster: (
    spec: EnvironmentSpec["cluster"],
    options: { onProgress: (message: string, done?: number, total?: number) => void; signal: AbortSignal },
  ) => Promise<ReadyCluster>;
  /** Which engine runs the stacks, for the record. */
  readonly engine: () => Promise<string>;
}

/** The walk of an operation over its layers: each in a runner of its own, in dependency order, a failure stopping only what depends on it. */
export function createRunOperation(ports: RunOperationPorts): RunOperation<EnvironmentSpec> {
  return (request, spec, options) => runWalk(ports, request, spec, options).catch((error: unknown) => emptyResult(options.signal, toProblem(error), ""));
}

async function runWalk(ports: RunOperationPorts, request: OperationRequest, spec: EnvironmentSpec, options: RunOptions): Promise<OperationResult> {
  const engine = await ports.engine();
  options.onEvent({ type: "progress", stage: "engine", message: `Engine: ${engine}` });
  // They load while the cluster starts.
  ports.runners.warm(widthOf(spec.layers));
  let cluster: ReadyCluster | undefined;
  if (spec.layers.some((layer) => layer.onCluster)) {
    try {
      cluster = await ports.ensureCluster(spec.cluster, {
        onProgress: (message, done, total) =>
          options.onEvent({ type: "progress", stage: "cluster", message, ...(done === undefined ? {} : { done }), ...(total === undefined ? {} : { total }) }),
        signal: options.signal,
      });
    } catch (error) {
      return emptyResult(options.signal, toProblem(error), engine);
    }
  }
  const walk = new Walk(ports, request, spec, options, cluster);
  await walkLayers(spec.layers, request.kind === "destroy" ? "dependents-first" : "needs-first", (layer, failed) => walk.visit(layer, failed));
  return walk.result(engine);
}

class Walk {
  private readonly ports: RunOperationPorts;
  private readonly request: OperationRequest;
  private readonly spec: EnvironmentSpec;
  private readonly options: RunOptions;
  private readonly cluster: ReadyCluster | undefined;
  private readonly layers = new Map<LayerId, LayerResult>();
  private readonly components: ComponentCapacity[] = [];
  private readonly access: AccessHint[] = [];

  constructor(ports: RunOperationPorts, request: OperationRequest, spec: EnvironmentSpec, options: RunOptions, cluster: ReadyCluster | undefined) {
    this.ports = ports;
    this.request = request;
    this.spec = spec;
    this.options = options;
    this.cluster = cluster;
  }

  /** Runs one layer, or skips it when one that it waited for failed; answers whether dependents may go on. */
  async visit(layer: LayerSpec, failed: readonly LayerId[]): Promise<boolean> {
    const started = performance.now();
    const finish = (state: LayerResult["state"], action: Partial<StackActionResult>, problem?: Problem): boolean => {
      const result: LayerResult = {
        layer: layer.layer,
        stack: layer.stack,
        state,
        changes: action.changes ?? {},
        seconds: Math.round((performance.now() - started) / 10) / 100,
        outputs: action.outputs ?? {},
        standIns: this.request.kind === "destroy" ? [] : standInsOf(layer),
        ...(problem ? { problem } : {}),
      };
      this.layers.set(layer.layer, result);
      this.options.onEvent({ type: "layer-finished", layer: layer.layer, result });
      return state === "succeeded";
    };
    if (this.options.signal.aborted)
      return finish("cancelled", {}, toProblem(new StrataError("operation_cancelled", "The operation was cancelled before this layer began.")));
    if (failed.length)
      return finish(
        "skipped",
        {},
        toProblem(new StrataError("layer_skipped", `Left out because ${failed.map((id) => `layer '${id}'`).join(" and ")} ${causeOf(failed, this.layers)}.`)),
      );
    this.options.onEvent({ type: "layer-started", layer: layer.layer, stack: layer.stack });
    try {
      const action = await this.ports.runners.run(await this.actionFor(layer), this.options.onEvent, this.options.signal);
      this.components.push(...action.capacity);
      this.access.push(...action.access);
      return finish(action.state, action, action.problem);
    } catch (error) {
      return finish(hasCode(error, "operation_cancelled") || this.options.signal.aborted ? "cancelled" : "failed", {}, toProblem(error));
    }
  }

  result(engine: string): OperationResult {
    const layers = this.spec.layers.map((layer) => this.layers.get(layer.layer)!).filter(Boolean);
    const failure = layers.find((layer) => layer.state === "failed");
    const state = failure ? "failed" : layers.some((layer) => layer.state === "cancelled") ? "cancelled" : "succeeded";
    const nothingLeft = this.request.kind === "destroy";
    return {
      state,
      changes: layers.reduce<StepCounts>((sum, layer) => addCounts(sum, layer.changes), {}),
      layers,
      ...(nothingLeft ? {} : { capacity: this.capacity() }),
      simulated: nothingLeft ? [] : [...(this.cluster?.simulated ?? [])],
      unproven: nothingLeft
        ? []
        : this.spec.layers
            .flatMap((layer) => layer.components)
            .filter((c) => c.chart && !c.chart.proven)
            .map((c) => c.component),
      access: nothingLeft || !this.cluster ? [...this.access] : [{ title: "kubeconfig", kind: "kubeconfig", value: this.cluster.kubeconfig }, ...this.access],
      engine,
      ...(failure?.problem ? { problem: { ...failure.problem, detail: `Layer '${failure.layer}': ${failure.problem.detail}` } } : {}),
    };
  }

  private capacity(): Capacity {
    const budget = this.spec.budget.memoryBytes;
    return {
      components: [...this.components].sort((a, b) => b.memoryBytes - a.memoryBytes),
      memoryBytes: this.components.reduce((sum, c) => sum + c.memoryBytes, 0),
      cpuMillis: this.components.reduce((sum, c) => sum + c.cpuMillis, 0),
      ...(budget === undefined ? {} : { budgetMemoryBytes: budget }),
    };
  }

  private async actionFor(layer: LayerSpec) {
    const preview = this.request.kind === "preview";
    const upstream = layer.needs.filter((need) => this.layers.has(need));
    const previewed: Record<string, Readonly<Record<string, OutputView>>> = {};
    if (preview) for (const need of upstream) previewed[need] = this.layers.get(need)!.outputs;
    return {
      kind: this.request.kind,
      stack: layer.stack,
      layer: layer.layer,
      input: this.inputFor(layer),
      dataFolder: this.ports.dataFolder,
      nodes: nodeCount(this.spec.cluster),
      parallel: this.ports.parallel,
      targets: this.request.targets ?? [],
      message: this.request.reason ?? `${this.request.kind} of ${this.spec.system}/${this.spec.environment}`,
      previewed,
      existing: preview ? await this.existing(upstream) : [],
    };
  }

  private async existing(layers: readonly LayerId[]): Promise<LayerId[]> {
    const exists = async (layer: LayerId) => {
      const stack = this.spec.layers.find((l) => l.layer === layer)!.stack;
      const answer = await this.ports.runners.ask({ stack, dataFolder: this.ports.dataFolder, about: "outputs" }).catch(() => undefined);
      return Object.keys(answer?.outputs ?? {}).length > 0;
    };
    const answers = await Promise.all(layers.map(exists));
    return layers.filter((_, i) => answers[i]);
  }

  private inputFor(layer: LayerSpec): LayerInput {
    const cluster = this.cluster;
    return {
      system: this.spec.system,
      environment: this.spec.environment,
      scenario: this.spec.scenario,
      layer: layer.layer,
      cluster:
        layer.onCluster && cluster
          ? { source: cluster.source, name: cluster.name, kubeconfig: cluster.kubeconfig, ...(cluster.context ? { context: cluster.context } : {}) }
          : undefined,
      components: layer.components,
      values: layer.values,
      upstream: Object.fromEntries(layer.needs.map((need) => [need, `${this.spec.system}.${this.spec.environment}.${need}` as LayerSpec["stack"]])),
    };
  }
}

function causeOf(failed: readonly LayerId[], results: ReadonlyMap<LayerId, LayerResult>): string {
  const states = new Set(failed.map((id) => results.get(id)?.state));
  return states.has("failed") ? "failed" : states.has("cancelled") ? "was cancelled" : "was left out";
}

function standInsOf(layer: LayerSpec): StandIn[] {
  return layer.components.flatMap((c) =>
    c.chart?.source.kind === "stand-in" ? [{ component: c.component, layer: layer.layer, reason: c.chart.source.reason }] : [],
  );
}

function nodeCount(cluster: EnvironmentSpec["cluster"]): number {
  return cluster.source === "sandbox" ? cluster.nodes.reduce((sum, group) => sum + group.count, 0) : 1;
}

function emptyResult(signal: AbortSignal, problem: Problem, engine: string): OperationResult {
  const state = signal.aborted || hasCode(fromProblem(problem), "operation_cancelled") ? "cancelled" : "failed";
  return { state, changes: {}, layers: [], simulated: [], unproven: [], access: [], engine, problem };
}
