import { Config } from "@pulumi/pulumi";
import type { LayerInput } from "#config/spec.ts";
import { projectName } from "#core/ids.ts";

/** What the stack's configuration says about its layer (`strata:spec`), for runs that no controller started. */
export function readInput(): LayerInput {
  return new Config(projectName).requireObject<LayerInput>("spec");
}
