// Database performance: every database worst first, with load, latency, cache, locks and days until full.
import type { DatabasePerformance, DatabasePerformanceAnswer } from "../../api/database-performance";
import { useAnswer } from "../../api/queries";
import { CellBar } from "../../charts/small";
import { count, distinctNames, ratio, words } from "../../format/number";
import { Answered } from "../../parts/answered";
import { DataTable } from "../../parts/data-table";
import { Figure } from "../../parts/figure";
import { MeasureCell, valueOf } from "../../parts/measure-cell";
import { Panel } from "../../parts/panel";
import { SourceLine, sourcesText } from "../../parts/source-line";
import { Empty } from "../../parts/states";
import { Glyph, statusRank } from "../../parts/status";
import { useKeys } from "../../state/keys";
import { useContextParams, useView } from "../../state/view";
import { DatabaseDetailPanels, LimitsPanel } from "./database-performance-parts";
import { DEFINITION, engineText, fillText, loadEvidence, loadSentence, type DatabaseLoads } from "./database-performance-model";

export function DatabasePerformancePage() {
  const view = useView();
  const context = useContextParams();
  const query = useAnswer<DatabasePerformanceAnswer>("database-performance", { ...context, window: view.get("window"), database: view.all("database"), engine: view.all("engine"), status: view.all("status"), limit: 500 });
  const selected = view.get("sel");
  const select = (id: string | undefined) => view.set({ sel: id === selected ? undefined : id }, { replace: true });
  useKeys({ Escape: () => select(undefined) });
  return (
    <Answered title="Database performance" query={query} what="performance of databases" sentence={loadSentence} filters={<Filters answer={query.data?.data} />} onNearest={(name) => view.set({ database: [name] })}>
      {(envelope) => {
        const chosen = envelope.data.databases.find((one) => one.id === selected) ?? envelope.data.databases.find((one) => one.status !== "unknown");
        return (
          <>
            <Totals envelope={envelope} />
            <div className="grid-12"><LoadTable envelope={envelope} selected={chosen?.id} onSelect={select} /></div>
            {chosen && <DatabaseDetailPanels envelope={envelope} row={chosen} />}
            <div className="grid-12"><LimitsPanel envelope={envelope} /></div>
          </>
        );
      }}
    </Answered>
  );
}

function Filters({ answer }: { answer: DatabasePerformanceAnswer | undefined }) {
  const view = useView();
  const engines = [...new Set([...(answer?.databases ?? []).flatMap((one) => (one.engine ? [one.engine] : [])), ...view.all("engine")])].sort();
  const select = (label: string, name: string, options: string[]) => (
    <label className="field">
      {label}
      <select value={view.get(name) ?? ""} onChange={(event) => view.set({ [name]: event.target.value || undefined, sel: undefined })}>
        <option value="">all</option>
        {options.map((one) => <option key={one}>{one}</option>)}
      </select>
    </label>
  );
  return (
    <div className="filters noprint" role="search" aria-label="Which databases">
      {select("Engine", "engine", engines)}
      {select("Status", "status", ["critical", "warning", "unknown", "healthy"])}
      {view.all("database").map((one) => <button key={one} type="button" className="pill" onClick={() => view.set({ database: undefined })}>{one} ×</button>)}
    </div>
  );
}

function Totals({ envelope }: { envelope: DatabaseLoads }) {
  const { summary, databases, statements, waits } = envelope.data;
  const of = (word: string) => summary.by_status.find((one) => one.status === word)?.count ?? 0;
  const soon = databases.filter((one) => one.space.full.days.value !== null).sort((a, b) => (a.space.full.days.value ?? 0) - (b.space.full.days.value ?? 0))[0];
  const cells: [string, number, string, string][] = [
    ["Databases", summary.databases, `${count(summary.measured)} measured`, DEFINITION],
    ["Critical", of("critical"), `${count(of("warning"))} at a warning`, DEFINITION],
    ["Unknown", of("unknown"), "no check could be made", DEFINITION],
    ["Kinds of waits", waits.length, "where collected", "Categories of waits, events or load, by falling time."],
    ["Statements", statements.length, "where collected", "Statements by falling time, as the server digests them."],
  ];
  return (
    <dl className="strip">
      {cells.map(([title, value, aside, definition]) => (
        <div key={title}>
          <dt>{title}</dt>
          <dd className="f"><Figure of={{ value, unit: "count" }} evidence={loadEvidence(envelope, title, definition, "databases")} /></dd>
          <dd className="s">{aside}</dd>
        </div>
      ))}
      <div>
        <dt>First to be full</dt>
        <dd className="f">{soon ? fillText(soon.space.full).split(",")[0] : <span className="absent">none in sight</span>}</dd>
        <dd className="s">{soon?.name ?? "within the horizon"}</dd>
      </div>
    </dl>
  );
}

