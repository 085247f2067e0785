import type { ControllerApi } from "#cli/http/controller-api.ts";
import type { OperationRecord } from "#core/operation-record.ts";

const lookedAt = 50;

/** The newest `up` that succeeded, preferably of the whole scenario: its result tells what runs and how to reach it. */
export async function newestUp(api: ControllerApi, system: string, environment: string): Promise<OperationRecord | undefined> {
  const ups = await api.operations({ system, environment, kind: "up", state: "succeeded" }, lookedAt);
  return ups.find(({ layers, targets }) => !layers && !targets) ?? ups[0];
}
