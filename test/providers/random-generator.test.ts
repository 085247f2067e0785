import { expect, test } from "vitest";
import { crc64 } from "#providers/random/crc64.ts";
import { GoRandom, SeedMask } from "#providers/random/go-random.ts";
import { machineRandom, permutation } from "#providers/random/random-source.ts";

const seedMask = new SeedMask();

/** Drawn with Go 1.26 from `rand.New(rand.NewSource(int64(crc64.Checksum(seed, ISO))))`, in this order: Intn of each bound, then Perm(10). */
const drawnByGo = [
  { seed: "a", sum: 3756002089226993664n, drawn: [82n, 27n, 900486144953n, 8153682958n, 1672403365n], order: [3, 5, 4, 7, 9, 1, 0, 8, 6, 2] },
  { seed: "strata", sum: 3749356700415311872n, drawn: [29n, 59n, 765074948398n, 5606873846n, 1898018138n], order: [0, 7, 3, 5, 1, 6, 9, 8, 2, 4] },
  { seed: "ein längerer Text", sum: 12674515044466439705n, drawn: [87n, 34n, 249591265075n, 6763135293n, 933888537n], order: [8, 3, 7, 5, 1, 4, 9, 6, 0, 2] },
  { seed: "0", sum: 4796333603149578240n, drawn: [99n, 30n, 757340478263n, 5787261236n, 429876341n], order: [8, 2, 6, 1, 4, 5, 3, 9, 0, 7] },
];
const bounds = [100n, 64n, 1n << 40n, (1n << 33n) + 12345n, 2_000_000_000n];

test.each(drawnByGo)("seed '$seed' draws what Go draws", ({ seed, sum, drawn, order }) => {
  const random = GoRandom.fromText(seed, seedMask);
  expect(crc64(Buffer.from(seed))).toBe(sum);
  expect(bounds.map((bound) => random.below(bound))).toEqual(drawn);
  expect(permutation(10, random)).toEqual(order);
});

test("a negative numeric seed draws what Go draws", () => {
  const random = new GoRandom(-5n, seedMask);
  expect(random.below(1_000_000n)).toBe(815508n);
  expect(permutation(5, random)).toEqual([2, 3, 4, 1, 0]);
});

test("generators with the same seed don't influence each other", () => {
  const [first, second] = [new GoRandom(1n, seedMask), new GoRandom(1n, seedMask)];
  const drawn = Array.from({ length: 1000 }, () => first.below(1000n));
  expect(Array.from({ length: 1000 }, () => second.below(1000n))).toEqual(drawn);
});

test("no source draws below zero or less", () => {
  for (const source of [machineRandom, new GoRandom(1n, seedMask)]) {
    expect(() => source.below(0n)).toThrow(RangeError);
    expect(() => source.below(-3n)).toThrow(RangeError);
  }
});

test("the machine's source draws every number of a range about equally often", () => {
  const counts = [0, 0, 0, 0, 0, 0, 0];
  for (let i = 0; i < 7000; i++) counts[Number(machineRandom.below(7n))]!++;
  const chiSquare = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
  // 6 degrees of freedom: beyond 50 once in 10^8 runs.
  expect(chiSquare).toBeLessThan(50);
});
