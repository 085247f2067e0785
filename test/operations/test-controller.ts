import type { Clock } from "#core/clock.ts";
import { systemClock } from "#core/clock.ts";
import type { EnvironmentName, LayerId, ScenarioName, SystemName } from "#core/ids.ts";
import { silentLogger } from "#core/logger.ts";
import type { OperationKind, OperationRequest, RecordedEvent } from "#core/operation.ts";
import type { DatabasePlace } from "#operations/database/database.ts";
import { type Operations, openOperations } from "#operations/operations.ts";
import { fakeCatalogue } from "#test/operations/fake-catalogue.ts";
import { FakeRuns } from "#test/operations/fake-run.ts";

export interface TestController {
  readonly operations: Operations;
  readonly runs: FakeRuns;
}

export async function openTestController(place: DatabasePlace, clock: Clock = systemClock, runs: FakeRuns = new FakeRuns()): Promise<TestController> {
  const operations = await openOperations({ place, catalogue: fakeCatalogue(), runOperation: runs.run, clock, logger: silentLogger, concurrency: 8 });
  return { operations, runs };
}

let count = 0;

/** A new environment of system `box` that only one test uses. */
export async function newEnvironment(operations: Operations, change: { readonly scenario?: string } = {}): Promise<EnvironmentName> {
  const environment = `e${++count}` as EnvironmentName;
  await operations.environments.put("box", environment, change, { requester: "test" });
  return environment;
}

export function request(
  kind: OperationKind,
  environment: string,
  more: { readonly scenario?: string; readonly layers?: readonly string[]; readonly reason?: string } = {},
): OperationRequest {
  const { scenario, layers, ...rest } = more;
  return {
    kind,
    system: "box" as SystemName,
    environment: environment as EnvironmentName,
    ...(scenario ? { scenario: scenario as ScenarioName } : {}),
    ...(layers ? { layers: layers as readonly LayerId[] } : {}),
    ...rest,
  };
}

/** All events of an operation, which must come to its end. */
export async function eventsToTheEnd(operations: Operations, id: string, after = 0): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for await (const event of operations.follow(id, { after })) events.push(event);
  return events;
}

/** The error's code and detail, for an expectation on both. */
export async function refusal(work: Promise<unknown>): Promise<{ code: string; detail: string }> {
  try {
    await work;
  } catch (error) {
    const { code, detail } = error as { code: string; detail: string };
    return { code, detail };
  }
  throw new Error("it was accepted");
}
