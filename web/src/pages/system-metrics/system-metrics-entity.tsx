// One entity's health: checks with value and limit, and its signals over one shared time axis.
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { ChartSeries, CheckResult, EntityHealth, SystemMetricsAnswer, ThresholdRow } from "../../api/answers";
import { useAnswer } from "../../api/queries";
import type { Envelope, EventFact } from "../../api/types";
import { TimeChart, type Line, type Mark } from "../../charts/time-chart";
import { brief, count, manyOf, plural, significant, titled, unitText, withUnit, words } from "../../format/number";
import { range, short, windowLabel } from "../../format/time";
import { DataTable } from "../../parts/data-table";
import { Figure } from "../../parts/figure";
import { Panel } from "../../parts/panel";
import { SourceLine, sourcesText } from "../../parts/source-line";
import { Answer, Empty } from "../../parts/states";
import { Glyph, statusRank } from "../../parts/status";
import { contextOf } from "../../state/address";
import { useContextParams, useView } from "../../state/view";
import { healthEvidence } from "./system-metrics-tables";

/** Most small charts of one entity; what is left out is counted. */
const CHARTS_MOST = 8;
const LINES_MOST = 4;

/** Rate, errors, duration first, so that cause and effect line up; then what is full. */
const ORDER = ["request", "error", "latency", "cpu", "memory", "disk", "network", "connection", "queue", "restart", "ready", "up"];
const TITLES: Record<string, string> = {
  request_rate: "Requests", request_count: "Requests", error_ratio: "Errors", error_count: "Errors", latency_seconds: "Duration",
  cpu_utilization_ratio: "CPU", cpu_seconds: "CPU", memory_utilization_ratio: "Memory", memory_used_bytes: "Memory used", disk_utilization_ratio: "Disk",
  restart_count: "Restarts", ready_ratio: "Ready", up_ratio: "Answers",
};

function rankOf(name: string | null): number {
  const rank = ORDER.findIndex((stem) => name?.startsWith(stem));
  return rank < 0 ? ORDER.length + (name === null ? 1 : 0) : rank;
}

/** `cpu_throttled_seconds` as a title: the unit stands beside it. */
function titleOf(one: ChartSeries): string {
  if (one.signal === null) return one.metric;
  const stem = one.signal.replace(/_(seconds|bytes|ratio|count)$/, "");
  return titled(TITLES[one.signal] ?? (one.signal.endsWith("_count") ? manyOf(stem) : words(stem)));
}

interface Plot {
  key: string;
  title: string;
  unit: string;
  series: ChartSeries[];
}

/** One plot for each signal or metric, at most four lines in it: the largest by their latest value. */
export function plotsOf(series: ChartSeries[]): Plot[] {
  const plots = new Map<string, Plot>();
  for (const one of series) {
    const name = one.signal ?? one.metric;
    const key = `${name} ${one.unit}`;
    const plot = plots.get(key) ?? { key, title: titleOf(one), unit: one.unit, series: [] };
    plot.series.push(one);
    plots.set(key, plot);
  }
  const last = (one: ChartSeries) => one.points[one.points.length - 1]?.value ?? Number.NEGATIVE_INFINITY;
  for (const plot of plots.values()) plot.series.sort((a, b) => last(b) - last(a));
  return [...plots.values()].sort((a, b) => rankOf(a.series[0]?.signal ?? null) - rankOf(b.series[0]?.signal ?? null) || a.title.localeCompare(b.title, "en"));
}

/** Seconds of CPU in a second are cores. */
function unitOf(plot: Plot): string {
  return plot.unit === "s/s" && plot.key.includes("cpu") ? "cores" : plot.unit;
}

function unitTitle(plot: Plot): string {
  const unit = unitOf(plot);
  return unit === "1" ? "share" : unit === "By" ? "bytes" : unit === "By/s" ? "bytes/s" : unitText(unit);
}

/** The unit stands in the title, so an axis repeats it only where it is scaled. */
export function axisText(value: number, unit: string): string {
  return brief(["1", "s", "By", "By/s"].includes(unit) ? withUnit(value, unit) : Number.isInteger(value) ? count(value) : significant(value));
}

/** The labels that tell series of one plot apart. */
function labelOf(one: ChartSeries, all: ChartSeries[]): string {
  const telling = Object.entries(one.labels).filter(([name, value]) => all.some((other) => other.labels[name] !== value));
  const sources = new Set(all.map((other) => other.source));
  const parts = telling.map(([name, value]) => (name === "quantile" ? `p${Number((Number(value) * 100).toFixed(3))}` : value));
  if (parts.length === 0 && sources.size > 1) parts.push(one.source);
  return parts.join(" ") || words(one.signal ?? one.metric);
}

