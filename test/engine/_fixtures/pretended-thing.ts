import { makeUrn } from "#core/urn.ts";
import { makeState, type ResourceState } from "#engine/state/resource-state.ts";

/** A resource of stack dev in project shop that no provider made. */
export function pretendedThing(name: string, id = `${name}-id`): ResourceState {
  return makeState({ urn: makeUrn("dev", "shop", undefined, "test:index:Thing", name), type: "test:index:Thing", custom: true, id });
}
