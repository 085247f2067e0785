import type grpc from "@grpc/grpc-js";
import type callbackPb from "@pulumi/pulumi/proto/callback_pb.js";
import providerPb from "@pulumi/pulumi/proto/provider_pb.js";
import resourceGrpc from "@pulumi/pulumi/proto/resource_grpc_pb.js";
import resourcePb from "@pulumi/pulumi/proto/resource_pb.js";
import emptyPb from "google-protobuf/google/protobuf/empty_pb.js";
import { containsUnknowns, mapEntries } from "#core/property-value.ts";
import type { DeploymentRequest } from "#engine/deploy/deployment.ts";
import type { Hooks } from "#engine/deploy/hooks.ts";
import type { PackageRequest, Registered } from "#engine/deploy/registration.ts";
import type { ResourceMonitor } from "#engine/deploy/resource-monitor.ts";
import type { Callbacks } from "#engine/rpc/callbacks.ts";
import { LoopbackServer } from "#engine/rpc/loopback-server.ts";
import { bytesOf, optionsFromRequest, textsOf } from "#engine/rpc/resource-options.ts";
import { sourcePosition, stackTrace } from "#engine/rpc/source-positions.ts";
import { bagFromStruct, bagToStruct } from "#engine/rpc/struct-codec.ts";
import { unary } from "#engine/rpc/unary-handler.ts";

const { ResourceMonitorFeature: Feature, Result } = resourcePb;

/** What this monitor can do, by the name older SDKs ask for. */
const namedFeatures: Readonly<Record<string, resourcePb.ResourceMonitorFeature>> = {
  secrets: Feature.RESOURCE_MONITOR_FEATURE_SECRETS,
  resourceReferences: Feature.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
  outputValues: Feature.RESOURCE_MONITOR_FEATURE_OUTPUT_VALUES,
  aliasSpecs: Feature.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
  replacementTrigger: Feature.RESOURCE_MONITOR_FEATURE_REPLACEMENT_TRIGGER,
  deletedWith: Feature.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
  replaceWith: Feature.RESOURCE_MONITOR_FEATURE_REPLACE_WITH,
  transforms: Feature.RESOURCE_MONITOR_FEATURE_TRANSFORMS,
  invokeTransforms: Feature.RESOURCE_MONITOR_FEATURE_INVOKE_TRANSFORMS,
  parameterization: Feature.RESOURCE_MONITOR_FEATURE_PARAMETERIZATION,
  resourceHooks: Feature.RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS,
  errorHooks: Feature.RESOURCE_MONITOR_FEATURE_ERROR_HOOKS,
  sendsOptionsToHooks: Feature.RESOURCE_MONITOR_FEATURE_SENDS_OPTIONS_TO_HOOKS,
};
const unnamedFeatures = [Feature.RESOURCE_MONITOR_FEATURE_INVOKE_DEPENDS_ON, Feature.RESOURCE_MONITOR_FEATURE_INVOKE_PARENT];
const results = { success: Result.SUCCESS, failed: Result.FAIL, skipped: Result.SKIP } as const;

export interface MonitorServiceParts {
  readonly request: DeploymentRequest;
  readonly monitor: ResourceMonitor;
  readonly callbacks: Callbacks;
  readonly hooks: Hooks;
  /** The program says that it registers nothing more; resolves when the run is over. */
  readonly shutdown: () => Promise<void>;
}

/** Serves the ResourceMonitor service to the program. */
export async function startMonitorService(parts: MonitorServiceParts): Promise<LoopbackServer> {
  return await LoopbackServer.start(resourceGrpc.ResourceMonitorService as never, {
    ...information(parts),
    ...registrations(parts),
    ...functions(parts),
    ...callbackMethods(parts),
  });
}

