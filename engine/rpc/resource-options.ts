import aliasPb from "@pulumi/pulumi/proto/alias_pb.js";
import resourcePb from "@pulumi/pulumi/proto/resource_pb.js";
import type { RegistrationOptions } from "#engine/deploy/registration.ts";
import { valueFromProto, valueToProto } from "#engine/rpc/struct-codec.ts";
import type { Alias } from "#providers/contract.ts";

type HooksBinding = resourcePb.RegisterResourceRequest.ResourceHooksBinding;
type Timeouts = resourcePb.RegisterResourceRequest.CustomTimeouts;

/** The options of a registration as sent. `legacyAliases` marks an old Node.js SDK, which encodes parents the other way round. */
export function optionsFromRequest(request: resourcePb.RegisterResourceRequest, legacyAliases: boolean): RegistrationOptions {
  const urns = request.getAliasurnsList().map((urn): Alias => ({ urn }));
  const trigger = request.getReplacementTrigger();
  return {
    dependsOn: request.getDependenciesList(),
    protect: request.hasProtect() ? request.getProtect() : undefined,
    ignoreChanges: request.getIgnorechangesList(),
    replaceOnChanges: request.getReplaceonchangesList(),
    replacementTrigger: trigger && valueFromProto(trigger),
    version: request.getVersion(),
    pluginDownloadUrl: request.getPlugindownloadurl(),
    pluginChecksums: bytesOf(request.getPluginchecksumsMap()),
    aliases: [...urns, ...request.getAliasesList().map((alias) => aliasFromProto(alias, legacyAliases))],
    provider: request.getProvider(),
    providers: textsOf(request.getProvidersMap()),
    customTimeouts: timeoutsFromProto(request.getCustomtimeouts()),
    retainOnDelete: request.hasRetainondelete() ? request.getRetainondelete() : undefined,
    deletedWith: request.getDeletedwith(),
    replaceWith: request.getReplaceWithList(),
    deleteBeforeReplace: request.getDeletebeforereplacedefined() || request.getDeletebeforereplace() ? request.getDeletebeforereplace() : undefined,
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    hideDiff: request.getHidediffsList(),
    importId: request.getImportid(),
    hooks: hooksFromProto(request.getHooks()),
  };
}

export function optionsToProto(options: RegistrationOptions): resourcePb.TransformResourceOptions {
  const message = new resourcePb.TransformResourceOptions();
  message.setDependsOnList([...options.dependsOn]);
  if (options.protect !== undefined) message.setProtect(options.protect);
  message.setIgnoreChangesList([...options.ignoreChanges]);
  message.setReplaceOnChangesList([...options.replaceOnChanges]);
  if (options.replacementTrigger !== undefined) message.setReplacementTrigger(valueToProto(options.replacementTrigger, { outputs: true }));
  message.setVersion(options.version);
  message.setPluginDownloadUrl(options.pluginDownloadUrl);
  for (const [name, sum] of Object.entries(options.pluginChecksums)) message.getPluginChecksumsMap().set(name, sum);
  message.setAliasesList(options.aliases.map(aliasToProto));
  message.setProvider(options.provider);
  for (const [name, reference] of Object.entries(options.providers)) message.getProvidersMap().set(name, reference);
  if (options.customTimeouts) message.setCustomTimeouts(timeoutsToProto(options.customTimeouts));
  if (options.retainOnDelete !== undefined) message.setRetainOnDelete(options.retainOnDelete);
  message.setDeletedWith(options.deletedWith);
  message.setReplaceWithList([...options.replaceWith]);
  if (options.deleteBeforeReplace !== undefined) message.setDeleteBeforeReplace(options.deleteBeforeReplace);
  message.setAdditionalSecretOutputsList([...options.additionalSecretOutputs]);
  message.setHideDiffList([...options.hideDiff]);
  message.setImport(options.importId);
  if (Object.keys(options.hooks).length) message.setHooks(hooksToProto(options.hooks));
  return message;
}

export function optionsFromProto(message: resourcePb.TransformResourceOptions): RegistrationOptions {
  const trigger = message.getReplacementTrigger();
  return {
    dependsOn: message.getDependsOnList(),
    protect: message.hasProtect() ? message.getProtect() : undefined,
    ignoreChanges: message.getIgnoreChangesList(),
    replaceOnChanges: message.getReplaceOnChangesList(),
    replacementTrigger: trigger && valueFromProto(trigger),
    version: message.getVersion(),
    pluginDownloadUrl: message.getPluginDownloadUrl(),
    pluginChecksums: bytesOf(message.getPluginChecksumsMap()),
    aliases: message.getAliasesList().map((alias) => aliasFromProto(alias, false)),
    provider: message.getProvider(),
    providers: textsOf(message.getProvidersMap()),
    customTimeouts: timeoutsFromProto(message.getCustomTimeouts()),
    retainOnDelete: message.hasRetainOnDelete() ? message.getRetainOnDelete() : undefined,
    deletedWith: message.getDeletedWith(),
    replaceWith: message.getReplaceWithList(),
    deleteBeforeReplace: message.hasDeleteBeforeReplace() ? message.getDeleteBeforeReplace() : undefined,
    additionalSecretOutputs: message.getAdditionalSecretOutputsList(),
    hideDiff: message.getHideDiffList(),
    importId: message.getImport(),
    hooks: hooksFromProto(message.getHooks()),
  };
}

