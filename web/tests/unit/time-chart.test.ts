// Charts of many points draw what all points would cover; waterfalls reach the total they name.
import { describe, expect, it } from "vitest";
import { nearest, rangeOf, thinned } from "../../src/charts/points";
import { gaps, runs } from "../../src/charts/scale";
import { marksNear, type Mark } from "../../src/charts/time-marks";
import { barsOf, baseOf, type WaterfallStep } from "../../src/charts/waterfall";
import { randomFrom } from "../fixtures/random";

const START = Date.UTC(2026, 10, 18);
const SECOND = 1_000;

function walk(points: number, seed: number): { at: string; value: number }[] {
  const random = randomFrom(seed);
  return Array.from({ length: points }, (_, index) => ({ at: new Date(START + index * SECOND).toISOString(), value: random() * 100 }));
}

describe("thinned points", () => {
  const points = walk(10_000, 7);
  const end = START + 10_000 * SECOND;
  it("keep the extremes, the first and the last of every column, in their order", () => {
    const kept = thinned(points, [0, points.length], START, end, 400).map((index) => points[index]!);
    expect(kept.length).toBeLessThanOrEqual(1_600);
    const column = (at: string) => Math.floor(((Date.parse(at) - START) / (end - START)) * 400);
    for (const at of [0, 17, 233, 399]) {
      const all = points.filter((point) => column(point.at) === at);
      const some = kept.filter((point) => column(point.at) === at);
      expect(Math.min(...some.map((point) => point.value))).toBe(Math.min(...all.map((point) => point.value)));
      expect(Math.max(...some.map((point) => point.value))).toBe(Math.max(...all.map((point) => point.value)));
      expect([some[0], some[some.length - 1]]).toEqual([all[0], all[all.length - 1]]);
    }
    expect(kept.map((point) => point.at)).toEqual([...kept.map((point) => point.at)].sort());
  });
  it("are all points where they fit", () => {
    expect(thinned(points, [0, 300], START, end, 400)).toHaveLength(300);
    expect(thinned(points, [0, points.length], START + 5_000 * SECOND, START + 5_100 * SECOND, 400)).toHaveLength(102);
  });
  it("cost little for fifty series of ten thousand points", () => {
    const all = Array.from({ length: 50 }, (_, seed) => ({ points: walk(10_000, seed + 1) }));
    const before = performance.now();
    expect(rangeOf(all)?.[1]).toBeGreaterThan(99);
    for (const one of all) {
      for (const run of runs(one.points, SECOND)) thinned(one.points, run, START, end, 800);
      gaps(one.points, SECOND, START, end);
    }
    expect(performance.now() - before).toBeLessThan(4_000);
  });
});

describe("the point under the crosshair", () => {
  const points = walk(100, 3);
  it("is the nearest, unless it is too far", () => {
    expect(nearest(points, START + 41_300, SECOND)).toBe(points[41]);
    expect(nearest(points, START + 41_700, SECOND)).toBe(points[42]);
    expect(nearest(points, START - 5 * SECOND, SECOND)).toBeNull();
    expect(nearest([], START, SECOND)).toBeNull();
  });
});

describe("marks near an instant", () => {
  const mark = (kind: Mark["kind"], from: number, to: number | null): Mark => ({ key: `${kind}${from}`, kind, label: kind, from: new Date(START + from).toISOString(), to: to === null ? null : new Date(START + to).toISOString() });
  it("are changes close by and bands that hold it; a lasting band holds all that follows", () => {
    const marks = [mark("change", 10_000, null), mark("incident", 50_000, null), mark("anomaly", 20_000, 30_000)];
    const at = (ms: number) => marksNear(marks, START + ms, 500).map((one) => one.kind);
    expect(at(10_400)).toEqual(["change"]);
    expect(at(25_000)).toEqual(["anomaly"]);
    expect(at(40_000)).toEqual([]);
    expect(at(9_000_000)).toEqual(["incident"]);
  });
});

describe("a waterfall", () => {
  const steps = [["from", 100, true], ["more", 30, false], ["less", -50, false], ["to", 80, true]].map(([label, amount, isTotal]): WaterfallStep => ({ key: String(label), label: String(label), amount: Number(amount), isTotal: isTotal === true, text: "" }));
  it("starts each bar where the one before ended and reaches its total", () => {
    const bars = barsOf(steps);
    expect(bars.map((bar) => [bar.from, bar.to])).toEqual([[0, 100], [100, 130], [130, 80], [0, 80]]);
    expect(baseOf(bars, steps)).toBe(0);
  });
  it("cuts its scale only where steps are small against the totals", () => {
    const small = steps.map((step) => (step.isTotal ? { ...step, amount: step.amount + 10_000 } : step));
    expect(baseOf(barsOf(small), small)).toBeGreaterThan(9_000);
    expect(baseOf(barsOf(small), small)).toBeLessThan(10_080);
  });
});
