import { unwrapSecrets } from "#core/property-value.ts";
import { parseUrn, type Urn } from "#core/urn.ts";
import type { ResourceManager } from "#engine/deploy/provider-handle.ts";
import type { RunContext } from "#engine/deploy/run-context.ts";
import { parsePropertyPath, pathContains, resetPaths } from "#engine/values/property-path.ts";
import { diffBags } from "#engine/values/value-diff.ts";
import type { DetailedDiff, DiffKind, DiffRequest, DiffResponse } from "#providers/contract.ts";

/** Entry of `replaceOnChanges` that means "when the last creation or update didn't fully succeed". */
const initErrorKey = "#initerror";

/** Asks the provider what differs, and compares the inputs where it leaves that to the engine; the answer is never `unknown`. */
export async function diffResource(context: RunContext, manager: ResourceManager, request: Omit<DiffRequest, "type" | "name">): Promise<DiffResponse> {
  const { type, name } = parseUrn(request.urn);
  const diff = await manager.diff({ ...request, type, name });
  if (diff.changes !== "unknown") return diff;
  const news = ignoreChanges(context, request.urn, request.news, request.oldInputs, request.ignoreChanges);
  const found = diffBags(unwrapSecrets(request.oldInputs), unwrapSecrets(news), true);
  return found ? { ...diff, changes: "some", diffs: found.changedKeys, detailedDiff: found.detailedDiff } : { ...diff, changes: "none" };
}

/** The inputs with ignored paths reset; tells people of paths that can't be. */
export function ignoreChanges(
  context: RunContext,
  urn: Urn,
  inputs: DiffRequest["news"],
  oldInputs: DiffRequest["oldInputs"],
  paths: readonly string[],
): DiffRequest["news"] {
  const reset = resetPaths(inputs, oldInputs, paths);
  if (reset.impossible.length)
    context.diagnostics.info(urn, `cannot ignore changes in added or removed elements of the path: ${JSON.stringify(reset.impossible.join(", "))}`);
  return reset.inputs;
}

/** Turns changes under the given paths into replacements. Mirrors `applyReplaceOnChanges` of pulumi/pulumi:pkg/resource/deploy/step_generator.go (v3.259.0). */
export function withReplaceOnChanges(diff: DiffResponse, replaceOnChanges: readonly string[], hasInitErrors: boolean): DiffResponse {
  if ((diff.changes !== "some" && !hasInitErrors) || replaceOnChanges.length === 0) return diff;
  const paths = replaceOnChanges.map(parsePropertyPath);
  const replaces = (text: string) => {
    const path = parsePropertyPath(text);
    return paths.some((candidate) => pathContains(candidate, path));
  };
  const detailed: Record<string, DetailedDiff[string]> | undefined = diff.detailedDiff && {};
  for (const [path, entry] of Object.entries(diff.detailedDiff ?? {})) detailed![path] = replaces(path) ? { ...entry, kind: asReplacement(entry.kind) } : entry;
  const keys = new Set([...diff.replaces, ...diff.diffs.filter((key) => isPropertyPath(key) && replaces(key))]);
  const retry = hasInitErrors && replaces(initErrorKey);
  if (retry) {
    keys.add(initErrorKey);
    if (detailed) detailed[initErrorKey] = { kind: "update-replace", inputDiff: false };
  }
  return { ...diff, changes: retry ? "some" : diff.changes, replaces: [...keys], ...(detailed ? { detailedDiff: detailed } : {}) };
}

export function isReplacement(diff: DiffResponse): boolean {
  return diff.replaces.length > 0 || Object.values(diff.detailedDiff ?? {}).some(({ kind }) => kind.endsWith("-replace"));
}

/** Keys of properties need not be paths. */
function isPropertyPath(text: string): boolean {
  try {
    parsePropertyPath(text);
    return true;
  } catch {
    return false;
  }
}

function asReplacement(kind: DiffKind): DiffKind {
  return kind === "add" || kind === "delete" || kind === "update" ? `${kind}-replace` : kind;
}
