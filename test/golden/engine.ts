import { embeddedCommand } from "#bin/wiring/engine.ts";

/** The embedded engine as the golden runner takes it: `node test/golden/run.ts --engine test/golden/engine.ts --root . …`. */
export default function engine() {
  return embeddedCommand(process.env);
}
