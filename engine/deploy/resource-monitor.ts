import { randomUUID } from "node:crypto";
import { messageOf } from "#core/errors.ts";
import type { PropertyMap } from "#core/property-value.ts";
import type { Urn } from "#core/urn.ts";
import { BailError } from "#engine/deploy/bail-error.ts";
import { DefaultProviders, packageInputs } from "#engine/deploy/default-providers.ts";
import type { Goal, RegisterResult, SourceEvent } from "#engine/deploy/goal.ts";
import { MonitorClosedError } from "#engine/deploy/monitor-closed-error.ts";
import type { ProviderHandle } from "#engine/deploy/provider-handle.ts";
import { deniedPackage, isProviderType, packageOfToken, parseReference } from "#engine/deploy/provider-reference.ts";
import type {
  Invocation,
  InvokeTransform,
  PackageRequest,
  ReadRegistration,
  Registered,
  Registration,
  RegistrationOptions,
  Transform,
} from "#engine/deploy/registration.ts";
import { checkToken, checkUrns, declaredDependencies, dependenciesOf, goalOf } from "#engine/deploy/registration-goal.ts";
import { constructComponent } from "#engine/deploy/remote-component.ts";
import type { RunContext } from "#engine/deploy/run-context.ts";
import type { ProviderReference } from "#engine/state/resource-state.ts";
import { hashAssets } from "#engine/values/asset-hash.ts";
import { withOutputs, withoutOutputs, withSecretsAsOutputs } from "#engine/values/output-values.ts";
import type { InvokeResponse } from "#providers/contract.ts";

/**
 * What a program registers, reads and calls, before the engine decides what to do about it: options are inherited, transforms applied, providers chosen.
 * Mirrors `resmon` of pulumi/pulumi:pkg/resource/deploy/source_eval.go (v3.259.0).
 */
export class ResourceMonitor {
  readonly #context: RunContext;
  readonly #submit: (event: SourceEvent) => void;
  readonly #defaults: DefaultProviders;
  readonly #goals = new Map<string, Goal>();
  readonly #parents = new Map<string, string>();
  readonly #transforms = new Map<string, readonly Transform[]>();
  readonly #stackTransforms: Transform[] = [];
  readonly #invokeTransforms: InvokeTransform[] = [];
  /** Transforms of a remote component, until its provider registers it. */
  readonly #pendingTransforms = new Map<string, readonly Transform[]>();
  readonly #componentProviders = new Map<string, Readonly<Record<string, string>>>();
  readonly #packages = new Map<string, PackageRequest>();
  readonly #packageRefs = new Map<string, string>();
  /** Custom resources that have no id yet, components with such children: a call that depends on one can't be made. */
  readonly #unresolved = new Map<string, boolean>();
  readonly #closed = Promise.withResolvers<never>();
  #isClosed = false;
  /** Reports what makes the whole run fail, such as a component that its provider couldn't build. */
  readonly #abort: (error: Error) => void;

  constructor(context: RunContext, submit: (event: SourceEvent) => void, abort: (error: Error) => void) {
    this.#context = context;
    this.#submit = submit;
    this.#abort = abort;
    this.#defaults = new DefaultProviders(context.request, (goal) => this.#register(goal));
    this.#closed.promise.catch(() => undefined);
  }

  /** Everything that still waits is answered by a {@link MonitorClosedError}. */
  close(): void {
    this.#isClosed = true;
    this.#closed.reject(new MonitorClosedError());
  }

  addStackTransform(transform: Transform): void {
    this.#stackTransforms.push(transform);
  }

  addInvokeTransform(transform: InvokeTransform): void {
    this.#invokeTransforms.push(transform);
  }

  /** A reference that later registrations name instead of version and address; equal requests get the same. */
  registerPackage(wanted: PackageRequest): string {
    const key = JSON.stringify([
      wanted.name,
      wanted.version,
      wanted.pluginDownloadUrl,
      Object.entries(wanted.pluginChecksums).map(([k, v]) => [k, Buffer.from(v).toString("hex")]),
    ]);
    const known = this.#packageRefs.get(key);
    if (known) return known;
    const reference = randomUUID();
    this.#packageRefs.set(key, reference);
    this.#packages.set(reference, wanted);
    return reference;
  }

