import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { messageOf } from "#core/errors.ts";
import { Archive, Asset, isPropertyMap, OutputValue, type PropertyMap, type PropertyValue, Secret, setOwn } from "#core/property-value.ts";
import { tarHeader, tarPadding, tarTrailer } from "#engine/values/tar.ts";

const archiveFile = /\.(tar|tgz|tar\.gz|zip|jar)$/i;

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
  else if (archive.kind === "uri") hash.update(await download(archive.value as string));
  else {
    for (const [name, content] of sorted(await entriesOf(archive, folder))) addToTar(hash, name, await content());
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

type Content = () => Promise<Buffer>;

/** The files of an archive that isn't a file itself, by the name they have in it. */
async function entriesOf(archive: Archive, folder: string, prefix = ""): Promise<Map<string, Content>> {
  const found = new Map<string, Content>();
  const add = (name: string, content: Content) => {
    if (!found.has(name)) found.set(name, content);
  };
  if (typeof archive.value !== "string") {
    for (const [name, entry] of Object.entries(archive.value)) {
      if (entry instanceof Asset) add(prefix + name, () => contentOf(entry, folder));
      else for (const [inner, content] of await entriesOf(entry, folder, `${prefix}${name}/`)) add(inner, content);
    }
    return found;
  }
  if (archive.kind === "uri" || archiveFile.test(archive.value))
    throw new Error(`the archive '${archive.value}' is part of another archive; unpack it into a folder, since archives within archives can't be hashed`);
  const root = resolve(folder, archive.value);
  if (!(await stat(root)).isDirectory()) throw new Error(`'${root}' is neither a folder nor a recognized archive type (.tar, .tgz, .tar.gz, .zip or .jar)`);
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    add(prefix + path.slice(root.length + 1).replaceAll("\\", "/"), () => readFile(path));
  }
  return found;
}

function sorted(entries: Map<string, Content>): [string, Content][] {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
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

async function download(address: string): Promise<Buffer> {
  const url = new URL(address);
  if (url.protocol === "file:") return await readFile(fileURLToPath(url));
  if (url.protocol !== "http:" && url.protocol !== "https:") throw new Error(`Unrecognized or unsupported URI scheme: ${url.protocol.slice(0, -1)}`);
  const response = await fetch(url);
  if (!response.ok) throw new Error(`'${address}' answered ${response.status} ${response.statusText}`);
  return Buffer.from(await response.arrayBuffer());
}