function lineOf(one: ChartSeries, all: ChartSeries[], index: number): Line {
  // Percentiles of one signal are steps of one hue, the highest the heaviest.
  const isQuantile = all.every((other) => other.labels.quantile !== undefined);
  return {
    key: `${one.metric} ${one.source} ${index}`, label: labelOf(one, all), points: one.points,
    stepSeconds: one.step_seconds, className: all.length === 1 ? "s1" : isQuantile ? `seqk-${Math.max(3, 6 - index)}` : `catk-${index}`,
  };
}

/** What was reported of the entity, as marks on the time axis. */
export function marksOf(events: EventFact[]): Mark[] {
  return events.flatMap((one): Mark[] => {
    if (one.at === null || one.event === "finding") return [];
    const isIncident = one.event === "incident";
    return [{ key: `${one.source} ${one.external_id}`, kind: isIncident ? "incident" : "change", label: isIncident ? one.external_id : one.title, from: one.at, to: isIncident ? one.ended_at : null }];
  });
}

export function SignalCharts({ id, thresholds, checks, window, events = [] }: { id: string; thresholds: ThresholdRow[]; checks: CheckResult[]; window: string; events?: EventFact[] }) {
  const view = useView();
  const context = useContextParams();
  const [crosshair, setCrosshair] = useState<number | null>(null);
  const [brush, setBrush] = useState<{ start: number; end: number } | null>(null);
  const marks = marksOf(events);
  const isRange = window.includes("/");
  const asOf = isRange ? window.split("/")[1] : context.as_of;
  const query = useAnswer<SystemMetricsAnswer>("system-metrics", {
    as_of: asOf, entity: [id], series: true, series_window: window, buckets: 120,
  });
  return (
    <Answer query={query} what="signals">
      {(envelope) => {
        const plots = plotsOf(envelope.data.series ?? []);
        const ends = seriesWindow(envelope, window);
        if (plots.length === 0 || !ends) return <Empty title={`No signal in ${windowLabel(window)}.`}>{newestOf(envelope)}</Empty>;
        const shown = plots.slice(0, CHARTS_MOST);
        return (
          <div className="grid gap-3">
            {shown.map((plot, index) => {
              const series = plot.series.slice(0, LINES_MOST);
              const check = checks.find((one) => one.signals.includes(plot.series[0]?.signal ?? "") && one.limit !== null && one.value.unit === plot.unit);
              const row = check && thresholds.find((one) => one.check === check.check && one.title === check.title && one.unit === plot.unit);
              const limit = row?.critical ?? row?.warning ?? check?.limit ?? null;
              return (
                <TimeChart
                  key={plot.key}
                  title={plot.title}
                  unitTitle={[unitTitle(plot), plot.series.length > LINES_MOST ? `${LINES_MOST} largest of ${plot.series.length}` : ""].filter(Boolean).join(", ")}
                  lines={series.map((one, at) => lineOf(one, series, at))}
                  from={ends[0]}
                  to={ends[1]}
                  format={(value) => withUnit(value, unitOf(plot))}
                  isBinary={plot.unit === "By" || plot.unit === "By/s"}
                  axis={(value) => axisText(value, plot.unit)}
                  limits={limit === null ? [] : [{ value: limit, label: `limit ${brief(withUnit(limit, plot.unit))}` }]}
                  marks={marks}
                  hasMarkLabels={index === 0}
                  hasAxis={index === shown.length - 1}
                  crosshair={crosshair}
                  onCrosshair={setCrosshair}
                  brush={brush}
                  setBrush={setBrush}
                  onBrush={(start, end) => view.set({ window: `${new Date(start).toISOString()}/${new Date(end).toISOString()}` })}
                />
              );
            })}
            {plots.length > CHARTS_MOST && <p className="sub text-ink-3">{plots.length - CHARTS_MOST} more: {plots.slice(CHARTS_MOST).map((plot) => plot.title).join(", ")}</p>}
            <div className="-mx-3 -mb-2">
              <SourceLine evidence={healthEvidence(envelope, "Signals over time", "Mean of each bucket; of a counter the rate over the bucket, resets mended. A gap has no bucket.", "series")} text={`${range(ends[0], ends[1])} · ${sourcesText([...new Set((envelope.data.series ?? []).map((one) => one.source))].sort(), "no source")}`} />
            </div>
          </div>
        );
      }}
    </Answer>
  );
}

