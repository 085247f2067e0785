import { crc64 } from "#providers/random/crc64.ts";
import type { RandomSource } from "#providers/random/random-source.ts";

const length = 607;
const tap = 273;
const word = 64n;
const mask = (1n << word) - 1n;
/** Multiplier and modulus of the linear congruential generator that fills the state. */
const multiplier = 48271;
const modulus = 2 ** 31 - 1;
/** Seed that takes the place of zero. */
const zeroSeed = 89482311;
/** How often Go's authors ran the generator before they took its state as the mask for seeding. */
const warmUp = 7_800_000_000_000n;

/**
 * The generator of Go's `math/rand`, bit for bit: an additive lagged Fibonacci generator x[n] = x[n-607] + x[n-273] mod 2^64 (Mitchell and Reeds).
 * Its state is filled by a linear congruential generator and masked by the state that the same generator has after 7.8e12 steps from seed 1; see
 * golang/go:src/math/rand/gen_cooked.go (go1.26). {@link SeedMask} computes that mask.
 */
export class GoRandom implements RandomSource {
  readonly #state: BigUint64Array;
  #tap = 0;
  #feed = length - tap;

  constructor(seed: bigint, seedMask: SeedMask) {
    this.#state = fill(seed, 40n, 20n);
    seedMask.words.forEach((bits, i) => {
      this.#state[i]! ^= bits;
    });
  }

  /** The generator for a seed text, as the `random` provider derives it: CRC-64/ISO of the text. */
  static fromText(seed: string, seedMask: SeedMask): GoRandom {
    return new GoRandom(BigInt.asIntN(64, crc64(Buffer.from(seed, "utf8"))), seedMask);
  }

  below(bound: bigint): bigint {
    if (bound <= 0n) throw new RangeError(`no number is below ${bound}`);
    return bound <= 0x7fffffffn ? this.#draw(31n, bound) : this.#draw(63n, bound);
  }

  /** `Int31n` or `Int63n`: the upper bits of a 63-bit number, drawn anew while they would favour small results. */
  #draw(bits: bigint, bound: bigint): bigint {
    const next = (): bigint => (this.#next() & (mask >> 1n)) >> (63n - bits);
    if ((bound & (bound - 1n)) === 0n) return next() & (bound - 1n);
    const limit = (1n << bits) - 1n - ((1n << bits) % bound);
    let value = next();
    while (value > limit) value = next();
    return value % bound;
  }

  #next(): bigint {
    this.#tap = (this.#tap + length - 1) % length;
    this.#feed = (this.#feed + length - 1) % length;
    this.#state[this.#feed]! += this.#state[this.#tap]!;
    return this.#state[this.#feed]!;
  }
}

/** The mask that Go's seeding applies; computed once, when first needed (some 100 ms). */
export class SeedMask {
  #words: BigUint64Array | undefined;

  get words(): BigUint64Array {
    this.#words ??= stateAfter(fill(1n, 20n, 10n), warmUp);
    return this.#words;
  }
}

function fill(seed: bigint, firstShift: bigint, secondShift: bigint): BigUint64Array {
  const reduced = Number(((seed % BigInt(modulus)) + BigInt(modulus)) % BigInt(modulus));
  let x = reduced === 0 ? zeroSeed : reduced;
  const next = (): bigint => {
    x = (x * multiplier) % modulus;
    return BigInt(x);
  };
  for (let i = 0; i < 20; i++) next();
  return BigUint64Array.from({ length }, () => (next() << firstShift) ^ (next() << secondShift) ^ next());
}

/**
 * The generator's state after `steps` steps. The sequence is linear: its element `steps + k` is the sum of c[i] * s[i + k], where c are the coefficients of
 * x^steps modulo x^607 - x^334 - 1. So both the power and the sum are products of polynomials over the integers modulo 2^64.
 */
function stateAfter(initial: BigUint64Array, steps: bigint): BigUint64Array {
  const start = length - tap - 1;
  const place = (n: number): number => (((start - n) % length) + length) % length;
  const sequence = Array.from({ length }, (_, n) => initial[place(n)]!);
  for (let n = length; n < 2 * length; n++) sequence.push((sequence[n - length]! + sequence[n - tap]!) & mask);

  const coefficients = powerOfX(steps);
  const sums = multiply([...coefficients].reverse(), sequence);
  const state = new BigUint64Array(length);
  const shift = Number(steps % BigInt(length));
  for (let k = 0; k < length; k++) state[place(shift + k)] = sums[length - 1 + k]!;
  return state;
}

function powerOfX(exponent: bigint): bigint[] {
  let power = reduce([1n]);
  for (const bit of exponent.toString(2)) {
    power = reduce(multiply(power, power));
    if (bit === "1") power = reduce([0n, ...power]);
  }
  return power;
}

/** The remainder modulo x^607 - x^334 - 1, with exactly 607 coefficients. */
function reduce(polynomial: readonly bigint[]): bigint[] {
  const result = [...polynomial];
  for (let i = result.length - 1; i >= length; i--) {
    result[i - length] = (result[i - length]! + result[i]!) & mask;
    result[i - tap] = (result[i - tap]! + result[i]!) & mask;
  }
  return Array.from({ length }, (_, i) => result[i] ?? 0n);
}

/** Bytes that hold one coefficient of a product before it is cut to 64 bits: 2 * 64 bits and as many as the number of terms needs. */
const slot = 20;

/** The product of two polynomials modulo 2^64, by one multiplication of numbers with the coefficients as their digits. */
function multiply(a: readonly bigint[], b: readonly bigint[]): bigint[] {
  const digits = a.length + b.length - 1;
  const hex = (pack(a) * pack(b)).toString(16).padStart(digits * slot * 2, "0");
  return Array.from({ length: digits }, (_, i) => {
    const end = hex.length - i * slot * 2;
    return BigInt(`0x${hex.slice(end - 16, end)}`);
  });
}

function pack(polynomial: readonly bigint[]): bigint {
  return BigInt(
    `0x${[...polynomial]
      .reverse()
      .map((c) => c.toString(16).padStart(slot * 2, "0"))
      .join("")}`,
  );
}
