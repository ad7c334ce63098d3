// Scales start at nothing, gaps stay gaps, colours of a session stay.
import { describe, expect, it } from "vitest";
import { neighbourhood, pathsThrough } from "../../src/charts/layered/layered-graph";
import { binaryTicks, gaps, runs, ticks } from "../../src/charts/scale";
import { toneScale } from "../../src/charts/tone-scale";
import { colourOf } from "../../src/pages/cost-analysis/cost-analysis-model";

const at = (minute: number) => ({ at: new Date(Date.UTC(2026, 10, 18, 12, minute)).toISOString(), value: minute });

describe("scales", () => {
  it("start at nothing and reach over the greatest value", () => {
    for (const most of [0.04, 0.9, 3, 17, 240, 98_765]) {
      const all = ticks(0, most);
      expect(all[0]).toBe(0);
      expect(all[all.length - 1]).toBeGreaterThanOrEqual(most);
      expect(all.length).toBeLessThanOrEqual(5);
    }
    expect(ticks(-5, 10)[0]).toBeLessThanOrEqual(-5);
    expect(ticks(0, 0).length).toBeGreaterThan(1);
    expect(binaryTicks(0, 106 * 1024 ** 2).map((value) => value / 1024 ** 2)).toEqual([0, 50, 100, 150]);
    expect(binaryTicks(0, 0)[0]).toBe(0);
  });
});

describe("gaps", () => {
  const points = [at(0), at(1), at(2), at(10), at(11)];
  it("break the line", () => {
    expect(runs(points, 60_000).map(([start, end]) => end - start)).toEqual([3, 2]);
  });
  it("are spans with their times, also at both ends", () => {
    const from = Date.UTC(2026, 10, 18, 11, 50);
    const to = Date.UTC(2026, 10, 18, 12, 30);
    const minutes = gaps(points, 60_000, from, to).map(([a, b]) => [(a - from) / 60_000, (b - from) / 60_000]);
    expect(minutes).toEqual([[0, 10], [13, 20], [22, 40]]);
  });
});

describe("a pace of its own", () => {
  const slow = [0, 5, 10, 15, 20].map(at);
  const fast = [25, 26, 27, 28, 29].map(at);
  it("is no gap, also where it changes", () => {
    expect(runs([...slow, ...fast], 60_000).map(([start, end]) => end - start)).toEqual([10]);
    expect(gaps([...slow, ...fast], 60_000, Date.UTC(2026, 10, 18, 12), Date.UTC(2026, 10, 18, 12, 30))).toEqual([]);
  });
  it("leaves a silence within it a gap", () => {
    expect(runs([...slow, at(40), at(45), at(50)], 60_000).map(([start, end]) => end - start)).toEqual([5, 3]);
    expect(runs([...fast, at(35), at(36), at(37), at(38)], 60_000).map(([start, end]) => end - start)).toEqual([5, 4]);
  });
});

describe("colours", () => {
  it("stay with their category under a filter", () => {
    const before = colourOf("service", ["EC2", "RDS", "S3"]);
    const after = colourOf("service", ["S3", "Lambda", "EC2"]);
    expect(after[0]).toBe(before[2]);
    expect(after[2]).toBe(before[0]);
    expect(new Set(after).size).toBe(3);
  });
});

describe("steps of one hue", () => {
  it("hold every figure between their bounds, darker for more", () => {
    for (const values of [[0.002, 0.03, 0.4, 6], [3, 4, 5], [0, 0.01, 0.5], [7], [0]]) {
      const scale = toneScale(values);
      const tones = values.map(scale.tone);
      expect([...tones].sort((a, b) => a - b)).toEqual(tones);
      for (const value of values.filter((one) => one > 0)) {
        const step = scale.steps.find((one) => one.tone === scale.tone(value));
        expect(step && step.from <= value * 1.000001 && value <= step.to * 1.000001).toBe(true);
      }
    }
  });
});

describe("a layered graph", () => {
  const node = (id: string, x: number) => ({ id, name: id, detail: "", kind: "service", isGroup: false, isStore: false, isExternal: false, size: 1, x, y: 0, change: undefined });
  const edge = (from: string, to: string) => ({ key: `${from}${to}`, from, to, kinds: ["calls"], need: "required", volume: 1 });
  const graph = { nodes: [node("a", 0), node("b", 1), node("c", 2), node("d", 1)], edges: [edge("a", "b"), edge("b", "c"), edge("a", "d"), edge("c", "b")], layers: [], height: 1 };
  it("keeps every path through a node, also through a cycle", () => {
    const lit = pathsThrough(graph, "b");
    expect([...lit.nodes].sort()).toEqual(["a", "b", "c"]);
    expect([...lit.edges].sort()).toEqual(["ab", "bc", "cb"]);
    expect([...neighbourhood(graph, "a").nodes].sort()).toEqual(["a", "b", "d"]);
  });
});
