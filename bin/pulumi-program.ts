// What plain `pulumi up -s <system>.<environment>.<layer>` runs: the same program as the controller, on the same configuration.
import { getStack } from "@pulumi/pulumi";
import { parseStackName } from "#core/ids.ts";
import { readInput } from "#programs/read-input.ts";
import { runLayer } from "#programs/run-layer.ts";

export default async function program(): Promise<Record<string, unknown>> {
  parseStackName(getStack());
  return runLayer({ input: readInput() });
}
