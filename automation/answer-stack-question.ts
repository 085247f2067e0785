import { LocalWorkspace, StackNotFoundError, type UpdateSummary } from "@pulumi/pulumi/automation/index.js";
import { asPulumiCommand, type Engine } from "#automation/command.ts";
import { isStandIn } from "#automation/engine-events.ts";
import { outputViews } from "#automation/run-stack-action.ts";
import type { StackAnswer } from "#automation/runner/protocol.ts";
import type { StackQuestion } from "#automation/stack-action.ts";
import { prepareStackFolders, stackEnvironment } from "#automation/workspace.ts";
import { StrataError } from "#core/errors.ts";
import { projectName } from "#core/ids.ts";
import type { StepCounts } from "#core/operation.ts";
import type { HistoryEntry, ResourceView } from "#core/stack-reader.ts";
import { parseUrn } from "#core/urn.ts";

/** Reads what is known about a stack, without changing or locking it. Throws `stack_not_found`. */
export async function answerStackQuestion(question: StackQuestion, engine: Engine): Promise<StackAnswer> {
  const folders = await prepareStackFolders(question.dataFolder);
  const options = {
    workDir: folders.settings,
    pulumiCommand: asPulumiCommand(engine.command),
    envVars: { ...engine.environment, ...stackEnvironment(folders) },
  };
  const workspace = await LocalWorkspace.create({ ...options, program: async () => undefined });
  try {
    switch (question.about) {
      case "outputs":
        return { outputs: outputViews(await workspace.stackOutputs(question.stack)) };
      case "resources":
        return { resources: resourcesOf((await workspace.exportStack(question.stack)).deployment as Deployment) };
      case "history": {
        const stack = await LocalWorkspace.selectStack({ stackName: question.stack, projectName, program: async () => undefined }, options);
        const history = await stack.history(question.limit ?? 20, 1, false);
        return { history: history.map(historyEntry) };
      }
    }
  } catch (error) {
    if (error instanceof StackNotFoundError)
      throw new StrataError("stack_not_found", `Stack ${question.stack} doesn't exist: that layer was never up.`, { cause: error });
    throw error;
  }
}

interface Deployment {
  resources?: {
    urn: string;
    type: string;
    id?: string;
    parent?: string;
    provider?: string;
    protect?: boolean;
    external?: boolean;
    inputs?: Record<string, unknown>;
  }[];
}

function resourcesOf(deployment: Deployment): ResourceView[] {
  return (deployment.resources ?? []).map((r) => ({
    urn: r.urn,
    type: r.type,
    name: parseUrn(r.urn).name,
    protect: r.protect === true,
    external: r.external === true,
    ...(r.id ? { id: r.id } : {}),
    ...(r.parent ? { parent: r.parent } : {}),
    ...(r.provider ? { provider: r.provider } : {}),
    ...(isStandIn(r.inputs) ? { standIn: true } : {}),
  }));
}

const knownKinds: Readonly<Record<string, HistoryEntry["kind"]>> = {
  update: "up",
  preview: "preview",
  refresh: "refresh",
  destroy: "destroy",
  import: "import",
  rename: "rename",
};

function historyEntry(entry: UpdateSummary): HistoryEntry {
  return {
    kind: knownKinds[entry.kind] ?? "other",
    result: entry.result,
    startTime: entry.startTime.toISOString(),
    endTime: entry.endTime.toISOString(),
    changes: (entry.resourceChanges ?? {}) as StepCounts,
  };
}
