// Latency over time: each pair of caller and callee against its own usual, what got slower and since
// when, ranked by requests harmed.
import { useMemo, useState } from "react";
import type { LatencyMatrixAnswer, MatrixPair, MatrixState } from "../../api/latency-matrix";
import { useAnswer } from "../../api/queries";
import type { Envelope } from "../../api/types";
import { Sparkline } from "../../charts/small";
import { TimeChart, type Line } from "../../charts/time-chart";
import { count, plural, ratio, signed, withUnit, words } from "../../format/number";
import { dayAndClock, full, range } from "../../format/time";
import { Answered, evidenceOf } from "../../parts/answered";
import { Detail, Facts, Section } from "../../parts/detail";
import { DataTable } from "../../parts/data-table";
import { EntityName } from "../../parts/entity-name";
import { Figure } from "../../parts/figure";
import { MeasureCell, valueOf } from "../../parts/measure-cell";
import { Panel } from "../../parts/panel";
import { SourceLine } from "../../parts/source-line";
import { Empty, sentence } from "../../parts/states";
import { Glyph } from "../../parts/status";
import { useKeys } from "../../state/keys";
import { useContextParams, useView } from "../../state/view";
import { anomalyMarks, stepsOf } from "../service-trends/service-trends-model";
import { axisText } from "../system-metrics/system-metrics-entity";
import { PairGrid } from "./pair-grid";

type Matrix = Envelope<LatencyMatrixAnswer>;
const evidence = evidenceOf<LatencyMatrixAnswer>("latency-matrix");

const DEFINITION = "Each pair is judged against its own usual: earlier periods, else the window up to its first change. Slower is a real change of the judged quantile above its least relevant effect. Since is where its level changed, with the interval in which it lies.";
const HARM = "Requests slower than the usual 95th percentile beyond the one in twenty that always is, and those that failed beyond what usually fails; as counted or sampled.";
export const STATES: Record<MatrixState, { glyph: string; text: string }> = { slower: { glyph: "warning", text: "slower" }, faster: { glyph: "off", text: "faster" }, steady: { glyph: "healthy", text: "as usual" }, unknown: { glyph: "unknown", text: "too few calls" } };

const keyOf = (pair: MatrixPair) => `${pair.from}\n${pair.to}`;

function matrixSentence(envelope: Matrix): string {
  const { summary, pairs } = envelope.data;
  if (summary.pairs === 0) return "No call was observed here in this window.";
  const worst = pairs[0];
  const first = worst && worst.state !== "unknown" && (worst.harm.total.value ?? 0) > 0 ? `${worst.from_name} to ${worst.to_name}: ${worst.reason}${worst.since ? `, since ${dayAndClock(worst.since, envelope.as_of)}` : ""}. ` : "";
  return `${first}${plural(summary.judged, "pair")} judged: ${count(summary.slower)} slower, ${count(summary.faster)} faster, ${count(summary.failing)} failing more than usual.`;
}

