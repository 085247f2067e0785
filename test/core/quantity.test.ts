import { expect, test } from "vitest";
import { formatBytes, parseQuantity } from "#core/quantity.ts";

test.each<[string | number, number]>([
  ["512Mi", 512 * 2 ** 20],
  ["1.5Gi", 1.5 * 2 ** 30],
  ["250m", 0.25],
  ["2", 2],
  [3, 3],
  ["1e3", 1000],
  ["1E", 1e18],
  ["100k", 100_000],
  [".5", 0.5],
  ["0", 0],
])("%s is %d", (text, amount) => expect(parseQuantity(text)).toBeCloseTo(amount, 9));

test.each(["", "x", "1 Gi", "Mi", "1Gib", "--1", "1e"])("%j isn't a quantity", (text) => expect(parseQuantity(text)).toBeUndefined());

test.each([
  [512 * 2 ** 20, "512Mi"],
  [1.5 * 2 ** 30, "1.5Gi"],
  [10.3 * 2 ** 30, "10.3Gi"],
  [22 * 2 ** 30, "22Gi"],
  [100, "100"],
])("%d bytes read %s", (bytes, text) => expect(formatBytes(bytes)).toBe(text));
