import { isPropertyMap, type PropertyMap, type PropertyValue, ResourceReference, Secret, setOwn, unknown } from "#core/property-value.ts";
import type { Urn } from "#core/urn.ts";
import type { ConstructRequest, ConstructResponse, RegisterResponse } from "#providers/contract.ts";
import { objectDependencies } from "#providers/kubernetes/manifest/object-dependencies.ts";
import { annotate, annotations } from "#providers/kubernetes/model/annotations.ts";
import { isSecret, tokenOf } from "#providers/kubernetes/model/kind.ts";
import { at, type KubernetesObject, nameOf, namespaceOf, setAt } from "#providers/kubernetes/model/kubernetes-object.ts";

export interface RegisterOptions {
  /** Before the names of the children, with a colon; "" for none. */
  readonly resourcePrefix: string;
  readonly skipAwait: boolean;
  /** Version of the package, for the children's state. */
  readonly version: string;
  /** Whether a child stays when it is deleted. */
  readonly retains?: (object: KubernetesObject) => boolean;
}

/** Registers a component. Its children inherit its providers. */
export async function registerComponent(request: ConstructRequest): Promise<Urn> {
  const { urn } = await request.monitor.registerResource({
    type: request.type,
    name: request.name,
    custom: false,
    parent: request.parent,
    inputs: {},
    options: request.options,
  });
  return urn;
}

/**
 * Registers a manifest's objects as children of a component, each as soon as those it needs are there; answers the component's state.
 * Mirrors pulumi/pulumi-kubernetes:provider/pkg/provider/yaml/v2/yaml.go `Register` (v4.32.0). Throws the first child's error, after all have ended.
 */
export async function registerObjects(
  request: ConstructRequest,
  component: Urn,
  objects: readonly KubernetesObject[],
  options: RegisterOptions,
): Promise<ConstructResponse> {
  const dependencies = objectDependencies(objects);
  const registered = new Map<KubernetesObject, Promise<RegisterResponse>>();
  const register = (object: KubernetesObject): Promise<RegisterResponse> => {
    let promise = registered.get(object);
    if (!promise) {
      promise = registerWith(object, (dependencies.get(object) ?? []).map(register));
      registered.set(object, promise);
    }
    return promise;
  };
  const registerWith = async (object: KubernetesObject, needed: readonly Promise<RegisterResponse>[]): Promise<RegisterResponse> => {
    const found = await Promise.all(needed);
    return registerObject(
      request,
      component,
      object,
      found.map(({ urn }) => urn),
      options,
    );
  };
  const children: RegisterResponse[] = [];
  for (const outcome of await Promise.allSettled(objects.map(register))) {
    if (outcome.status === "rejected") throw outcome.reason;
    children.push(outcome.value);
  }
  return {
    urn: component,
    state: { resources: children.map(({ urn, id }) => new ResourceReference(urn, id || unknown, options.version)) },
    stateDependencies: { resources: children.map(({ urn }) => urn) },
  };
}

function registerObject(
  request: ConstructRequest,
  component: Urn,
  object: KubernetesObject,
  dependencies: readonly Urn[],
  options: RegisterOptions,
): Promise<RegisterResponse> {
  if (options.skipAwait) {
    if (at(object, "metadata", "annotations") === null) setAt(object, ["metadata", "annotations"], {});
    annotate(object, annotations.skipAwait, "true");
  }
  const inputs = withoutNulls(object) as PropertyMap;
  // Raw manifests don't say what is secret in them.
  if (isSecret(object)) for (const key of ["data", "stringData"]) if (isPropertyMap(inputs[key])) inputs[key] = new Secret(inputs[key]);
  const provider = request.options.providers.kubernetes;
  return request.monitor.registerResource({
    type: tokenOf(object),
    name: `${options.resourcePrefix ? `${options.resourcePrefix}:` : ""}${namespaceOf(object) ? `${namespaceOf(object)}/` : ""}${nameOf(object)}`,
    custom: true,
    parent: component,
    inputs,
    propertyDependencies: Object.fromEntries(Object.keys(inputs).map((key) => [key, []])),
    ...(provider ? { provider } : {}),
    version: options.version,
    options: { dependencies, ...(options.retains?.(object) ? { retainOnDelete: true } : {}) },
  });
}

/** As the genuine plugin's SDK sends a component's children: entries without a value don't travel. */
function withoutNulls(value: PropertyValue): PropertyValue {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isPropertyMap(value)) return value;
  const result: PropertyMap = {};
  for (const [key, entry] of Object.entries(value)) if (entry !== null) setOwn(result, key, withoutNulls(entry));
  return result;
}
