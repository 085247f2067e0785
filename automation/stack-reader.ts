import type { RunnerPool } from "#automation/runner/runner-pool.ts";
import { stackNameOf } from "#core/ids.ts";
import type { StackReader } from "#core/stack-reader.ts";

/** Reads stacks through a runner, so that the controller itself never loads the SDK. */
export function createStackReader(runners: Pick<RunnerPool, "ask">, dataFolder: string): StackReader {
  const ask = (about: "outputs" | "resources" | "history", address: Parameters<StackReader["outputs"]>[0], limit?: number) =>
    runners.ask({ stack: stackNameOf(address.system, address.environment, address.layer), dataFolder, about, ...(limit === undefined ? {} : { limit }) });
  return {
    outputs: async (stack) => (await ask("outputs", stack)).outputs ?? {},
    resources: async (stack) => (await ask("resources", stack)).resources ?? [],
    history: async (stack, limit) => (await ask("history", stack, limit)).history ?? [],
  };
}