interface TextMap<V> {
  forEach(visit: (value: V, key: string) => void): void;
}

export function textsOf(map: TextMap<string>): Record<string, string> {
  const result: Record<string, string> = {};
  map.forEach((value, key) => {
    result[key] = value;
  });
  return result;
}

export function bytesOf(map: TextMap<Uint8Array | string>): Record<string, Uint8Array> {
  const result: Record<string, Uint8Array> = {};
  map.forEach((value, key) => {
    result[key] = typeof value === "string" ? Buffer.from(value, "base64") : value;
  });
  return result;
}

export function aliasToProto(alias: Alias): aliasPb.Alias {
  const message = new aliasPb.Alias();
  if ("urn" in alias) {
    message.setUrn(alias.urn);
    return message;
  }
  const spec = new aliasPb.Alias.Spec();
  spec.setName(alias.name ?? "");
  spec.setType(alias.type ?? "");
  spec.setStack(alias.stack ?? "");
  spec.setProject(alias.project ?? "");
  if (alias.parentUrn !== undefined) spec.setParenturn(alias.parentUrn);
  else if (alias.noParent !== undefined) spec.setNoparent(alias.noParent);
  message.setSpec(spec);
  return message;
}

function aliasFromProto(message: aliasPb.Alias, legacy: boolean): Alias {
  const spec = message.getSpec();
  if (!spec) return { urn: message.getUrn() };
  return {
    ...(spec.getName() ? { name: spec.getName() } : {}),
    ...(spec.getType() ? { type: spec.getType() } : {}),
    ...(spec.getStack() ? { stack: spec.getStack() } : {}),
    ...(spec.getProject() ? { project: spec.getProject() } : {}),
    ...(legacy ? legacyParent(spec) : parentOf(spec)),
  };
}

function parentOf(spec: aliasPb.Alias.Spec): { parentUrn?: string; noParent?: boolean } {
  if (spec.hasParenturn()) return spec.getParenturn() ? { parentUrn: spec.getParenturn() } : {};
  return spec.hasNoparent() && spec.getNoparent() ? { noParent: true } : {};
}

/** In these, no parent at all meant "none", and "none" meant the current one. */
function legacyParent(spec: aliasPb.Alias.Spec): { parentUrn?: string; noParent?: boolean } {
  if (spec.hasParenturn()) return spec.getParenturn() ? { parentUrn: spec.getParenturn() } : { noParent: true };
  return spec.hasNoparent() ? {} : { noParent: true };
}

function timeoutsFromProto(message: Timeouts | undefined): RegistrationOptions["customTimeouts"] {
  return message && { create: message.getCreate(), update: message.getUpdate(), delete: message.getDelete(), read: message.getRead() };
}

export function timeoutsToProto(timeouts: NonNullable<RegistrationOptions["customTimeouts"]>): Timeouts {
  const message = new resourcePb.RegisterResourceRequest.CustomTimeouts();
  message.setCreate(timeouts.create ?? "");
  message.setUpdate(timeouts.update ?? "");
  message.setDelete(timeouts.delete ?? "");
  message.setRead(timeouts.read ?? "");
  return message;
}

function hooksFromProto(message: HooksBinding | undefined): Record<string, readonly string[]> {
  if (!message) return {};
  const all: Record<string, readonly string[]> = {
    BeforeCreate: message.getBeforeCreateList(),
    AfterCreate: message.getAfterCreateList(),
    BeforeUpdate: message.getBeforeUpdateList(),
    AfterUpdate: message.getAfterUpdateList(),
    BeforeDelete: message.getBeforeDeleteList(),
    AfterDelete: message.getAfterDeleteList(),
    OnError: message.getOnErrorList(),
  };
  return Object.fromEntries(Object.entries(all).filter(([, names]) => names.length));
}

export function hooksToProto(hooks: Readonly<Record<string, readonly string[]>>): HooksBinding {
  const message = new resourcePb.RegisterResourceRequest.ResourceHooksBinding();
  message.setBeforeCreateList([...(hooks["BeforeCreate"] ?? [])]);
  message.setAfterCreateList([...(hooks["AfterCreate"] ?? [])]);
  message.setBeforeUpdateList([...(hooks["BeforeUpdate"] ?? [])]);
  message.setAfterUpdateList([...(hooks["AfterUpdate"] ?? [])]);
  message.setBeforeDeleteList([...(hooks["BeforeDelete"] ?? [])]);
  message.setAfterDeleteList([...(hooks["AfterDelete"] ?? [])]);
  message.setOnErrorList([...(hooks["OnError"] ?? [])]);
  return message;
}
