// The latency heatmap: who talks to whom and how slowly, in an order that shows structure.
import { useMemo, useState } from "react";
import type { HeatmapCell, HotPair, LatencyHeatmapAnswer } from "../../api/latency-heatmap";
import { useAnswer } from "../../api/queries";
import { CellBar } from "../../charts/small";
import { Matrix } from "../../charts/matrix";
import { count, distinctNames, plural, ratio, titled, withUnit, words } from "../../format/number";
import { short } from "../../format/time";
import { Answered } from "../../parts/answered";
import { Detail, Facts, Section } from "../../parts/detail";
import { DataTable } from "../../parts/data-table";
import { EntityName } from "../../parts/entity-name";
import { Figure } from "../../parts/figure";
import { MeasureCell, valueOf } from "../../parts/measure-cell";
import { Panel } from "../../parts/panel";
import { SourceLine } from "../../parts/source-line";
import { Empty } from "../../parts/states";
import { useKeys } from "../../state/keys";
import { useContextParams, useView } from "../../state/view";
import { cellText, DEFINITION, figureOf, heatmapEvidence, heatmapSentence, matrixCells, rowNames, shownFirst, SHOWN_TITLE, SHOWS, type Heatmap, type Shown } from "./latency-heatmap-model";

const GROUPINGS = ["service", "namespace", "application", "zone", "cluster"];

export function LatencyHeatmapPage() {
  const view = useView();
  const context = useContextParams();
  const query = useAnswer<LatencyHeatmapAnswer>("latency-heatmap", { ...context, window: view.get("window"), by: view.get("by"), side: view.get("side"), limit: view.get("limit") });
  const asked = view.get("show");
  const shown: Shown = SHOWS.find((one) => one === asked) ?? (query.data ? shownFirst(query.data.data) : "p95");
  useKeys({ Escape: () => view.set({ sel: undefined }, { replace: true }) });
  return (
    <Answered title="Latency heatmap" query={query} what="calls between pairs" sentence={heatmapSentence} filters={<Filters answer={query.data?.data} shown={shown} />}>
      {(envelope) => <Body envelope={envelope} shown={shown} isBusy={query.isFetching} />}
    </Answered>
  );
}

function Filters({ answer, shown }: { answer: LatencyHeatmapAnswer | undefined; shown: Shown }) {
  const view = useView();
  const select = (label: string, name: string, value: string, options: [string, string][], first: string) => (
    <label className="field">
      {label}
      <select value={value} onChange={(event) => view.set({ [name]: event.target.value === first ? undefined : event.target.value, ...(name === "by" ? { sel: undefined } : {}) })}>
        {options.map(([one, title]) => <option key={one} value={one}>{title}</option>)}
      </select>
    </label>
  );
  return (
    <div className="filters noprint" role="search" aria-label="Which calls, grouped by what">
      {select("Rows and columns by", "by", view.get("by") ?? answer?.by ?? "service", GROUPINGS.map((one) => [one, one]), "")}
      {select("Colour tells", "show", shown, SHOWS.map((one) => [one, SHOWN_TITLE[one]]), "")}
      {select("Latency as seen by", "side", view.get("side") ?? "client", [["client", "the caller"], ["server", "the callee"]], "client")}
    </div>
  );
}

