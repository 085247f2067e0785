// The process that one stack action runs in; see automation/runner/serve-runner.ts.

import { serveRunner } from "#automation/runner/serve-runner.ts";
import { chosenEngine } from "#bin/wiring.ts";
import { readSettings } from "#config/settings.ts";

serveRunner(await chosenEngine(readSettings(process.env)));
