import { type Problem, StrataError, toProblem } from "#core/errors.ts";
import { addCounts, type LayerResult, type OperationRequest, type OperationResult } from "#core/operation.ts";

/** The result of an operation that was cancelled while it waited. */
export function cancelledBeforeStart(id: string): OperationResult {
  const problem = toProblem(new StrataError("operation_cancelled", `Operation ${id} was cancelled while it waited; nothing was done.`));
  return withoutEngine("cancelled", [], problem);
}

/** The result of an operation whose controller stopped or died before it was over; `layers` are those that were over by then. */
export function interrupted(id: string, request: OperationRequest, layers: readonly LayerResult[]): OperationResult {
  return withoutEngine("failed", layers, interruptedProblem(id, request));
}

/** What to tell about an interruption: what is left, and what to type next. */
export function interruptedProblem(id: string, request: OperationRequest): Problem {
  const where = `${request.system} --env ${request.environment}`;
  const remedy =
    request.kind === "preview"
      ? `Ask again: 'strata preview ${where}'.`
      : `What was done until then is kept. Type 'strata refresh ${where}' to compare it with reality, then 'strata ${request.kind} ${where}' to go on.`;
  return toProblem(
    new StrataError("operation_interrupted", `The controller stopped while operation ${id} (${request.kind}) ran. ${remedy}`, { facts: { operation: id } }),
  );
}

/** The result of an operation whose run ended with an error of its own instead of a result. */
export function crashed(error: unknown, layers: readonly LayerResult[]): OperationResult {
  return withoutEngine("failed", layers, toProblem(error));
}

function withoutEngine(state: OperationResult["state"], layers: readonly LayerResult[], problem: Problem): OperationResult {
  const changes = layers.reduce((sum, layer) => addCounts(sum, layer.changes), {});
  return { state, changes, layers, simulated: [], unproven: [], access: [], engine: "unknown", problem };
}
