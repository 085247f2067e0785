import { join } from "node:path";
import { PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import type { Engine, EngineCommand } from "#automation/command.ts";
import { chooseEngine } from "#bin/choose-engine.ts";
import { openToolchain } from "#bin/wiring/clusters.ts";
import { readSettings, type Settings } from "#config/settings.ts";
import { runDeployment } from "#engine/deploy/run-deployment.ts";
import { createEmbeddedCommand, type EmbeddedCommand } from "#engine/embedded-command.ts";
import type { ProviderPackage } from "#providers/contract.ts";
import { kubernetesPackage } from "#providers/kubernetes/package.ts";
import { randomPackage } from "#providers/random/package.ts";
import { tlsPackage } from "#providers/tls/package.ts";

/** Shorter than the patience of the runner pool, so that an operation ends by itself with its state written. */
const runnerCancelDeadline = 60_000;

type Environment = Readonly<Record<string, string | undefined>>;

/** The packages that the embedded engine serves by itself. */
export function builtInPackages(settings: Settings): ProviderPackage[] {
  const tools = openToolchain(settings);
  const tool = (name: "helm" | "kubectl") => async () =>
    (await tools.ensure([name], { onProgress: () => undefined, signal: new AbortController().signal }))[name];
  return [
    kubernetesPackage({ environment: settings.environment, helm: tool("helm"), kubectl: tool("kubectl") }),
    randomPackage(),
    tlsPackage({ environment: settings.environment }),
  ];
}

/** @param cancelDeadline milliseconds after which a cancelled operation gives up on calls under way; never when absent */
export function embeddedCommand(environment: Environment, cancelDeadline?: number): EmbeddedCommand {
  const packages = builtInPackages(readSettings(environment));
  return createEmbeddedCommand({ packages, environment, runDeployment, ...(cancelDeadline === undefined ? {} : { cancelDeadline }) });
}

/** The engine for this machine, ready to use. Throws `engine_unavailable`. */
export async function openEngine(settings: Settings): Promise<Engine> {
  const choice = await chooseEngine(settings.engine, settings.environment);
  const description = `${choice.kind === "cli" ? "Pulumi CLI" : "embedded engine"} ${choice.version}: ${choice.reason}`;
  if (choice.kind === "cli") return { description, command: (await PulumiCommand.get()) as unknown as EngineCommand, environment: {} };
  // The embedded engine remembers selections and the like in the data folder, not in the user's home.
  return {
    description,
    command: embeddedCommand(settings.environment, runnerCancelDeadline),
    environment: { PULUMI_HOME: join(settings.dataFolder, "pulumi-home") },
  };
}
