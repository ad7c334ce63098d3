// Trends: services worst first, each with its rate, errors, duration and saturation, and what changed since when.
import type { ServiceTrend, ServiceTrendsAnswer, TrendSignal } from "../../api/service-trends";
import { useAnswer } from "../../api/queries";
import { Sparkline } from "../../charts/small";
import { count, plural, ratio, withUnit } from "../../format/number";
import { dayAndClock, full, range } from "../../format/time";
import { Answered } from "../../parts/answered";
import { DataTable } from "../../parts/data-table";
import { ownerText } from "../../parts/entity-name";
import { Figure } from "../../parts/figure";
import { Panel } from "../../parts/panel";
import { SourceLine } from "../../parts/source-line";
import { Empty } from "../../parts/states";
import { Glyph } from "../../parts/status";
import { useContextParams, useView } from "../../state/view";
import { gridOf, OBJECTIVE, TRENDS, trendsEvidence, trendsSentence, worstFirst, type ServiceTrends, type Wrong } from "./service-trends-model";

export function ServiceTrendsPage() {
  const view = useView();
  const context = useContextParams();
  const query = useAnswer<ServiceTrendsAnswer>("service-trends", { ...context, window: view.get("window"), entity: view.all("entity"), buckets: 96, forecast: false, limit: 50, cursor: view.get("cursor") });
  return (
    <Answered title="Trends" query={query} what="signals over time" sentence={trendsSentence} onNearest={(name) => view.set({ entity: [name] })}>
      {(envelope) => (
        <>
          <Totals envelope={envelope} />
          <TrendTable envelope={envelope} />
        </>
      )}
    </Answered>
  );
}

function Totals({ envelope }: { envelope: ServiceTrends }) {
  const { summary } = envelope.data;
  const cells: [string, number, string, string][] = [
    ["Services", summary.services, `${count(summary.measured)} measured in the window`, "Services that match, before the page is cut."],
    ["Objectives that burn", summary.burning, `of ${plural(summary.objectives, "objective")} on this page`, OBJECTIVE],
    ["Changes of level", summary.changes, "lasting, with their interval", TRENDS],
    ["Anomalies", summary.anomalies, "far from what is usual", TRENDS],
    ["Rising", summary.rising, "series of this page", TRENDS],
    ["Falling", summary.falling, "series of this page", TRENDS],
  ];
  return (
    <dl className="strip mb-3">
      {cells.map(([title, value, aside, definition]) => (
        <div key={title}>
          <dt>{title}</dt>
          <dd className="f"><Figure of={{ value, unit: "count" }} evidence={trendsEvidence(envelope, title, definition, "services")} /></dd>
          <dd className="s">{aside}</dd>
        </div>
      ))}
    </dl>
  );
}

interface Row {
  service: ServiceTrend;
  wrong: Wrong[];
}

function TrendTable({ envelope }: { envelope: ServiceTrends }) {
  const view = useView();
  const { data } = envelope;
  const ends = gridOf(data.grid);
  const rows = worstFirst(data.services, ends.to);
  const of = (row: Row, name: TrendSignal) => row.service.signals.find((one) => one.signal === name);
  const last = (row: Row, name: TrendSignal) => of(row, name)?.values.findLast((value) => value !== null) ?? null;
  const since = (row: Row, name: TrendSignal): number | null => {
    const one = of(row, name);
    const at = [...(one?.summary.changes ?? []).map((change) => change.at), ...(one?.summary.anomalies ?? []).map((anomaly) => anomaly.from)].sort().at(-1);
    return at === undefined ? null : Math.max(0, Math.round((Date.parse(at) - Date.parse(ends.from)) / 1_000 / data.grid.step_seconds));
  };
  const column = (name: TrendSignal, title: string, width: number) => ({
    key: name, title, isNumber: true, width, sort: (row: Row) => last(row, name),
    cell: (row: Row) => {
      const one = of(row, name);
      const value = last(row, name);
      return value === null || !one ? <span className="mut" title={one?.detail ?? one?.reason ?? undefined}>no data</span> : <><Sparkline values={one.values} reference={one.summary.baseline.level.value} since={since(row, name)} /> <span className="figcol">{withUnit(value, one.unit)}</span></>;
    },
  });
  const budget = (row: Row) => row.service.objectives.map((one) => one.budget_left.value).filter((value) => value !== null).sort((a, b) => a - b)[0] ?? null;
  return (
    <Panel title="Services, worst first" qualifier={data.services.length < data.summary.services ? `${count(data.services.length)} of ${count(data.summary.services)}, those with the most requests` : count(data.summary.services)} isFlush foot={<SourceLine evidence={trendsEvidence(envelope, "Trends", `${TRENDS} ${OBJECTIVE}`, "services")} text={`${range(ends.from, ends.to, envelope.as_of)} · ${count(data.grid.buckets)} buckets · usual dashed, since tinted`} coverage={Object.keys(envelope.coverage)[0]} />}>
      {rows.length === 0 ? (
        <Empty title="No service is known here.">Spans, service-graph metrics or request counters of services bring them.</Empty>
      ) : (
        <DataTable
          label="Services, worst first"
          rows={rows}
          rowKey={(row) => row.service.id}
          onOpen={(row) => view.go("/service", { id: row.service.id })}
          isTall={rows.length > 24}
          columns={[
            { key: "name", title: "Service", isName: true, width: 150, sort: (row) => row.service.name, hint: (row) => row.service.id, cell: (row) => row.service.name },
            { key: "wrong", title: "Worst", hint: (row) => row.wrong.map((one) => `${one.what}: ${one.detail}`).join("; "), cell: (row) => <WrongCell row={row} /> },
            { key: "since", title: "Since", width: 98, sort: (row) => row.wrong[0]?.since ?? null, cell: (row) => (row.wrong[0]?.since ? <span title={full(row.wrong[0].since)}>{dayAndClock(row.wrong[0].since, envelope.as_of)}</span> : <span className="mut">–</span>) },
            column("request_rate", "Requests", 150),
            column("error_ratio", "Errors", 140),
            column("latency_p95", "p95", 146),
            column("saturation", "Saturation", 140),
            { key: "budget", title: "Budget left", isNumber: true, width: 80, sort: budget, cell: (row) => { const left = budget(row); return left === null ? <span className="mut" title={row.service.objectives_reason ?? undefined}>n/a</span> : ratio(left); } },
            { key: "owner", title: "Owner", width: 90, sort: (row) => ownerText(row.service.owner), cell: (row) => ownerText(row.service.owner) ?? <span className="mut">no owner</span> },
          ]}
          phone={(row) => (
            <>
              <span className="font-medium">{row.service.name}</span>
              <span>{last(row, "latency_p95") === null ? <span className="mut">no data</span> : withUnit(last(row, "latency_p95") ?? 0, "s")}</span>
              <span className="d"><WrongCell row={row} /></span>
            </>
          )}
        />
      )}
      {envelope.next && <button type="button" className="more" onClick={() => view.set({ cursor: envelope.next ?? undefined })}>The next services</button>}
    </Panel>
  );
}

function WrongCell({ row }: { row: Row }) {
  const first = row.wrong[0];
  if (!first) return <span className="st"><Glyph word={row.service.requests.value === null ? "unknown" : "healthy"} />{row.service.requests.value === null ? "not measured" : "as usual"}</span>;
  return <span className="st max-w-full"><Glyph word={first.glyph} /><span className="truncate">{first.what}, {first.detail}{row.wrong.length > 1 && <span className="mut">, {count(row.wrong.length - 1)} more</span>}</span></span>;
}
