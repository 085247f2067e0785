import { readFileSync } from "node:fs";

/** Shape of a value of a built-in kind, as Kubernetes' Go types have it. */
export type Shape =
  | { readonly is: "string" | "bool" | "int" | "float" | "bytes" | "any" | "Time" | "MicroTime" | "Quantity" | "IntOrString" | "RawExtension" | "FieldsV1" }
  | { readonly is: "list" | "map" | "optional"; readonly of: Shape }
  | { readonly is: "struct"; readonly fields: ReadonlyMap<string, Field> };

export interface Field {
  readonly shape: Shape;
  /** Left out of the object when it has its zero value. */
  readonly omitEmpty: boolean;
}

/** In which versions of Kubernetes (`MAJOR.MINOR`) a kind is served. */
export interface Lifecycle {
  readonly introduced?: string;
  readonly removed?: string;
  /** `group/version/Kind`. */
  readonly replacement?: string;
}

/** The built-in kinds; keys are `group/version/Kind`, `version/Kind` for the core group. */
export interface ApiTypes {
  shapeOf(kind: string): Shape | undefined;
  lifecycleOf(kind: string): Lifecycle | undefined;
}

let loaded: ApiTypes | undefined;

/** The table of built-in kinds, read from the file beside this one when it is first needed. */
export function apiTypes(): ApiTypes {
  loaded ??= parseApiTypes(readFileSync(new URL("./api-types.txt", import.meta.url), "utf8"));
  return loaded;
}

function parseApiTypes(text: string): ApiTypes {
  const structs: string[] = [];
  const kinds = new Map<string, { struct: string; lifecycle: Lifecycle }>();
  for (const line of text.split("\n")) {
    if (!line || line.startsWith("#")) continue;
    const [first = "", ...words] = line.split(" ");
    if (first !== "kind") {
      structs[Number(first)] = words.join(" ");
      continue;
    }
    const [name = "", struct = "", ...facts] = words;
    const lifecycle: Record<string, string> = {};
    for (let i = 0; i + 1 < facts.length; i += 2) lifecycle[facts[i] as string] = facts[i + 1] as string;
    kinds.set(name, { struct, lifecycle });
  }
  const shapes = new Map<string, Shape>();
  return {
    shapeOf: (kind) => {
      const entry = kinds.get(kind);
      return entry && structShape(entry.struct, structs, shapes);
    },
    lifecycleOf: (kind) => kinds.get(kind)?.lifecycle,
  };
}

/** Structs refer to each other, also to themselves: the shape is known before its fields are filled in. */
function structShape(number: string, structs: readonly string[], shapes: Map<string, Shape>): Shape {
  const known = shapes.get(number);
  if (known) return known;
  const fields = new Map<string, Field>();
  const shape: Shape = { is: "struct", fields };
  shapes.set(number, shape);
  for (const entry of (structs[Number(number)] ?? "").split(" ")) {
    const [name = "", type] = entry.split("=");
    if (type !== undefined) fields.set(name, { omitEmpty: type.startsWith("?"), shape: parseShape(type.replace(/^[?~]+/, ""), structs, shapes) });
  }
  return shape;
}

function parseShape(text: string, structs: readonly string[], shapes: Map<string, Shape>): Shape {
  if (/^\d+$/.test(text)) return structShape(text, structs, shapes);
  const [is = "", of] = splitOnce(text, ":");
  if (of !== undefined) return { is: is as "list" | "map" | "optional", of: parseShape(of, structs, shapes) };
  return { is } as Shape;
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const place = text.indexOf(separator);
  return place < 0 ? [text, undefined] : [text.slice(0, place), text.slice(place + 1)];
}
