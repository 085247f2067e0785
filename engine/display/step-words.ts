import type { StepOp } from "#core/operation.ts";

/** How each kind of step is marked and named. Mirrors pulumi/pulumi:pkg/resource/deploy/step.go and pkg/backend/display/progress.go (v3.259.0). */
interface StepWords {
  readonly mark: string;
  readonly preview: string;
  readonly previewDone: string;
  readonly doing: string;
  readonly done: string;
  /** In the summary of what was done. */
  readonly counted: string;
}

/** In the order of a summary. */
export const stepWords: Readonly<Record<StepOp, StepWords>> = {
  same: { mark: "  ", preview: "", previewDone: "", doing: "", done: "", counted: "samed" },
  create: { mark: "+ ", preview: "create", previewDone: "create", doing: "creating", done: "created", counted: "created" },
  update: { mark: "~ ", preview: "update", previewDone: "update", doing: "updating", done: "updated", counted: "updated" },
  delete: { mark: "- ", preview: "delete", previewDone: "delete", doing: "deleting", done: "deleted", counted: "deleted" },
  replace: { mark: "+-", preview: "replace", previewDone: "replace", doing: "replacing", done: "replaced", counted: "replaced" },
  "create-replacement": {
    mark: "++",
    preview: "create replacement",
    previewDone: "replace",
    doing: "creating replacement",
    done: "created replacement",
    counted: "create-replacementd",
  },
  "delete-replaced": {
    mark: "--",
    preview: "delete original",
    previewDone: "replace",
    doing: "deleting original",
    done: "deleted original",
    counted: "deleted",
  },
  read: { mark: "> ", preview: "read", previewDone: "read", doing: "reading", done: "read", counted: "read" },
  "read-replacement": {
    mark: ">>",
    preview: "read for replacement",
    previewDone: "replace",
    doing: "reading for replacement",
    done: "read for replacement",
    counted: "read-replacementd",
  },
  refresh: { mark: "~ ", preview: "refreshing", previewDone: "refresh", doing: "refreshing", done: "refresh", counted: "refreshed" },
  discard: { mark: "< ", preview: "discard", previewDone: "discard", doing: "discarding", done: "discarded", counted: "discarded" },
  "discard-replaced": {
    mark: "<<",
    preview: "discard original",
    previewDone: "replace",
    doing: "discarding original",
    done: "discarded original",
    counted: "discarded",
  },
  "remove-pending-replace": { mark: "~ ", preview: "", previewDone: "", doing: "", done: "", counted: "remove-pending-replaced" },
  import: { mark: "= ", preview: "import", previewDone: "import", doing: "importing", done: "imported", counted: "imported" },
  "import-replacement": {
    mark: "=>",
    preview: "import replacement",
    previewDone: "import",
    doing: "importing replacement",
    done: "imported replacement",
    counted: "imported",
  },
};

/** Words for an op that this version doesn't know are the op itself. */
export function wordsFor(op: string): StepWords {
  return stepWords[op as StepOp] ?? { mark: "  ", preview: op, previewDone: op, doing: op, done: op, counted: op };
}

/** A type token without the module part that only repeats the type's name. */
export function typeDisplayName(type: string): string {
  const [pkg, module, name, ...more] = type.split(":");
  if (more.length || !module || !name) return type;
  const slash = module.lastIndexOf("/");
  const camelCase = name[0]!.toLowerCase() + name.slice(1);
  return slash >= 0 && module.slice(slash + 1) === camelCase ? `${pkg}:${module.slice(0, slash)}:${name}` : type;
}