  async register(registration: Registration): Promise<Registered> {
    const { type, custom, remote, parent } = registration;
    checkToken(type, custom || remote);
    checkUrns("parent", parent ? [parent] : []);
    if (Object.keys(registration.envVarMappings).length && !isProviderType(type))
      throw new TypeError("envVarMappings can only be used with provider resources");
    const inherited = this.#inherit(registration);
    const { properties, options, own, dependencies, propertyDependencies } = await this.#transform(registration, inherited);
    const providers = this.#componentMap(registration, options);
    const isManaged = (custom && !isProviderType(type)) || remote;
    const provider = isManaged ? await this.#providerReference(this.#packageRequest(type, options, registration.packageRef), options.provider) : "";
    const hashed = await hashAssets(properties, this.#context.request.programFolder);
    const goal: Goal = {
      ...goalOf(registration, options),
      provider,
      properties: isProviderType(type)
        ? { ...withoutOutputs(hashed), ...this.#providerInputs(registration, options) }
        : remote
          ? hashed
          : withoutOutputs(hashed),
      dependencies,
      propertyDependencies,
    };
    const key = pendingKey(registration);
    if (remote && own.length) this.#pendingTransforms.set(key, own);
    const registered = remote ? await this.#construct(registration, goal, providers) : registeredOf(await this.#register(goal), custom);
    if (registered.urn) {
      if (!remote) this.#goals.set(registered.urn, goal);
      this.#parents.set(registered.urn, parent);
      this.#transforms.set(registered.urn, own);
      if (!custom) this.#componentProviders.set(registered.urn, providers);
      this.#track(registered.urn, parent, custom && registered.id === "");
    }
    return registered;
  }

  async registerOutputs(urn: string, outputs: PropertyMap): Promise<void> {
    checkUrns("resource", [urn]);
    const hashed = await hashAssets(outputs, this.#context.request.programFolder);
    await this.#wait((done) => this.#submit({ kind: "outputs", urn: urn as Urn, outputs: withoutOutputs(hashed), done: () => done(undefined) }));
  }

  async read(registration: ReadRegistration): Promise<Registered> {
    const { type, name, parent, id } = registration;
    checkToken(type, true);
    checkUrns("parent", parent ? [parent] : []);
    checkUrns("dependency", registration.dependencies);
    let provider = registration.provider;
    if (!isProviderType(type) && provider === "") {
      provider = await this.#defaults.reference(this.#packageRequest(type, registration.options, registration.packageRef));
      if (deniedPackage(provider)) throw new Error(`Default provider for 'Read' disabled. '${type}' must use an explicit provider.`);
    }
    const result = await this.#wait<RegisterResult>((done) =>
      this.#submit({
        kind: "read",
        id,
        type,
        name,
        provider,
        parent: (parent || undefined) as Urn | undefined,
        properties: withoutOutputs(registration.properties),
        dependencies: registration.dependencies as readonly Urn[],
        additionalSecretOutputs: registration.additionalSecretOutputs,
        sourcePosition: registration.sourcePosition,
        stackTrace: registration.stackTrace,
        done,
      }),
    );
    this.#track(result.state.urn, parent, result.state.id === "");
    return registeredOf(result, true);
  }

  /** Calls a function of a provider, in previews too; `undefined` where something it depends on isn't there yet. */
  async invoke(invocation: Invocation): Promise<InvokeResponse | undefined> {
    const { token, parent } = invocation;
    let args = withoutOutputs(invocation.args);
    let options = { ...invocation.options, provider: this.#resolve(invocation.options.provider, {}, parent, packageOfToken(token)) };
    for (const transform of this.#invokeTransforms) {
      const changed = await transform({ token, args, options });
      args = withoutOutputs(changed.args);
      options = changed.options;
    }
    const reference = await this.#providerReference(this.#packageRequest(token, options, invocation.packageRef), options.provider);
    const denied = deniedPackage(reference);
    if (denied) throw new Error(`Invoke: Default provider for '${denied}' disabled. '${token}' must use an explicit provider.`);
    const handle = this.#context.providers.get(reference);
    if (!handle) throw new Error(`Invoke: unknown provider '${options.provider}' -> '${reference}'`);
    if (invocation.dependsOn.some((urn) => this.#unresolved.get(urn) === true)) return undefined;
    try {
      return await this.#orClosed(handle.invoke({ token, args, preview: this.#context.dryRun }));
    } catch (error) {
      if (error instanceof MonitorClosedError) throw error;
      throw new Error(`invocation of ${token} returned an error: ${messageOf(error)}`, { cause: error });
    }
  }

  async #construct(registration: Registration, goal: Goal, providers: Readonly<Record<string, string>>): Promise<Registered> {
    const handle = this.#remoteHandle(goal);
    try {
      return await this.#orClosed(constructComponent(this, this.#context, handle, registration, goal, providers));
    } catch (error) {
      if (error instanceof MonitorClosedError) throw error;
      this.#context.diagnostics.error(undefined, `${goal.type} resource '${goal.name}' has a problem: ${messageOf(error)}`);
      this.#abort(new BailError(messageOf(error)));
      throw new MonitorClosedError();
    }
  }

  #remoteHandle(goal: Goal): ProviderHandle {
    const denied = deniedPackage(goal.provider);
    if (denied) throw new Error(`Default provider for '${denied}' disabled. '${goal.type}' must use an explicit provider.`);
    const handle = this.#context.providers.get(goal.provider);
    if (!handle) throw new Error(`unknown provider '${goal.provider}'`);
    return handle;
  }

  async #register(goal: Goal): Promise<RegisterResult> {
    return await this.#wait((done) => this.#submit({ kind: "register", goal, done }));
  }

  /** Waits for an answer of the engine, or for the end of the run. */
  async #wait<T>(send: (done: (answer: T) => void) => void): Promise<T> {
    const { promise, resolve } = Promise.withResolvers<T>();
    if (!this.#isClosed) send(resolve);
    return await this.#orClosed(promise);
  }

