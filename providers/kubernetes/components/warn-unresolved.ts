import type { Urn } from "#core/urn.ts";
import type { ProviderContext } from "#providers/kubernetes/context.ts";

/** Says of which kinds nobody could tell whether they live in a namespace. */
export function warnUnresolved(context: ProviderContext, component: Urn, kinds: readonly string[]): void {
  if (kinds.length === 0) return;
  context.log(
    "warning",
    component,
    "Unable to determine whether the following kinds are namespaced without a reachable cluster or a matching CustomResourceDefinition, so they are rendered " +
      `without a namespace: ${kinds.join(", ")}. Set .metadata.namespace explicitly, or include the CustomResourceDefinition, to control the namespace.`,
  );
}
