import type { EngineEvent } from "@pulumi/pulumi/automation/events.js";
import { makeUrn, rootStackType } from "#core/urn.ts";
import { organization, type StackReference } from "#engine/backend/stack-reference.ts";
import type { UpdateInfo } from "#engine/backend/stack-store.ts";
import type { CommandContext } from "#engine/command/command-context.ts";
import { CommandFailure, exitCodes } from "#engine/command/command-failure.ts";
import { type EventLog, openEventLog } from "#engine/command/event-log.ts";
import { type NodeProgram, programPlace, startNodeProgram } from "#engine/command/node-program.ts";
import type { OperationConfig } from "#engine/command/operation-config.ts";
import { operationOptions } from "#engine/command/operation-options.ts";
import { readStackOutputs } from "#engine/command/stack-reference-outputs.ts";
import { readState, StackSession } from "#engine/command/stack-session.ts";
import { phrases } from "#engine/command/stderr-phrases.ts";
import { updateEnvironment } from "#engine/command/update-environment.ts";
import type { DeploymentKind, DeploymentPorts, DeploymentRequest, DeploymentResult, EngineEventBody, SnapshotJournal } from "#engine/deploy/deployment.ts";
import { ProgressDisplay } from "#engine/display/progress-display.ts";
import type { Project } from "#engine/stack-config/project-file.ts";
import type { Snapshot } from "#engine/state/resource-state.ts";

export interface Operation {
  readonly kind: DeploymentKind;
  /** Nothing may change. */
  readonly dryRun: boolean;
  readonly project: Project;
  readonly reference: StackReference;
  readonly config: OperationConfig;
}

const labels: Readonly<Record<DeploymentKind, { readonly doing: string; readonly preview: string; readonly changing: string; readonly noun: string }>> = {
  preview: { doing: "Previewing update", preview: "Previewing update", changing: "update", noun: "preview" },
  update: { doing: "Updating", preview: "Previewing update", changing: "update", noun: "update" },
  refresh: { doing: "Refreshing", preview: "Previewing refresh", changing: "refresh", noun: "refresh" },
  destroy: { doing: "Destroying", preview: "Previewing destroy", changing: "destroy", noun: "destroy" },
};

/** Runs one operation from its banner to its checkpoint and history entry. Throws a {@link CommandFailure} for an operation that didn't succeed. */
export async function runOperation(context: CommandContext, operation: Operation): Promise<DeploymentResult> {
  const result = operation.dryRun ? await preview(context, operation) : await change(context, operation);
  checkOutcome(context, operation, result);
  return result;
}

async function preview(context: CommandContext, operation: Operation): Promise<DeploymentResult> {
  const { workspace, clock, version } = context;
  const checkpoint = await workspace.readCheckpoint(operation.reference);
  const { snapshot } = await readState({ workspace, reference: operation.reference, manager: operation.config.manager, clock, version }, checkpoint);
  return await deploy(context, operation, snapshot, undefined);
}

async function change(context: CommandContext, operation: Operation): Promise<DeploymentResult> {
  const { workspace, clock, version, err } = context;
  const { reference } = operation;
  const session = await StackSession.open({ workspace, reference, manager: operation.config.manager, clock, version });
  try {
    for (const note of session.notes) err(`warning: ${note}\n`);
    const startTime = unixSeconds(clock.now());
    const result = await deploy(context, operation, session.snapshot, session.journal);
    await session.save(result.snapshot);
    await record(context, operation, result, startTime);
    return result;
  } finally {
    await session.close();
  }
}

async function record(context: CommandContext, { kind, project, reference, config }: Operation, result: DeploymentResult, startTime: number): Promise<void> {
  const { arguments: args, environment, version, clock } = context;
  const store = await context.workspace.store();
  const update: UpdateInfo = {
    kind: kind === "preview" ? "update" : kind,
    startTime,
    message: args.text("message") ?? "",
    environment: updateEnvironment(args, environment, version, runsProgram(kind, context) ? project.runtime.name : undefined),
    config: config.stored,
    version: 0,
    result: result.outcome === "succeeded" ? "succeeded" : "failed",
    endTime: unixSeconds(clock.now()),
    ...(Object.keys(result.changes).length ? { resourceChanges: result.changes } : {}),
  };
  await store.addToHistory(reference, update);
  await store.backup(reference);
}

