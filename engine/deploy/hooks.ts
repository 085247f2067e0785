import { messageOf } from "#core/errors.ts";
import type { PropertyMap } from "#core/property-value.ts";
import { parseUrn, type Urn } from "#core/urn.ts";
import type { Diagnostics } from "#engine/deploy/diagnostics.ts";
import type { ResourceState } from "#engine/state/resource-state.ts";

export type HookKind = "BeforeCreate" | "AfterCreate" | "BeforeUpdate" | "AfterUpdate" | "BeforeDelete" | "AfterDelete" | "OnError";
export const hookKinds: readonly HookKind[] = ["BeforeCreate", "AfterCreate", "BeforeUpdate", "AfterUpdate", "BeforeDelete", "AfterDelete", "OnError"];

/** What a hook is told; states and bags are absent where the operation has none. */
export interface HookOccasion {
  readonly urn: Urn;
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly oldState: ResourceState | undefined;
  readonly newState: ResourceState | undefined;
  readonly newInputs?: PropertyMap;
  readonly oldInputs?: PropertyMap;
  readonly newOutputs?: PropertyMap;
  readonly oldOutputs?: PropertyMap;
}

/** A function of the program that is called around an operation; throws to make it fail. */
export interface ResourceHook {
  readonly call: (occasion: HookOccasion) => Promise<void>;
  readonly onDryRun: boolean;
  /** A failure is a warning. */
  readonly ignoreErrors: boolean;
}

/** Decides whether a failed operation is tried again. */
export type ErrorHook = (occasion: HookOccasion, failedOperation: "create" | "update" | "delete", errors: readonly string[]) => Promise<boolean>;

export const maxRetries = 100;

/** The program's hooks by name. Mirrors pulumi/pulumi:pkg/resource/deploy/resource_hooks.go and deployment.go `RunHooks` (v3.259.0). */
export class Hooks {
  readonly #resourceHooks = new Map<string, ResourceHook>();
  readonly #errorHooks = new Map<string, ErrorHook>();
  readonly #diagnostics: Diagnostics;
  readonly #dryRun: boolean;

  constructor(diagnostics: Diagnostics, dryRun: boolean) {
    this.#diagnostics = diagnostics;
    this.#dryRun = dryRun;
  }

  registerResourceHook(name: string, hook: ResourceHook): void {
    this.#checkName(name);
    this.#resourceHooks.set(name, hook);
  }

  registerErrorHook(name: string, hook: ErrorHook): void {
    this.#checkName(name);
    this.#errorHooks.set(name, hook);
  }

  /** Calls the hooks of one kind in order; throws for the first that fails and doesn't ignore its errors. */
  async run(kind: HookKind, holder: ResourceState, occasion: HookOccasion): Promise<void> {
    for (const name of holder.resourceHooks[kind] ?? []) {
      const hook = this.#resourceHooks.get(name);
      if (!hook) throw new Error(`hook "${name}" was not registered`);
      if (this.#dryRun && !hook.onDryRun) continue;
      try {
        await hook.call(occasion);
      } catch (error) {
        if (!hook.ignoreErrors)
          throw new Error(`${kind.startsWith("Before") ? "before" : "after"} hook "${name}" failed: ${messageOf(error)}`, { cause: error });
        this.#diagnostics.warning(occasion.urn, `${kind} hook "${name}" failed: ${messageOf(error)}`);
      }
    }
  }

  /** Runs the operation, and again as long as an error hook asks for it, at most {@link maxRetries} times. */
  async retrying<T>(operation: "create" | "update" | "delete", holder: ResourceState, occasion: HookOccasion, call: () => Promise<T>): Promise<T> {
    const failures: string[] = [];
    for (;;) {
      try {
        return await call();
      } catch (error) {
        failures.unshift(messageOf(error));
        if (failures.length >= maxRetries) {
          this.#diagnostics.warning(occasion.urn, `maximum number of error hook retries (${maxRetries}) reached`);
          throw new Error("maximum number of error hook retries reached", { cause: error });
        }
        if (!(await this.#wantsRetry(operation, holder, occasion, failures))) throw error;
        this.#diagnostics.warning(occasion.urn, `retrying ${operation} due to on-error hook request (${failures.length}/${maxRetries})`);
      }
    }
  }

  async #wantsRetry(operation: "create" | "update" | "delete", holder: ResourceState, occasion: HookOccasion, failures: readonly string[]): Promise<boolean> {
    let wanted = false;
    for (const name of holder.resourceHooks["OnError"] ?? []) {
      const hook = this.#errorHooks.get(name);
      if (!hook) throw new Error(`error hooks execution failed: hook "${name}" was not registered`);
      try {
        if (await hook(occasion, operation, failures)) wanted = true;
      } catch (error) {
        throw new Error(`error hooks execution failed: error hook "${name}" failed: ${messageOf(error)}`, { cause: error });
      }
    }
    return wanted;
  }

  #checkName(name: string): void {
    if (name === "") throw new Error("resource hook name cannot be empty");
    if (this.#resourceHooks.has(name) || this.#errorHooks.has(name)) throw new Error(`resource hook already registered for name "${name}"`);
  }
}

/** The parts of an occasion that follow from the states. */
export function occasionOf(state: ResourceState, rest: Omit<HookOccasion, "urn" | "id" | "name" | "type">): HookOccasion {
  return { urn: state.urn, id: state.id, name: parseUrn(state.urn).name, type: state.type, ...rest };
}
