/** Kubernetes quantities (`512Mi`, `1.5`, `250m`). Mirrors kubernetes/apimachinery:pkg/api/resource/quantity.go (v0.36). */
const factors: Readonly<Record<string, number>> = {
  "": 1,
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** The amount a quantity stands for, in its base unit (bytes, cores); `undefined` for what isn't a quantity. */
export function parseQuantity(text: string | number): number | undefined {
  if (typeof text === "number") return Number.isFinite(text) ? text : undefined;
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:[eE]([+-]?\d+)|([numkMGTPE]|[KMGTPE]i)?)$/.exec(text.trim());
  if (!match) return undefined;
  const [, number, exponent, suffix = ""] = match;
  return exponent === undefined ? Number(number) * factors[suffix]! : Number(`${number}e${exponent}`);
}

/** Bytes in the largest binary unit that keeps the text short, e.g. `10.3Gi`, `512Mi`. */
export function formatBytes(bytes: number): string {
  for (const unit of ["Ti", "Gi", "Mi", "Ki"]) {
    const amount = bytes / factors[unit]!;
    if (amount >= 1) return `${Number(amount.toFixed(amount < 100 ? 1 : 0))}${unit}`;
  }
  return `${bytes}`;
}
