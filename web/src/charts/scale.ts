// Scales and ticks: round values, few lines.
import { instantsOf, type Run } from "./points";

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
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/**
 * How long a silence after the point at `index` is usual. A source may report more rarely than the
 * buckets are wide, and change its pace: on either side what its next few intervals show counts, so
 * that a slow pace is no gap and a silence within a fast one is.
 */
function usual(times: Float64Array, index: number, step: number): number {
  const pace = (first: number, end: number) => {
    const some: number[] = [];
    for (let at = Math.max(0, first); at < Math.min(times.length - 1, end); at++) some.push(times[at + 1]! - times[at]!);
    return some.length < 2 ? 0 : median(some);
  };
  return Math.max(step, pace(index - NEAR, index), pace(index + 1, index + 1 + NEAR));
}

/** Whether the silence after the point at `index` is a gap: over one and a half of what is usual. */
function isGap(times: Float64Array, index: number, step: number): boolean {
  const silence = times[index + 1]! - times[index]!;
  return silence > step * 1.5 && silence > usual(times, index, step) * 1.5;
}

/** Runs of points without a gap. */
export function runs(points: readonly { at: string }[], step: number): Run[] {
  const times = instantsOf(points);
  const all: Run[] = [];
  let start = 0;
  for (let index = 0; index < points.length; index++) {
    if (index < points.length - 1 && !isGap(times, index, step)) continue;
    all.push([start, index + 1]);
    start = index + 1;
  }
  return all;
}

/** Spans without a value between `from` and `to`. */
export function gaps(points: readonly { at: string }[], step: number, from: number, to: number): [number, number][] {
  const times = instantsOf(points);
  const all: [number, number][] = [];
  const first = times[0];
  const last = times[times.length - 1];
  if (first === undefined || last === undefined) return to - from > step * 1.5 ? [[from, to]] : [];
  const atEnds = (index: number) => (times.length > 1 ? usual(times, index, step) : step) * 1.5;
  if (first - from > atEnds(0)) all.push([from, first]);
  for (let index = 0; index < times.length - 1; index++) {
    if (isGap(times, index, step)) all.push([times[index]! + step, times[index + 1]!]);
  }
  if (to - last - step > atEnds(times.length - 2)) all.push([last + step, to]);
  return all;
}