/** Runs the deployment with its display, its event log and its program. */
async function deploy(context: CommandContext, operation: Operation, previous: Snapshot, journal: SnapshotJournal | undefined): Promise<DeploymentResult> {
  const { arguments: args, cwd, err } = context;
  const address = args.text("event-log");
  const log = address === undefined ? undefined : await openEventLog(address, cwd);
  const program = await startProgram(context, operation).catch(async (error: unknown) => {
    await log?.close();
    throw error;
  });
  try {
    const request = requestFor(context, operation, previous, program?.address ?? args.text("client"));
    const ports: DeploymentPorts = {
      emit: eventSink(context, operation, log),
      journal,
      readStackOutputs: (name) => readStackOutputs(context.workspace, name),
      cancellation: context.cancellation,
    };
    return await context.runDeployment(request, ports);
  } finally {
    await program?.close();
    const problem = await log?.close();
    if (problem) err(`warning: ${problem}\n`);
  }
}

/** The program's own process, when it isn't a function in the caller's process. */
async function startProgram(context: CommandContext, { kind, project }: Operation): Promise<NodeProgram | undefined> {
  const { arguments: args, environment, nodePath } = context;
  if (args.has("client") || !runsProgram(kind, context)) return undefined;
  return await startNodeProgram(project, nodePath, environment);
}

function runsProgram(kind: DeploymentKind, { arguments: args, environment }: CommandContext): boolean {
  return kind === "update" || kind === "preview" || operationOptions(args, environment).runProgram;
}

function requestFor(
  context: CommandContext,
  { kind, dryRun, project, reference, config }: Operation,
  previous: Snapshot,
  languageRuntime: string | undefined,
): DeploymentRequest {
  const { arguments: args, environment, packages } = context;
  return {
    ...operationOptions(args, environment),
    kind,
    dryRun,
    project: project.name,
    stack: reference.stack,
    organization,
    projectFolder: project.folder,
    programFolder: programPlace(project).folder,
    config: config.plain,
    configSecretKeys: config.secretKeys,
    languageRuntime,
    previous,
    packages,
    environment,
  };
}

/** Numbers and dates every event, logs and shows it. */
function eventSink(
  context: CommandContext,
  { kind, dryRun, project, reference, config }: Operation,
  log: EventLog | undefined,
): (body: EngineEventBody) => void {
  const { arguments: args, clock, out } = context;
  const display = new ProgressDisplay({
    heading: dryRun ? labels[kind].preview : labels[kind].doing,
    stack: reference.stack,
    rootUrn: makeUrn(reference.stack, project.name, undefined, rootStackType, `${project.name}-${reference.stack}`),
    preview: dryRun,
    showOutputs: !args.boolean("suppress-outputs"),
    showSames: args.boolean("show-sames"),
    debug: args.boolean("debug"),
    clock,
    write: out,
  });
  let sequence = 0;
  return (body) => {
    const shown = body.preludeEvent ? { ...body, preludeEvent: { ...body.preludeEvent, config: { ...config.blinded } } } : body;
    const event: EngineEvent = { sequence: sequence++, timestamp: unixSeconds(clock.now()), ...shown };
    log?.write(event);
    display.show(shown);
  };
}

function checkOutcome({ arguments: args }: CommandContext, { kind }: Operation, result: DeploymentResult): void {
  if (result.outcome === "terminated") throw new CommandFailure(phrases.cancelled, exitCodes.cancelled);
  if (result.outcome !== "succeeded") throw new CommandFailure(result.error ?? "");
  const changed = Object.entries(result.changes).some(([op, count]) => count > 0 && !["same", "read", "discard"].includes(op));
  if (args.boolean("expect-no-changes") && changed) throw new CommandFailure(phrases.changesNotExpected(labels[kind].noun), exitCodes.changesNotExpected);
}

function unixSeconds(time: Date): number {
  return Math.floor(time.getTime() / 1000);
}
