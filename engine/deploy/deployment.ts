/** The seam between the commands of the embedded engine (argv, state, locks, display) and one run of it. */
import type { EngineEvent } from "@pulumi/pulumi/automation/events.js";
import type { StepCounts } from "#core/operation.ts";
import type { PropertyMap } from "#core/property-value.ts";
import type { PendingOperation, ResourceState, Snapshot } from "#engine/state/resource-state.ts";
import type { ProviderPackage } from "#providers/contract.ts";

export type DeploymentKind = "update" | "preview" | "refresh" | "destroy";

/** What one run has to do. */
export interface DeploymentRequest {
  readonly kind: DeploymentKind;
  /** Nothing may change: `preview`, or refresh and destroy with `--preview-only`. */
  readonly dryRun: boolean;
  readonly project: string;
  /** Unqualified. */
  readonly stack: string;
  readonly organization: string;
  /** Folder of the project file; relative asset paths and source positions start here. */
  readonly projectFolder: string;
  /** Working directory of the program. */
  readonly programFolder: string;
  /** `namespace:name` to decrypted text (objects as JSON text). */
  readonly config: Readonly<Record<string, string>>;
  readonly configSecretKeys: readonly string[];
  /** Address of the language runtime that runs the program (`127.0.0.1:PORT`), absent when no program runs. */
  readonly languageRuntime: string | undefined;
  /** Whether refresh and destroy run the program too; update and preview always do. */
  readonly runProgram: boolean;
  /** Refresh before the update, preview or destroy. */
  readonly refresh: boolean;
  readonly targets: readonly string[];
  readonly excludes: readonly string[];
  readonly replaces: readonly string[];
  readonly targetDependents: boolean;
  readonly excludeDependents: boolean;
  readonly excludeProtected: boolean;
  readonly clearPendingCreates: boolean;
  readonly continueOnError: boolean;
  /** How many steps run at once; at least 1. */
  readonly parallel: number;
  readonly previous: Snapshot;
  /** Provider packages by name. */
  readonly packages: ReadonlyMap<string, ProviderPackage>;
  /** Environment that the operation runs in (process environment overlaid by what the caller gave). */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Where the run reports and stores. */
export interface DeploymentPorts {
  /** Every engine event, in order and without `sequence` and `timestamp`. Secrets are blinded already. */
  emit(event: EngineEventBody): void;
  /** Absent in a dry run. */
  readonly journal: SnapshotJournal | undefined;
  /** Answers stack references; throws with the genuine wording for a missing stack. */
  readStackOutputs(stackName: string): Promise<StackOutputs>;
  readonly cancellation: Cancellation;
}

/** The SDK's event without its envelope: exactly one payload key. */
export type EngineEventBody = Omit<EngineEvent, "sequence" | "timestamp">;

export interface StackOutputs {
  /** Secrets as Secret values. */
  readonly outputs: PropertyMap;
  readonly secretOutputNames: readonly string[];
}

/** Two-stage cancellation: `cancel` asks (as one SIGINT), `terminate` gives up on calls under way (as a second). */
export interface Cancellation {
  readonly cancel: AbortSignal;
  readonly terminate: AbortSignal;
}

/**
 * Receives every change of the snapshot as it happens. Each promise settles when the record is durable; the engine awaits `begin` before it calls the
 * provider, and answers the program only after `end`.
 */
export interface SnapshotJournal {
  /** A provider call is about to start. Answers a token for {@link end}. */
  begin(operation: PendingOperation): Promise<JournalToken>;
  /** The call is over and changed the snapshot by `change`, or failed and changed nothing. */
  end(token: JournalToken, change: SnapshotChange | undefined): Promise<void>;
  /** A change without a provider call: `same`, component and provider registrations, outputs. */
  record(change: SnapshotChange): Promise<void>;
  /** Replaces the snapshot as a whole: at the end of the program, of a refresh, of the run. */
  rebase(snapshot: Snapshot): Promise<void>;
}
export type JournalToken = number;

/**
 * What a step did to the snapshot. States are identified by reference to objects of the previous snapshot or of earlier changes. A change may have
 * all three parts: a replacement puts the new state and amends the old one. `SnapshotModel` (engine/deploy/snapshot-model.ts) folds changes.
 */
export interface SnapshotChange {
  /** A state of the previous snapshot or of this run that is gone or replaced by `put`. */
  readonly drop?: ResourceState;
  /** A new state, in completion order. */
  readonly put?: ResourceState;
  /** `by` takes the place of `state`, in the order too: outputs of a component, a state that now waits for its deletion or replacement. */
  readonly amend?: { readonly state: ResourceState; readonly by: ResourceState };
}

export interface DeploymentResult {
  /** `failed` covers a cancelled run that ended by itself; `terminated` is a second signal. */
  readonly outcome: "succeeded" | "failed" | "cancelled" | "terminated";
  /** The snapshot after the run (dry run: what it would have been isn't computed, the previous one is answered). */
  readonly snapshot: Snapshot;
  readonly changes: StepCounts;
  /** Final error text, as the CLI prints it after `error: `; absent on success. */
  readonly error?: string;
  readonly durationSeconds: number;
}

/** Runs one deployment. Never rejects for what the program or a provider did: that is in the result and in the events. */
export type RunDeployment = (request: DeploymentRequest, ports: DeploymentPorts) => Promise<DeploymentResult>;
