import { runProgram } from "#providers/kubernetes/helm/helm-command.ts";

export interface KustomizeOptions {
  /** Path of kubectl, or how to get it. */
  readonly program: string | (() => Promise<string>);
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What a relative directory starts from. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** Builds a kustomization by kubectl; answers the manifest. Throws an `Error` with kubectl's own complaint. */
export async function buildKustomization(directory: string, flags: readonly string[], options: KustomizeOptions): Promise<string> {
  const path = typeof options.program === "string" ? options.program : await options.program();
  return runProgram(path, ["kustomize", directory, ...flags], {
    environment: options.environment,
    folder: options.folder,
    signal: options.signal,
    missing: `kustomizations need the kubectl program, and '${path}' can't be started: install kubectl or put it on the PATH`,
  });
}
