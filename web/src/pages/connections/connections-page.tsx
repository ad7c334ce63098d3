// Connections: where each store is, whether it answers, what its pools and statements did.
import { useHealth, type ConnectionHealth, type Health, type StatementHealth, type StoreHealth } from "../../api/connections";
import { length } from "../../format/duration";
import { count, fixed, plural, withUnit } from "../../format/number";
import { ago } from "../../format/time";
import { DataTable } from "../../parts/data-table";
import { Panel } from "../../parts/panel";
import { SourceLine } from "../../parts/source-line";
import { Empty, Loading, NoAnswer } from "../../parts/states";
import { Glyph } from "../../parts/status";
import { PageHead } from "../../shell/page-head";

const KINDS: Record<string, string> = { embedded: "data folder", neo4j: "Neo4j", postgresql: "PostgreSQL", redis: "Redis" };
const HOLDS: Record<string, string> = { topology: "entities and relations", telemetry: "telemetry and records", shared: "what replicas share" };

type OfStore<T> = T & { store: StoreHealth };

/** What the page says first: what is wrong, else where everything is. */
function sentenceOf(health: Health): string {
  const stores = health.stores.filter((store) => store.store !== "shared");
  const shared = health.stores.find((store) => store.store === "shared");
  const lost = stores.filter((store) => !store.is_available);
  const waiting = health.intake_backlog > 0 ? ` ${plural(health.intake_backlog, "batch waits", "batches wait")} to be stored.` : "";
  if (lost.length > 0) return `${lost.map((store) => KINDS[store.kind] ?? store.kind).join(" and ")} ${lost.length === 1 ? "does" : "do"} not answer; questions are answered from what was kept, and it is asked again by itself.${waiting}`;
  const alone = shared && !shared.is_available ? " Redis does not answer; answers come without it, and each replica works by itself." : "";
  const servers = stores.filter((store) => store.kind !== "embedded");
  const where = servers.length === 0 ? "Everything is in the data folder; no server is needed." : `${servers.map((store) => `${KINDS[store.kind] ?? store.kind} holds ${HOLDS[store.store] ?? store.store}`).join(", ")}; all answer.`;
  return where + alone + waiting;
}

const seconds = (value: number) => (value < 1 ? withUnit(value * 1_000, "ms") : length(value));

const latency = (store: StoreHealth) => (store.latency_ms < 0.1 ? "under 0.1 ms" : withUnit(Number(store.latency_ms.toFixed(1)), "ms"));

const mean = (statement: StatementHealth) => (statement.count === 0 ? 0 : statement.total_seconds / statement.count);

const none = <span className="mut" title="the driver does not say">not told</span>;

export function ConnectionsPage() {
  const query = useHealth();
  const health = query.data;
  const head = <PageHead title="Connections" sentence={health ? sentenceOf(health) : undefined} />;
  if (!health) {
    return (
      <>
        {head}
        <Panel title="Stores" isFlush>{query.error ? <NoAnswer error={query.error} onRetry={() => void query.refetch()} /> : <Loading what="the stores" />}</Panel>
      </>
    );
  }
  const seen = <SourceLine text={`since the program started ${length(health.uptime_seconds)} ago; asked ${ago(new Date(query.dataUpdatedAt).toISOString())}`} />;
  const pools = health.stores.flatMap((store) => store.connections.map((pool): OfStore<ConnectionHealth> => ({ ...pool, store })));
  const statements = health.stores.flatMap((store) => store.statements.map((one): OfStore<StatementHealth> => ({ ...one, store })));
  return (
    <>
      {head}
      <div className="grid-12">
        <StoresPanel stores={health.stores} />
        <PoolsPanel pools={pools} foot={seen} />
        <StatementsPanel statements={statements} foot={seen} />
      </div>
    </>
  );
}

function StoresPanel({ stores }: { stores: StoreHealth[] }) {
  return (
    <Panel title="Stores" qualifier={plural(stores.length, "store")} isFlush foot={<SourceLine text="each asked for its version just now" />}>
      <DataTable
        label="Stores"
        rows={stores}
        rowKey={(row) => row.store}
        columns={[
          { key: "state", title: "State", cell: (row) => <span className="st"><Glyph word={row.is_available ? "healthy" : "critical"} />{row.is_available ? "answers" : "no answer"}</span>, width: 110 },
          { key: "store", title: "Holds", isName: true, cell: (row) => HOLDS[row.store] ?? row.store, width: 200 },
          { key: "kind", title: "Where", cell: (row) => KINDS[row.kind] ?? row.kind, width: 120 },
          { key: "version", title: "Version", isNumber: true, cell: (row) => (row.version === null ? <span className="mut">unknown</span> : count(row.version)), width: 100 },
          { key: "latency", title: "Answered in", isNumber: true, cell: (row) => latency(row), width: 110 },
          { key: "reason", title: "What it said", cell: (row) => row.reason ?? <span className="mut">nothing amiss</span>, hint: (row) => row.reason ?? "" },
        ]}
        phone={(row) => (
          <>
            <span className="st"><Glyph word={row.is_available ? "healthy" : "critical"} alone /><span className="font-medium">{HOLDS[row.store] ?? row.store}</span></span>
            <span className="mut">{KINDS[row.kind] ?? row.kind}</span>
            <span className="d">{row.reason ?? `answered in ${latency(row)}`}</span>
          </>
        )}
      />
    </Panel>
  );
}