function Body({ envelope, shown, isBusy }: { envelope: Heatmap; shown: Shown; isBusy: boolean }) {
  const view = useView();
  const { data } = envelope;
  const [lit, setLit] = useState<{ row: number; column: number } | null>(null);
  const cells = useMemo(() => matrixCells(data, shown), [data, shown]);
  const names = useMemo(() => rowNames(data), [data]);
  const [from, to] = view.all("sel");
  const chosen = data.cells.find((cell) => data.rows[cell.row]?.id === from && data.rows[cell.column]?.id === to);
  const idsOf = (cell: { row: number; column: number }) => [data.rows[cell.row]?.id ?? "", data.rows[cell.column]?.id ?? ""];
  const open = (cell: { row: number; column: number }) => view.set({ sel: idsOf(cell) }, { replace: true });
  const total = data.summary.rows;
  const litKey = lit ? `${lit.row}-${lit.column}` : undefined;
  return (
    <>
      <Totals envelope={envelope} />
      <div className="grid-12 cols-wide">
        <Panel
          title={`${titled(SHOWN_TITLE[shown])} by ${words(data.by)}`}
          qualifier={data.rows.length < total ? `${count(data.rows.length)} of ${count(total)} rows` : `${count(total)} × ${count(total)}, order by structure`}
          isBusy={isBusy}
          foot={<SourceLine evidence={heatmapEvidence(envelope, "Latency heatmap", DEFINITION, "cells")} source={`${data.side === "server" ? "callee's" : "caller's"} view`} coverage={Object.keys(envelope.coverage)[0]} />}
        >
          {data.cells.length === 0 ? (
            <Empty title="No call was observed here.">Spans, service-graph metrics or a mesh show who calls whom. A longer window may hold some.</Empty>
          ) : (
            <Matrix label={`${SHOWN_TITLE[shown]} from row to column`} names={names} cells={cells} format={(value) => cellText(value, shown)} axes={["calls", "is called"]} lit={lit} onLight={setLit} onOpen={open} selected={chosen ?? null} />
          )}
        </Panel>
        <div className="grid gap-3 min-w-0">
          {chosen && <PairDetail envelope={envelope} cell={chosen} onClose={() => view.set({ sel: undefined }, { replace: true })} />}
          <HotPairs envelope={envelope} onOpen={(pair) => view.set({ sel: [pair.from, pair.to] }, { replace: true })} />
        </div>
      </div>
      <div className="grid-12">
        <PairTable envelope={envelope} shown={shown} lit={litKey} onLight={(key) => setLit(key ? { row: Number(key.split("-")[0]), column: Number(key.split("-")[1]) } : null)} onOpen={open} />
        <ReportedPanel envelope={envelope} />
      </div>
    </>
  );
}

function Totals({ envelope }: { envelope: Heatmap }) {
  const { summary, zone_crossing: zones, side } = envelope.data;
  const of = (title: string, definition: string) => heatmapEvidence(envelope, title, definition, "cells");
  return (
    <dl className="strip">
      <div>
        <dt>Pairs seen</dt>
        <dd className="f"><Figure of={{ value: summary.cells, unit: "count" }} evidence={of("Pairs seen", DEFINITION)} /></dd>
        <dd className="s">of {plural(summary.rows, "row")} and as many columns</dd>
      </div>
      <div>
        <dt>Calls</dt>
        <dd className="f"><Figure of={summary.calls} evidence={of("Calls", "Calls in the window, as counted or sampled.")} /></dd>
        <dd className="s">{summary.is_sampled ? "some of an unknown sample" : `${side === "server" ? "callee's" : "caller's"} view of latency`}</dd>
      </div>
      <div>
        <dt>Errors</dt>
        <dd className="f"><Figure of={summary.error_ratio} evidence={of("Errors", "Failed calls of all calls.")} /></dd>
        <dd className="s">of all calls</dd>
      </div>
      <div>
        <dt>Across zones</dt>
        <dd className="f"><Figure of={zones.share} evidence={of("Across zones", "Calls whose two ends stand in different zones, of those whose two ends' zones are known.")} /></dd>
        <dd className="s">{`zones known of ${count(zones.known)} of ${count(zones.calls)}`}</dd>
      </div>
      <div>
        <dt>In no cell</dt>
        <dd className="f"><Figure of={{ value: summary.calls_ungrouped + summary.calls_unplaced, unit: "count" }} evidence={of("In no cell", "Calls of which an end has no such group, or is not in the estate.")} /></dd>
        <dd className="s">{count(summary.calls_unplaced)} of unknown ends</dd>
      </div>
    </dl>
  );
}

