import { resolve } from "node:path";
import type { Clock } from "#core/clock.ts";
import { backendUrl, pulumiHome, stateRoot } from "#engine/backend/backend-url.ts";
import { readWithJournal } from "#engine/backend/journal-recovery.ts";
import { SelectedStack } from "#engine/backend/selected-stack.ts";
import { displayName, parseStackReference, qualifiedName, type StackReference } from "#engine/backend/stack-reference.ts";
import { StackStore, type StoredCheckpoint } from "#engine/backend/stack-store.ts";
import type { Environment } from "#engine/command/command-context.ts";
import { CommandFailure, exitCodes } from "#engine/command/command-failure.ts";
import { phrases } from "#engine/command/stderr-phrases.ts";
import type { PassphraseKeys } from "#engine/secrets/passphrase-keys.ts";
import { PassphraseSecrets } from "#engine/secrets/passphrase-secrets.ts";
import { base64Secrets, type SecretsManager } from "#engine/secrets/secrets-manager.ts";
import { findProject, type Project, requireProject } from "#engine/stack-config/project-file.ts";
import { StackSettings } from "#engine/stack-config/stack-settings.ts";

export interface WorkspaceOptions {
  readonly cwd: string;
  readonly environment: Environment;
  readonly clock: Clock;
  readonly keys: PassphraseKeys;
}

/** Everything around one command that is found rather than given: project, backend, stacks, settings, secrets. Found when first asked for. */
export class Workspace {
  readonly #options: WorkspaceOptions;
  readonly #passphrases: PassphraseSecrets;
  #project: Promise<Project | undefined> | undefined;
  #store: Promise<StackStore> | undefined;

  constructor(options: WorkspaceOptions) {
    this.#options = options;
    this.#passphrases = new PassphraseSecrets(options.keys, options.environment, options.cwd);
  }

  async project(): Promise<Project | undefined> {
    this.#project ??= findProject(this.#options.cwd);
    return await this.#project;
  }

  async requireProject(): Promise<Project> {
    return (await this.project()) ?? (await requireProject(this.#options.cwd));
  }

  async backendUrl(): Promise<string> {
    return await backendUrl(this.#options.environment, (await this.project())?.backendUrl);
  }

  async store(): Promise<StackStore> {
    this.#store ??= this.#open();
    return await this.#store;
  }

  async parseReference(name: string): Promise<StackReference> {
    return parseStackReference(name, (await this.project())?.name);
  }

  async displayName(reference: StackReference): Promise<string> {
    return displayName(reference, (await this.project())?.name);
  }

  /** The stack that is named, else the selected one; it must exist. */
  async requireStack(name: string | undefined): Promise<StackReference> {
    const wanted = name || (await this.selectedName());
    if (!wanted) throw new CommandFailure(phrases.noStackSelected);
    const reference = await this.parseReference(wanted);
    const store = await this.store();
    if (await store.exists(reference)) return reference;
    if (!name) throw new CommandFailure(phrases.noStackSelected);
    throw new CommandFailure(phrases.stackNotFound(name), exitCodes.stackNotFound);
  }

  /** `PULUMI_STACK`, else what was selected last. */
  async selectedName(): Promise<string | undefined> {
    return this.#options.environment.PULUMI_STACK || (await (await this.#selected())?.get());
  }

  async select(reference: StackReference | undefined): Promise<void> {
    await (await this.#selected())?.set(reference && qualifiedName(reference));
  }

  /** The checkpoint, with what an operation that runs or died has added to it. */
  async readCheckpoint(reference: StackReference): Promise<StoredCheckpoint> {
    const checkpoint = await readWithJournal(await this.store(), reference);
    if (!checkpoint) throw new CommandFailure(phrases.stackNotFound(await this.displayName(reference)), exitCodes.stackNotFound);
    return checkpoint;
  }

  async settings(reference: StackReference, configFile?: string): Promise<StackSettings> {
    return await StackSettings.load(await this.requireProject(), reference.stack, configFile && resolve(this.#options.cwd, configFile));
  }

  /**
   * The manager that encrypts a stack's secrets. A stack without one gets a new passphrase manager, or the one of its state with `fallBackToState`;
   * `settings` then hold its salt and `mustSave` says so.
   */
  async secretsFor(
    settings: StackSettings,
    checkpoint: StoredCheckpoint | undefined,
    fallBackToState: boolean,
  ): Promise<{ manager: SecretsManager; mustSave: boolean }> {
    const provider = settings.setting("secretsprovider");
    if (provider !== undefined && provider !== "passphrase" && provider !== "default") throw new CommandFailure(phrases.unsupportedSecretsProvider(provider));
    const salt = settings.setting("encryptionsalt");
    if (salt !== undefined) return { manager: await this.#passphrases.open(salt), mustSave: false };
    const recorded = fallBackToState ? checkpoint?.latest?.secrets_providers : undefined;
    const manager = recorded ? await this.secretsOfState(checkpoint) : await this.#passphrases.create();
    if (manager?.type === "passphrase") settings.setSetting("encryptionsalt", String(manager.state.salt));
    return { manager: manager!, mustSave: manager?.type === "passphrase" };
  }

  /** A passphrase manager with a new salt, put into `settings`, for a new stack. */
  async newSecrets(settings: StackSettings): Promise<{ manager: SecretsManager; mustSave: boolean }> {
    return await this.secretsFor(settings, undefined, false);
  }

  /** The manager that a state was written with; locked when the passphrase is wrong. `undefined` when the state names none. */
  async secretsOfState(checkpoint: StoredCheckpoint | undefined): Promise<SecretsManager | undefined> {
    const recorded = checkpoint?.latest?.secrets_providers;
    if (!recorded) return undefined;
    if (recorded.type === "b64") return base64Secrets;
    if (recorded.type === "passphrase" && typeof recorded.state?.salt === "string") return await this.#passphrases.openOrLocked(recorded.state.salt);
    throw new CommandFailure(phrases.unsupportedSecretsProvider(recorded.type));
  }

  async #open(): Promise<StackStore> {
    const { environment, cwd, clock } = this.#options;
    const url = await this.backendUrl();
    const start = environment.PULUMI_BACKEND_URL ? cwd : ((await this.project())?.folder ?? cwd);
    const store = new StackStore(await stateRoot(url, environment, start), environment, clock);
    await store.open();
    return store;
  }

  async #selected(): Promise<SelectedStack | undefined> {
    const project = await this.project();
    return project && new SelectedStack(pulumiHome(this.#options.environment), project, await this.backendUrl());
  }
}
