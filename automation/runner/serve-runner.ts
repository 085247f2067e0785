import { answerStackQuestion } from "#automation/answer-stack-question.ts";
import type { Engine } from "#automation/command.ts";
import { runStackAction } from "#automation/run-stack-action.ts";
import { dropDebugMessages } from "#automation/runner/drop-debug-messages.ts";
import type { FromRunner, ToRunner } from "#automation/runner/protocol.ts";
import { skipPromiseTraces } from "#automation/runner/skip-promise-traces.ts";
import { toProblem } from "#core/errors.ts";

/**
 * The life of a runner process: one action or question at a time, over IPC, until the parent goes away. A program that leaves a stray rejection
 * behind takes down this process, not the controller.
 */
export function serveRunner(engine: Engine, environment: Readonly<Record<string, string | undefined>>): void {
  dropDebugMessages();
  skipPromiseTraces(environment);
  let cancellation = new AbortController();
  let work: Promise<void> = Promise.resolve();
  process.on("message", (message: ToRunner) => {
    if (message.type === "cancel") cancellation.abort();
    else {
      cancellation = new AbortController();
      work = (message.type === "run" ? run(engine, message, cancellation.signal) : ask(engine, message)).catch((error: unknown) =>
        send({ type: "problem", problem: toProblem(error) }),
      );
    }
  });
  // The parent's death must not leave an action running for nobody: it is asked to end, and then this process does.
  process.on("disconnect", () => {
    cancellation.abort();
    setTimeout(() => process.exit(1), 60_000).unref();
    void work.then(() => process.exit(0));
  });
  send({ type: "ready" });
}

async function run(engine: Engine, message: Extract<ToRunner, { type: "run" }>, signal: AbortSignal): Promise<void> {
  const result = await runStackAction(message.action, { engine, signal, onEvent: (event) => send({ type: "event", event }) });
  send({ type: "result", result });
}

async function ask(engine: Engine, message: Extract<ToRunner, { type: "ask" }>): Promise<void> {
  send({ type: "answer", answer: await answerStackQuestion(message.question, engine) });
}

function send(message: FromRunner): void {
  if (process.connected) process.send?.(message);
}
