// One database: its figures, signals over time, waits, statements, parts and clients; the limits used.
import type { ReactNode } from "react";
import type { DatabaseLimit, DatabasePart, DatabasePerformance, DatabaseStatement, DatabaseWait } from "../../api/database-performance";
import type { Measure } from "../../api/types";
import { CellBar } from "../../charts/small";
import { count, middle, plural, ratio, withUnit, words } from "../../format/number";
import { dayAndClock, windowLabel } from "../../format/time";
import { Facts } from "../../parts/detail";
import { DataTable } from "../../parts/data-table";
import { EntityName } from "../../parts/entity-name";
import { MeasureCell, valueOf } from "../../parts/measure-cell";
import { Panel } from "../../parts/panel";
import { SourceLine } from "../../parts/source-line";
import { Empty } from "../../parts/states";
import { Glyph } from "../../parts/status";
import { useView } from "../../state/view";
import { SignalCharts } from "../system-metrics/system-metrics-entity";
import { DEFINITION, engineText, FILL, fillText, loadEvidence, type DatabaseLoads } from "./database-performance-model";

interface PartProps {
  envelope: DatabaseLoads;
  row: DatabasePerformance;
}

export function DatabaseDetailPanels({ envelope, row }: PartProps) {
  const view = useView();
  const chosen = view.get("window");
  const window = chosen && chosen !== "all" ? chosen : "PT3H";
  return (
    <>
      <div className="grid-12 cols-wide">
        <Panel title={`${row.name} over time`} qualifier={`${windowLabel(window)}, brush to set the window`}>
          <SignalCharts id={row.id} thresholds={[]} checks={[]} window={window} />
        </Panel>
        <div className="grid gap-3 min-w-0">
          <FiguresPanel envelope={envelope} row={row} />
        </div>
      </div>
      <div className="grid-12 cols-2 beside">
        <WaitsPanel envelope={envelope} row={row} />
        <StatementsPanel envelope={envelope} row={row} />
        <PartsPanel envelope={envelope} row={row} />
        <ClientsPanel envelope={envelope} row={row} />
      </div>
    </>
  );
}

function FiguresPanel({ envelope, row }: PartProps) {
  const sources = envelope.data.sources.filter((one) => one.database === row.id);
  const { locks, space, connections } = row;
  const line = (name: string, of: Measure): [string, ReactNode] => [name, <MeasureCell key={name} of={of} />];
  const pair = (name: string, a: Measure, b: Measure): [string, ReactNode] => [name, <span key={name}><MeasureCell of={a} />, <MeasureCell of={b} /></span>];
  return (
    <Panel title={row.name} qualifier={<span className="st"><Glyph word={row.status} />{row.status}</span>} foot={<SourceLine evidence={loadEvidence(envelope, `Performance of ${row.name}`, `${DEFINITION} ${FILL}`, "databases", row.checks.map((one): [string, string] => [words(one.check), `${withUnit(one.value, one.unit)}${one.limit === null ? "" : `, limit ${withUnit(one.limit, one.unit)}`}`]))} text={sources.map((one) => one.source).join(", ") || "nothing measured it"} />}>
      <p className="sub">{row.reason}</p>
      <Facts
        rows={[
          ["Engine", engineText(row)],
          ["Owner", <EntityName key="owner" id={row.owner} name={row.owner?.split("/").pop() ?? "no owner"} />],
          ["Connections", connections.open_max.value === null ? <MeasureCell key="c" of={connections.open_max} /> : `${count(connections.open_max.value)} of ${connections.limit.value === null ? "an unknown limit" : count(connections.limit.value)}`],
          pair("CPU, memory", row.cpu, row.memory),
          pair("Reads, writes", row.reads, row.writes),
          pair("Throughput, read and write", row.read_throughput, row.write_throughput),
          pair("Latency, read and write", row.read_latency, row.write_latency),
          pair("Queries, transactions", row.queries, row.transactions),
          line("Replica behind, at most", row.replica_lag),
          pair("Cache hit, page life", row.cache_hit, row.page_life),
          pair("Waits for a lock, blocked at most", locks.waits, locks.blocked_max),
          pair("Deadlocks, a second", locks.deadlocks, locks.deadlock_rate),
          line("Statements over the server's limit", row.slow_statements),
          ["Storage used", <span key="used"><MeasureCell of={space.used} />{space.share.value !== null && <span className="mut">, {ratio(space.share.value)}{space.volume ? ` of ${space.volume}` : ""}</span>}</span>],
          ["Full in", <span key="full" className={space.full.days.value === null ? "mut" : ""} title={space.full.coverage === null ? undefined : `the interval held ${ratio(space.full.coverage, 0)} of past values`}>{fillText(space.full)}</span>],
          ["Newest value", row.newest === null ? <span key="new" className="mut">none</span> : dayAndClock(row.newest, envelope.as_of)],
        ]}
      />
    </Panel>
  );
}

