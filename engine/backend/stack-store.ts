import { createHash } from "node:crypto";
import type { Clock } from "#core/clock.ts";
import { type Checkpoint, checkpointText, type DeploymentJson, parseCheckpoint } from "#engine/backend/checkpoint.ts";
import { type Compression, compress, compressionSuffix, configuredCompression, decompress, isTrue } from "#engine/backend/compression.ts";
import { integrityProblem } from "#engine/backend/integrity.ts";
import { isLegalStackName, qualifiedName, type StackReference } from "#engine/backend/stack-reference.ts";
import { StateFiles } from "#engine/backend/state-files.ts";
import { inDependencyOrder, resolveAliases } from "#engine/backend/tidy-resources.ts";
import { CommandFailure } from "#engine/command/command-failure.ts";
import { phrases } from "#engine/command/stderr-phrases.ts";

/** A checkpoint as it was read. */
export interface StoredCheckpoint extends Checkpoint {
  /** SHA-256 of its text. */
  readonly hash: string;
}

const compressions: readonly Compression[] = ["none", "gzip", "zstd"];

/**
 * Stacks of a `file://` state folder, laid out as the genuine CLI does. Mirrors pulumi/pulumi:pkg/backend/diy/{backend,state,store,meta}.go (v3.259.0).
 * Locking is the caller's business.
 */
export class StackStore {
  readonly files: StateFiles;
  readonly #environment: Readonly<Record<string, string | undefined>>;
  readonly #clock: Clock;

  constructor(root: string, environment: Readonly<Record<string, string | undefined>>, clock: Clock) {
    this.files = new StateFiles(root);
    this.#environment = environment;
    this.#clock = clock;
  }

  /** Checks that the folder's layout is one that this version understands, and marks a new folder. */
  async open(): Promise<void> {
    const meta = await this.files.read("meta.yaml");
    if (meta) {
      const version = /^version:\s*(\d+)\s*$/m.exec(meta.toString("utf8"))?.[1];
      if (version !== "1")
        throw new CommandFailure(`state store unsupported: 'meta.yaml' version (${version ?? "unreadable"}) is not supported by this version of the engine`);
      return;
    }
    if ((await this.files.list("stacks")).some((name) => /\.json(\.gz|\.zst)?$/.test(name)))
      throw new CommandFailure("the state store has the legacy layout without projects; upgrade it with the genuine CLI's `pulumi state upgrade`");
    await this.files.write("meta.yaml", Buffer.from("version: 1\n"));
  }

