const block = 512;
const nameSize = 100;
const prefixSize = 155;

/**
 * The header of a regular file in a tar stream (mode 0600, no owner, no time), as Go's archive/tar writes it: USTAR, and an extended (PAX) header before it
 * for a name that USTAR can't hold.
 */
export function tarHeader(name: string, size: number): Buffer {
  const parts = splitName(name);
  const main = (base: string, prefix: string) => {
    const header = rawHeader(base, 0o600, size, "0");
    header.write("0000000\0", 329, "latin1");
    header.write("0000000\0", 337, "latin1");
    header.write(prefix, 345, prefixSize, "latin1");
    return signed(header);
  };
  if (parts) return main(parts.base, parts.prefix);
  const at = name.lastIndexOf("/") + 1;
  const extended = ascii(`${name.slice(0, at)}PaxHeaders.0/${name.slice(at)}`)
    .slice(0, nameSize)
    .replace(/\/+$/, "");
  const record = paxRecord("path", name);
  return Buffer.concat([signed(rawHeader(extended, 0, record.length, "x")), record, tarPadding(record.length), main(ascii(name), "")]);
}

/** What fills the last block of a file's content. */
export function tarPadding(size: number): Buffer {
  return Buffer.alloc((block - (size % block)) % block);
}

/** The end of a tar stream. */
export function tarTrailer(): Buffer {
  return Buffer.alloc(2 * block);
}

function rawHeader(name: string, mode: number, size: number, kind: "0" | "x"): Buffer {
  const header = Buffer.alloc(block);
  header.write(name, 0, nameSize, "latin1");
  header.write(octal(mode, 7), 100, "latin1");
  header.write(octal(0, 7), 108, "latin1");
  header.write(octal(0, 7), 116, "latin1");
  header.write(octal(size, 11), 124, "latin1");
  header.write(octal(0, 11), 136, "latin1");
  header.write(kind, 156, "latin1");
  header.write("ustar\x0000", 257, "latin1");
  return header;
}

function octal(value: number, digits: number): string {
  return `${value.toString(8).padStart(digits, "0")}\0`;
}

/** The header with its checksum, which counts its own field as spaces. */
function signed(header: Buffer): Buffer {
  header.write("        ", 148, "latin1");
  let sum = 0;
  for (const byte of header) sum += byte;
  header.write(`${octal(sum, 6)} `, 148, "latin1");
  return header;
}

/** `LENGTH KEY=VALUE` and a line end, where the length counts itself. */
function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.from(` ${key}=${value}\n`);
  let length = rest.length;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

function ascii(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what Go drops
  return text.replace(/[^\x01-\x7f]/gu, "");
}

/** The two fields that USTAR has for a name; `undefined` where they can't hold it. */
function splitName(name: string): { readonly prefix: string; readonly base: string } | undefined {
  if (ascii(name) !== name) return undefined;
  if (name.length <= nameSize) return { prefix: "", base: name };
  const at = name.lastIndexOf("/", Math.min(name.length - 2, prefixSize));
  if (at <= 0 || name.length - at - 1 > nameSize) return undefined;
  return { prefix: name.slice(0, at), base: name.slice(at + 1) };
}