function WaitsPanel({ envelope, row }: PartProps) {
  const rows = envelope.data.waits.filter((one) => one.database === row.id);
  const most = Math.max(0, ...rows.map((one) => one.share.value ?? 0));
  return (
    <Panel title="What it waits for" qualifier={rows.length > 0 ? count(rows.length) : undefined} isFlush foot={<SourceLine evidence={loadEvidence(envelope, `Waits of ${row.name}`, "Time waited by category, most first; idle categories are left out.", "waits")} source="most time first" />}>
      {rows.length === 0 ? (
        <Empty title="Waits of it are not collected." />
      ) : (
        <DataTable
          label={`Waits of ${row.name}`}
          rows={rows}
          rowKey={(one) => one.category}
          isTall={rows.length > 12}
          columns={[
            { key: "category", title: "Wait", isName: true, cell: (one: DatabaseWait) => one.category, hint: (one: DatabaseWait) => one.category },
            { key: "bar", title: "", width: 80, cell: (one: DatabaseWait) => <CellBar value={one.share.value ?? 0} of={most} width={64} /> },
            { key: "share", title: "Share", isNumber: true, width: 66, cell: (one: DatabaseWait) => <MeasureCell of={one.share} />, sort: (one: DatabaseWait) => valueOf(one.share) },
            { key: "time", title: "Time", isNumber: true, width: 78, cell: (one: DatabaseWait) => <MeasureCell of={one.time} />, sort: (one: DatabaseWait) => valueOf(one.time) },
            { key: "rate", title: "A second", isNumber: true, width: 84, cell: (one: DatabaseWait) => <MeasureCell of={one.rate} />, sort: (one: DatabaseWait) => valueOf(one.rate) },
            { key: "count", title: "Waits", isNumber: true, width: 70, cell: (one: DatabaseWait) => <MeasureCell of={one.count} />, sort: (one: DatabaseWait) => valueOf(one.count) },
          ]}
        />
      )}
    </Panel>
  );
}

function StatementsPanel({ envelope, row }: PartProps) {
  const rows = envelope.data.statements.filter((one) => one.database === row.id);
  return (
    <Panel title="Statements" qualifier={rows.length > 0 ? count(rows.length) : undefined} isFlush foot={<SourceLine evidence={loadEvidence(envelope, `Statements of ${row.name}`, "Statements as the server digests them, by the time spent in them in the window.", "statements")} source="most time first" />}>
      {rows.length === 0 ? (
        <Empty title="Statements of it are not collected.">pg_stat_statements, performance_schema or the query store tell, through their exporters.</Empty>
      ) : (
        <DataTable
          label={`Statements of ${row.name}`}
          rows={rows}
          rowKey={(one) => `${one.statement} ${one.name ?? ""}`}
          isTall={rows.length > 12}
          columns={[
            { key: "text", title: "Statement", isName: true, cell: (one: DatabaseStatement) => <span className="font-mono text-11">{one.text ?? one.statement}</span>, hint: (one: DatabaseStatement) => [one.text, one.statement, one.name].filter(Boolean).join("\n") },
            { key: "share", title: "Share", isNumber: true, width: 66, cell: (one: DatabaseStatement) => <MeasureCell of={one.share} />, sort: (one: DatabaseStatement) => valueOf(one.share) },
            { key: "time", title: "Time", isNumber: true, width: 76, cell: (one: DatabaseStatement) => <MeasureCell of={one.time} />, sort: (one: DatabaseStatement) => valueOf(one.time) },
            { key: "calls", title: "Runs", isNumber: true, width: 76, cell: (one: DatabaseStatement) => <MeasureCell of={one.calls} />, sort: (one: DatabaseStatement) => valueOf(one.calls) },
            { key: "mean", title: "A run", isNumber: true, width: 76, cell: (one: DatabaseStatement) => <MeasureCell of={one.mean} />, sort: (one: DatabaseStatement) => valueOf(one.mean) },
          ]}
        />
      )}
    </Panel>
  );
}