function PairDetail({ envelope, cell, onClose }: { envelope: Heatmap; cell: HeatmapCell; onClose: () => void }) {
  const { data } = envelope;
  const [from, to] = [data.rows[cell.row], data.rows[cell.column]];
  const isEntity = data.by === "service" || data.by === "application";
  const three = (of: HeatmapCell["client_latency"]) => <><MeasureCell of={of.p50} />, <MeasureCell of={of.p95} />, <MeasureCell of={of.p99} /></>;
  const end = (row: typeof from) => (row ? <EntityName id={isEntity ? row.id : null} name={row.name || "none"} /> : null);
  return (
    <Detail
      title={`${from?.name} → ${to?.name}`}
      sub={<>{end(from)} calls {end(to)} · {plural(cell.pairs, "pair")} of services · newest call {short(cell.last_call, envelope.as_of)}</>}
      onClose={onClose}
      foot={<SourceLine evidence={heatmapEvidence(envelope, `${from?.name} to ${to?.name}`, DEFINITION, "cells")} source={cell.sources.join(", ")} />}
    >
      <Section title="Calls" aside={cell.is_sampled ? "of an unknown sample" : undefined}>
        <Facts
          rows={[
            ["Calls", count(cell.calls)],
            ["Rate", <MeasureCell of={cell.request_rate} />],
            ["Errors", <MeasureCell of={cell.error_ratio} />],
            ["Across zones", <MeasureCell of={cell.zone_crossing.share} />],
          ]}
        />
      </Section>
      <Section title="p50, p95, p99">
        <Facts rows={[["As the caller sees it", three(cell.client_latency)], ["As the callee sees it", three(cell.server_latency)], ["Network, mean", <MeasureCell of={cell.network_seconds} />]]} />
      </Section>
    </Detail>
  );
}

function HotPairs({ envelope, onOpen }: { envelope: Heatmap; onOpen: (pair: HotPair) => void }) {
  const { data } = envelope;
  const names = distinctNames(data.rows);
  const most = Math.max(0.0001, ...data.hot_pairs.map((pair) => pair.time_share));
  return (
    <Panel title="Hot pairs" qualifier="most time together" isFlush foot={<SourceLine evidence={heatmapEvidence(envelope, "Hot pairs", "Calls times their mean time, of the time of all calls.", "hot_pairs")} source={`${data.side === "server" ? "callee's" : "caller's"} view`} />}>
      {data.hot_pairs.length === 0 ? (
        <Empty title="No pair has a measured time." />
      ) : (
        <DataTable
          label="Hot pairs"
          rows={data.hot_pairs}
          rowKey={(row) => `${row.from} ${row.to}`}
          onOpen={onOpen}
          isTall={data.hot_pairs.length > 14}
          order={{ key: "share", isDescending: true }}
          columns={[
            { key: "pair", title: "Pair", isName: true, cell: (row) => `${names.get(row.from) ?? row.from} → ${names.get(row.to) ?? row.to}`, hint: (row) => `${row.from} → ${row.to}, ${plural(row.calls, "call")}, mean ${withUnit(row.mean_seconds, "s")}` },
            { key: "bar", title: "", width: 52, cell: (row) => <CellBar value={row.time_share} of={most} width={36} /> },
            { key: "share", title: "Of time", isNumber: true, width: 62, sort: (row) => row.time_share, cell: (row) => ratio(row.time_share) },
            { key: "p95", title: "p95", isNumber: true, width: 68, sort: (row) => valueOf(row.p95), cell: (row) => <MeasureCell of={row.p95} /> },
            { key: "errors", title: "Errors", isNumber: true, width: 56, sort: (row) => valueOf(row.error_ratio), cell: (row) => <MeasureCell of={row.error_ratio} /> },
          ]}
        />
      )}
    </Panel>
  );
}

