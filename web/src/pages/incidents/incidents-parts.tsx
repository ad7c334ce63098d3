// How long incidents last: by measure with ranges and n, by period, by group; what keeps breaking.
import { useState } from "react";
import type { IncidentGroup } from "../../api/incidents";
import { CellBar } from "../../charts/small";
import { count, fixed, plural, ratio, titled } from "../../format/number";
import { range } from "../../format/time";
import { DataTable, type ColumnDef } from "../../parts/data-table";
import { EntityName } from "../../parts/entity-name";
import { Panel } from "../../parts/panel";
import { lengthText, RangeCell } from "../../parts/range-cell";
import { SourceLine } from "../../parts/source-line";
import { Empty } from "../../parts/states";
import { useView } from "../../state/view";
import { DEFINITION, incidentsEvidence, intervalText, MEASURES, nText, rangeOf, SURVIVAL, type Incidents } from "./incidents-model";

export function LengthsPanel({ envelope }: { envelope: Incidents }) {
  const { durations, count: all } = envelope.data.total;
  return (
    <Panel title="How long it takes" qualifier="as ranges" isFlush foot={<SourceLine evidence={incidentsEvidence(envelope, "How long it takes", `${DEFINITION} Intervals by bootstrap from 5 incidents, 90th percentiles from 20. ${SURVIVAL}`, "incidents")} source="those with both instants" />}>
      {all === 0 ? (
        <Empty title="No incident is held in this window." />
      ) : (
        MEASURES.map(({ key, title, means }) => {
          const of = durations[key];
          return (
            <div key={key} className="px-3 py-2 border-t border-line first:border-t-0">
              <p className="flex justify-between gap-2 text-12"><b className="font-semibold" title={means}>{title}</b><span className="mut truncate" title={nText(of)}>{nText(of)}</span></p>
              {of.n === 0 && of.median_with_open.low === null ? (
                <p className="sub text-ink-3">No incident has both instants.</p>
              ) : (
                <dl className="kl">
                  {([["Median", of.median], ["Mean", of.mean], ["90 % within", of.p90], ...(key.startsWith("resolve") ? [["Median with open ones", of.median_with_open] as const] : [])] as const).map(([name, figure]) => (
                    <div key={name}><dt title={name.includes("open") ? SURVIVAL : undefined}>{name}{intervalText(figure) && <span className="mut">, 95 % {intervalText(figure)}</span>}</dt><dd><RangeCell of={rangeOf(figure)} /></dd></div>
                  ))}
                </dl>
              )}
              {of.n_contradictory > 0 && <p className="sub text-ink-3">{plural(of.n_contradictory, "incident contradicts", "incidents contradict")} itself and {of.n_contradictory === 1 ? "is" : "are"} left out.</p>}
            </div>
          );
        })
      )}
    </Panel>
  );
}

interface GroupLine {
  key: string;
  name: string;
  group: IncidentGroup;
  note?: string;
}

function groupColumns(title: string, rows: GroupLine[]): ColumnDef<GroupLine>[] {
  const most = Math.max(1, ...rows.map((row) => row.group.count));
  const longest = Math.max(0, ...rows.map((row) => row.group.durations.resolve.median.high ?? 0));
  const resolve = (row: GroupLine) => row.group.durations.resolve;
  return [
    { key: "name", title, isName: true, cell: (row) => <>{row.name}{row.note && <span className="mut"> {row.note}</span>}</>, sort: (row) => row.name, hint: (row) => row.key },
    { key: "bar", title: "", width: 80, cell: (row) => <CellBar value={row.group.count} of={most} width={64} /> },
    { key: "count", title: "Incidents", isNumber: true, width: 78, cell: (row) => count(row.group.count), sort: (row) => row.group.count },
    { key: "open", title: "Open", isNumber: true, width: 54, cell: (row) => (row.group.open > 0 ? <b className="font-semibold">{count(row.group.open)}</b> : <span className="mut">0</span>), sort: (row) => row.group.open },
    { key: "median", title: "Median to resolve", width: 178, sort: (row) => resolve(row).median.high, cell: (row) => <RangeCell of={rangeOf(resolve(row).median)} most={longest} width={52} /> },
    { key: "mean", title: "Mean", isNumber: true, width: 100, sort: (row) => resolve(row).mean.high, cell: (row) => <RangeCell of={rangeOf(resolve(row).mean)} /> },
    { key: "km", title: "With open", isNumber: true, width: 100, sort: (row) => resolve(row).median_with_open.high, cell: (row) => <RangeCell of={rangeOf(resolve(row).median_with_open)} /> },
    { key: "n", title: "n", isNumber: true, width: 44, cell: (row) => count(resolve(row).n), sort: (row) => resolve(row).n },
  ];
}

