// A runner process without the SDK: what it does is told by the action's message.
import type { FromRunner, ToRunner } from "#automation/runner/protocol.ts";

const send = (message: FromRunner) => process.send?.(message);
let cancelled: (() => void) | undefined;

process.on("disconnect", () => process.exit(0));
process.on("message", (message: ToRunner) => {
  if (message.type === "cancel") return cancelled?.();
  if (message.type === "ask") return send({ type: "answer", answer: { outputs: { pid: { value: process.pid } } } });
  const done = (state: "succeeded" | "cancelled") =>
    send({ type: "result", result: { state, changes: {}, outputs: { pid: { value: process.pid } }, capacity: [], access: [] } });
  switch (message.action.message) {
    case "die":
      console.error("out of luck");
      return process.exit(3);
    case "until cancelled":
      cancelled = () => done("cancelled");
      return send({ type: "event", event: { type: "diagnostic", severity: "info", message: "begun" } });
    case "never end":
      return send({ type: "event", event: { type: "diagnostic", severity: "info", message: "begun" } });
    default:
      return done("succeeded");
  }
});
send({ type: "ready" });