  async #orClosed<T>(answer: Promise<T>): Promise<T> {
    return await Promise.race([answer, this.#closed.promise]);
  }

  /** Protection, retention, provider and fate come from the parent where the resource says nothing of its own. */
  #inherit({ type, custom, remote, parent, options }: Registration): RegistrationOptions {
    const goal = parent ? this.#goals.get(parent) : undefined;
    if (!goal) return options;
    const isOurs =
      (!remote && !custom) || (goal.provider !== "" && parseReference(goal.provider).urn.split("::")[2]?.split(":").at(-1) === packageOfToken(type));
    return {
      ...options,
      deletedWith: options.deletedWith || goal.deletedWith || "",
      protect: options.protect ?? goal.protect,
      retainOnDelete: options.retainOnDelete ?? goal.retainOnDelete,
      provider: options.provider || (isOurs ? goal.provider : ""),
    };
  }

  /** Applies the resource's own transforms, its ancestors' from the inside out, and the stack's. */
  async #transform(registration: Registration, inherited: RegistrationOptions) {
    const { type, name, custom, remote, parent } = registration;
    checkUrns("dependency", inherited.dependsOn);
    const hasOwn = registration.transforms.length > 0;
    const declared = declaredDependencies(registration, inherited);
    let options: RegistrationOptions = {
      ...inherited,
      provider: custom || remote ? this.#resolve(inherited.provider, inherited.providers, parent, packageOfToken(type)) : inherited.provider,
    };
    const key = pendingKey(registration);
    const pending = remote ? undefined : this.#pendingTransforms.get(key);
    this.#pendingTransforms.delete(key);
    const own = pending ?? registration.transforms;
    const transforms = [...own, ...this.#ancestorTransforms(parent), ...this.#stackTransforms];
    const given = transforms.length ? withSecretsAsOutputs(registration.properties) : registration.properties;
    let properties = hasOwn ? withOutputs(given, declared) : given;
    for (const transform of transforms) {
      const changed = await transform({ type, name, custom, parent, properties, options });
      properties = changed.properties;
      options = changed.options;
    }
    checkUrns("dependency", options.dependsOn);
    const { dependencies, propertyDependencies } = dependenciesOf(properties, hasOwn ? {} : declared, options.dependsOn, hasOwn);
    return { properties, options, own, dependencies, propertyDependencies };
  }

  #ancestorTransforms(parent: string): Transform[] {
    const found: Transform[] = [];
    for (let urn = parent; urn; urn = this.#parents.get(urn) ?? "") found.push(...(this.#transforms.get(urn) ?? []));
    return found;
  }

  #resolve(provider: string, providers: Readonly<Record<string, string>>, parent: string, packageName: string): string {
    return provider || providers[packageName] || (parent && this.#componentProviders.get(parent)?.[packageName]) || "";
  }

  /** The providers a component hands on: its own and, where these lack a package, its parent's. */
  #componentMap({ custom, parent }: Registration, options: RegistrationOptions): Readonly<Record<string, string>> {
    return custom ? options.providers : { ...this.#componentProviders.get(parent), ...options.providers };
  }

  #packageRequest(token: string, options: Pick<RegistrationOptions, "version" | "pluginDownloadUrl" | "pluginChecksums">, packageRef: string): PackageRequest {
    if (packageRef) {
      const known = this.#packages.get(packageRef);
      if (!known) throw new Error(`unknown provider package '${packageRef}'`);
      return known;
    }
    return {
      name: packageOfToken(token),
      version: options.version,
      pluginDownloadUrl: options.pluginDownloadUrl.replace(/\/$/, ""),
      pluginChecksums: options.pluginChecksums,
    };
  }

  async #providerReference(wanted: PackageRequest, explicit: string): Promise<ProviderReference> {
    if (explicit === "") return await this.#defaults.reference(wanted);
    parseReference(explicit);
    return explicit;
  }

  /** What the engine adds to the inputs of an explicit provider. */
  #providerInputs({ type, packageRef, envVarMappings }: Registration, options: RegistrationOptions): PropertyMap {
    const wanted = this.#packageRequest(type, options, packageRef);
    const inputs = packageInputs(wanted);
    if (Object.keys(envVarMappings).length === 0) return inputs;
    return { ...inputs, __internal: { ...(inputs["__internal"] as PropertyMap | undefined), envVarMappings: { ...envVarMappings } } };
  }

  #track(urn: string, parent: string, isUnresolved: boolean): void {
    this.#unresolved.set(urn, isUnresolved || this.#unresolved.get(urn) === true);
    if (isUnresolved) for (let up = parent; up; up = this.#parents.get(up) ?? "") this.#unresolved.set(up, true);
  }
}

function pendingKey({ parent, type, name }: Registration): string {
  return `${parent}::${type}::${name}`;
}

function registeredOf({ state, result, unknown }: RegisterResult, custom: boolean): Registered {
  return { urn: state.urn, id: state.id, outputs: custom ? state.outputs : {}, propertyDependencies: {}, result, unknown };
}