function PairTable({ envelope, shown, lit, onLight, onOpen }: { envelope: Heatmap; shown: Shown; lit: string | undefined; onLight: (key: string | undefined) => void; onOpen: (cell: HeatmapCell) => void }) {
  const { data } = envelope;
  const names = useMemo(() => rowNames(data), [data]);
  const name = (at: number) => names[at] ?? "none";
  const rows = useMemo(() => [...data.cells].sort((a, b) => (figureOf(b, shown, data.side).value ?? -1) - (figureOf(a, shown, data.side).value ?? -1)), [data, shown]);
  const latency = (row: HeatmapCell) => (data.side === "server" ? row.server_latency : row.client_latency);
  if (rows.length === 0) return null;
  return (
    <Panel title={`Pairs, highest ${SHOWN_TITLE[shown]} first`} qualifier={count(rows.length)} isFlush foot={<SourceLine evidence={heatmapEvidence(envelope, "Pairs", DEFINITION, "cells")} source={`${data.side === "server" ? "callee's" : "caller's"} view`} />}>
      <DataTable
        label="Pairs"
        rows={rows}
        rowKey={(row) => `${row.row}-${row.column}`}
        lit={lit}
        onLight={onLight}
        onOpen={onOpen}
        isTall={rows.length > 16}
        columns={[
          { key: "from", title: "Caller", isName: true, cell: (row) => name(row.row), sort: (row) => name(row.row), hint: (row) => data.rows[row.row]?.id },
          { key: "to", title: "Callee", isName: true, cell: (row) => name(row.column), sort: (row) => name(row.column), hint: (row) => data.rows[row.column]?.id },
          { key: "calls", title: "Calls", isNumber: true, width: 96, sort: (row) => row.calls, cell: (row) => count(row.calls) },
          { key: "rate", title: "Rate", isNumber: true, width: 80, sort: (row) => valueOf(row.request_rate), cell: (row) => <MeasureCell of={row.request_rate} /> },
          { key: "errors", title: "Errors", isNumber: true, width: 72, sort: (row) => valueOf(row.error_ratio), cell: (row) => <MeasureCell of={row.error_ratio} /> },
          { key: "p50", title: "p50", isNumber: true, width: 80, sort: (row) => valueOf(latency(row).p50), cell: (row) => <MeasureCell of={latency(row).p50} /> },
          { key: "p95", title: "p95", isNumber: true, width: 80, sort: (row) => valueOf(latency(row).p95), cell: (row) => <MeasureCell of={latency(row).p95} /> },
          { key: "p99", title: "p99", isNumber: true, width: 80, sort: (row) => valueOf(latency(row).p99), cell: (row) => <MeasureCell of={latency(row).p99} /> },
          { key: "network", title: "Network", isNumber: true, width: 84, sort: (row) => valueOf(row.network_seconds), cell: (row) => <MeasureCell of={row.network_seconds} /> },
          { key: "zones", title: "Across zones", isNumber: true, width: 92, sort: (row) => valueOf(row.zone_crossing.share), cell: (row) => <MeasureCell of={row.zone_crossing.share} /> },
        ]}
        phone={(row) => (
          <>
            <span className="font-medium">{name(row.row)} → {name(row.column)}</span>
            <span><MeasureCell of={latency(row).p95} /></span>
            <span className="d">p95; {plural(row.calls, "call")}, errors <MeasureCell of={row.error_ratio} /></span>
          </>
        )}
      />
    </Panel>
  );
}

function ReportedPanel({ envelope }: { envelope: Heatmap }) {
  const { reported, rows } = envelope.data;
  if (reported.length === 0) return null;
  const names = new Map(rows.map((row) => [row.id, row.name]));
  return (
    <Panel title="Quantiles as senders report them" qualifier={count(reported.length)} isFlush foot={<SourceLine evidence={heatmapEvidence(envelope, "Reported quantiles", "Fixed quantiles that a sender computed itself; they are shown and never merged with others.", "reported")} source="never merged" />}>
      <DataTable
        label="Reported quantiles"
        rows={reported}
        rowKey={(row) => `${row.from} ${row.to} ${row.side} ${row.quantile} ${row.source}`}
        isTall={reported.length > 12}
        columns={[
          { key: "from", title: "Caller", isName: true, cell: (row) => names.get(row.from) ?? row.from, hint: (row) => row.from },
          { key: "to", title: "Callee", isName: true, cell: (row) => names.get(row.to) ?? row.to, hint: (row) => row.to },
          { key: "side", title: "Seen by", width: 80, cell: (row) => row.side },
          { key: "quantile", title: "Quantile", isNumber: true, width: 72, cell: (row) => `p${Number((row.quantile * 100).toPrecision(4))}` },
          { key: "min", title: "Least", isNumber: true, width: 80, cell: (row) => withUnit(row.min, "s") },
          { key: "last", title: "Newest", isNumber: true, width: 80, cell: (row) => withUnit(row.last, "s") },
          { key: "max", title: "Most", isNumber: true, width: 80, cell: (row) => withUnit(row.max, "s") },
          { key: "source", title: "Source", width: 160, cell: (row) => row.source, hint: (row) => `${row.source}, ${row.basis}` },
        ]}
      />
    </Panel>
  );
}
