// The real runner loop on an engine whose every command fails.
import { SemVer } from "semver";
import { serveRunner } from "#automation/runner/serve-runner.ts";

const run = () => Promise.reject(new Error("refused"));
serveRunner({ description: "refuses", command: { command: "refuse", version: new SemVer("3.259.0"), run }, environment: {} }, process.env);
