// Databases: every one with its support, standby, connections against the limit, and its clients.
import type { Database, DatabaseConnectionsAnswer } from "../../api/database-connections";
import { useAnswer } from "../../api/queries";
import { CellBar } from "../../charts/small";
import { count, distinctNames, plural, words } from "../../format/number";
import { Answered } from "../../parts/answered";
import { DataTable } from "../../parts/data-table";
import { ownerText } from "../../parts/entity-name";
import { Figure } from "../../parts/figure";
import { Panel } from "../../parts/panel";
import { SourceLine } from "../../parts/source-line";
import { Empty } from "../../parts/states";
import { Glyph } from "../../parts/status";
import { useKeys } from "../../state/keys";
import { useContextParams, useView } from "../../state/view";
import { databaseEvidence, databasesSentence, DEFINITION, engineText, issuesOf, worstFirst, type Databases } from "./database-connections-model";
import { ClientsPanel, DatabaseDetail, EnginesPanel, HostsPanel, UnmatchedPanel } from "./database-connections-parts";

export function DatabaseConnectionsPage() {
  const view = useView();
  const context = useContextParams();
  const query = useAnswer<DatabaseConnectionsAnswer>("database-connections", { ...context, window: view.get("window"), database: view.all("database"), engine: view.all("engine"), evidence: view.get("possible") === "false" ? ["observed", "declared"] : undefined, limit: 2_000 });
  const selected = view.get("sel");
  const select = (id: string | undefined) => view.set({ sel: id === selected ? undefined : id }, { replace: true });
  useKeys({ Escape: () => select(undefined) });
  return (
    <Answered title="Databases" query={query} what="databases and their clients" sentence={databasesSentence} onNearest={(name) => view.set({ database: [name] })} filters={<Filters answer={query.data?.data} />}>
      {(envelope) => {
        const chosen = envelope.data.databases.find((one) => one.id === selected);
        return (
          <>
            <Totals envelope={envelope} />
            <div className="grid-12 cols-wide">
              <div className="grid gap-3 min-w-0">
                <DatabaseTable envelope={envelope} selected={selected} onSelect={select} />
                {chosen && <ClientsPanel envelope={envelope} database={chosen} />}
                <UnmatchedPanel envelope={envelope} />
                <HostsPanel envelope={envelope} />
              </div>
              <div className="grid gap-3 min-w-0">
                {chosen ? <DatabaseDetail key={chosen.id} envelope={envelope} database={chosen} onSelect={select} onClose={() => select(undefined)} /> : <EnginesPanel envelope={envelope} />}
              </div>
            </div>
          </>
        );
      }}
    </Answered>
  );
}

function Filters({ answer }: { answer: DatabaseConnectionsAnswer | undefined }) {
  const view = useView();
  const engines = [...new Set([...(answer?.summary.by_engine ?? []).map((one) => one.engine), ...view.all("engine")])].sort();
  return (
    <div className="filters noprint" role="search" aria-label="Which databases">
      <label className="field">
        Engine
        <select value={view.get("engine") ?? ""} onChange={(event) => view.set({ engine: event.target.value || undefined, sel: undefined })}>
          <option value="">all</option>
          {engines.map((one) => <option key={one}>{one}</option>)}
        </select>
      </label>
      <label className="field">
        <input type="checkbox" className="!h-auto" checked={view.get("possible") !== "false"} onChange={(event) => view.set({ possible: event.target.checked ? undefined : "false" })} />
        with possible clients
      </label>
      {view.all("database").map((one) => (
        <button key={one} type="button" className="pill" onClick={() => view.set({ database: undefined })}>{one} ×</button>
      ))}
    </div>
  );
}

function Totals({ envelope }: { envelope: Databases }) {
  const { summary, databases } = envelope.data;
  const usage = (word: string) => summary.by_usage.find((one) => one.usage === word)?.count ?? 0;
  const late = databases.filter((one) => one.support.status === "unsupported" || one.support.status === "extended").length;
  const alone = databases.filter((one) => one.standby.survives_zone === false).length;
  const exposed = databases.filter((one) => one.exposure?.verdict === "exposed").length;
  const cells: [string, number, string, string][] = [
    ["Databases", summary.databases, `${plural(summary.clients, "client")} seen or declared`, DEFINITION],
    ["Out of standard support", late, "extended or none", "Databases whose version is only under extended support, or under none, by the dated table at the instant asked about."],
    ["Without a standby elsewhere", alone, "would not survive their zone", "Databases without automatic failover to another zone."],
    ["Reached from the internet", exposed, "address, route and rule all read", "Public exposure needs a public address, a route to an internet gateway, a rule from anywhere to the port, and the flag where there is one."],
    ["No one seen using", usage("unused"), `${count(usage("unknown"))} cannot be told`, "Databases that no one is seen using, though connection metrics or traces cover them; without these it is unknown."],
    ["SQL Server on EC2", summary.sql_server_hosts, `${plural(summary.undetermined_hosts, "host")} cannot be told`, "Machines with signs of SQL Server. Billing codes cannot show a customer's own licence, so no code proves that there is none."],
  ];
  return (
    <dl className="strip">
      {cells.map(([title, value, aside, definition]) => (
        <div key={title}>
          <dt>{title}</dt>
          <dd className="f"><Figure of={{ value, unit: "count" }} evidence={databaseEvidence(envelope, title, definition, "databases")} /></dd>
          <dd className="s">{aside}</dd>
        </div>
      ))}
    </dl>
  );
}

