import type { FlagSpecs } from "#engine/command/argv.ts";

/** Flags that every command takes. Colours, logs and traces are accepted and have no effect. */
export const globalFlags: FlagSpecs = {
  color: { kind: "text" },
  cwd: { kind: "text", short: "C" },
  "disable-integrity-checking": { kind: "boolean" },
  emoji: { kind: "boolean", short: "e" },
  "fully-qualify-stack-names": { kind: "boolean", short: "Q" },
  help: { kind: "boolean", short: "h" },
  logflow: { kind: "boolean" },
  logtostderr: { kind: "boolean" },
  "non-interactive": { kind: "boolean" },
  profiling: { kind: "text" },
  tracing: { kind: "text" },
  verbose: { kind: "number", short: "v" },
};

export const stackFlag: FlagSpecs = { stack: { kind: "text", short: "s" } };
export const jsonFlag: FlagSpecs = { json: { kind: "boolean", short: "j" } };
export const yesFlag: FlagSpecs = { yes: { kind: "boolean", short: "y" } };
export const showSecretsFlag: FlagSpecs = { "show-secrets": { kind: "boolean" } };
/** `config` commands and operations read another file than the stack's own. */
export const configFileFlag: FlagSpecs = { "config-file": { kind: "text" } };

const displayFlags: FlagSpecs = {
  debug: { kind: "boolean", short: "d" },
  diff: { kind: "boolean" },
  json: { kind: "boolean", short: "j" },
  output: { kind: "text" },
  "show-config": { kind: "boolean" },
  "show-full-output": { kind: "boolean" },
  "show-policy-remediations": { kind: "boolean" },
  "show-reads": { kind: "boolean" },
  "show-replacement-steps": { kind: "boolean" },
  "show-sames": { kind: "boolean" },
  "show-secrets": { kind: "boolean" },
  "suppress-outputs": { kind: "boolean" },
  "suppress-permalink": { kind: "optional-text" },
  "suppress-progress": { kind: "boolean" },
  "skip-plugin-pre-install": { kind: "boolean" },
  "skip-config-validation": { kind: "boolean" },
  urns: { kind: "boolean" },
};

/** What preview, up, refresh and destroy have in common. */
const operationFlags: FlagSpecs = {
  ...stackFlag,
  ...configFileFlag,
  ...displayFlags,
  client: { kind: "text" },
  config: { kind: "texts", short: "c" },
  "config-path": { kind: "boolean" },
  "event-log": { kind: "text" },
  "exec-agent": { kind: "text" },
  "exec-kind": { kind: "text" },
  message: { kind: "text", short: "m" },
  parallel: { kind: "number", short: "p" },
  "run-program": { kind: "boolean" },
  target: { kind: "texts", short: "t" },
  "target-dependents": { kind: "boolean" },
  exclude: { kind: "texts", short: "x" },
  "exclude-dependents": { kind: "boolean" },
  remote: { kind: "boolean" },
};

const changingFlags: FlagSpecs = { ...yesFlag, "skip-preview": { kind: "boolean", short: "f" } };

const updateFlags: FlagSpecs = {
  ...operationFlags,
  "attach-debugger": { kind: "optional-text" },
  "expect-no-changes": { kind: "boolean" },
  plan: { kind: "text" },
  "policy-pack": { kind: "texts" },
  "policy-pack-config": { kind: "texts" },
  refresh: { kind: "optional-text", short: "r" },
  replace: { kind: "texts" },
  "target-replace": { kind: "texts" },
  "continue-on-error": { kind: "boolean" },
};

export const previewFlags: FlagSpecs = { ...updateFlags, "save-plan": { kind: "text" }, "import-file": { kind: "text" } };
export const upFlags: FlagSpecs = { ...updateFlags, ...changingFlags, "secrets-provider": { kind: "text" } };
export const refreshFlags: FlagSpecs = {
  ...operationFlags,
  ...changingFlags,
  "clear-pending-creates": { kind: "boolean" },
  "expect-no-changes": { kind: "boolean" },
  "preview-only": { kind: "boolean" },
  "skip-pending-creates": { kind: "boolean" },
};
export const destroyFlags: FlagSpecs = {
  ...operationFlags,
  ...changingFlags,
  "continue-on-error": { kind: "boolean" },
  "exclude-protected": { kind: "boolean" },
  "preview-only": { kind: "boolean" },
  refresh: { kind: "optional-text", short: "r" },
  remove: { kind: "boolean" },
};
