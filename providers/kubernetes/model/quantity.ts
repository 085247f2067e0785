const form = /^([+-]?)(\d*)(?:\.(\d*))?(n|u|m|k|M|G|T|P|E|[KMGTPE]i|[eE][+-]?\d+)?$/;
const decimalSuffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
const binarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const nano = 1_000_000_000n;

/**
 * The canonical text of a resource quantity (`1000m` is `1`, `1.5Gi` is `1536Mi`), `undefined` for what isn't a quantity.
 * Mirrors kubernetes/apimachinery:pkg/api/resource/quantity.go (v0.36).
 */
export function canonicalQuantity(text: string): string | undefined {
  const match = form.exec(text.trim());
  if (!match) return undefined;
  const [, sign, whole = "", fraction = "", suffix = ""] = match;
  if (whole === "" && fraction === "") return undefined;
  const digits = BigInt(`${whole}${fraction}` || "0");
  const factor = suffixFactor(suffix);
  const scaled = roundUp(digits * factor.numerator * nano, factor.denominator * 10n ** BigInt(fraction.length));
  if (scaled === 0n) return "0";
  const prefix = sign === "-" ? "-" : "";
  if (factor.binary && scaled >= 1024n * nano && scaled % nano === 0n) return prefix + binaryText(scaled / nano);
  return prefix + decimalText(scaled, /^[eE][+-]?\d/.test(suffix));
}

function suffixFactor(suffix: string): { numerator: bigint; denominator: bigint; binary: boolean } {
  const binary = suffix.endsWith("i") ? binarySuffixes.indexOf(suffix) : -1;
  if (binary >= 0) return { numerator: 1024n ** BigInt(binary), denominator: 1n, binary: true };
  const named = decimalSuffixes.indexOf(suffix);
  const exponent = named >= 0 ? (named - 3) * 3 : Number(suffix.slice(1));
  const power = 10n ** BigInt(Math.abs(exponent));
  return exponent >= 0 ? { numerator: power, denominator: 1n, binary: false } : { numerator: 1n, denominator: power, binary: false };
}

/** Nothing is finer than a nano; the rest is rounded away from zero. */
function roundUp(numerator: bigint, denominator: bigint): bigint {
  return (numerator + denominator - 1n) / denominator;
}

function binaryText(value: bigint): string {
  let power = 0;
  let rest = value;
  while (rest % 1024n === 0n && power < binarySuffixes.length - 1) {
    rest /= 1024n;
    power++;
  }
  return `${rest}${binarySuffixes[power]}`;
}

function decimalText(nanos: bigint, exponential: boolean): string {
  let exponent = -9;
  let rest = nanos;
  while (rest % 1000n === 0n && (exponential || exponent < 18)) {
    rest /= 1000n;
    exponent += 3;
  }
  if (exponential) return exponent === 0 ? `${rest}` : `${rest}e${exponent}`;
  return `${rest}${decimalSuffixes[exponent / 3 + 3]}`;
}