export function LatencyMatrixPage() {
  const view = useView();
  const context = useContextParams();
  const query = useAnswer<LatencyMatrixAnswer>("latency-matrix", { ...context, window: view.get("window"), entity: view.all("entity"), side: view.get("side"), buckets: 96, limit: 200 });
  useKeys({ Escape: () => view.set({ sel: undefined }, { replace: true }), v: () => view.set({ see: view.get("see") === "grid" ? undefined : "grid" }, { replace: true }) });
  return (
    <Answered title="Latency over time" query={query} what="calls over time" sentence={matrixSentence} filters={<Filters />} onNearest={(name) => view.set({ entity: [name] })}>
      {(envelope) => {
        const { data } = envelope;
        const [from, to] = view.all("sel");
        const all = [...data.pairs, ...data.asynchronous, ...data.reported];
        const chosen = all.find((pair) => pair.from === from && pair.to === to);
        const isGrid = view.get("see") === "grid";
        const select = (pair: MatrixPair) => view.set({ sel: pair === chosen ? undefined : [pair.from, pair.to] }, { replace: true });
        return (
          <>
            <Totals envelope={envelope} />
            <div className={chosen ? "grid-12 cols-wide" : "grid-12"}>
              <div className="grid gap-3 min-w-0">
                {isGrid ? (
                  <Panel title="Who calls whom, each over time" qualifier={plural(data.pairs.length, "pair")} foot={<SourceLine evidence={evidence(envelope, "Who calls whom", DEFINITION, "pairs")} source="usual dashed, since tinted; each cell on its own scale" />}>
                    <PairGrid pairs={data.pairs} selected={chosen} onOpen={select} />
                  </Panel>
                ) : (
                  <PairTable title="Pairs, most harmed first" envelope={envelope} rows={data.pairs} chosen={chosen} onSelect={select} isNarrow={chosen !== undefined} />
                )}
                {data.reported.length > 0 && <PairTable title="Quantiles as senders report them" envelope={envelope} rows={data.reported} chosen={chosen} onSelect={select} isNarrow={chosen !== undefined} />}
                {data.asynchronous.length > 0 && <PairTable title="Through messages, by the callee's time" envelope={envelope} rows={data.asynchronous} chosen={chosen} onSelect={select} isNarrow={chosen !== undefined} />}
              </div>
              {chosen && <PairDetail key={keyOf(chosen)} envelope={envelope} pair={chosen} onClose={() => view.set({ sel: undefined }, { replace: true })} />}
            </div>
          </>
        );
      }}
    </Answered>
  );
}

function Filters() {
  const view = useView();
  const isGrid = view.get("see") === "grid";
  return (
    <div className="filters noprint" role="search" aria-label="Which calls">
      <label className="field">
        Latency as seen by
        <select value={view.get("side") ?? "client"} onChange={(event) => view.set({ side: event.target.value === "client" ? undefined : event.target.value })}>
          <option value="client">the caller</option>
          <option value="server">the callee</option>
        </select>
      </label>
      <button type="button" className="btn" aria-pressed={isGrid} title="v" onClick={() => view.set({ see: isGrid ? undefined : "grid" })}>Matrix</button>
    </div>
  );
}

