import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { DeploymentJson } from "#engine/backend/checkpoint.ts";
import { hasSecretWrappers, mapSecretWrappers, revealNested } from "#engine/backend/secret-wrappers.ts";
import type { Command } from "#engine/command/command-context.ts";
import { CommandFailure } from "#engine/command/command-failure.ts";
import { showSecretsFlag, stackFlag } from "#engine/command/flags.ts";
import { printedJson } from "#engine/command/printed-json.ts";
import { phrases } from "#engine/command/stderr-phrases.ts";

/** Prints a stack's deployment, fields that this version doesn't know included. */
export const stackExport: Command = {
  words: ["stack", "export"],
  flags: { ...stackFlag, ...showSecretsFlag, file: { kind: "text" }, version: { kind: "text" } },
  positional: { least: 0, most: 0 },
  async run({ arguments: args, workspace, cwd, out }) {
    if (args.has("version")) throw new CommandFailure(phrases.unsupported("stack export --version with a file backend"));
    const checkpoint = await workspace.readCheckpoint(await workspace.requireStack(args.text("stack")));
    let deployment: DeploymentJson | undefined = checkpoint.latest;
    if (deployment && args.boolean("show-secrets") && hasSecretWrappers(deployment)) {
      const manager = await workspace.secretsOfState(checkpoint);
      if (!manager) throw new CommandFailure("the state holds secrets but doesn't say how they were encrypted");
      deployment = mapSecretWrappers(deployment, (wrapper) => ({ plaintext: revealNested(wrapper.plaintext ?? manager.decrypt(wrapper.ciphertext ?? "")) }));
    }
    const text = printedJson(
      { version: checkpoint.version, ...(checkpoint.features.length ? { features: checkpoint.features } : {}), deployment: deployment ?? null },
      4,
    );
    const file = args.text("file");
    if (file === undefined) out(text);
    else await writeFile(resolve(cwd, file), text, { mode: 0o600 });
  },
};