function information({ request, shutdown }: MonitorServiceParts): grpc.UntypedServiceImplementation {
  let hasWaiter = false;
  return {
    getDeploymentInfo: unary(async () => {
      const info = new resourcePb.DeploymentInfo();
      info.setProject(request.project);
      info.setStack(request.stack);
      info.setOrganization(request.organization);
      for (const [key, value] of Object.entries(request.config)) info.getConfigMap().set(key, value);
      info.setConfigsecretkeysList([...request.configSecretKeys]);
      info.setDryrun(request.dryRun);
      info.setParallel(request.parallel);
      info.setSupportedfeaturesList([...Object.values(namedFeatures), ...unnamedFeatures]);
      return info;
    }),
    supportsFeature: unary(async (message: resourcePb.SupportsFeatureRequest) => {
      const response = new resourcePb.SupportsFeatureResponse();
      response.setHassupport(Object.hasOwn(namedFeatures, message.getId()));
      return response;
    }),
    signalAndWaitForShutdown: unary(async () => {
      if (hasWaiter) throw new Error("Already waiting for shutdown");
      hasWaiter = true;
      await shutdown();
      return new emptyPb.Empty();
    }),
  };
}

function registrations({ request, monitor, callbacks }: MonitorServiceParts): grpc.UntypedServiceImplementation {
  return {
    registerResource: unary(async (message: resourcePb.RegisterResourceRequest, metadata) => {
      if (stateMigrations(message) > 0) throw new Error("state migrations are not supported by this deployment");
      const registered = await monitor.register({
        type: message.getType(),
        name: message.getName(),
        custom: message.getCustom(),
        remote: message.getRemote(),
        parent: message.getParent(),
        properties: bagFromStruct(message.getObject()),
        propertyDependencies: dependenciesOf(message.getPropertydependenciesMap()),
        options: optionsFromRequest(message, !message.getAliasspecs() && isNodeClient(metadata)),
        transforms: message.getTransformsList().map((callback) => callbacks.transform(callback)),
        packageRef: message.getPackageref(),
        envVarMappings: textsOf(message.getEnvvarmappingsMap()),
        sourcePosition: sourcePosition(message.getSourceposition(), request.projectFolder),
        stackTrace: stackTrace(message.getStacktrace(), request.projectFolder),
      });
      if (registered.result !== "success" && !message.getSupportsresultreporting()) throw new Error("resource registration failed");
      return registerResponse(message, registered);
    }),
    registerResourceOutputs: unary(async (message: resourcePb.RegisterResourceOutputsRequest) => {
      await monitor.registerOutputs(message.getUrn(), bagFromStruct(message.getOutputs()));
      return new emptyPb.Empty();
    }),
    readResource: unary(async (message: resourcePb.ReadResourceRequest) => {
      const registered = await monitor.read({
        id: message.getId(),
        type: message.getType(),
        name: message.getName(),
        parent: message.getParent(),
        properties: bagFromStruct(message.getProperties()),
        dependencies: message.getDependenciesList(),
        provider: message.getProvider(),
        packageRef: message.getPackageref(),
        options: {
          version: message.getVersion(),
          pluginDownloadUrl: message.getPlugindownloadurl(),
          pluginChecksums: bytesOf(message.getPluginchecksumsMap()),
        },
        additionalSecretOutputs: message.getAdditionalsecretoutputsList(),
        sourcePosition: sourcePosition(message.getSourceposition(), request.projectFolder),
        stackTrace: stackTrace(message.getStacktrace(), request.projectFolder),
      });
      const response = new resourcePb.ReadResourceResponse();
      response.setUrn(registered.urn);
      response.setProperties(bagToStruct(registered.outputs, { secrets: message.getAcceptsecrets(), resources: message.getAcceptresources() }));
      return response;
    }),
    registerPackage: unary(async (message: resourcePb.RegisterPackageRequest) => {
      if (message.getName() === "") throw new TypeError("package name is empty");
      if (message.hasParameterization() || message.hasExtension$())
        throw new Error(`package '${message.getName()}' is parameterized, which the embedded engine doesn't support; run the stack with the Pulumi CLI`);
      const wanted: PackageRequest = {
        name: message.getName(),
        version: message.getVersion(),
        pluginDownloadUrl: message.getDownloadUrl(),
        pluginChecksums: bytesOf(message.getChecksumsMap()),
      };
      const response = new resourcePb.RegisterPackageResponse();
      response.setRef(monitor.registerPackage(wanted));
      return response;
    }),
  };
}

