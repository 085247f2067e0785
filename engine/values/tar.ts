const block = 512;

/** The header of a regular file in a tar stream (USTAR, mode 0600, no owner, no time), as Go's archive/tar writes it; throws for names it can't hold. */
export function tarHeader(name: string, size: number): Buffer {
  const header = Buffer.alloc(block);
  const { prefix, base } = splitName(name);
  header.write(base, 0, 100, "utf8");
  header.write("0000600\0", 100, "latin1");
  header.write("0000000\0", 108, "latin1");
  header.write("0000000\0", 116, "latin1");
  header.write(`${size.toString(8).padStart(11, "0")}\0`, 124, "latin1");
  header.write("00000000000\0", 136, "latin1");
  header.write("        ", 148, "latin1");
  header.write("0", 156, "latin1");
  header.write("ustar\x0000", 257, "latin1");
  header.write("0000000\0", 329, "latin1");
  header.write("0000000\0", 337, "latin1");
  header.write(prefix, 345, 155, "utf8");
  let sum = 0;
  for (const byte of header) sum += byte;
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return header;
}

/** What fills the last block of a file's content. */
export function tarPadding(size: number): Buffer {
  return Buffer.alloc((block - (size % block)) % block);
}

/** The end of a tar stream. */
export function tarTrailer(): Buffer {
  return Buffer.alloc(2 * block);
}

function splitName(name: string): { prefix: string; base: string } {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the format allows ASCII only
  if (!/^[\x00-\x7f]*$/.test(name)) throw new Error(`the file name '${name}' can't be part of an archive: only ASCII names are supported`);
  if (name.length <= 100) return { prefix: "", base: name };
  const at = name.lastIndexOf("/", Math.min(name.length - 2, 155));
  if (at <= 0 || name.length - at - 1 > 100) throw new Error(`the file name '${name}' is too long for an archive`);
  return { prefix: name.slice(0, at), base: name.slice(at + 1) };
}
