// Rounded parts add up to the rounded total, whatever the parts.
import { expect, it } from "vitest";
import { largestRemainder } from "../../src/format/remainder";

const sum = (parts: number[]) => parts.reduce((total, part) => total + part, 0);

it("raises the largest remainders", () => {
  expect(largestRemainder([33.4, 33.3, 33.3])).toEqual([34, 33, 33]);
  expect(largestRemainder([0.005, 0.005], 2)).toEqual([0.01, 0]);
  expect(largestRemainder([])).toEqual([]);
});

it("adds up for any parts, also negative ones", () => {
  let seed = 7;
  const random = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return seed / 2 ** 31;
  };
  for (let round = 0; round < 500; round++) {
    const parts = Array.from({ length: 1 + Math.floor(random() * 20) }, () => (random() - 0.3) * 10 ** (random() * 6));
    for (const decimals of [0, 2]) {
      const rounded = largestRemainder(parts, decimals);
      const factor = 10 ** decimals;
      expect(Math.round(sum(rounded) * factor) - Math.round(sum(parts) * factor)).toBeCloseTo(0);
      for (const [index, part] of parts.entries()) expect(Math.abs((rounded[index] ?? 0) - part)).toBeLessThan(1 / factor + 1e-9);
    }
  }
});
