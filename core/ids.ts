import { randomUUID } from "node:crypto";
import { StrataError } from "#core/errors.ts";

export type SystemName = string & { readonly __brand: "system" };
export type EnvironmentName = string & { readonly __brand: "environment" };
export type ScenarioName = string & { readonly __brand: "scenario" };
export type LayerId = string & { readonly __brand: "layer" };
export type ComponentId = string & { readonly __brand: "component" };
export type OperationId = string & { readonly __brand: "operation" };
export type ScheduleId = string & { readonly __brand: "schedule" };
/** `<system>.<environment>.<layer>`. */
export type StackName = string & { readonly __brand: "stack" };

/** The Pulumi project that all stacks belong to. */
export const projectName = "strata";

const legalName = /^[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*$/;
const longestName = 40;

/** Checks the name of a system, environment, scenario, layer or component; throws `invalid_name` naming the value and the rule. */
export function checkName<T extends string>(kind: string, value: string): T {
  if (legalName.test(value) && value.length <= longestName) return value as T;
  throw new StrataError(
    "invalid_name",
    `'${value.slice(0, 80)}' can't be the name of ${kind === "environment" ? "an" : "a"} ${kind}: use 1 to ${longestName} lower-case letters, digits, and single '-' or '_' between them, starting with a letter.`,
  );
}

export function stackNameOf(system: SystemName, environment: EnvironmentName, layer: LayerId): StackName {
  return `${system}.${environment}.${layer}` as StackName;
}

/** Takes a stack name apart; throws `invalid_name` for one that isn't `<system>.<environment>.<layer>`. */
export function parseStackName(stack: string): { system: SystemName; environment: EnvironmentName; layer: LayerId } {
  const parts = stack.split(".");
  if (parts.length !== 3)
    throw new StrataError(
      "invalid_name",
      `'${stack}' isn't the name of a stack: expected <system>.<environment>.<layer>, for example local-lab.lab.platform_base.`,
    );
  const [system, environment, layer] = parts as [string, string, string];
  return { system: checkName("system", system), environment: checkName("environment", environment), layer: checkName("layer", layer) };
}

/** A new operation id: time-ordered, so that ids sort by age. */
export function newOperationId(now: Date = new Date()): OperationId {
  return `op-${now.getTime().toString(36).padStart(9, "0")}-${randomUUID().slice(0, 8)}` as OperationId;
}

export function newScheduleId(): ScheduleId {
  return `sch-${randomUUID().slice(0, 13)}` as ScheduleId;
}
