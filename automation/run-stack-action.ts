import { setTimeout as sleep } from "node:timers/promises";
import type { EngineEvent } from "@pulumi/pulumi/automation/events.js";
import { ConcurrentUpdateError, LocalWorkspace, type OutputMap, type Stack, StackNotFoundError } from "@pulumi/pulumi/automation/index.js";
import { CapacityCollector } from "#automation/capacity.ts";
import { asPulumiCommand, type Engine } from "#automation/command.ts";
import { translateEvent } from "#automation/engine-events.ts";
import { FailureCollector } from "#automation/failure.ts";
import { previewedOutputs } from "#automation/previewed-outputs.ts";
import { previewedUpstream } from "#automation/previewed-upstream.ts";
import type { StackAction, StackActionEvent, StackActionResult } from "#automation/stack-action.ts";
import { prepareStackFolders, stackEnvironment } from "#automation/workspace.ts";
import { messageOf, StrataError, toProblem } from "#core/errors.ts";
import { projectName } from "#core/ids.ts";
import type { AccessHint, OutputView, StepCounts } from "#core/operation.ts";
import { runLayer } from "#programs/run-layer.ts";

export interface StackActionPorts {
  readonly engine: Engine;
  readonly onEvent: (event: StackActionEvent) => void;
  readonly signal: AbortSignal;
}

/** The runner of a controller that was killed ends its action within a minute and holds the stack until then. */
const lockPatienceMs = 75_000;

/** Runs one action on one stack through the Automation API. Never rejects: what went wrong is in the result. */
export async function runStackAction(action: StackAction, ports: StackActionPorts): Promise<StackActionResult> {
  const capacity = new CapacityCollector(action.layer, action.nodes);
  const failures = new FailureCollector();
  let lastRootOutputs: Record<string, OutputView> = {};
  const onEvent = (event: EngineEvent) => {
    capacity.observe(event);
    failures.observe(event);
    lastRootOutputs = previewedOutputs(event) ?? lastRootOutputs;
    const translated = translateEvent(action.layer, event);
    if (translated) ports.onEvent(translated);
  };
  try {
    const stack = await openStack(action, ports.engine);
    if (!stack) return { state: "succeeded", changes: {}, outputs: {}, capacity: [], access: [] };
    const { changes, outputs } = await onceUnlocked(ports.signal, () => execute(stack, action, { onEvent, signal: ports.signal }));
    const views = outputs ? outputViews(outputs) : lastRootOutputs;
    return { state: "succeeded", changes, outputs: views, capacity: capacity.sums(), access: accessHints(views) };
  } catch (error) {
    return {
      state: ports.signal.aborted ? "cancelled" : "failed",
      changes: failures.changes,
      outputs: {},
      capacity: capacity.sums(),
      access: [],
      problem: toProblem(explain(error, action, failures, ports.signal)),
    };
  }
}

/** Opens the stack; makes it where it is going to be needed. Answers `undefined` when there is nothing to refresh or destroy. */
async function openStack(action: StackAction, engine: Engine): Promise<Stack | undefined> {
  const folders = await prepareStackFolders(action.dataFolder);
  const program = () => runLayer({ input: action.input, ...(action.kind === "preview" ? { upstream: previewedUpstream(action) } : {}) });
  const options = {
    workDir: folders.settings,
    pulumiCommand: asPulumiCommand(engine.command),
    envVars: { ...engine.environment, ...stackEnvironment(folders) },
  };
  const args = { stackName: action.stack, projectName, program };
  if (action.kind === "refresh" || action.kind === "destroy") {
    try {
      return await LocalWorkspace.selectStack(args, options);
    } catch (error) {
      if (error instanceof StackNotFoundError) return undefined;
      throw error;
    }
  }
  const stack = await LocalWorkspace.createOrSelectStack(args, options);
  const config = { [`${projectName}:spec`]: { value: JSON.stringify(action.input), objectValue: action.input, secret: false } };
  await stack.workspace.setAllConfigJson(stack.name, JSON.stringify(config));
  return stack;
}

interface Executed {
  readonly changes: StepCounts;
  /** Absent where only the event stream knows them. */
  readonly outputs: OutputMap | undefined;
}

async function execute(stack: Stack, action: StackAction, options: { onEvent: (event: EngineEvent) => void; signal: AbortSignal }): Promise<Executed> {
  const shared = {
    ...options,
    message: action.message,
    parallel: action.parallel,
    color: "never" as const,
    ...(action.targets.length ? { target: [...action.targets] } : {}),
  };
  switch (action.kind) {
    case "preview":
      return { changes: (await stack.preview(shared)).changeSummary, outputs: undefined };
    case "up": {
      const result = await stack.up(shared);
      return { changes: result.summary.resourceChanges ?? {}, outputs: result.outputs };
    }
    case "refresh": {
      const result = await stack.refresh({ ...shared, runProgram: false });
      return { changes: result.summary.resourceChanges ?? {}, outputs: await stack.outputs() };
    }
    case "destroy": {
      const result = await stack.destroy({ ...shared, runProgram: false });
      return { changes: result.summary.resourceChanges ?? {}, outputs: {} };
    }
  }
}

/** Tries again for a while as long as another process holds the stack. */
async function onceUnlocked<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + lockPatienceMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ConcurrentUpdateError) || Date.now() > deadline) throw error;
      await sleep(1000, undefined, { signal });
    }
  }
}

/** The outputs without the value of any that is secret. */
export function outputViews(outputs: OutputMap): Record<string, OutputView> {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { value, secret }]) => [name, secret ? { secret: true as const } : { value: value as unknown }]),
  );
}

function accessHints(outputs: Readonly<Record<string, OutputView>>): AccessHint[] {
  const access = outputs.access;
  if (!access || !("value" in access) || !Array.isArray(access.value)) return [];
  return access.value.filter(
    (hint): hint is AccessHint =>
      typeof hint === "object" && hint !== null && "title" in hint && "kind" in hint && typeof (hint as AccessHint).value === "string",
  );
}

function explain(error: unknown, action: StackAction, failures: FailureCollector, signal: AbortSignal): StrataError {
  const facts = { stack: action.stack, layer: action.layer };
  if (signal.aborted)
    return new StrataError("operation_cancelled", "The layer was cancelled; what was done by then is kept, and the next operation goes on from there.", {
      cause: error,
      facts,
    });
  if (error instanceof ConcurrentUpdateError)
    return new StrataError(
      "stack_locked",
      `Stack ${action.stack} is locked by another process. Wait for it, or run \`strata pulumi cancel -s ${action.stack}\` if that process is gone.\n${messageOf(error)}`,
      { cause: error, facts },
    );
  if (/incorrect passphrase|passphrase must be set/.test(messageOf(error)))
    return new StrataError(
      "passphrase_wrong",
      `The passphrase in the data folder doesn't open the secrets of stack ${action.stack}. Put back the file 'passphrase' the stack was made with.`,
      { cause: error, facts },
    );
  return new StrataError("layer_failed", failures.summary() || commandErrors(messageOf(error)), { cause: error, facts });
}

/** What a failed command said went wrong, without the SDK's report around it. */
function commandErrors(message: string): string {
  const errors = message.split("\n").flatMap((line) => /^\s*error: (?!Command failed)(.+)/.exec(line)?.[1] ?? []);
  return [...new Set(errors)].join("\n") || message;
}
