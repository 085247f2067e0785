/** What is known of an operation from the events seen so far. Messages aren't kept: displays print them as they come. */

import { replacementParts } from "#cli/render/format.ts";
import type { LayerId, StackName } from "#core/ids.ts";
import type { LayerResult, OperationResult, OperationState, RecordedEvent, StepCounts, StepOp } from "#core/operation.ts";
import { addCounts } from "#core/operation.ts";

export interface OperationView {
  readonly state: OperationState;
  /** Sequence of the last event taken in; 0 before the first. */
  readonly sequence: number;
  /** Milliseconds since 1970 of the first event and of the last. */
  readonly startedAt?: number;
  readonly updatedAt?: number;
  /** The latest message of each stage before the layers, in order of appearance. */
  readonly stages: readonly StageView[];
  /** In order of appearance. */
  readonly layers: readonly LayerView[];
  readonly result?: OperationResult;
}

export interface StageView {
  readonly stage: string;
  readonly message: string;
  readonly done?: number;
  readonly total?: number;
}

export interface LayerView {
  readonly layer: LayerId;
  readonly stack: StackName;
  readonly state: "running" | LayerResult["state"];
  readonly startedAt: number;
  readonly changes: StepCounts;
  /** Steps under way, oldest first. */
  readonly running: readonly StepView[];
  /** Steps that changed something (or would, in a preview), in order. */
  readonly changed: readonly StepView[];
  readonly failed: readonly StepView[];
  readonly result?: LayerResult;
}

export interface StepView {
  readonly op: StepOp;
  readonly urn: string;
  readonly resourceType: string;
  readonly name: string;
  readonly startedAt: number;
  readonly diff?: Readonly<Record<string, string>>;
  readonly standIn: boolean;
}

export const emptyView: OperationView = { state: "queued", sequence: 0, stages: [], layers: [] };

/** The view after one more event. An event that was taken in before changes nothing. */
export function reduceOperation(view: OperationView, event: RecordedEvent): OperationView {
  if (event.sequence <= view.sequence) return view;
  const at = Date.parse(event.time);
  const next: OperationView = { ...view, sequence: event.sequence, startedAt: view.startedAt ?? at, updatedAt: at };
  switch (event.type) {
    case "state":
      return { ...next, state: event.state };
    case "progress": {
      const { stage, message, done, total } = event;
      return { ...next, stages: replaceOrAppend(view.stages, (known) => known.stage === stage, { stage, message, done, total }) };
    }
    case "layer-started":
      return { ...next, layers: replaceOrAppend(view.layers, (known) => known.layer === event.layer, newLayer(event.layer, event.stack, at)) };
    case "resource":
      return changeLayer(next, event.layer, at, (layer) => takeStep(layer, event, at));
    case "diagnostic":
      return next;
    case "layer-finished":
      return changeLayer(next, event.layer, at, (layer) => ({
        ...layer,
        stack: event.result.stack,
        state: event.result.state,
        changes: event.result.changes,
        running: [],
        result: event.result,
      }));
    case "finished":
      return { ...next, state: event.result.state, result: event.result };
  }
}

function newLayer(layer: LayerId, stack: StackName, startedAt: number): LayerView {
  return { layer, stack, state: "running", startedAt, changes: {}, running: [], changed: [], failed: [] };
}

/** A layer may be heard of without having started: one that is skipped only finishes. */
function changeLayer(view: OperationView, id: LayerId, at: number, change: (layer: LayerView) => LayerView): OperationView {
  const known = view.layers.find((layer) => layer.layer === id) ?? newLayer(id, "" as StackName, at);
  return { ...view, layers: replaceOrAppend(view.layers, (layer) => layer.layer === id, change(known)) };
}

function takeStep(layer: LayerView, event: Extract<RecordedEvent, { type: "resource" }>, at: number): LayerView {
  const same = (step: StepView) => step.urn === event.urn && step.op === event.op;
  const begun = layer.running.find(same);
  const step: StepView = {
    op: event.op,
    urn: event.urn,
    resourceType: event.resourceType,
    name: event.name,
    startedAt: begun?.startedAt ?? at,
    diff: event.diff ?? begun?.diff,
    standIn: event.standIn ?? begun?.standIn ?? false,
  };
  // What has children is a component, whose own step lasts as long as theirs and would only hide them.
  const others = layer.running.filter((other) => other.urn !== event.parent);
  if (event.phase === "started") return { ...layer, running: event.op === "same" ? others : replaceOrAppend(others, same, step) };
  const running = others.filter((other) => other !== begun);
  if (event.phase === "failed") return { ...layer, running, failed: [...layer.failed, step] };
  const part = replacementParts.has(event.op);
  return {
    ...layer,
    running,
    changes: part ? layer.changes : addCounts(layer.changes, { [event.op]: 1 }),
    changed: event.op === "same" || event.op === "read" || part ? layer.changed : [...layer.changed, step],
  };
}

function replaceOrAppend<T>(list: readonly T[], isSame: (item: T) => boolean, item: T): readonly T[] {
  const index = list.findIndex(isSame);
  return index < 0 ? [...list, item] : list.with(index, item);
}
