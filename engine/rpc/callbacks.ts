import grpc from "@grpc/grpc-js";
import callbackGrpc from "@pulumi/pulumi/proto/callback_grpc_pb.js";
import callbackPb from "@pulumi/pulumi/proto/callback_pb.js";
import resourcePb from "@pulumi/pulumi/proto/resource_pb.js";
import type { PropertyMap } from "#core/property-value.ts";
import type { ErrorHook, HookOccasion, ResourceHook } from "#engine/deploy/hooks.ts";
import type { InvokeOptions, InvokeTransform, Transform } from "#engine/deploy/registration.ts";
import { channelOptions } from "#engine/rpc/loopback-server.ts";
import { aliasToProto, bytesOf, hooksToProto, optionsFromProto, optionsToProto, timeoutsToProto } from "#engine/rpc/resource-options.ts";
import { bagFromStruct, bagToStruct } from "#engine/rpc/struct-codec.ts";
import { call } from "#engine/rpc/unary-call.ts";
import type { ResourceState } from "#engine/state/resource-state.ts";

type Callback = callbackPb.Callback;
type HookMessage = resourcePb.ResourceHookRequest | resourcePb.ErrorHookRequest;

/** Calls functions of the program: transforms and hooks. One connection for each address, kept until {@link close}. */
export class Callbacks {
  readonly #clients = new Map<string, callbackGrpc.CallbacksClient>();

  transform(callback: Callback): Transform {
    return async ({ type, name, custom, parent, properties, options }) => {
      const request = new resourcePb.TransformRequest();
      request.setType(type);
      request.setName(name);
      request.setCustom(custom);
      request.setParent(parent);
      request.setProperties(bagToStruct(properties, { outputs: true }));
      request.setOptions(optionsToProto(options));
      const response = resourcePb.TransformResponse.deserializeBinary(await this.#invoke(callback, request.serializeBinary()));
      const changed = response.getOptions();
      return {
        properties: response.hasProperties() ? bagFromStruct(response.getProperties()) : properties,
        options: changed ? optionsFromProto(changed) : options,
      };
    };
  }

  invokeTransform(callback: Callback): InvokeTransform {
    return async ({ token, args, options }) => {
      const request = new resourcePb.TransformInvokeRequest();
      request.setToken(token);
      request.setArgs(bagToStruct(args, { outputs: true }));
      request.setOptions(invokeOptionsToProto(options));
      const response = resourcePb.TransformInvokeResponse.deserializeBinary(await this.#invoke(callback, request.serializeBinary()));
      const changed = response.getOptions();
      return {
        args: response.hasArgs() ? bagFromStruct(response.getArgs()) : args,
        options: changed ? invokeOptionsFromProto(changed) : options,
      };
    };
  }

  resourceHook(callback: Callback): ResourceHook["call"] {
    return async (occasion) => {
      const request = new resourcePb.ResourceHookRequest();
      fillHookRequest(request, occasion);
      if (occasion.newOutputs) request.setNewOutputs(hookBag(occasion.newOutputs));
      const response = resourcePb.ResourceHookResponse.deserializeBinary(await this.#invoke(callback, request.serializeBinary()));
      if (response.getError()) throw new Error(response.getError());
    };
  }

  errorHook(callback: Callback): ErrorHook {
    return async (occasion, failedOperation, errors) => {
      const request = new resourcePb.ErrorHookRequest();
      fillHookRequest(request, occasion);
      request.setFailedOperation(failedOperation);
      request.setErrorsList([...errors]);
      const response = resourcePb.ErrorHookResponse.deserializeBinary(await this.#invoke(callback, request.serializeBinary()));
      if (response.getError()) throw new Error(response.getError());
      return response.getRetry();
    };
  }

  close(): void {
    for (const client of this.#clients.values()) client.close();
    this.#clients.clear();
  }

  async #invoke(callback: Callback, message: Uint8Array): Promise<Uint8Array> {
    const request = new callbackPb.CallbackInvokeRequest();
    request.setToken(callback.getToken());
    request.setRequest(message);
    const client = this.#client(callback.getTarget());
    try {
      const response = await call<callbackPb.CallbackInvokeResponse>((done) => client.invoke(request, done as never));
      return response.getResponse_asU8();
    } catch (error) {
      const { details } = error as Partial<grpc.ServiceError>;
      throw details ? new Error(details, { cause: error }) : error;
    }
  }

  #client(target: string): callbackGrpc.CallbacksClient {
    if (target === "") throw new TypeError("target must be specified");
    let client = this.#clients.get(target);
    if (!client) {
      client = new callbackGrpc.CallbacksClient(target, grpc.credentials.createInsecure() as never, channelOptions);
      this.#clients.set(target, client);
    }
    return client;
  }
}

function fillHookRequest(request: HookMessage, occasion: HookOccasion): void {
  request.setUrn(occasion.urn);
  request.setId(occasion.id);
  request.setName(occasion.name);
  request.setType(occasion.type);
  if (occasion.newInputs) request.setNewInputs(hookBag(occasion.newInputs));
  if (occasion.oldInputs) request.setOldInputs(hookBag(occasion.oldInputs));
  if (occasion.oldOutputs) request.setOldOutputs(hookBag(occasion.oldOutputs));
  if (occasion.oldState) request.setOldOptions(hookOptions(occasion.oldState));
  if (occasion.newState) request.setNewOptions(hookOptions(occasion.newState));
}

function hookBag(bag: PropertyMap) {
  return bagToStruct(bag, { outputs: true });
}

/** The options of a state as a hook sees them. */
function hookOptions(state: ResourceState): resourcePb.ResourceOptions {
  const message = new resourcePb.ResourceOptions();
  message.setDependsOnList([...state.dependencies]);
  message.setIgnoreChangesList([...state.ignoreChanges]);
  message.setReplaceOnChangesList([...state.replaceOnChanges]);
  message.setProvider(state.provider);
  message.setDeletedWith(state.deletedWith ?? "");
  message.setImport(state.importId);
  message.setHideDiffList([...state.hideDiff]);
  message.setReplaceWithList([...state.replaceWith]);
  message.setParent(state.parent ?? "");
  message.setAliasesList(state.aliases.map((urn) => aliasToProto({ urn })));
  message.setAdditionalSecretOutputsList([...state.additionalSecretOutputs]);
  message.setProtect(state.protect);
  message.setRetainOnDelete(state.retainOnDelete);
  if (Object.keys(state.resourceHooks).length) message.setHooks(hooksToProto(state.resourceHooks));
  const timeouts = Object.entries(state.customTimeouts).map(([verb, seconds]) => [verb, `${seconds}s`]);
  if (timeouts.length) message.setCustomTimeouts(timeoutsToProto(Object.fromEntries(timeouts)));
  return message;
}

function invokeOptionsToProto(options: InvokeOptions): resourcePb.TransformInvokeOptions {
  const message = new resourcePb.TransformInvokeOptions();
  message.setProvider(options.provider);
  message.setVersion(options.version);
  message.setPluginDownloadUrl(options.pluginDownloadUrl);
  for (const [name, sum] of Object.entries(options.pluginChecksums)) message.getPluginChecksumsMap().set(name, sum);
  return message;
}

function invokeOptionsFromProto(message: resourcePb.TransformInvokeOptions): InvokeOptions {
  return {
    provider: message.getProvider(),
    version: message.getVersion(),
    pluginDownloadUrl: message.getPluginDownloadUrl(),
    pluginChecksums: bytesOf(message.getPluginChecksumsMap()),
  };
}
