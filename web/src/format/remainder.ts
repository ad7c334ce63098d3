// Rounded parts that still add up to the rounded total, because readers do add.

/**
 * Rounds parts to `decimals` by largest remainder, so that they sum to their total, rounded. Parts may
 * be negative; of equal remainders the earlier part is raised first.
 */
export function largestRemainder(parts: readonly number[], decimals = 0): number[] {
  const factor = 10 ** decimals;
  const scaled = parts.map((part) => part * factor);
  const floors = scaled.map((part) => Math.floor(part + 1e-9));
  const total = Math.round(scaled.reduce((sum, part) => sum + part, 0));
  let rest = total - floors.reduce((sum, part) => sum + part, 0);
  const order = scaled
    .map((part, index) => ({ index, remainder: part - (floors[index] ?? 0) }))
    .sort((a, b) => b.remainder - a.remainder || a.index - b.index);
  const result = [...floors];
  for (const { index } of order) {
    if (rest <= 0) break;
    result[index] = (result[index] ?? 0) + 1;
    rest -= 1;
  }
  return result.map((part) => part / factor);
}

/** How many decimals money of this size shows. */
export function moneyDecimals(total: number): number {
  return Math.abs(total) >= 1_000 ? 0 : 2;
}
