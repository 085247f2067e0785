import type { ConstructRequest, ConstructResponse } from "#providers/contract.ts";
import { constructChart } from "#providers/kubernetes/components/chart.ts";
import { constructConfigGroup } from "#providers/kubernetes/components/config-group.ts";
import { constructDirectory } from "#providers/kubernetes/components/kustomize-directory.ts";
import type { ProviderContext } from "#providers/kubernetes/context.ts";

const components: Readonly<Record<string, (context: ProviderContext, request: ConstructRequest, version: string) => Promise<ConstructResponse>>> = {
  "kubernetes:yaml/v2:ConfigFile": constructConfigGroup,
  "kubernetes:yaml/v2:ConfigGroup": constructConfigGroup,
  "kubernetes:helm.sh/v4:Chart": constructChart,
  "kubernetes:kustomize/v2:Directory": constructDirectory,
};

/** Builds one of the package's components. Throws an `Error` for an unknown one, and without a cluster or a folder to render to. */
export async function constructComponent(context: ProviderContext, request: ConstructRequest, version: string): Promise<ConstructResponse> {
  const construct = components[request.type];
  if (!construct) throw new Error(`unknown resource type "${request.type}"`);
  if (!context.rendering) context.reachable();
  return construct(context, request, version);
}
