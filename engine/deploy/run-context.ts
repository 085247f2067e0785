import type { Clock } from "#core/clock.ts";
import { messageOf } from "#core/errors.ts";
import type { Urn } from "#core/urn.ts";
import { Autonaming } from "#engine/deploy/autonaming.ts";
import { DependencyGraph } from "#engine/deploy/dependency-graph.ts";
import type { DeploymentPorts, DeploymentRequest } from "#engine/deploy/deployment.ts";
import { Diagnostics } from "#engine/deploy/diagnostics.ts";
import { Hooks } from "#engine/deploy/hooks.ts";
import type { ResourceManager } from "#engine/deploy/provider-handle.ts";
import { deniedPackage, isProviderType, parseReference } from "#engine/deploy/provider-reference.ts";
import { ProviderRegistry } from "#engine/deploy/provider-registry.ts";
import { Recorder } from "#engine/deploy/recorder.ts";
import { Slots } from "#engine/deploy/slots.ts";
import { Targets } from "#engine/deploy/targets.ts";
import type { ProviderReference, ResourceState } from "#engine/state/resource-state.ts";
import type { ProviderPackage } from "#providers/contract.ts";

/** What one run knows and shares between its parts. Mirrors `Deployment` of pulumi/pulumi:pkg/resource/deploy/deployment.go (v3.259.0). */
export class RunContext {
  readonly request: DeploymentRequest;
  readonly ports: DeploymentPorts;
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
  /** Limits how many chains of steps run at once. */
  readonly slots: Slots;
  readonly providers: ProviderRegistry;
  readonly hooks: Hooks;
  readonly recorder: Recorder;
  readonly targets: Targets;
  readonly excludes: Targets;
  /** What {@link excludes} was made of: as asked for, and protected resources where these are to be left out. */
  readonly excludeUrns: readonly string[];
  readonly replaceTargets: Targets;
  readonly autonaming: Autonaming;
  /** States of this run by URN, without those that were read. */
  readonly news = new Map<Urn, ResourceState>();
  readonly reads = new Map<Urn, ResourceState>();
  /** Failures after a step was done (hooks): they fail the run, not the step. */
  readonly lateErrors: unknown[] = [];
  /** The states that the run began with, or what a refresh made of them. */
  previous: readonly ResourceState[] = [];
  /** By URN, without those that wait for their deletion. */
  olds = new Map<Urn, ResourceState>();
  allOlds = new Map<Urn, ResourceState[]>();
  graph = new DependencyGraph([]);
  /** From a state of {@link previous} to what this run made of it in place. */
  readonly #amended = new Map<ResourceState, ResourceState>();
  /** From any amended version back to the state of {@link previous}. */
  readonly #originals = new Map<ResourceState, ResourceState>();

  constructor(request: DeploymentRequest, ports: DeploymentPorts, clock: Clock, makePackages: (context: RunContext) => ReadonlyMap<string, ProviderPackage>) {
    this.request = request;
    this.ports = ports;
    this.clock = clock;
    this.diagnostics = new Diagnostics((event) => ports.emit(event));
    this.slots = new Slots(request.parallel);
    this.providers = new ProviderRegistry(makePackages(this), this.diagnostics, this.slots, request.programFolder);
    this.hooks = new Hooks(this.diagnostics, request.dryRun);
    this.recorder = new Recorder(request.previous, ports.journal, request.dryRun);
    this.rebase(request.previous.resources);
    this.targets = new Targets(request.targets);
    this.excludeUrns = request.excludeProtected ? [...request.excludes, ...this.#protectedUrns()] : request.excludes;
    this.excludes = new Targets(this.excludeUrns);
    this.replaceTargets = new Targets(request.replaces);
    this.autonaming = new Autonaming(request);
  }

  get dryRun(): boolean {
    return this.request.dryRun;
  }

  /** Time as a state records it. */
  now(): string {
    return this.clock.now().toISOString();
  }

  /** Takes other states as the base of everything that follows. */
  rebase(states: readonly ResourceState[]): void {
    this.previous = states;
    this.olds = new Map();
    this.allOlds = new Map();
    this.#amended.clear();
    this.#originals.clear();
    for (const state of states) {
      const all = this.allOlds.get(state.urn);
      if (all) all.push(state);
      else this.allOlds.set(state.urn, [state]);
      if (state.delete) continue;
      if (this.olds.has(state.urn)) throw new Error(`unexpected duplicate resource '${state.urn}'`);
      this.olds.set(state.urn, state);
    }
    this.graph = new DependencyGraph(states);
  }

  /** The newest version of a state that the run began with. */
  latest(state: ResourceState): ResourceState {
    return this.#amended.get(this.original(state)) ?? state;
  }

  /** The state of {@link previous} that this is a version of. */
  original(state: ResourceState): ResourceState {
    return this.#originals.get(state) ?? state;
  }

  amend(state: ResourceState, by: ResourceState): void {
    const original = this.original(state);
    this.#amended.set(original, by);
    this.#originals.set(by, original);
  }

  /** Protected resources with all that they need. */
  #protectedUrns(): Urn[] {
    const found = new Set<Urn>();
    for (const state of this.previous) {
      if (!state.protect || state.delete) continue;
      found.add(state.urn);
      for (const { urn } of this.graph.transitiveDependenciesOf(state)) found.add(urn);
    }
    return [...found];
  }

  recordLateError(urn: Urn, error: unknown): void {
    this.diagnostics.error(urn, messageOf(error));
    this.lateErrors.push(error);
  }

  /** What manages resources of the type through the referenced provider; throws when that isn't loaded. */
  managerOf(state: ResourceState): ResourceManager {
    if (isProviderType(state.type)) return this.providers;
    const denied = state.provider ? deniedPackage(state.provider) : undefined;
    if (denied) throw new Error(`Default provider for '${denied}' disabled. '${state.urn}' must use an explicit provider.`);
    const handle = this.providers.get(state.provider);
    if (!handle) throw new Error(`unknown provider '${state.provider}' for resource ${state.urn}`);
    return handle;
  }

  /** Loads a provider that only the previous states name, with its stored configuration. */
  async ensureProvider(reference: ProviderReference): Promise<void> {
    if (reference === "" || this.providers.get(reference)) return;
    const { urn, id } = parseReference(reference);
    const state = this.allOlds.get(urn)?.find((candidate) => candidate.id === id);
    if (!state) throw new Error(`could not find provider ${reference}`);
    try {
      await this.providers.same(state, false);
    } catch (error) {
      throw new Error(`could not create provider ${reference}: ${messageOf(error)}`, { cause: error });
    }
  }
}
