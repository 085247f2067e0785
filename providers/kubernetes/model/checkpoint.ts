import { containsSecrets, isPropertyMap, type PropertyMap, Secret, unwrapSecrets } from "#core/property-value.ts";
import { type KubernetesObject, kindOf } from "#providers/kubernetes/model/kubernetes-object.ts";
import { toObject, toProperties } from "#providers/kubernetes/model/properties.ts";

/** What a resource's state says beside the object itself. */
export interface CheckpointFacts {
  readonly initialApiVersion: string;
  /** Name under which the resource's fields are owned by server-side apply. */
  readonly fieldManager: string;
}

/**
 * The outputs of a resource: the live object plus the inputs it was made from and a few facts.
 * Mirrors pulumi/pulumi-kubernetes:provider/pkg/provider/provider.go `checkpointObject` (v4.32.0), so that the genuine plugin can take over.
 *
 * @param secretsOf where secrets are: values at the same places become secrets
 */
export function checkpointOf(inputs: KubernetesObject, live: KubernetesObject, secretsOf: PropertyMap, facts: CheckpointFacts): PropertyMap {
  const outputs = toProperties(live);
  const storedInputs = toProperties(inputs);
  markSecrets(outputs, secretsOf);
  markSecrets(storedInputs, secretsOf);
  outputs.__inputs = storedInputs;
  outputs.__initialApiVersion = facts.initialApiVersion;
  outputs.__fieldManager = facts.fieldManager;
  return outputs;
}

export interface Checkpoint {
  readonly inputs: KubernetesObject;
  /** The last known live object, together with the facts as ordinary keys. */
  readonly live: KubernetesObject;
  readonly initialApiVersion: string | undefined;
  readonly fieldManager: string | undefined;
}

/** Takes the outputs of a resource apart. Outputs without `__inputs` have empty inputs. */
export function parseCheckpoint(outputs: PropertyMap): Checkpoint {
  const { __inputs, ...rest } = outputs;
  const stored = __inputs instanceof Secret ? __inputs.element : __inputs;
  const text = (key: string) => {
    const value = outputs[key];
    const plain = value === undefined ? undefined : unwrapSecrets(value);
    return typeof plain === "string" ? plain : undefined;
  };
  return {
    inputs: isPropertyMap(stored) ? toObject(stored) : {},
    live: toObject(rest),
    initialApiVersion: text("__initialApiVersion"),
    fieldManager: text("__fieldManager"),
  };
}

/**
 * Marks in place what is secret in `like`: objects recur, any other value becomes secret whole. The data of a Secret always is.
 */
export function markSecrets(bag: PropertyMap, like: PropertyMap | undefined): void {
  if (kindOf(bag) === "Secret") {
    for (const key of ["data", "stringData"]) {
      const value = bag[key];
      if (value !== undefined && !(value instanceof Secret)) bag[key] = new Secret(value);
    }
    return;
  }
  for (const [key, model] of Object.entries(like ?? {})) {
    if (!Object.hasOwn(bag, key)) continue;
    const value = bag[key];
    if (value === undefined || value instanceof Secret) continue;
    if (isPropertyMap(value) && isPropertyMap(model)) markSecrets(value, model);
    else if (containsSecrets(model)) bag[key] = new Secret(value);
  }
}
