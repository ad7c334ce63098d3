// Stores, tables, indexes, and what was done.
import { useOptimizationUndo, type OptimizationAnswer, type OptimizationApplied } from "../../api/optimization";
import { count, fixed, plural, ratio } from "../../format/number";
import { dayAndClock, full } from "../../format/time";
import { DataTable } from "../../parts/data-table";
import { Panel } from "../../parts/panel";
import { SourceLine } from "../../parts/source-line";
import { NoAnswer } from "../../parts/states";
import { Glyph } from "../../parts/status";
import { Figure, none, size, STORES, took } from "./optimization-format";

const perDay = (bytes: number) => `${bytes < 0 ? "−" : "+"}${size(Math.abs(bytes))}`;
const share = (value: number | null) => (value === null ? none : ratio(value));
const bytesOf = (value: number | null) => (value === null ? none : size(value));
const rowsOf = (value: number | null) => (value === null ? none : count(value));

export function StoresPanel({ answer }: { answer: OptimizationAnswer }) {
  return (
    <Panel title="Stores" qualifier={plural(answer.stores.length, "store")} isFlush foot={<SourceLine text="growth over at most 30 days; a server's room is the setting database_limit_gib" />}>
      <DataTable
        label="Stores and their growth"
        rows={answer.stores}
        rowKey={(row) => row.store}
        columns={[
          { key: "store", title: "Store", isName: true, cell: (row) => STORES[row.store] ?? row.store, width: 140 },
          { key: "bytes", title: "Size", isNumber: true, cell: (row) => <Figure measure={row.bytes} as={size} />, width: 110 },
          { key: "growth", title: "A day", isNumber: true, cell: (row) => <Figure measure={row.bytes_per_day} as={perDay} />, width: 120 },
          { key: "room", title: "Room", isNumber: true, cell: (row) => <Figure measure={row.bytes_max} as={size} />, width: 120 },
          { key: "days", title: "Days until full", isNumber: true, cell: (row) => <Figure measure={row.days_until_full} as={(days) => fixed(days, 0)} />, width: 120 },
          { key: "since", title: "Use counted since", cell: (row) => row.reason ?? (row.counted_since === null ? <span className="mut">not counted</span> : dayAndClock(row.counted_since)) },
        ]}
        phone={(row) => (
          <>
            <span className="font-medium">{STORES[row.store] ?? row.store}</span>
            <span><Figure measure={row.bytes} as={size} /></span>
            <span className="d">{row.reason ?? <>a day <Figure measure={row.bytes_per_day} as={perDay} />, days until full <Figure measure={row.days_until_full} as={(days) => fixed(days, 0)} /></>}</span>
          </>
        )}
      />
    </Panel>
  );
}

export function TablesPanel({ answer }: { answer: OptimizationAnswer }) {
  return (
    <Panel title="Tables" qualifier={plural(answer.table_statistics.length, "table")} isFlush foot={<SourceLine text="as each store counts them; partitions with what they are of" />}>
      <DataTable
        label="Tables, the larger first"
        rows={answer.table_statistics}
        rowKey={(row) => `${row.store} ${row.name}`}
        isTall
        columns={[
          { key: "name", title: "Table", isName: true, cell: (row) => row.name, sort: (row) => row.name, hint: (row) => row.name, width: 210 },
          { key: "store", title: "Store", cell: (row) => STORES[row.store] ?? row.store, sort: (row) => row.store, width: 100 },
          { key: "rows", title: "Rows", isNumber: true, cell: (row) => rowsOf(row.rows), sort: (row) => row.rows, width: 96 },
          { key: "bytes", title: "Size", isNumber: true, cell: (row) => bytesOf(row.bytes), sort: (row) => row.bytes, width: 88 },
          { key: "indexes", title: "Indexes", isNumber: true, cell: (row) => bytesOf(row.index_bytes), sort: (row) => row.index_bytes, width: 88 },
          { key: "growth", title: "A day", isNumber: true, cell: (row) => <Figure measure={row.bytes_per_day} as={perDay} />, sort: (row) => row.bytes_per_day.value, width: 110 },
          { key: "use", title: "By index", isNumber: true, cell: (row) => share(row.index_use), sort: (row) => row.index_use, width: 80 },
          { key: "dead", title: "Dead", isNumber: true, cell: (row) => rowsOf(row.dead_rows), sort: (row) => row.dead_rows, width: 80 },
          { key: "cache", title: "In memory", isNumber: true, cell: (row) => share(row.cache_hit), sort: (row) => row.cache_hit, width: 88 },
          { key: "sort", title: "Written by", cell: (row) => row.sort_key ?? none, hint: (row) => row.sort_key ?? undefined },
        ]}
        phone={(row) => (
          <>
            <span className="font-medium">{row.name}</span>
            <span>{row.bytes === null ? (row.rows === null ? "" : count(row.rows)) : size(row.bytes)}</span>
            <span className="d">{[row.rows === null ? null : plural(row.rows, "row"), row.index_use === null ? null : `${ratio(row.index_use)} by index`].filter(Boolean).join(" · ")}</span>
          </>
        )}
      />
    </Panel>
  );
}

