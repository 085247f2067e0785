import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, readdir, readFile, stat } from "node:fs/promises";
import { join, posix, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { messageOf } from "#core/errors.ts";
import { Archive, Asset, isPropertyMap, OutputValue, type PropertyMap, type PropertyValue, Secret, setOwn } from "#core/property-value.ts";
import { tarHeader, tarPadding, tarTrailer } from "#engine/values/tar.ts";

const archiveFile = /\.(tar|tgz|tar\.gz|zip|jar)$/;

/**
 * The bag with the hash of every asset and archive computed; relative paths start at `folder`.
 * An archive that isn't a file counts as the tar stream of its files. Mirrors pulumi/pulumi:sdk/go/common/resource/{asset,archive} (v3.259.0).
 */
export async function hashAssets(bag: PropertyMap, folder: string): Promise<PropertyMap> {
  if (!Object.values(bag).some(holdsAsset)) return bag;
  const hashed: PropertyMap = {};
  for (const [key, value] of Object.entries(bag)) setOwn(hashed, key, await hashValue(value, folder));
  return hashed;
}

async function hashValue(value: PropertyValue, folder: string): Promise<PropertyValue> {
  if (value instanceof Asset) return await hashAsset(value, folder);
  if (value instanceof Archive) return await hashArchive(value, folder);
  if (value instanceof Secret) return new Secret(await hashValue(value.element, folder));
  if (value instanceof OutputValue)
    return value.element === undefined ? value : new OutputValue(await hashValue(value.element, folder), value.secret, value.dependencies);
  if (Array.isArray(value)) return await Promise.all(value.map((element) => hashValue(element, folder)));
  return isPropertyMap(value) ? await hashAssets(value, folder) : value;
}

function holdsAsset(value: PropertyValue): boolean {
  if (value instanceof Asset || value instanceof Archive) return true;
  if (value instanceof Secret) return holdsAsset(value.element);
  if (value instanceof OutputValue) return value.element !== undefined && holdsAsset(value.element);
  if (Array.isArray(value)) return value.some(holdsAsset);
  return isPropertyMap(value) && Object.values(value).some(holdsAsset);
}

async function hashAsset(asset: Asset, folder: string): Promise<Asset> {
  if (asset.hash) return asset;
  return new Asset(
    asset.kind,
    asset.value,
    createHash("sha256")
      .update(await contentOf(asset, folder))
      .digest("hex"),
  );
}

async function hashArchive(archive: Archive, folder: string): Promise<Archive> {
  if (archive.hash) return archive;
  const hash = createHash("sha256");
  const path = archive.kind === "path" ? resolve(folder, archive.value as string) : undefined;
  if (path && archiveFile.test(path)) await pipeline(createReadStream(path), hash, { end: false });
  else if (archive.kind === "uri") hash.update(await downloadArchive(archive.value as string));
  else {
    const seen = new Set<string>();
    for await (const { name, content } of membersOf(archive, folder)) {
      if (seen.has(name)) continue;
      seen.add(name);
      addToTar(hash, name, await content());
    }
    hash.update(tarTrailer());
  }
  const value = typeof archive.value === "string" ? archive.value : await hashEntries(archive.value, folder);
  return new Archive(archive.kind, value, hash.digest("hex"));
}

async function hashEntries(entries: Readonly<Record<string, Asset | Archive>>, folder: string): Promise<Record<string, Asset | Archive>> {
  const hashed: Record<string, Asset | Archive> = {};
  for (const [name, entry] of Object.entries(entries))
    hashed[name] = entry instanceof Asset ? await hashAsset(entry, folder) : await hashArchive(entry, folder);
  return hashed;
}

interface Member {
  readonly name: string;
  readonly content: () => Promise<Buffer>;
}

/** The files of an archive that isn't a file itself, in the order of the tar stream: entries and folders sorted by the bytes of their names, level by level. */
async function* membersOf(archive: Archive, folder: string): AsyncGenerator<Member> {
  if (typeof archive.value === "string") {
    if (archive.kind === "uri" || archiveFile.test(archive.value))
      throw new Error(`the archive '${archive.value}' is part of another archive; unpack it into a folder, since archives within archives can't be hashed`);
    yield* filesBelow(resolve(folder, archive.value));
    return;
  }
  for (const [name, entry] of Object.entries(archive.value).sort(([a], [b]) => byBytes(a, b))) {
    if (entry instanceof Asset) yield { name, content: () => contentOf(entry, folder) };
    else for await (const member of membersOf(entry, folder)) yield { ...member, name: posix.join(name, member.name) };
  }
}

async function* filesBelow(root: string): AsyncGenerator<Member> {
  if (!(await stat(root)).isDirectory()) throw new Error(`'${root}' is neither a folder nor a recognized archive type (.tar, .tgz, .tar.gz, .zip or .jar)`);
  // A link in the place of the folder isn't followed.
  if ((await lstat(root)).isDirectory()) yield* walk(root, "");
}

/** Files and links to files; not what Pulumi keeps for itself. */
async function* walk(folder: string, prefix: string): AsyncGenerator<Member> {
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => byBytes(a.name, b.name))) {
    if (entry.name === ".pulumi") continue;
    const path = join(folder, entry.name);
    const name = prefix + entry.name;
    if (entry.isDirectory()) yield* walk(path, `${name}/`);
    else if (!entry.isSymbolicLink() || !(await stat(path)).isDirectory()) yield { name, content: () => readFile(path) };
  }
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function addToTar(hash: Hash, name: string, content: Buffer): void {
  hash.update(tarHeader(name, content.length));
  hash.update(content);
  hash.update(tarPadding(content.length));
}

async function contentOf(asset: Asset, folder: string): Promise<Buffer> {
  if (asset.kind === "text") return Buffer.from(asset.value, "utf8");
  if (asset.kind === "uri") return await download(asset.value);
  try {
    return await readFile(resolve(folder, asset.value));
  } catch (error) {
    throw new Error(`failed to open asset file '${resolve(folder, asset.value)}': ${messageOf(error)}`, { cause: error });
  }
}

async function downloadArchive(address: string): Promise<Buffer> {
  if (!archiveFile.test(new URL(address).pathname)) throw new Error(`file at URL '${address}' is not a recognized archive format`);
  return await download(address);
}

async function download(address: string): Promise<Buffer> {
  const url = new URL(address);
  if (url.protocol === "file:") return await readFile(fileURLToPath(url));
  if (url.protocol !== "http:" && url.protocol !== "https:") throw new Error(`Unrecognized or unsupported URI scheme: ${url.protocol.slice(0, -1)}`);
  const response = await fetch(url);
  if (!response.ok) throw new Error(`'${address}' answered ${response.status} ${response.statusText}`);
  return Buffer.from(await response.arrayBuffer());
}
