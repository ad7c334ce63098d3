// Rate, errors, duration and saturation of one service on one time axis, with changes, incidents,
// anomalies and steps of level marked; or the same figures as a table.
import { useMemo, useState } from "react";
import type { ServiceTrend, SignalTrend, TrendsGrid, TrendSignal } from "../../api/service-trends";
import type { EventFact } from "../../api/types";
import { TimeChart, type Line, type Mark } from "../../charts/time-chart";
import { count, ratio, signed, withUnit, words } from "../../format/number";
import { dayAndClock, full } from "../../format/time";
import { DataTable } from "../../parts/data-table";
import { useIsWide } from "../../parts/detail";
import { useKeys } from "../../state/keys";
import { useView } from "../../state/view";
import { axisText, marksOf } from "../system-metrics/system-metrics-entity";
import { anomalyMarks, gridOf, lineOf, SIGNALS, stepsOf } from "./service-trends-model";

const DURATIONS: TrendSignal[] = ["latency_p95", "latency_p99", "latency_p50"];
const CLASSES: Partial<Record<TrendSignal, string>> = { latency_p99: "seqk-4 thin", latency_p50: "seqk-3 thin" };

interface Plot {
  key: string;
  main: SignalTrend;
  lines: Line[];
}

function plotsOf(service: ServiceTrend, grid: TrendsGrid): Plot[] {
  const of = (name: TrendSignal) => service.signals.find((one) => one.signal === name);
  const hasValues = (one: SignalTrend | undefined): one is SignalTrend => one !== undefined && one.values.some((value) => value !== null);
  const single = (name: TrendSignal): Plot[] => { const one = of(name); return hasValues(one) ? [{ key: name, main: one, lines: [lineOf(grid, one, SIGNALS[name].short, "s1")] }] : []; };
  const durations = DURATIONS.map(of).filter(hasValues);
  const main = durations[0];
  const duration: Plot[] = main ? [{ key: "duration", main, lines: durations.map((one) => lineOf(grid, one, SIGNALS[one.signal].short, CLASSES[one.signal] ?? "s1")) }] : [];
  return [...single("request_rate"), ...single("error_ratio"), ...duration, ...single("saturation")];
}

function compared(signal: SignalTrend): { value: number; text: string }[] {
  const week = signal.comparisons.find((one) => one.period === "week_before");
  return week?.value.value === null || week === undefined ? [] : [{ value: week.value.value, text: `week before ${withUnit(week.value.value, signal.unit)}` }];
}

export function SignalStack({ service, grid, events = [], isTable, onTable }: { service: ServiceTrend; grid: TrendsGrid; events?: EventFact[]; isTable: boolean; onTable: (isTable: boolean) => void }) {
  const view = useView();
  const [crosshair, setCrosshair] = useState<number | null>(null);
  const [brush, setBrush] = useState<{ start: number; end: number } | null>(null);
  const plots = useMemo(() => plotsOf(service, grid), [service, grid]);
  const ends = gridOf(grid);
  const narrow = !useIsWide("(min-width: 768px)");
  useKeys({ v: () => onTable(!isTable) });
  const shared: Mark[] = marksOf(events);
  if (plots.length === 0) return <p className="sub py-2">No signal of it was measured in this window: {service.signals.map((one) => `${SIGNALS[one.signal].short} ${words(one.detail ?? one.reason ?? "no data")}`).join(", ")}.</p>;
  if (isTable) return <SignalTable service={service} grid={grid} />;
  return (
    <div className="grid gap-3">
      {plots.map((plot, index) => (
        <TimeChart
          key={plot.key}
          title={SIGNALS[plot.main.signal].title}
          unitTitle={[plot.main.unit === "1" ? "share" : plot.main.unit === "/s" ? "per second" : "seconds", plot.main.source ?? ""].filter(Boolean).join(" · ")}
          lines={plot.lines}
          from={ends.from}
          to={ends.to}
          format={(value) => withUnit(value, plot.main.unit)}
          axis={(value) => axisText(value, plot.main.unit)}
          room={narrow ? 96 : 136}
          marks={[...shared, ...anomalyMarks(plot.main.summary)]}
          steps={stepsOf(plot.main)}
          ends={narrow ? [] : compared(plot.main)}
          hasMarkLabels={index === 0}
          hasAxis={index === plots.length - 1}
          crosshair={crosshair}
          onCrosshair={setCrosshair}
          brush={brush}
          setBrush={setBrush}
          onBrush={(start, end) => view.set({ window: `${new Date(start).toISOString()}/${new Date(end).toISOString()}` })}
        />
      ))}
      <div className="legend">
        <span><svg width="14" height="10" aria-hidden="true"><path d="M3 0h8v5l-4 5-4-5Z" className="c-mark" /></svg>change</span>
        <span><svg width="14" height="10" aria-hidden="true"><rect width="14" height="10" className="band" /><rect width="14" height="3" className="c-crit" /></svg>incident</span>
        <span><svg width="14" height="10" aria-hidden="true"><rect width="14" height="10" className="odd" /><path d="M7 2l4.5 7.5h-9Z" className="c-warn" /></svg>anomaly</span>
        <span><svg width="18" height="10" aria-hidden="true"><path d="M0 8h9V3h9" className="level" /></svg>new level</span>
      </div>
    </div>
  );
}