function newestOf(envelope: Envelope<SystemMetricsAnswer>): string {
  const newest = envelope.data.entities[0]?.newest ?? null;
  return newest ? `The newest is of ${short(newest, envelope.as_of)}; another window may hold some.` : "None of it is held.";
}

function seriesWindow(envelope: Envelope<SystemMetricsAnswer>, window: string): [string, string] | null {
  const [from, to] = window.split("/");
  if (from && to) return [from, to];
  const points = (envelope.data.series ?? []).flatMap((one) => one.points.map((point) => point.at)).sort();
  const end = envelope.window?.to ?? envelope.as_of;
  const asked = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$/.exec(window);
  if (asked) {
    const length = Number(asked[1] ?? 0) * 86_400_000 + Number(asked[2] ?? 0) * 3_600_000 + Number(asked[3] ?? 0) * 60_000;
    if (length > 0) return [new Date(new Date(end).getTime() - length).toISOString(), end];
  }
  return points[0] ? [points[0], end] : null;
}

export function ChecksTable({ checks, envelope }: { checks: CheckResult[]; envelope?: Envelope<SystemMetricsAnswer> | undefined }) {
  return (
    <DataTable
      label="Checks, worst first"
      rows={checks}
      rowKey={(row) => `${row.check}-${row.title}`}
      columns={[
        {
          key: "check", title: "Check", isName: true, width: 124, sort: (row) => (row.status ? statusRank(row.status) : 9), hint: (row) => `${row.title}: ${row.status ?? "no limit"}`,
          cell: (row) => <span className="st"><Glyph word={row.status ?? "off"} alone />{row.title}</span>,
        },
        { key: "reason", title: "Measured", cell: (row) => row.reason, hint: (row) => `${row.reason}; ${row.metrics.join(", ")}` },
        {
          key: "value", title: "Value", isNumber: true, width: 108, sort: (row) => row.value.value,
          cell: (row) => (row.value.value === null && row.value.reason === "not_applicable" ? <span className="mut" title={row.value.reason}>n/a</span> : envelope ? <Figure of={row.value} evidence={healthEvidence(envelope, row.title, checkDefinition(row, envelope))} /> : row.value.value === null ? words(row.value.detail ?? row.value.reason ?? "no data") : withUnit(row.value.value, row.value.unit)),
        },
      ]}
    />
  );
}

function checkDefinition(row: CheckResult, envelope: Envelope<SystemMetricsAnswer>): string {
  const threshold = envelope.data.thresholds.find((one) => one.check === row.check && one.title === row.title);
  const from = row.metrics.length > 0 ? ` Computed from ${row.metrics.join(", ")}${row.source ? `, sent by ${row.source}` : ""}.` : "";
  const others = row.other_sources.length > 0 ? ` Also sent by ${row.other_sources.join(", ")}, not used.` : "";
  const bound = row.bound ? ` The method leaves it between ${withUnit(row.bound.low, row.value.unit)} and ${withUnit(row.bound.high, row.value.unit)}.` : "";
  return `${threshold?.definition ?? row.title}.${from}${others}${bound}`;
}

export function EntityHealthPanels({ id, health, thresholds, onClose }: { id: string; health: EntityHealth | undefined; thresholds: ThresholdRow[]; onClose: () => void }) {
  const view = useView();
  const chosen = view.get("window");
  const window = chosen && chosen !== "all" ? chosen : "PT3H";
  return (
    <div className="grid-12 cols-wide">
      <Panel
        title={health ? `${health.name} over time` : "Over time"}
        qualifier={
          <>
            <span>{windowLabel(window)}, brush to set the window</span>
            <button type="button" className="mut" onClick={onClose} aria-label="Esc: close the charts">Esc</button>
          </>
        }
      >
        <SignalCharts id={id} thresholds={thresholds} checks={health?.checks ?? []} window={window} />
      </Panel>
      <Panel
        title="Checks, worst first"
        qualifier={
          <>
            <span>{health ? plural(health.checks.length, "check") : ""}</span>
            <Link to={"/entity" as never} search={{ ...contextOf(view.search), id } as never} className="link">Open its page</Link>
          </>
        }
        isFlush
      >
        {health && health.checks.length > 0 ? <ChecksTable checks={health.checks} /> : <Empty title={health?.reason ?? "It is not among the entities judged here."} />}
      </Panel>
    </div>
  );
}
