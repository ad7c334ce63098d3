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

/** Ticks that are round in KiB, MiB and so on. */
export function binaryTicks(least: number, most: number, wanted = 3): number[] {
  const size = Math.max(1, Math.abs(least), Math.abs(most));
  const unit = 1024 ** Math.floor(Math.log2(size) / 10);
  return ticks(least / unit, most / unit, wanted).map((value) => value * unit);
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

const NEAR = 3;

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/**
 * For each point after the first, how long a silence before it is usual. A source may report more
 * rarely than the buckets are wide, and change its pace: on either side what its next few intervals
 * show counts, so that a slow pace is no gap and a silence within a fast one is.
 */
function usual(points: readonly { at: string }[], step: number): { times: number[]; spans: number[] } {
  const times = points.map((point) => new Date(point.at).getTime());
  const intervals = times.slice(1).map((time, index) => time - times[index]!);
  const pace = (some: number[]) => (some.length < 2 ? 0 : median(some));
  const spans = intervals.map((_, index) => Math.max(step, pace(intervals.slice(Math.max(0, index - NEAR), index)), pace(intervals.slice(index + 1, index + 1 + NEAR))));
  return { times, spans };
}

/** Runs of points without a gap: a gap is more than one and a half of the usual intervals. */
export function runs<P extends { at: string }>(points: readonly P[], step: number): P[][] {
  const { times, spans } = usual(points, step);
  const all: P[][] = [];
  points.forEach((point, index) => {
    if (index === 0 || times[index]! - times[index - 1]! > spans[index - 1]! * 1.5) all.push([]);
    all[all.length - 1]?.push(point);
  });
  return all;
}

/** Spans without a value between `from` and `to`. */
export function gaps(points: readonly { at: string }[], step: number, from: number, to: number): [number, number][] {
  const { times, spans } = usual(points, step);
  const all: [number, number][] = [];
  const first = times[0];
  const last = times[times.length - 1];
  if (first === undefined || last === undefined) return to - from > step * 1.5 ? [[from, to]] : [];
  if (first - from > (spans[0] ?? step) * 1.5) all.push([from, first]);
  spans.forEach((span, index) => {
    if (times[index + 1]! - times[index]! > span * 1.5) all.push([times[index]! + step, times[index + 1]!]);
  });
  if (to - last - step > (spans[spans.length - 1] ?? step) * 1.5) all.push([last + step, to]);
  return all;
}