function SignalTable({ service, grid }: { service: ServiceTrend; grid: TrendsGrid }) {
  const { at } = gridOf(grid);
  const rows = Array.from({ length: grid.buckets }, (_, bucket) => bucket);
  return (
    <DataTable
      label={`Signals of ${service.name} by bucket`}
      rows={rows}
      rowKey={(row) => String(row)}
      isTall
      columns={[
        { key: "at", title: "Bucket", isName: true, width: 140, cell: (row) => <span title={full(at(row))}>{dayAndClock(at(row), at(grid.buckets))}</span> },
        ...service.signals.map((signal) => ({ key: signal.signal, title: SIGNALS[signal.signal].short, isNumber: true, width: 96, cell: (row: number) => { const value = signal.values[row] ?? null; return value === null ? <span className="mut">no data</span> : withUnit(value, signal.unit); }, sort: (row: number) => signal.values[row] ?? null })),
      ]}
    />
  );
}

/** What is said of each signal over the window: usual, trend, against before. */
export function SignalSummary({ service }: { service: ServiceTrend }) {
  const rows = service.signals.filter((one) => one.summary.buckets > 0);
  if (rows.length === 0) return null;
  const change = (row: SignalTrend, period: string) => row.comparisons.find((one) => one.period === period)?.change_ratio.value ?? null;
  const text = (value: number | null) => (value === null ? <span className="mut">n/a</span> : signed(ratio(value), value));
  return (
    <DataTable
      label={`Summary of the signals of ${service.name}`}
      rows={rows}
      rowKey={(row) => row.signal}
      columns={[
        { key: "signal", title: "Signal", isName: true, cell: (row) => SIGNALS[row.signal].short, hint: (row) => [row.metric, row.source, ...row.other_sources.map((one) => `also ${one}, not added`)].filter(Boolean).join(", ") },
        { key: "mean", title: "Mean", isNumber: true, width: 84, cell: (row) => (row.summary.mean.value === null ? "n/a" : withUnit(row.summary.mean.value, row.unit)) },
        { key: "usual", title: "Usual", isNumber: true, width: 84, cell: (row) => (row.summary.baseline.level.value === null ? <span className="mut">n/a</span> : <span title={`deviation ${row.summary.baseline.deviation.value ?? "n/a"}, season ${row.summary.baseline.season}`}>{withUnit(row.summary.baseline.level.value, row.unit)}</span>) },
        { key: "p95", title: "p95 of buckets", isNumber: true, width: 100, cell: (row) => (row.summary.p95.value === null ? <span className="mut" title={row.summary.p95.detail ?? row.summary.p95.reason ?? undefined}>n/a</span> : withUnit(row.summary.p95.value, row.unit)) },
        { key: "trend", title: "Trend", width: 130, cell: (row) => { const { trend } = row.summary; return trend.direction === null ? <span className="mut">{words(trend.change.detail ?? trend.change.reason ?? "n/a")}</span> : `${trend.direction}${trend.direction !== "steady" && trend.change_ratio.value !== null ? ` ${signed(ratio(trend.change_ratio.value), trend.change_ratio.value)}` : ""}`; }, hint: (row) => (row.summary.trend.p_adjusted === null ? undefined : `p ${row.summary.trend.p_adjusted.toPrecision(2)}, adjusted`) },
        { key: "previous", title: "Against before", isNumber: true, width: 98, cell: (row) => text(change(row, "previous")) },
        { key: "week", title: "Week before", isNumber: true, width: 92, cell: (row) => text(change(row, "week_before")) },
        { key: "gaps", title: "Gaps", isNumber: true, width: 54, cell: (row) => count(row.summary.gaps) },
      ]}
      phone={(row) => (
        <>
          <span className="font-medium">{SIGNALS[row.signal].short}</span>
          <span>{row.summary.mean.value === null ? "n/a" : withUnit(row.summary.mean.value, row.unit)}</span>
          <span className="d">usual {row.summary.baseline.level.value === null ? "n/a" : withUnit(row.summary.baseline.level.value, row.unit)}, {row.summary.trend.direction ?? "no trend"}, week before {text(change(row, "week_before"))}</span>
        </>
      )}
    />
  );
}
