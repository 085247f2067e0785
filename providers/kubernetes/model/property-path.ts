/** A property path taken apart: keys, and places in lists. The key `*` stands for all. */
export type PropertyPath = readonly (string | number)[];

/** Writes a path as `a.b[0]["c.d"]`. */
export function pathText(path: PropertyPath): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else if (/[."[\]]/.test(part)) text += `["${part.replaceAll('"', '\\"')}"]`;
    else text += text ? `.${part}` : part;
  }
  return text;
}

/** Reads a path of that form. Throws an `Error` naming a path that can't be read. */
export function parsePath(text: string): PropertyPath {
  const path: (string | number)[] = [];
  const token = /\.?([^.[\]"]+)|\[(\d+)\]|\[(\*)\]|\["((?:[^"\\]|\\.)*)"\]/y;
  while (token.lastIndex < text.length) {
    const place = token.lastIndex;
    const match = token.exec(text);
    if (!match) throw new Error(`failed to parse property path '${text}': unexpected '${text.slice(place, place + 20)}'`);
    const [, key, index, all, quoted] = match;
    path.push(index !== undefined ? Number(index) : (key ?? all ?? (quoted as string).replaceAll(/\\(.)/g, "$1")));
  }
  return path;
}

/** Whether `inner` is `outer` or lies below it. */
export function containsPath(outer: PropertyPath, inner: PropertyPath): boolean {
  return outer.length <= inner.length && outer.every((part, i) => part === "*" || String(part) === String(inner[i]));
}
