import { randomBytes } from "node:crypto";

/** Where random numbers come from: the machine, or a generator with a seed. */
export interface RandomSource {
  /** A number from 0 up to but not including `bound`, each as likely as any other. Throws a `RangeError` unless `bound` is positive. */
  below(bound: bigint): bigint;
}

/** The machine's cryptographic generator. */
export const machineRandom: RandomSource = {
  below(bound) {
    if (bound <= 0n) throw new RangeError(`no number is below ${bound}`);
    const bytes = Math.ceil(bound.toString(2).length / 8) + 8;
    const range = 1n << BigInt(8 * bytes);
    const limit = range - (range % bound);
    for (;;) {
      const value = BigInt(`0x${randomBytes(bytes).toString("hex")}`);
      if (value < limit) return value % bound;
    }
  },
};

/** A permutation of 0 … n-1, drawn in the order of Go's `rand.Perm`, which draws for the first place too. */
export function permutation(n: number, source: RandomSource): number[] {
  const places: number[] = [];
  for (let i = 0; i < n; i++) {
    const j = Number(source.below(BigInt(i + 1)));
    places[i] = places[j] ?? 0;
    places[j] = i;
  }
  return places;
}
