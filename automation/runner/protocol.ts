/** What a controller and its runner processes tell each other over IPC. */
import type { StackAction, StackActionEvent, StackActionResult, StackQuestion } from "#automation/stack-action.ts";
import type { Problem } from "#core/errors.ts";
import type { OutputView } from "#core/operation.ts";
import type { HistoryEntry, ResourceView } from "#core/stack-reader.ts";

export type ToRunner =
  | { readonly type: "run"; readonly action: StackAction }
  | { readonly type: "ask"; readonly question: StackQuestion }
  /** Ask the action under way to come to an end. */
  | { readonly type: "cancel" };

export type FromRunner =
  /** Sent once, when the SDK is loaded. */
  | { readonly type: "ready" }
  | { readonly type: "event"; readonly event: StackActionEvent }
  | { readonly type: "result"; readonly result: StackActionResult }
  | { readonly type: "answer"; readonly answer: StackAnswer }
  | { readonly type: "problem"; readonly problem: Problem };

export interface StackAnswer {
  readonly outputs?: Readonly<Record<string, OutputView>>;
  readonly resources?: readonly ResourceView[];
  readonly history?: readonly HistoryEntry[];
}
