import type { Urn } from "#core/urn.ts";
import type { Goal } from "#engine/deploy/goal.ts";
import type { ProviderHandle } from "#engine/deploy/provider-handle.ts";
import { parseReference } from "#engine/deploy/provider-reference.ts";
import type { Invocation, Registered, Registration, RegistrationOptions } from "#engine/deploy/registration.ts";
import type { ResourceMonitor } from "#engine/deploy/resource-monitor.ts";
import type { RunContext } from "#engine/deploy/run-context.ts";
import { collectDependencies } from "#engine/values/output-values.ts";
import type { ResourceMonitor as ComponentMonitor, ConstructOptions, RegisterRequest, RegisterResponse } from "#providers/contract.ts";

const noOptions: RegistrationOptions = {
  dependsOn: [],
  protect: undefined,
  ignoreChanges: [],
  replaceOnChanges: [],
  replacementTrigger: undefined,
  version: "",
  pluginDownloadUrl: "",
  pluginChecksums: {},
  aliases: [],
  provider: "",
  providers: {},
  customTimeouts: undefined,
  retainOnDelete: undefined,
  deletedWith: "",
  replaceWith: [],
  deleteBeforeReplace: undefined,
  additionalSecretOutputs: [],
  hideDiff: [],
  importId: "",
  hooks: {},
};

/** Has a provider build a component: it registers the component and its children through the same monitor that serves the program. */
export async function constructComponent(
  monitor: ResourceMonitor,
  context: RunContext,
  handle: ProviderHandle,
  registration: Registration,
  goal: Goal,
  providers: Readonly<Record<string, string>>,
): Promise<Registered> {
  const served = monitorFor(monitor);
  if (!(await handle.isConfigured())) {
    const { urn } = await served.registerResource({ type: goal.type, name: goal.name, custom: false, parent: goal.parent, inputs: {} });
    return { urn, id: "", outputs: {}, propertyDependencies: {}, result: "success", unknown: false };
  }
  // A plugin looks up the providers it is handed, which makes the built-in package's own provider part of the stack.
  for (const reference of Object.values(providers)) await monitor.invoke(lookUp(parseReference(reference).urn));
  const response = await handle.construct({
    type: goal.type,
    name: goal.name,
    parent: goal.parent,
    inputs: goal.properties,
    inputDependencies: goal.propertyDependencies,
    options: constructOptions(registration.options, goal, providers),
    project: context.request.project,
    stack: context.request.stack,
    preview: context.dryRun,
    monitor: served,
  });
  const propertyDependencies: Record<string, readonly string[]> = {};
  for (const [key, value] of Object.entries(response.state)) {
    const found = new Set<string>(response.stateDependencies[key] ?? []);
    collectDependencies(value, found);
    propertyDependencies[key] = [...found];
  }
  return {
    urn: response.urn,
    id: "",
    outputs: response.state,
    propertyDependencies: { ...response.stateDependencies, ...propertyDependencies },
    result: "success",
    unknown: false,
  };
}

function lookUp(urn: Urn): Invocation {
  const options = { provider: "", version: "", pluginDownloadUrl: "", pluginChecksums: {} };
  return { token: "pulumi:pulumi:getResource", args: { urn }, parent: "", packageRef: "", dependsOn: [], options };
}

function constructOptions(options: RegistrationOptions, goal: Goal, providers: Readonly<Record<string, string>>): ConstructOptions {
  return {
    providers,
    dependencies: goal.dependencies,
    ...(goal.protect === undefined ? {} : { protect: goal.protect }),
    ...(goal.retainOnDelete === undefined ? {} : { retainOnDelete: goal.retainOnDelete }),
    ...(goal.deletedWith ? { deletedWith: goal.deletedWith } : {}),
    aliases: goal.aliases,
    additionalSecretOutputs: goal.additionalSecretOutputs,
    ignoreChanges: goal.ignoreChanges,
    replaceOnChanges: goal.replaceOnChanges,
    ...(goal.deleteBeforeReplace === undefined ? {} : { deleteBeforeReplace: goal.deleteBeforeReplace }),
    ...(options.customTimeouts ? { customTimeouts: options.customTimeouts } : {}),
  };
}

function monitorFor(monitor: ResourceMonitor): ComponentMonitor {
  return {
    registerResource: async (request) => responseOf(await monitor.register(registrationOf(request)), request),
    registerResourceOutputs: async (urn, outputs) => await monitor.registerOutputs(urn, outputs),
  };
}

function registrationOf(request: RegisterRequest): Registration {
  const { options = {} } = request;
  return {
    type: request.type,
    name: request.name,
    custom: request.custom,
    remote: false,
    parent: request.parent ?? "",
    properties: request.inputs,
    propertyDependencies: request.propertyDependencies ?? {},
    options: {
      ...noOptions,
      dependsOn: options.dependencies ?? [],
      protect: options.protect,
      retainOnDelete: options.retainOnDelete,
      deletedWith: options.deletedWith ?? "",
      aliases: options.aliases ?? [],
      additionalSecretOutputs: options.additionalSecretOutputs ?? [],
      ignoreChanges: options.ignoreChanges ?? [],
      replaceOnChanges: options.replaceOnChanges ?? [],
      deleteBeforeReplace: options.deleteBeforeReplace,
      customTimeouts: options.customTimeouts,
      provider: request.provider ?? "",
      providers: options.providers ?? {},
      version: request.version ?? "",
    },
    transforms: [],
    packageRef: "",
    envVarMappings: {},
    sourcePosition: "",
    stackTrace: [],
  };
}

function responseOf(registered: Registered, request: RegisterRequest): RegisterResponse {
  if (registered.result !== "success")
    throw new Error(`the registration of ${registered.urn} ${registered.result === "failed" ? "failed" : "was left out because something it needs failed"}`);
  return { urn: registered.urn as Urn, id: request.custom ? registered.id : undefined, outputs: registered.outputs };
}
