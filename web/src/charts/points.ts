// Points as numbers, read once: a chart of many series must not read each instant again at every move.

export interface Point {
  at: string;
  value: number;
}

const read = new WeakMap<readonly { at: string }[], Float64Array>();

/** The instants of points in milliseconds, in their order. */
export function instantsOf(points: readonly { at: string }[]): Float64Array {
  const known = read.get(points);
  if (known) return known;
  const times = new Float64Array(points.length);
  for (let index = 0; index < points.length; index++) times[index] = Date.parse(points[index]!.at);
  read.set(points, times);
  return times;
}

/** The first index whose instant is at or after `at`. */
export function indexFrom(times: Float64Array, at: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (times[mid]! < at) low = mid + 1;
    else high = mid;
  }
  return low;
}

/** The point nearest to an instant, if it is no farther than `within` milliseconds. */
export function nearest(points: readonly Point[], at: number, within: number): Point | null {
  const times = instantsOf(points);
  const after = indexFrom(times, at);
  const near = [after - 1, after].filter((index) => index >= 0 && index < times.length && Math.abs(times[index]! - at) <= within);
  const best = near.sort((a, b) => Math.abs(times[a]! - at) - Math.abs(times[b]! - at))[0];
  return best === undefined ? null : points[best]!;
}

const bounds = new WeakMap<readonly Point[], [number, number]>();

function boundsOf(points: readonly Point[]): [number, number] {
  const known = bounds.get(points);
  if (known) return known;
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { value } of points) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  bounds.set(points, [least, most]);
  return [least, most];
}

/** The least and the greatest of all values; nothing when there is none. */
export function rangeOf(lines: readonly { points: readonly Point[] }[]): [number, number] | null {
  const all = lines.map((line) => boundsOf(line.points));
  const least = all.reduce((min, one) => Math.min(min, one[0]), Number.POSITIVE_INFINITY);
  const most = all.reduce((max, one) => Math.max(max, one[1]), Number.NEGATIVE_INFINITY);
  return least > most ? null : [least, most];
}

/** Some points of a series: from the one at `start` to the one before `end`. */
export type Run = readonly [start: number, end: number];

/**
 * Of a run, what a picture of so many columns between two instants can show, as indices: in each
 * column the first, the least, the greatest and the last point, in their order, so that the drawn
 * line covers the same pixels. (Jugel et al., M4, VLDB 2014.) What lies outside is left out, but for
 * the point next to either end.
 */
export function thinned(points: readonly Point[], run: Run, from: number, to: number, columns: number): number[] {
  const times = instantsOf(points);
  const first = Math.max(run[0], indexFrom(times, from) - 1);
  const end = Math.min(run[1], indexFrom(times, to) + 1);
  if (end - first <= columns * 4) return Array.from({ length: Math.max(0, end - first) }, (_, place) => first + place);
  const column = (index: number) => Math.floor(((times[index]! - from) / (to - from)) * columns);
  const kept: number[] = [];
  let start = first;
  while (start < end) {
    const here = column(start);
    let [last, least, most] = [start, start, start];
    while (last + 1 < end && column(last + 1) === here) {
      last += 1;
      if (points[last]!.value < points[least]!.value) least = last;
      if (points[last]!.value > points[most]!.value) most = last;
    }
    for (const index of [start, Math.min(least, most), Math.max(least, most), last]) {
      if (kept[kept.length - 1] !== index) kept.push(index);
    }
    start = last + 1;
  }
  return kept;
}