export function IndexesPanel({ answer }: { answer: OptimizationAnswer }) {
  if (answer.index_use.length === 0) return null;
  return (
    <Panel title="Indexes" qualifier={plural(answer.index_use.length, "index", "indexes")} isFlush foot={<SourceLine text="uses since the server began to count; what a constraint needs is never dropped" />}>
      <DataTable
        label="Indexes by table"
        rows={answer.index_use}
        rowKey={(row) => `${row.store} ${row.table} ${row.name}`}
        isTall
        columns={[
          { key: "name", title: "Index", isName: true, cell: (row) => row.name, sort: (row) => row.name, hint: (row) => row.definition, width: 230 },
          { key: "table", title: "Table", cell: (row) => row.table, sort: (row) => row.table, hint: (row) => row.table, width: 150 },
          { key: "scans", title: "Uses", isNumber: true, cell: (row) => rowsOf(row.scans), sort: (row) => row.scans, width: 84 },
          { key: "bytes", title: "Size", isNumber: true, cell: (row) => bytesOf(row.bytes), sort: (row) => row.bytes, width: 88 },
          { key: "why", title: "Kept for", cell: (row) => (row.is_valid ? (row.is_constraint ? "a constraint" : "reads") : <span className="st"><Glyph word="warning" />unfinished</span>), width: 120 },
          { key: "serves", title: "Serves", cell: (row) => (row.statements.length === 0 ? <span className="mut">no recorded statement</span> : row.statements.join(", ")), hint: (row) => row.statements.join(", ") },
        ]}
        phone={(row) => (
          <>
            <span className="font-medium">{row.name}</span>
            <span>{row.scans === null ? "" : plural(row.scans, "use")}</span>
            <span className="d">{`${row.table} · ${row.statements.length === 0 ? "no recorded statement" : row.statements.join(", ")}`}</span>
          </>
        )}
      />
    </Panel>
  );
}

const before = (one: OptimizationApplied) =>
  one.effects.map((effect) => `${effect.statement} ${effect.seconds_before === null ? "not measured" : took(effect.seconds_before)} → ${effect.seconds_after === null ? "not measured" : took(effect.seconds_after)}`).join(", ");

function stateOf(one: OptimizationApplied): string {
  if (one.error !== null) return "failed";
  return one.undone_at === null ? "done" : "taken back";
}

export function AppliedPanel({ answer }: { answer: OptimizationAnswer }) {
  const undo = useOptimizationUndo();
  const canUndo = answer.applied.some((one) => one.undone_at === null && one.steps.undo.length > 0);
  return (
    <Panel
      title="Done"
      qualifier={canUndo ? <button type="button" className="btn" disabled={undo.isPending} onClick={() => undo.mutate()}>{undo.isPending ? "At work…" : "Take back the last"}</button> : plural(answer.applied.length, "change")}
      isFlush
      foot={<SourceLine text="newest first; what takes it back is kept with it" />}
    >
      {undo.error && <NoAnswer error={undo.error} onRetry={() => undo.reset()} command="ubiquitous optimize --undo" />}
      <DataTable
        label="Changes that were made"
        rows={answer.applied}
        rowKey={(row) => `${row.at} ${row.id}`}
        columns={[
          { key: "at", title: "At", cell: (row) => <span title={full(row.at)}>{dayAndClock(row.at)}</span>, width: 112 },
          { key: "state", title: "State", cell: (row) => <span className="st"><Glyph word={row.error !== null ? "critical" : row.undone_at === null ? "healthy" : "off"} />{stateOf(row)}</span>, width: 110 },
          { key: "ran", title: "Ran", isName: true, cell: (row) => row.steps.statements.join("; "), hint: (row) => row.steps.statements.join(";\n"), width: 420 },
          { key: "effect", title: "Effect", cell: (row) => row.error ?? (before(row) || none), hint: (row) => row.error ?? before(row) },
        ]}
        phone={(row) => (
          <>
            <span className="st"><Glyph word={row.error !== null ? "critical" : "healthy"} alone /><span className="font-medium">{row.id}</span></span>
            <span className="mut">{stateOf(row)}</span>
            <span className="d">{row.error ?? before(row)}</span>
          </>
        )}
      />
    </Panel>
  );
}