  async exists(reference: StackReference): Promise<boolean> {
    return (await this.#newest(reference)) !== undefined;
  }

  /** The checkpoint as it is on disk, `undefined` when there is no such stack. */
  async read(reference: StackReference): Promise<StoredCheckpoint | undefined> {
    const newest = await this.#newest(reference);
    if (!newest) return undefined;
    const bytes = await this.files.read(newest.file);
    if (!bytes) return undefined;
    const text = await this.#decompressed(bytes, newest.file);
    return { ...parseCheckpoint(text, this.files.path(newest.file)), hash: hashOf(text) };
  }

  /** What {@link write} would put on disk, and the hash of its text. Throws when the deployment isn't sound. */
  prepare(reference: StackReference, deployment: DeploymentJson | undefined): { readonly text: string; readonly hash: string } {
    const tidy = deployment && this.#sound(reference, deployment);
    const text = checkpointText(qualifiedName(reference), tidy);
    return { text, hash: hashOf(text) };
  }

  /** Replaces the checkpoint; the one before becomes the `.bak`. On an error the old one stays as it was. */
  async write(reference: StackReference, text: string): Promise<void> {
    const compression = configuredCompression(this.#environment);
    const file = `${stackBase(reference)}.json${compressionSuffix[compression]}`;
    const bytes = await compress(Buffer.from(text), compression);
    const before = await this.#newest(reference);
    await this.files.copy(file, `${file}.bak`);
    if (before && before.file !== file) await this.files.copy(before.file, `${before.file}.bak`);
    await this.files.write(file, bytes, { durable: true });
    if (before && before.file !== file) await this.files.remove(before.file);
    if (isTrue(this.#environment.PULUMI_DIY_BACKEND_RETAIN_CHECKPOINTS)) await this.files.write(`${file}.${this.#nanoseconds()}`, bytes);
  }

  /** Every stack, in the order of project and name. */
  async list(): Promise<StackReference[]> {
    const found: StackReference[] = [];
    for (const project of await this.files.listFolders("stacks")) {
      const names = (await this.files.list(`stacks/${project}`)).flatMap((file) => /^(.+)\.json(?:\.gz|\.zst)?$/.exec(file)?.[1] ?? []);
      for (const stack of new Set(names.filter(isLegalStackName))) found.push({ project, stack });
    }
    return found;
  }

  /** Forgets a stack: its checkpoint becomes the `.bak`, tags and history go, backups stay unless told otherwise. */
  async remove(reference: StackReference, removeBackups: boolean): Promise<void> {
    for (const compression of compressions) {
      const file = `${stackBase(reference)}.json${compressionSuffix[compression]}`;
      if (removeBackups) await this.files.remove(`${file}.bak`);
      else await this.files.copy(file, `${file}.bak`);
      await this.files.remove(file);
    }
    if (removeBackups) await this.files.removeFolder(`backups/${reference.project}/${reference.stack}`);
    await this.files.remove(`${stackBase(reference)}.pulumi-tags`);
    await this.files.removeFolder(`history/${reference.project}/${reference.stack}`);
  }

  /** Copies the checkpoint to `backups/`, unless that is switched off. */
  async backup(reference: StackReference): Promise<void> {
    const newest = await this.#newest(reference);
    if (!newest || isTrue(this.#environment.PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS)) return;
    await this.files.copy(newest.file, `backups/${reference.project}/${reference.stack}/${reference.stack}.${this.#nanoseconds()}${newest.suffix}`);
  }

  /** Files an update with a copy of the checkpoint it led to. */
  async addToHistory(reference: StackReference, update: UpdateInfo): Promise<void> {
    const compression = configuredCompression(this.#environment);
    const prefix = `history/${reference.project}/${reference.stack}/${reference.stack}-${this.#nanoseconds()}`;
    await this.files.write(`${prefix}.history.json${compressionSuffix[compression]}`, await compress(Buffer.from(JSON.stringify(update)), compression));
    const newest = await this.#newest(reference);
    if (newest) await this.files.copy(newest.file, `${prefix}.checkpoint${newest.suffix}`);
  }

  /** Updates of a stack, newest first. `pageSize` 0 means all; pages count from 1. */
  async history(reference: StackReference, pageSize: number, page: number): Promise<UpdateInfo[]> {
    const folder = `history/${reference.project}/${reference.stack}`;
    const files = (await this.files.list(folder)).filter((name) => /\.history\.json(\.gz|\.zst)?$/.test(name)).reverse();
    const start = pageSize > 0 ? (Math.max(page, 1) - 1) * pageSize : 0;
    const wanted = pageSize > 0 ? files.slice(start, start + pageSize) : files;
    return await Promise.all(wanted.map((name) => this.#readUpdate(`${folder}/${name}`)));
  }

  async moveHistory(from: StackReference, to: StackReference): Promise<void> {
    const folder = `history/${from.project}/${from.stack}`;
    for (const name of await this.files.list(folder)) {
      const dash = name.lastIndexOf("-");
      if (name.slice(0, dash) !== from.stack) continue;
      await this.files.copy(`${folder}/${name}`, `history/${to.project}/${to.stack}/${to.stack}${name.slice(dash)}`);
      await this.files.remove(`${folder}/${name}`);
    }
  }

  async tags(reference: StackReference): Promise<Record<string, string>> {
    const bytes = await this.files.read(`${stackBase(reference)}.pulumi-tags`);
    if (!bytes) return {};
    const { version, tags } = JSON.parse(bytes.toString("utf8")) as { version: number; tags?: Record<string, string> };
    if (version !== 1) throw new CommandFailure(`unsupported stack tags version: ${version} (expected 1)`);
    return tags ?? {};
  }

  async writeTags(reference: StackReference, tags: Record<string, string>): Promise<void> {
    const file = `${stackBase(reference)}.pulumi-tags`;
    if (Object.keys(tags).length === 0) await this.files.remove(file);
    else await this.files.write(file, Buffer.from(JSON.stringify({ version: 1, tags: Object.fromEntries(Object.entries(tags).sort()) })));
  }

  #sound(reference: StackReference, deployment: DeploymentJson): DeploymentJson {
    let resources = resolveAliases(deployment.resources ?? []);
    let sound = withResources(deployment, resources);
    if (integrityProblem(sound)) {
      resources = inDependencyOrder(resources);
      sound = withResources(deployment, resources);
    }
    const problem = integrityProblem(sound);
    if (problem) throw new CommandFailure(phrases.integrityOnWrite(this.files.path(`${stackBase(reference)}.json`), problem));
    return sound;
  }

  /** The stack's checkpoint among its compressed variants: the one changed last. */
  async #newest(reference: StackReference): Promise<{ file: string; suffix: string } | undefined> {
    let best: { file: string; suffix: string; modified: number } | undefined;
    for (const compression of compressions) {
      const suffix = `.json${compressionSuffix[compression]}`;
      const file = stackBase(reference) + suffix;
      const modified = await this.files.modified(file);
      if (modified !== undefined && (!best || modified >= best.modified)) best = { file, suffix, modified };
    }
    return best;
  }

  async #readUpdate(file: string): Promise<UpdateInfo> {
    const bytes = await this.files.read(file);
    if (!bytes) throw new CommandFailure(`reading history file ${file}: it has gone`);
    try {
      return JSON.parse(await this.#decompressed(bytes, file)) as UpdateInfo;
    } catch (error) {
      throw new CommandFailure(`reading history file ${this.files.path(file)}: ${(error as Error).message.slice(0, 200)}`);
    }
  }

  async #decompressed(bytes: Buffer, file: string): Promise<string> {
    try {
      return (await decompress(bytes)).toString("utf8");
    } catch (error) {
      throw new CommandFailure(`${this.files.path(file)} can't be decompressed: ${(error as Error).message}`);
    }
  }

  /** Nanoseconds since 1970 as the file names have them; never the same twice in a row. */
  #nanoseconds(): string {
    return String(BigInt(this.#clock.now().getTime()) * 1_000_000n + (process.hrtime.bigint() % 1_000_000n));
  }
}

/** Mirrors pulumi/pulumi:pkg/backend/updates.go `UpdateInfo` (v3.259.0). Times are unix seconds. */
export interface UpdateInfo {
  readonly kind: "update" | "preview" | "refresh" | "destroy" | "import" | "rename";
  readonly startTime: number;
  readonly message: string;
  readonly environment: Readonly<Record<string, string>> | null;
  /** As stored: a text, or `{secure: ciphertext}`, or `{object…}`. */
  readonly config: Readonly<Record<string, unknown>> | null;
  readonly version: number;
  readonly result: "succeeded" | "failed" | "in-progress";
  readonly endTime: number;
  readonly resourceChanges?: Readonly<Record<string, number>>;
}

export function stackBase(reference: StackReference): string {
  return `stacks/${reference.project}/${reference.stack}`;
}

function withResources(deployment: DeploymentJson, resources: readonly import("#engine/backend/checkpoint.ts").ResourceJson[]): DeploymentJson {
  const { manifest, secrets_providers, resources: _old, pending_operations, metadata, ...rest } = deployment;
  return {
    manifest,
    ...(secrets_providers ? { secrets_providers } : {}),
    ...(resources.length ? { resources: [...resources] } : {}),
    ...(pending_operations?.length ? { pending_operations } : {}),
    metadata: metadata ?? {},
    ...rest,
  };
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