function LoadTable({ envelope, selected, onSelect }: { envelope: DatabaseLoads; selected: string | undefined; onSelect: (id: string) => void }) {
  const { data } = envelope;
  const rows = data.databases;
  const names = distinctNames(rows);
  const total = envelope.truncated.databases ?? data.summary.databases;
  const measure = (key: string, title: string, of: (row: DatabasePerformance) => DatabasePerformance["cpu"], width = 76) => ({ key, title, isNumber: true, width, sort: (row: DatabasePerformance) => valueOf(of(row)), cell: (row: DatabasePerformance) => <MeasureCell of={of(row)} /> });
  const connections = (row: DatabasePerformance) => row.connections.share.value;
  return (
    <Panel title="Databases, worst first" qualifier={rows.length < total ? `${count(rows.length)} of ${count(total)}` : count(total)} isFlush foot={<SourceLine evidence={loadEvidence(envelope, "Databases", DEFINITION, "databases")} source={sourcesText([...new Set(data.sources.map((one) => one.source))].sort(), "no source")} coverage={Object.keys(envelope.coverage)[0]} />}>
      {rows.length === 0 ? (
        <Empty title="No database is known here.">Exports of RDS, ElastiCache or a cluster bring them; metrics of their exporters, CloudWatch or SQL Server counters tell how they do.</Empty>
      ) : (
        <DataTable
          label="Databases, worst first"
          rows={rows}
          rowKey={(row) => row.id}
          selected={selected}
          onOpen={(row) => onSelect(row.id)}
          isTall={rows.length > 16}
          columns={[
            { key: "name", title: "Database", isName: true, width: 176, sort: (row) => row.name, hint: (row) => row.id, cell: (row) => <span className="st max-w-full"><Glyph word={row.status} alone /><span className="truncate">{names.get(row.id) ?? row.name}</span></span> },
            { key: "engine", title: "Engine", width: 116, sort: engineText, hint: (row) => `${engineText(row)}, ${words(row.hosting)}`, cell: engineText },
            { key: "reason", title: "Reason", sort: (row) => statusRank(row.status), hint: (row) => row.reason, cell: (row) => row.reason },
            { key: "connections", title: "Connections", isNumber: true, width: 112, sort: connections, cell: (row) => (connections(row) === null ? <MeasureCell of={row.connections.open_max} /> : <><CellBar value={connections(row) ?? 0} of={1} width={36} /> {ratio(connections(row) ?? 0, 0)}</>) },
            measure("cpu", "CPU", (row) => row.cpu, 66),
            measure("queries", "Queries", (row) => (row.queries.value === null ? row.transactions : row.queries), 76),
            measure("read", "Read", (row) => row.read_latency, 72),
            measure("write", "Write", (row) => row.write_latency, 72),
            measure("hit", "Cache hit", (row) => row.cache_hit, 72),
            measure("lag", "Lag", (row) => row.replica_lag, 66),
            { key: "full", title: "Space", isNumber: true, width: 82, sort: (row) => row.space.full.days.value, cell: (row) => (row.space.full.days.value === null ? <span className="mut" title={fillText(row.space.full)}>{row.space.share.value === null ? "n/a" : ratio(row.space.share.value, 0)}</span> : <span title={fillText(row.space.full)}>{fillText(row.space.full).split(",")[0]}</span>) },
          ]}
          phone={(row) => (
            <>
              <span className="font-medium"><span className="st"><Glyph word={row.status} alone />{row.name}</span></span>
              <span className="mut">{connections(row) === null ? "" : `${ratio(connections(row) ?? 0, 0)} connections`}</span>
              <span className="d">{engineText(row)} · {row.reason}</span>
            </>
          )}
        />
      )}
    </Panel>
  );
}
