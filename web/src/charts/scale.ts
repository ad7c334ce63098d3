// Scales and ticks: round values, few lines.

/** Round steps from 0 (or below it) to at least `most`: three to five values. */
export function ticks(least: number, most: number, wanted = 3): number[] {
  const low = Math.min(0, least);
  const high = Math.max(0, most);
  const span = high - low || 1;
  const raw = span / wanted;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((size) => size >= raw * 0.999) ?? raw;
  const from = Math.floor(low / step + 1e-9);
  const to = Math.ceil(high / step - 1e-9);
  return Array.from({ length: Math.max(1, to - from) + 1 }, (_, index) => Number(((from + index) * step).toPrecision(12)));
}

export function linear(from: [number, number], to: [number, number]): (value: number) => number {
  const span = from[1] - from[0] || 1;
  return (value) => to[0] + ((value - from[0]) / span) * (to[1] - to[0]);
}

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440, 2_880, 10_080].map((minutes) => minutes * MINUTE);

/** Instants for a time axis, on round clock values. */
export function timeTicks(from: number, to: number, wanted = 6): number[] {
  const step = STEPS.find((size) => (to - from) / size <= wanted) ?? Math.ceil((to - from) / wanted / DAY) * DAY;
  const first = Math.ceil(from / step) * step;
  const all: number[] = [];
  for (let at = first; at < to; at += step) all.push(at);
  return all;
}

/** Runs of points without a gap: a gap is more than one and a half steps. */
export function runs<P extends { at: string }>(points: readonly P[], step: number): P[][] {
  const all: P[][] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const point of points) {
    const at = new Date(point.at).getTime();
    if (at - last > step * 1.5) all.push([]);
    all[all.length - 1]?.push(point);
    last = at;
  }
  return all;
}

/** Spans without a value between `from` and `to`. */
export function gaps(points: readonly { at: string }[], step: number, from: number, to: number): [number, number][] {
  const all: [number, number][] = [];
  let last = from;
  for (const point of points) {
    const at = new Date(point.at).getTime();
    if (at - last > step * 1.5) all.push([last, at]);
    last = at + step;
  }
  if (to - last > step * 1.5) all.push([last, to]);
  return all;
}
