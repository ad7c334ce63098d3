// From the answer to what is drawn and read: lines on the grid, marks, what is wrong and since when.
import type { SeriesSummary } from "../../api/judged-series";
import type { ObjectiveState, ServiceTrend, ServiceTrendsAnswer, SignalTrend, TrendSignal, TrendsGrid } from "../../api/service-trends";
import type { Envelope } from "../../api/types";
import type { Line, Mark, Step } from "../../charts/time-chart";
import { count, fixed, plural, ratio, signed, withUnit, words } from "../../format/number";
import { dayAndClock } from "../../format/time";
import { evidenceOf } from "../../parts/answered";

export type ServiceTrends = Envelope<ServiceTrendsAnswer>;
export const trendsEvidence = evidenceOf<ServiceTrendsAnswer>("service-trends");

export const SIGNALS: Record<TrendSignal, { title: string; short: string; isBadUp: boolean }> = {
  request_rate: { title: "Requests", short: "requests", isBadUp: false },
  error_ratio: { title: "Errors", short: "errors", isBadUp: true },
  latency_p50: { title: "Duration, median", short: "p50", isBadUp: true },
  latency_p95: { title: "Duration", short: "p95", isBadUp: true },
  latency_p99: { title: "Duration, p99", short: "p99", isBadUp: true },
  saturation: { title: "Saturation", short: "saturation", isBadUp: true },
};

export const TRENDS = "A trend is a Theil–Sen slope of deseasonalised buckets that Mann–Kendall, corrected for dependence, finds real after adjustment over all series of the answer, and that changes the signal by more than its least relevant effect. A step is a lasting change of level with its interval. An anomaly is over 4 deviations from what is usual in 3 of 5 buckets; of rare events, beyond a Poisson interval.";
export const OBJECTIVE = "Burn is the share of bad events over what the objective allows. Fast: 1 h and 5 min both at 14.4 or more, or 6 h and 30 min both at 6; slow: 3 d and 6 h both at 1; of a 30-day window, scaled for others. Under 100 events in the longer window there is no verdict. Missing data is neither good nor bad.";

export function gridOf(grid: TrendsGrid): { from: string; to: string; at: (bucket: number) => string } {
  const start = Date.parse(grid.from);
  const step = grid.step_seconds * 1_000;
  const at = (bucket: number) => new Date(start + bucket * step).toISOString();
  return { from: at(0), to: at(grid.buckets), at };
}

export function lineOf(grid: TrendsGrid, signal: SignalTrend, label: string, className: string): Line {
  const { at } = gridOf(grid);
  const points = signal.values.flatMap((value, bucket) => (value === null ? [] : [{ at: at(bucket), value }]));
  return { key: signal.signal, label, points, stepSeconds: grid.step_seconds, className };
}

export function anomalyMarks(summary: SeriesSummary): Mark[] {
  return summary.anomalies.map((one) => ({ key: `anomaly ${one.from}`, kind: "anomaly", label: one.reason, from: one.from, to: one.to }));
}

export function stepsOf(signal: { unit: string; summary: SeriesSummary }): Step[] {
  return signal.summary.changes.flatMap((one): Step[] => (one.before.value === null || one.after.value === null ? [] : [{ key: one.at, at: one.at, low: one.earliest, high: one.latest, before: one.before.value, after: one.after.value, label: `${withUnit(one.before.value, signal.unit)} to ${withUnit(one.after.value, signal.unit)} at ${dayAndClock(one.at)}` }]));
}

export interface Wrong {
  key: string;
  rank: number;
  glyph: string;
  what: string;
  detail: string;
  since: string | null;
  signal: string;
}

const BURNS: Record<string, { rank: number; glyph: string } | undefined> = { fast: { rank: 0, glyph: "critical" }, slow: { rank: 2, glyph: "warning" } };

function objectiveWrong(one: ObjectiveState): Wrong[] {
  const burn = BURNS[one.verdict ?? "none"];
  const left = one.budget_left.value === null ? "" : `, ${ratio(one.budget_left.value)} of the budget left`;
  if (burn) return [{ key: `burn ${one.name}`, ...burn, what: `${one.name} burns ${one.verdict}`, detail: `${burnText(one)}${left}`, since: null, signal: "objective" }];
  if (one.is_missed) return [{ key: `missed ${one.name}`, rank: 1, glyph: "critical", what: `${one.name} is missed`, detail: `${attainedText(one)} of ${targetText(one)}`, since: null, signal: "objective" }];
  return [];
}