const phone = (row: GroupLine) => (
  <>
    <span className="font-medium">{row.name}</span>
    <span>{plural(row.group.count, "incident")}</span>
    <span className="d">{row.group.open > 0 ? `${count(row.group.open)} open, ` : ""}median to resolve {lengthText(rangeOf(row.group.durations.resolve.median))}, n = {count(row.group.durations.resolve.n)}</span>
  </>
);

export function PeriodsPanel({ envelope }: { envelope: Incidents }) {
  const { periods, step } = envelope.data;
  if (periods.length === 0) return null;
  const rows = [...periods].reverse().map((one): GroupLine => ({ key: one.from, name: range(one.from, one.to, envelope.as_of), group: one.group, ...(one.is_complete ? {} : { note: "in part" }), ...(one.rates.is_different ? { note: `differs, p ${one.rates.p_value?.toFixed(3) ?? ""}` } : {}) }));
  return (
    <Panel title={`By ${step}, newest first`} qualifier={count(rows.length)} isFlush foot={<SourceLine evidence={incidentsEvidence(envelope, `Incidents by ${step}`, `${DEFINITION} A count differs from the one before where the exact test of two rates says so at 5 %.`, "periods")} source="resolved in the period" />}>
      <DataTable label={`Incidents by ${step}`} rows={rows} rowKey={(row) => row.key} isTall={rows.length > 14} columns={groupColumns(titled(step), rows)} phone={phone} />
    </Panel>
  );
}

export function BreakdownPanel({ envelope }: { envelope: Incidents }) {
  const view = useView();
  const { breakdowns } = envelope.data;
  const [chosen, setChosen] = useState<string | null>(null);
  const shown = breakdowns.find((one) => one.by === chosen) ?? breakdowns[0];
  if (!shown || shown.groups.length === 0) return null;
  const rows = shown.groups.map((group): GroupLine => ({ key: group.key ?? "none", name: group.name, group }));
  return (
    <Panel
      title={`By ${shown.by}`}
      qualifier={<span className="flex gap-3">{breakdowns.map((one) => <button key={one.by} type="button" className={one.by === shown.by ? "font-medium" : "link"} aria-pressed={one.by === shown.by} onClick={() => setChosen(one.by)}>{one.by}</button>)}<span>{rows.length < shown.groups_total ? `${count(rows.length)} of ${count(shown.groups_total)}` : count(shown.groups_total)}</span></span>}
      isFlush
      foot={<SourceLine evidence={incidentsEvidence(envelope, `Incidents by ${shown.by}`, `${DEFINITION} One that harmed several counts under each.`, "groups")} source="most first" />}
    >
      <DataTable label={`Incidents by ${shown.by}`} rows={rows} rowKey={(row) => row.key} onOpen={(row) => row.group.key && shown.by !== "source" && view.set({ [shown.by]: [row.group.key] })} isTall={rows.length > 14} columns={groupColumns(titled(shown.by), rows)} phone={phone} />
    </Panel>
  );
}

export function RecurrencePanel({ envelope }: { envelope: Incidents }) {
  const rows = envelope.data.recurrence;
  if (rows.length === 0) return null;
  return (
    <Panel title="What keeps breaking" qualifier={count(rows.length)} isFlush foot={<SourceLine evidence={incidentsEvidence(envelope, "Recurrence", "Services with two incidents or more. Returned are those that began within 30 days of the one before.", "recurrence")} source="returned most often first" />}>
      {rows.slice(0, 8).map((row) => (
        <div key={row.id ?? row.name} className="rowp">
          <span className="font-medium"><EntityName id={row.id} name={row.name} /></span>
          <span>{plural(row.count, "incident")}</span>
          <span className="d">{count(row.returned)} within 30 days of the one before, {ratio(row.share, 0)} · every {fixed(row.days_between, 1)} days</span>
        </div>
      ))}
    </Panel>
  );
}
