import type { ValueProblem } from "#config/check-value.ts";
import type { ValuePath, YamlFile } from "#config/yaml-file.ts";
import { type FieldProblem, StrataError } from "#core/errors.ts";

/** Throws when there are problems with a file's values: each line names file, line and column. */
export function reportInFile(file: YamlFile, problems: readonly ValueProblem[], under: ValuePath = []): void {
  report(
    problems.map((problem) => {
      const path = [...under, ...problem.path];
      return { ...problem, path, place: file.placeOf(path, { key: problem.kind === "unknown" }) };
    }),
    { file: file.path },
  );
}

/** Throws when there are problems with values of a request or a record: each names its JSON pointer. */
export function reportInRequest(problems: readonly ValueProblem[], under: ValuePath): void {
  report(
    problems.map((problem) => {
      const path = [...under, ...problem.path];
      return { ...problem, path, place: pointerOf(path) || "(the whole)" };
    }),
    {},
  );
}

function report(problems: readonly (ValueProblem & { readonly place: string })[], facts: Readonly<Record<string, string>>): void {
  if (problems.length === 0) return;
  const code = problems.every((problem) => problem.kind === "unknown") ? "unknown_field" : "invalid_config";
  const fields: FieldProblem[] = problems.map(({ path, detail }) => ({ pointer: pointerOf(path), detail }));
  throw new StrataError(code, problems.map((problem) => `${problem.place}: ${subject(problem)}${problem.detail}`).join("\n"), { fields, facts });
}

/** "'replicas' is 'two', …" but "there is no field …". */
function subject(problem: ValueProblem): string {
  return problem.kind === "unknown" || problem.path.length === 0 ? "" : `'${problem.path.join(".")}' `;
}

export function pointerOf(path: ValuePath): string {
  return path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
