// Lengths of time as ranges: both bounds in one unit, or one figure where they agree.
import { count, fixed, NO_BREAK, significant, withUnit } from "./number";

const UNITS: [number, string][] = [[172_800, "d"], [7_200, "h"], [90, "min"], [0, "s"]];
const SECONDS: Record<string, number> = { d: 86_400, h: 3_600, min: 60, s: 1 };

/** `38 min`, `1.6 h`: the unit in which people speak of it, without digits that say nothing. */
export function length(seconds: number): string {
  if (Math.abs(seconds) < 90) return withUnit(seconds, "s");
  const unit = UNITS.find(([least]) => Math.abs(seconds) >= least)?.[1] ?? "s";
  const value = seconds / SECONDS[unit]!;
  return `${Math.abs(value) >= 10 ? count(value) : fixed(value, 1).replace(/\.0$/, "")}${NO_BREAK}${unit}`;
}

/** `82–135 min`; from one bound only, `at least 82 min`. */
export function lengthRange(low: number | null, high: number | null): string | null {
  if (low === null && high === null) return null;
  if (low === null || high === null) return low === null ? `at most ${length(high ?? 0)}` : `at least ${length(low)}`;
  const [a, b] = [length(low), length(high)];
  if (a === b) return a;
  const unit = UNITS.find(([least]) => high >= least)?.[1] ?? "s";
  const of = (seconds: number) => { const value = seconds / SECONDS[unit]!; return value >= 10 ? count(value) : significant(value, 2); };
  return `${of(low)}–${of(high)}${NO_BREAK}${unit}`;
}