function PoolsPanel({ pools, foot }: { pools: OfStore<ConnectionHealth>[]; foot: React.ReactNode }) {
  const closed = (row: ConnectionHealth) => Object.entries(row.closed_count ?? {}).filter(([, number]) => number > 0).map(([reason, number]) => `${count(number)} by ${reason}`).join(", ");
  return (
    <Panel title="Pools" qualifier={plural(pools.length, "pool")} isFlush foot={foot}>
      {pools.length === 0 ? (
        <Empty title="No connections.">Stores in the data folder need none. `topology_url` and `telemetry_url` name servers.</Empty>
      ) : (
        <DataTable
          label="Pools of connections"
          rows={pools}
          rowKey={(row) => `${row.store.store} ${row.pool}`}
          columns={[
            { key: "pool", title: "Pool", isName: true, cell: (row) => `${KINDS[row.store.kind] ?? row.store.kind}, ${row.pool}`, width: 170 },
            { key: "in_use", title: "In use", isNumber: true, cell: (row) => count(row.in_use), sort: (row) => row.in_use, width: 76 },
            { key: "open", title: "Open", isNumber: true, cell: (row) => (row.open === null ? none : count(row.open)), width: 76 },
            { key: "max", title: "Most", isNumber: true, cell: (row) => count(row.open_max), width: 76 },
            { key: "waits", title: "Waited", isNumber: true, cell: (row) => count(row.wait_count), sort: (row) => row.wait_count, width: 84 },
            { key: "wait", title: "Wait in all", isNumber: true, cell: (row) => seconds(row.wait_seconds), sort: (row) => row.wait_seconds, width: 100 },
            { key: "vain", title: "In vain", isNumber: true, cell: (row) => count(row.timeout_count), sort: (row) => row.timeout_count, width: 84 },
            { key: "created", title: "Made", isNumber: true, cell: (row) => (row.created_count === null ? none : count(row.created_count)), width: 84 },
            { key: "closed", title: "Closed", cell: (row) => (row.closed_count === null ? none : closed(row) || <span className="mut">none</span>), hint: closed },
          ]}
          phone={(row) => (
            <>
              <span className="font-medium">{`${KINDS[row.store.kind] ?? row.store.kind}, ${row.pool}`}</span>
              <span>{`${count(row.in_use)} of ${count(row.open_max)}`}</span>
              <span className="d">{`${plural(row.wait_count, "wait")}, ${count(row.timeout_count)} in vain`}</span>
            </>
          )}
        />
      )}
    </Panel>
  );
}

function StatementsPanel({ statements, foot }: { statements: OfStore<StatementHealth>[]; foot: React.ReactNode }) {
  return (
    <Panel title="Statements" qualifier={plural(statements.length, "statement")} isFlush foot={foot}>
      {statements.length === 0 ? (
        <Empty title="No statement was sent to a server." />
      ) : (
        <DataTable
          label="Statements sent to servers"
          rows={statements}
          rowKey={(row) => `${row.store.store} ${row.name}`}
          isTall={statements.length > 20}
          columns={[
            { key: "name", title: "Statement", isName: true, cell: (row) => row.name, sort: (row) => row.name },
            { key: "where", title: "Where", cell: (row) => KINDS[row.store.kind] ?? row.store.kind, sort: (row) => row.store.kind, width: 110 },
            { key: "count", title: "Ran", isNumber: true, cell: (row) => count(row.count), sort: (row) => row.count, width: 84 },
            { key: "errors", title: "Failed", isNumber: true, cell: (row) => (row.error_count === 0 ? <span className="mut">0</span> : count(row.error_count)), sort: (row) => row.error_count, width: 76 },
            { key: "rows", title: "Rows", isNumber: true, cell: (row) => (row.row_count === null ? none : count(row.row_count)), sort: (row) => row.row_count, width: 100 },
            { key: "mean", title: "Mean", isNumber: true, cell: (row) => withUnit(Number(fixed(mean(row) * 1_000, 2)), "ms"), sort: mean, width: 92 },
            { key: "longest", title: "Longest", isNumber: true, cell: (row) => seconds(row.longest_seconds), sort: (row) => row.longest_seconds, width: 92 },
            { key: "total", title: "Time in all", isNumber: true, cell: (row) => seconds(row.total_seconds), sort: (row) => row.total_seconds, width: 100 },
          ]}
          phone={(row) => (
            <>
              <span className="font-medium truncate">{row.name}</span>
              <span>{plural(row.count, "run")}</span>
              <span className="d">{`${seconds(row.total_seconds)} in all, longest ${seconds(row.longest_seconds)}`}</span>
            </>
          )}
        />
      )}
    </Panel>
  );
}
