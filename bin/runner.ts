// The process that one stack action runs in; see automation/runner/serve-runner.ts.

import { serveRunner } from "#automation/runner/serve-runner.ts";
import { openEngine } from "#bin/wiring/engine.ts";
import { readSettings } from "#config/settings.ts";

serveRunner(await openEngine(readSettings(process.env)), process.env);