function functions({ monitor }: MonitorServiceParts): grpc.UntypedServiceImplementation {
  return {
    invoke: unary(async (message: resourcePb.ResourceInvokeRequest) => {
      const token = message.getTok();
      const answer = await monitor.invoke({
        token,
        args: bagFromStruct(message.getArgs()),
        parent: message.getParent(),
        packageRef: message.getPackageref(),
        dependsOn: message.getDependsonList(),
        options: {
          provider: message.getProvider(),
          version: message.getVersion(),
          pluginDownloadUrl: message.getPlugindownloadurl(),
          pluginChecksums: bytesOf(message.getPluginchecksumsMap()),
        },
      });
      const response = new resourcePb.ResourceInvokeResponse();
      if (!answer) {
        response.setUnknown(true);
        return response;
      }
      response.setReturn(bagToStruct(answer.result, { resources: message.getAcceptresources() || token === "pulumi:pulumi:getResource" }));
      response.setFailuresList(answer.failures.map(checkFailure));
      return response;
    }),
    call: unary(async (message: resourcePb.ResourceCallRequest): Promise<never> => {
      throw new Error(
        `call to function '${message.getTok()}' failed: methods of resources aren't supported by the embedded engine; run the stack with the Pulumi CLI`,
      );
    }),
  };
}

function callbackMethods({ monitor, callbacks, hooks }: MonitorServiceParts): grpc.UntypedServiceImplementation {
  return {
    registerStackTransform: unary(async (message: callbackPb.Callback) => {
      monitor.addStackTransform(callbacks.transform(checked(message)));
      return new emptyPb.Empty();
    }),
    registerStackInvokeTransform: unary(async (message: callbackPb.Callback) => {
      monitor.addInvokeTransform(callbacks.invokeTransform(checked(message)));
      return new emptyPb.Empty();
    }),
    registerResourceHook: unary(async (message: resourcePb.RegisterResourceHookRequest) => {
      const call = callbacks.resourceHook(checked(message.getCallback()));
      hooks.registerResourceHook(message.getName(), { call, onDryRun: message.getOnDryRun(), ignoreErrors: message.getIgnoreErrors() });
      return new emptyPb.Empty();
    }),
    registerErrorHook: unary(async (message: resourcePb.RegisterErrorHookRequest) => {
      hooks.registerErrorHook(message.getName(), callbacks.errorHook(checked(message.getCallback())));
      return new emptyPb.Empty();
    }),
  };
}

function registerResponse(message: resourcePb.RegisterResourceRequest, registered: Registered): resourcePb.RegisterResourceResponse {
  const partial = message.getSupportspartialvalues();
  const outputs = partial ? registered.outputs : mapEntries(registered.outputs, (value) => (containsUnknowns(value) ? undefined : value));
  const response = new resourcePb.RegisterResourceResponse();
  response.setUrn(registered.urn);
  response.setId(registered.id);
  response.setObject(bagToStruct(outputs, { secrets: message.getAcceptsecrets(), resources: message.getAcceptresources() }));
  for (const [key, urns] of Object.entries(registered.propertyDependencies)) {
    const dependencies = new resourcePb.RegisterResourceResponse.PropertyDependencies();
    dependencies.setUrnsList([...urns]);
    response.getPropertydependenciesMap().set(key, dependencies);
  }
  response.setResult(results[registered.result]);
  response.setUnknown(registered.unknown);
  return response;
}

function dependenciesOf(map: { forEach(visit: (value: { getUrnsList(): string[] }, key: string) => void): void }): Record<string, readonly string[]> {
  const result: Record<string, readonly string[]> = {};
  map.forEach((value, key) => {
    result[key] = value.getUrnsList();
  });
  return result;
}

function checkFailure({ property, reason }: { readonly property: string; readonly reason: string }): providerPb.CheckFailure {
  const failure = new providerPb.CheckFailure();
  failure.setProperty(property);
  failure.setReason(reason);
  return failure;
}

function checked(callback: callbackPb.Callback | undefined): callbackPb.Callback {
  if (!callback?.getTarget()) throw new TypeError("target must be specified");
  return callback;
}

/** Newer SDKs send these, which the stubs of this one may not know. */
function stateMigrations(message: resourcePb.RegisterResourceRequest): number {
  return "getStateMigrationsList" in message ? (message as unknown as { getStateMigrationsList(): unknown[] }).getStateMigrationsList().length : 0;
}

function isNodeClient(metadata: grpc.Metadata): boolean {
  const runtime = metadata.get("pulumi-runtime");
  if (runtime.length) return runtime[0] === "nodejs";
  return String(metadata.get("user-agent")[0] ?? "").startsWith("grpc-node-js/");
}
