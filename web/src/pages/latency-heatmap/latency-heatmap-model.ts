// From the answer to the matrix: which figure a cell shows, what is said of it, the sentence.
import type { HeatmapCell, LatencyHeatmapAnswer } from "../../api/latency-heatmap";
import type { Envelope, Measure } from "../../api/types";
import type { MatrixCell } from "../../charts/matrix";
import { count, distinctNames, plural, ratio, withUnit, words } from "../../format/number";
import { evidenceOf } from "../../parts/answered";

export type Heatmap = Envelope<LatencyHeatmapAnswer>;
export const heatmapEvidence = evidenceOf<LatencyHeatmapAnswer>("latency-heatmap");

export const SHOWS = ["p50", "p95", "p99", "errors", "rate", "network", "zones"] as const;
export type Shown = (typeof SHOWS)[number];
export const SHOWN_TITLE: Record<Shown, string> = { p50: "p50 latency", p95: "p95 latency", p99: "p99 latency", errors: "error ratio", rate: "request rate", network: "network time", zones: "share of calls across zones" };

export const DEFINITION = "Calls of the window from each row to each column. Percentiles come from merged histograms or spans; from sources with fixed quantiles only those are shown, never merged. Rows and columns share one order, in which what talks to each other stands together. Blank is where nothing was observed; that is not zero.";

export function figureOf(cell: HeatmapCell, shown: Shown, side: string): Measure {
  const latency = side === "server" ? cell.server_latency : cell.client_latency;
  switch (shown) {
    case "errors":
      return cell.error_ratio;
    case "rate":
      return cell.request_rate;
    case "network":
      return cell.network_seconds;
    case "zones":
      return cell.zone_crossing.share;
    default:
      return latency[shown];
  }
}

/** Short enough for a cell: one or two digits, then the unit. */
export function cellText(value: number, shown: Shown): string {
  if (shown === "errors" || shown === "zones") return ratio(value, value >= 0.1 ? 0 : 1);
  return withUnit(Number(value.toPrecision(2)), shown === "rate" ? "/s" : "s").replace(/\.0+(?=\D)/, "").replace(/(\.\d*?)0+(?=\D)/, "$1");
}

const said = (of: Measure): string => (of.value === null ? (of.detail ?? of.reason ?? "no data") : withUnit(of.value, of.unit));

/** p95 where most pairs have one, else the median, which needs fewer calls. */
export function shownFirst(answer: LatencyHeatmapAnswer): Shown {
  const has = (shown: Shown) => answer.cells.filter((cell) => figureOf(cell, shown, answer.side).value !== null).length;
  return has("p95") * 2 < has("p50") ? "p50" : "p95";
}

/** Names of the rows, in their order, each telling it from the others. */
export function rowNames(answer: LatencyHeatmapAnswer): string[] {
  const names = distinctNames(answer.rows);
  return answer.rows.map((row) => (names.get(row.id) ?? row.name) || "none");
}

function pairText(names: readonly string[], answer: LatencyHeatmapAnswer, cell: HeatmapCell): string {
  const [from, to] = [names[cell.row], names[cell.column]];
  const latency = answer.side === "server" ? cell.server_latency : cell.client_latency;
  return `${from} to ${to}: ${plural(cell.calls, "call")}, ${said(cell.request_rate)}, errors ${said(cell.error_ratio)}, p50 ${said(latency.p50)}, p95 ${said(latency.p95)}, p99 ${said(latency.p99)}`;
}

export function matrixCells(answer: LatencyHeatmapAnswer, shown: Shown): MatrixCell[] {
  const names = rowNames(answer);
  return answer.cells.map((cell) => ({ row: cell.row, column: cell.column, value: figureOf(cell, shown, answer.side).value, said: pairText(names, answer, cell) }));
}

export function heatmapSentence(envelope: Heatmap): string {
  const { summary, hot_pairs: hot, rows, by } = envelope.data;
  if (summary.cells === 0) return "No call was observed here in this window.";
  const names = distinctNames(rows);
  const first = hot[0];
  const top = first ? `${names.get(first.from) ?? first.from} to ${names.get(first.to) ?? first.to} takes ${ratio(first.time_share)} of the time of all calls${first.p95.value === null ? "" : `, p95 ${withUnit(first.p95.value, first.p95.unit)}`}. ` : "";
  const filled = rows.length > 0 ? ` ${count(summary.cells)} of ${count(rows.length * rows.length)} pairs were seen.` : "";
  return `${top}${plural(summary.rows, words(by))}.${filled}`;
}