function IssueCell({ row }: { row: Database }) {
  const issues = issuesOf(row);
  const first = issues[0];
  if (!first) return <span className="st"><Glyph word="healthy" />nothing known against it</span>;
  return <span className="st max-w-full"><Glyph word={first.glyph} /><span className="truncate">{first.text}{issues.length > 1 && <span className="mut">, {count(issues.length - 1)} more</span>}</span></span>;
}

function DatabaseTable({ envelope, selected, onSelect }: { envelope: Databases; selected: string | undefined; onSelect: (id: string) => void }) {
  const { data } = envelope;
  const rows = worstFirst(data.databases);
  const names = distinctNames(data.databases);
  const named = (row: Database) => { const [name, place] = (names.get(row.id) ?? row.name).split(" · "); return place ? <>{name} <span className="mut">{place}</span></> : name; };
  const total = data.summary.databases;
  return (
    <Panel title="Databases, worst first" qualifier={rows.length < total ? `${count(rows.length)} of ${count(total)}` : count(total)} isFlush foot={<SourceLine evidence={databaseEvidence(envelope, "Databases", DEFINITION, "databases")} source="topology, telemetry" coverage={Object.keys(envelope.coverage)[0]} />}>
      {rows.length === 0 ? (
        <Empty title="No database is known here.">Exports of RDS, ElastiCache or a cluster bring them; spans with a database tell who uses them.</Empty>
      ) : (
        <DataTable
          label="Databases, worst first"
          rows={rows}
          rowKey={(row) => row.id}
          selected={selected}
          onOpen={(row) => onSelect(row.id)}
          isTall={rows.length > 20}
          columns={[
            { key: "name", title: "Database", isName: true, width: 180, sort: (row) => row.name, hint: (row) => `${row.name}, ${row.id}`, cell: (row) => <>{named(row)} <span className="mut">{words(row.hosting)}</span></> },
            { key: "engine", title: "Engine", width: 118, sort: engineText, hint: (row) => `${engineText(row)}, support ${row.support.status}`, cell: engineText },
            { key: "issue", title: "Worst known", hint: (row) => issuesOf(row).map((one) => one.text).join("; "), cell: (row) => <IssueCell row={row} /> },
            { key: "bar", title: "Connections", width: 128, sort: (row) => row.connections.share.value ?? row.connections.open_max.value, hint: (row) => connectionsText(row), cell: (row) => <ConnectionsCell row={row} /> },
            { key: "clients", title: "Clients", isNumber: true, width: 62, sort: (row) => row.clients, cell: (row) => count(row.clients) },
            { key: "owner", title: "Owner", width: 100, sort: (row) => ownerText(row.owner), hint: (row) => row.owner ?? undefined, cell: (row) => ownerText(row.owner) ?? <span className="mut">no owner</span> },
          ]}
          phone={(row) => (
            <>
              <span className="font-medium">{row.name}</span>
              <span className="mut">{plural(row.clients, "client")}</span>
              <span className="d">{engineText(row)} · {issuesOf(row)[0]?.text ?? "nothing known against it"}</span>
            </>
          )}
        />
      )}
    </Panel>
  );
}

export function connectionsText(row: Database): string {
  const { open_max: open, limit, limit_formula: formula } = row.connections;
  if (open.value === null) return `open: ${words(open.detail ?? open.reason ?? "no data")}`;
  const most = limit.value === null ? (formula ? `limit is a formula, ${formula}` : `limit ${words(limit.detail ?? limit.reason ?? "not known")}`) : `of ${count(limit.value)}`;
  return `${count(open.value)} open at most, ${most}`;
}

function ConnectionsCell({ row }: { row: Database }) {
  const { open_max: open, limit, share } = row.connections;
  if (open.value === null) return <span className="mut">no data</span>;
  if (share.value === null || limit.value === null) return <span title={connectionsText(row)}>{count(open.value)} <span className="mut">no limit known</span></span>;
  return <><CellBar value={share.value} of={1} width={36} /> {count(open.value)} of {count(limit.value)}</>;
}