function Totals({ envelope }: { envelope: Matrix }) {
  const { summary } = envelope.data;
  const cells: [string, { value: number | null; unit: string; reason?: string | null }, string, string][] = [
    ["Pairs", { value: summary.pairs, unit: "count" }, `${count(summary.judged)} judged, those with the most calls`, DEFINITION],
    ["Slower", { value: summary.slower, unit: "count" }, "than is usual for them", DEFINITION],
    ["Failing more", { value: summary.failing, unit: "count" }, "than is usual for them", DEFINITION],
    ["Requests harmed", summary.harmed, "slow or failed beyond usual", HARM],
    ["Faster", { value: summary.faster, unit: "count" }, summary.outside > 0 ? `${plural(summary.outside, "pair")} outside your scope left out` : "than is usual for them", DEFINITION],
  ];
  return (
    <dl className="strip">
      {cells.map(([title, of, aside, definition]) => (
        <div key={title}>
          <dt>{title}</dt>
          <dd className="f"><Figure of={of} evidence={evidence(envelope, title, definition, "pairs")} /></dd>
          <dd className="s">{aside}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The bucket from which a pair is slower. */
export function sinceBucket(pair: MatrixPair): number | null {
  return pair.since === null || pair.state !== "slower" ? null : Math.max(0, Math.round((Date.parse(pair.since) - Date.parse(pair.values.from)) / 1_000 / pair.values.step_seconds));
}

const usualOf = (pair: MatrixPair) => (pair.values.quantile >= 0.95 ? pair.usual.latency.p95 : pair.usual.latency.p50);
const nowOf = (pair: MatrixPair) => (pair.values.quantile >= 0.95 ? pair.latency.p95 : pair.latency.p50);

function PairTable({ title, envelope, rows, chosen, onSelect, isNarrow }: { title: string; envelope: Matrix; rows: MatrixPair[]; chosen: MatrixPair | undefined; onSelect: (pair: MatrixPair) => void; isNarrow: boolean }) {
  const columns = [
    { key: "from", title: "Caller", isName: true, width: 130, sort: (row: MatrixPair) => row.from_name, hint: (row: MatrixPair) => row.from, cell: (row: MatrixPair) => row.from_name },
    { key: "to", title: "Callee", isName: true, width: 130, sort: (row: MatrixPair) => row.to_name, hint: (row: MatrixPair) => row.to, cell: (row: MatrixPair) => row.to_name },
    { key: "state", title: "What became of it", hint: (row: MatrixPair) => row.reason, sort: (row: MatrixPair) => row.state, cell: (row: MatrixPair) => <span className="st max-w-full"><Glyph word={STATES[row.state].glyph} /><span className="truncate">{STATES[row.state].text}{row.change_ratio.value !== null && (row.state === "slower" || row.state === "faster") ? ` ${signed(ratio(row.change_ratio.value, 0), row.change_ratio.value)}` : ""}</span></span> },
    { key: "since", title: "Since", width: 112, sort: (row: MatrixPair) => row.since, cell: (row: MatrixPair) => (row.since === null ? <span className="mut">–</span> : <span title={`${full(row.since)}${row.since_earliest && row.since_latest ? `, between ${full(row.since_earliest)} and ${full(row.since_latest)}` : ""}`}>{dayAndClock(row.since, envelope.as_of)}{row.until && <span className="mut"> ended</span>}</span>) },
    { key: "spark", title: "Over time", width: 106, cell: (row: MatrixPair) => <Sparkline values={row.values.latency} reference={usualOf(row).value} since={sinceBucket(row)} width={90} /> },
    { key: "usual", title: "Usual", isNumber: true, width: 76, sort: (row: MatrixPair) => valueOf(usualOf(row)), cell: (row: MatrixPair) => <MeasureCell of={usualOf(row)} /> },
    { key: "now", title: "Now", isNumber: true, width: 76, sort: (row: MatrixPair) => valueOf(nowOf(row)), cell: (row: MatrixPair) => <span title={row.values.quantile >= 0.95 ? "p95" : "median"}><MeasureCell of={nowOf(row)} /></span> },
    { key: "errors", title: "Errors", isNumber: true, width: 70, sort: (row: MatrixPair) => valueOf(row.error_ratio), cell: (row: MatrixPair) => <MeasureCell of={row.error_ratio} /> },
    { key: "calls", title: "Calls", isNumber: true, width: 92, sort: (row: MatrixPair) => row.calls, cell: (row: MatrixPair) => (row.calls === null ? <span className="mut" title="nothing says how many">n/a</span> : count(row.calls)) },
    { key: "harm", title: "Harmed", isNumber: true, width: 84, sort: (row: MatrixPair) => valueOf(row.harm.total), cell: (row: MatrixPair) => <MeasureCell of={row.harm.total} /> },
  ];
  return (
    <Panel title={title} qualifier={count(rows.length)} isFlush foot={<SourceLine evidence={evidence(envelope, title, `${DEFINITION} Harmed: ${HARM}`, "pairs")} source="usual dashed, since tinted" coverage={Object.keys(envelope.coverage)[0]} />}>
      {rows.length === 0 ? (
        <Empty title="No call was observed here.">Spans, service-graph metrics or a mesh show who calls whom. A longer window may hold some.</Empty>
      ) : (
        <DataTable
          label={title}
          rows={rows}
          rowKey={keyOf}
          selected={chosen ? keyOf(chosen) : undefined}
          onOpen={onSelect}
          isTall={rows.length > 20}
          columns={columns.filter((column) => !isNarrow || !["errors", "calls", "usual"].includes(column.key))}
          phone={(row) => (
            <>
              <span className="font-medium">{row.from_name} → {row.to_name}</span>
              <span><MeasureCell of={nowOf(row)} /></span>
              <span className="d">{STATES[row.state].text}{row.since ? ` since ${dayAndClock(row.since, envelope.as_of)}` : ""}, usual <MeasureCell of={usualOf(row)} />, <MeasureCell of={row.harm.total} /> harmed</span>
            </>
          )}
        />
      )}
    </Panel>
  );
}

function PairDetail({ envelope, pair, onClose }: { envelope: Matrix; pair: MatrixPair; onClose: () => void }) {
  const [crosshair, setCrosshair] = useState<number | null>(null);
  const [brush, setBrush] = useState<{ start: number; end: number } | null>(null);
  const view = useView();
  const { values } = pair;
  const start = Date.parse(values.from);
  const end = new Date(start + values.latency.length * values.step_seconds * 1_000).toISOString();
  const line = (key: string, of: (number | null)[]): Line[] => [{ key, label: key, points: of.flatMap((value, bucket) => (value === null ? [] : [{ at: new Date(start + bucket * values.step_seconds * 1_000).toISOString(), value }])), stepSeconds: values.step_seconds }];
  const lines = useMemo(() => ({ latency: line(`p${values.quantile * 100}`, values.latency), errors: line("errors", values.error_ratio), calls: line("calls", values.calls) }), [pair]);
  const shared = { from: values.from, to: end, crosshair, onCrosshair: setCrosshair, brush, setBrush, height: 70, onBrush: (from: number, to: number) => view.set({ window: `${new Date(from).toISOString()}/${new Date(to).toISOString()}` }) };
  const usual = usualOf(pair).value;
  return (
    <Detail
      title={`${pair.from_name} → ${pair.to_name}`}
      mark={<span className="st"><Glyph word={STATES[pair.state].glyph} />{STATES[pair.state].text}</span>}
      sub={sentence(pair.reason)}
      onClose={onClose}
      foot={<SourceLine evidence={evidence(envelope, `${pair.from_name} to ${pair.to_name}`, `${DEFINITION} Harmed: ${HARM}`, "pairs")} text={`${range(values.from, end, envelope.as_of)} · ${pair.source}${pair.is_sampled ? ", sampled" : ""}`} />}
    >
      <Section title="Over time">
        <div className="grid gap-2">
          <TimeChart {...shared} title="Duration" unitTitle={values.quantile >= 0.95 ? "p95" : "median: too few calls for p95"} lines={lines.latency} limits={usual === null ? [] : [{ value: usual, label: `usual ${withUnit(usual, "s")}` }]} marks={anomalyMarks(pair.summary)} steps={stepsOf({ unit: "s", summary: pair.summary })} format={(value) => withUnit(value, "s")} axis={(value) => axisText(value, "s")} room={104} />
          <TimeChart {...shared} title="Errors" unitTitle="share" lines={lines.errors} marks={pair.error_anomalies.map((one) => ({ key: one.from, kind: "anomaly" as const, label: one.reason, from: one.from, to: one.to }))} format={(value) => ratio(value)} axis={(value) => axisText(value, "1")} room={104} />
          <TimeChart {...shared} title="Calls" unitTitle="a bucket" lines={lines.calls} format={(value) => count(value)} axis={(value) => count(value)} hasAxis room={104} />
        </div>
      </Section>
      <Section title="Against usual" aside={`made from ${words(pair.usual.made_from)}`}>
        <Facts
          rows={[
            ["p50, p95, p99 now", <><MeasureCell of={pair.latency.p50} />, <MeasureCell of={pair.latency.p95} />, <MeasureCell of={pair.latency.p99} /></>],
            ["p50, p95, p99 usual", <><MeasureCell of={pair.usual.latency.p50} />, <MeasureCell of={pair.usual.latency.p95} />, <MeasureCell of={pair.usual.latency.p99} /></>],
            ["Errors now, usual", <><MeasureCell of={pair.error_ratio} />, <MeasureCell of={pair.usual.error_ratio} /></>],
            ["Since", pair.since === null ? <span className="mut">–</span> : `${dayAndClock(pair.since, envelope.as_of)}${pair.since_earliest && pair.since_latest ? `, ${range(pair.since_earliest, pair.since_latest, envelope.as_of)}` : ""}`],
            ...(pair.until ? [["Until", dayAndClock(pair.until, envelope.as_of)] as [string, string]] : []),
            ["Calls, a second", <>{pair.calls === null ? <span className="mut">not known</span> : count(pair.calls)}, <MeasureCell of={pair.request_rate} /></>],
            ["Harmed by slowness, by failure", <><MeasureCell of={pair.harm.slow} />, <MeasureCell of={pair.harm.failed} /></>],
            ["Caller, callee", <><EntityName id={pair.from} name={pair.from_name} />, <EntityName id={pair.to} name={pair.to_name} /></>],
          ]}
        />
      </Section>
    </Detail>
  );
}