/** What is wrong with a service in the window, the worst first; a fall of a bad signal is not. */
export function wrongOf(service: ServiceTrend, end: string): Wrong[] {
  const all: Wrong[] = service.objectives.flatMap(objectiveWrong);
  for (const signal of service.signals) {
    const { short, isBadUp } = SIGNALS[signal.signal];
    const figure = (value: number | null) => (value === null ? "no data" : withUnit(value, signal.unit));
    for (const one of signal.summary.anomalies) {
      const lasts = Date.parse(one.to) >= Date.parse(end) - 60_000;
      const isBad = isBadUp ? one.score > 0 : true;
      all.push({ key: `${signal.signal} anomaly ${one.from}`, rank: isBad ? (lasts ? 3 : 5) : 8, glyph: isBad && lasts ? "warning" : "unknown", what: `${short} ${one.score > 0 ? "far above" : "far below"} usual`, detail: `${figure(one.value.value)}, usual ${figure(one.expected.value)}`, since: one.from, signal: signal.signal });
    }
    for (const one of signal.summary.changes) {
      // What began as an anomaly within the interval of the step is one thing.
      if (signal.summary.anomalies.some((odd) => Date.parse(odd.from) >= Date.parse(one.earliest) - 1 && Date.parse(odd.from) <= Date.parse(one.latest) + 1)) continue;
      const up = (one.after.value ?? 0) > (one.before.value ?? 0);
      const isBad = isBadUp && up;
      all.push({ key: `${signal.signal} step ${one.at}`, rank: isBad ? 4 : 8, glyph: isBad ? "warning" : "off", what: `${short} ${up ? "rose" : "fell"} to a new level`, detail: `${figure(one.before.value)} to ${figure(one.after.value)}${one.change_ratio.value === null ? "" : `, ${signed(ratio(one.change_ratio.value, 0), one.change_ratio.value)}`}`, since: one.at, signal: signal.signal });
    }
    const { trend } = signal.summary;
    if (trend.direction === "rising" || trend.direction === "falling") {
      const isBad = isBadUp && trend.direction === "rising";
      all.push({ key: `${signal.signal} trend`, rank: isBad ? 6 : 9, glyph: isBad ? "warning" : "off", what: `${short} ${trend.direction === "rising" ? "rises" : "falls"}`, detail: trend.change_ratio.value === null ? figure(trend.change.value) : `${signed(ratio(trend.change_ratio.value, 0), trend.change_ratio.value)} over the window`, since: null, signal: signal.signal });
    }
  }
  return all.sort((a, b) => a.rank - b.rank || (b.since ?? "").localeCompare(a.since ?? ""));
}

export function worstFirst(services: readonly ServiceTrend[], end: string): { service: ServiceTrend; wrong: Wrong[] }[] {
  const rows = services.map((service) => ({ service, wrong: wrongOf(service, end) }));
  return rows.sort((a, b) => (a.wrong[0]?.rank ?? 99) - (b.wrong[0]?.rank ?? 99) || (b.service.requests.value ?? 0) - (a.service.requests.value ?? 0));
}

export function burnText(one: ObjectiveState): string {
  const worst = [...one.burns].filter((burn) => burn.long.value !== null).sort((a, b) => (b.long.value ?? 0) / b.limit - (a.long.value ?? 0) / a.limit)[0];
  return worst ? `${fixed(worst.long.value ?? 0, 1)} times what it allows over ${words(spanText(worst.long_seconds))}` : "too few events";
}

export function spanText(seconds: number): string {
  return seconds % 86_400 === 0 ? `${count(seconds / 86_400)} d` : seconds % 3_600 === 0 ? `${count(seconds / 3_600)} h` : `${count(seconds / 60)} min`;
}

/** An objective has as many digits as it has, and what is attained two more. */
const digitsOf = (target: number): number => Math.min(5, (String(Number((target * 100).toPrecision(12))).split(".")[1] ?? "").length);
export const targetText = (one: ObjectiveState): string => ratio(one.target, digitsOf(one.target));
export const attainedText = (one: ObjectiveState): string => (one.attainment.value === null ? words(one.attainment.detail ?? one.attainment.reason ?? "no data") : ratio(one.attainment.value, digitsOf(one.target) + 2));

export function trendsSentence(envelope: ServiceTrends): string {
  const { summary, services, grid } = envelope.data;
  if (summary.services === 0) return "No service is known here.";
  if (summary.measured === 0) return `Requests of none of ${plural(summary.services, "service")} were measured in this window.`;
  const worst = worstFirst(services, gridOf(grid).to)[0];
  const first = worst?.wrong[0];
  const parts = [summary.burning > 0 ? `${plural(summary.burning, "objective burns", "objectives burn")} too fast` : "", summary.changes > 0 ? plural(summary.changes, "change of level", "changes of level") : "", summary.anomalies > 0 ? plural(summary.anomalies, "anomaly", "anomalies") : "", summary.rising > 0 ? `${count(summary.rising)} rising` : ""].filter(Boolean);
  return `${worst && first && first.rank < 8 ? `${worst.service.name}: ${first.what}, ${first.detail}${first.since ? `, since ${dayAndClock(first.since, envelope.as_of)}` : ""}. ` : "Nothing left what is usual to harm. "}${count(summary.measured)} of ${plural(summary.services, "service")} measured${parts.length > 0 ? `: ${parts.join(", ")}` : ""}.`;
}