function PartsPanel({ envelope, row }: PartProps) {
  const rows = envelope.data.parts.filter((one) => one.database === row.id);
  const column = (key: keyof Omit<DatabasePart, "database" | "name">, title: string, width = 74) => ({ key, title, isNumber: true, width, cell: (one: DatabasePart) => <MeasureCell of={one[key]} />, sort: (one: DatabasePart) => valueOf(one[key]) });
  if (rows.length === 0) return <Panel title="Databases on it" isFlush foot={<SourceLine source="by slowest read" />}><Empty title="It is not told apart by database." /></Panel>;
  return (
    <Panel title="Databases on it" qualifier={count(rows.length)} isFlush foot={<SourceLine evidence={loadEvidence(envelope, `Databases on ${row.name}`, "Logical databases of the server, the slowest read first.", "parts")} source="slowest read first" />}>
      <DataTable label={`Databases on ${row.name}`} rows={rows} rowKey={(one) => one.name} isTall={rows.length > 12} columns={[{ key: "name", title: "Database", isName: true, cell: (one: DatabasePart) => one.name, hint: (one: DatabasePart) => one.name, sort: (one: DatabasePart) => one.name }, column("read_latency", "Read"), column("write_latency", "Write"), column("log_write_latency", "Log write", 80), column("transactions", "Transactions", 92), column("size", "Size")]} />
    </Panel>
  );
}

function ClientsPanel({ envelope, row }: PartProps) {
  const rows = envelope.data.clients.filter((one) => one.database === row.id);
  const most = Math.max(0, ...rows.map((one) => one.share.value ?? 0));
  return (
    <Panel title="Clients by share of calls" qualifier={row.clients > 0 ? plural(row.clients, "client") : undefined} isFlush foot={<SourceLine evidence={loadEvidence(envelope, `Clients of ${row.name}`, "Calls of the window that each client made, of all calls to it.", "clients")} source="as the client measured" />}>
      {rows.length === 0 ? (
        <Empty title="No call to it was seen in this window." />
      ) : (
        <DataTable
          label={`Clients of ${row.name}`}
          rows={rows}
          rowKey={(one) => `${one.id ?? one.name ?? "outside"} ${one.source}`}
          isTall={rows.length > 12}
          columns={[
            { key: "name", title: "Client", isName: true, cell: (one) => <EntityName id={one.id} name={one.name ?? "outside your scope"} />, hint: (one) => one.id ?? undefined },
            { key: "bar", title: "", width: 72, cell: (one) => <CellBar value={one.share.value ?? 0} of={most} width={56} /> },
            { key: "share", title: "Share", isNumber: true, width: 66, cell: (one) => <MeasureCell of={one.share} />, sort: (one) => valueOf(one.share) },
            { key: "rate", title: "Rate", isNumber: true, width: 72, cell: (one) => <MeasureCell of={one.call_rate} />, sort: (one) => valueOf(one.call_rate) },
            { key: "errors", title: "Errors", isNumber: true, width: 66, cell: (one) => <MeasureCell of={one.error_ratio} />, sort: (one) => valueOf(one.error_ratio) },
            { key: "p95", title: "p95", isNumber: true, width: 72, cell: (one) => <MeasureCell of={one.latency_p95} />, sort: (one) => valueOf(one.latency_p95) },
          ]}
        />
      )}
    </Panel>
  );
}

export function LimitsPanel({ envelope }: { envelope: DatabaseLoads }) {
  const rows = envelope.data.limits;
  const limit = (row: DatabaseLimit, value: number | null) => (value === null ? <span className="mut">none</span> : `${row.is_floor ? "under" : "from"} ${withUnit(value, row.unit)}`);
  return (
    <Panel title="Limits used" qualifier={count(rows.length)} isFlush foot={<SourceLine evidence={loadEvidence(envelope, "Limits used", DEFINITION, "limits")} text="in order of their check" />}>
      {rows.length === 0 ? <Empty title="No limit was needed." /> : (
        <DataTable
          label="Limits used"
          rows={rows}
          rowKey={(row) => row.check}
          columns={[
            { key: "check", title: "Check", isName: true, width: 190, cell: (row) => words(row.check) },
            { key: "definition", title: "What is compared", cell: (row) => row.definition, hint: (row) => middle(row.definition, 200) },
            { key: "warning", title: "Warning", isNumber: true, width: 130, cell: (row) => limit(row, row.warning) },
            { key: "critical", title: "Critical", isNumber: true, width: 130, cell: (row) => limit(row, row.critical) },
          ]}
          phone={(row) => (
            <>
              <span className="font-medium">{words(row.check)}</span>
              <span>{limit(row, row.critical)}</span>
              <span className="d">{row.definition}; warning {limit(row, row.warning)}</span>
            </>
          )}
        />
      )}
    </Panel>
  );
}
