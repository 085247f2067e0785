import type { StrataError } from "#core/errors.ts";

/** What to type after an error, where there is something. */
export function nextStep({ code, facts }: StrataError): string | undefined {
  const operation = typeof facts["operation"] === "string" ? facts["operation"] : undefined;
  switch (code) {
    case "unknown_system":
      return "strata systems";
    case "unknown_scenario":
    case "unknown_layer":
      return "strata systems <system>";
    case "unknown_environment":
      return "strata environments";
    case "unknown_operation":
      return "strata operations";
    case "unknown_schedule":
      return "strata schedule list";
    case "operation_running":
      return operation ? `strata logs ${operation} --follow, or strata cancel ${operation}` : "strata operations --state running";
    case "operation_interrupted":
    case "layer_failed":
      return operation && `strata logs ${operation}`;
    case "controller_unreachable":
    case "engine_unavailable":
    case "tool_unavailable":
    case "cluster_failed":
    case "data_folder_unusable":
      return "strata doctor";
    case "over_budget":
      return "strata preview, or the same with --force";
    case "stale_etag":
      return "the same again";
    default:
      return undefined;
  }
}
