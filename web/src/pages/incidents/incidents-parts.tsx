// How long incidents last: by measure with ranges and n, as a curve, by group; what comes back.
import { useState } from "react";
import type { IncidentStatistic } from "../../api/incidents";
import { CellBar } from "../../charts/small";
import { StepCurve } from "../../charts/step-curve";
import { length, lengthRange } from "../../format/duration";
import { count, plural, titled, words } from "../../format/number";
import { short } from "../../format/time";
import { DataTable } from "../../parts/data-table";
import { Panel } from "../../parts/panel";
import { lengthText, RangeCell } from "../../parts/range-cell";
import { SourceLine } from "../../parts/source-line";
import { Empty } from "../../parts/states";
import { useView } from "../../state/view";
import { DEFINITION, incidentsEvidence, MEASURES, SURVIVAL, type Incidents } from "./incidents-model";

const survival = (row: IncidentStatistic) => row.kaplan_meier.median.value;

export function LengthsPanel({ envelope }: { envelope: Incidents }) {
  const rows = envelope.data.statistics;
  return (
    <Panel title="How long it takes" qualifier="median, mean, p90" isFlush foot={<SourceLine evidence={incidentsEvidence(envelope, "How long it takes", `${DEFINITION} Means of fewer than 5 have no interval, 90th percentiles of fewer than 20 are not given.`, "statistics")} source="those with both instants" />}>
      {rows.length === 0 ? (
        <Empty title="No incident has both instants of any measure." />
      ) : (
        <div>
          {rows.map((row) => (
            <div key={row.measure} className="px-3 py-2 border-t border-line first:border-t-0">
              <p className="flex justify-between text-12"><b className="font-semibold">{MEASURES[row.measure].title}</b><span className="mut" title={MEASURES[row.measure].means}>n = {count(row.n)}{row.open > 0 ? `, ${count(row.open)} open` : ""}</span></p>
              <dl className="kl">
                <div><dt>Median</dt><dd><RangeCell of={row.median} /></dd></div>
                <div><dt>Mean{row.mean_interval && lengthRange(row.mean_interval.low, row.mean_interval.high) ? <span className="mut">, 95 % {lengthRange(row.mean_interval.low, row.mean_interval.high)}</span> : null}</dt><dd><RangeCell of={row.mean} /></dd></div>
                <div><dt>90 % within</dt><dd><RangeCell of={row.p90} /></dd></div>
                {survival(row) !== null && <div><dt title={SURVIVAL}>Median with open ones</dt><dd>{length(survival(row) ?? 0)}{lengthRange(row.kaplan_meier.low, row.kaplan_meier.high) ? <span className="mut">, 95 % {lengthRange(row.kaplan_meier.low, row.kaplan_meier.high)}</span> : null}</dd></div>}
              </dl>
            </div>
          ))}
        </div>
      )}
    </Panel>
  );
}

export function SurvivalPanel({ envelope }: { envelope: Incidents }) {
  const { curve, statistics } = envelope.data;
  const resolve = statistics.find((one) => one.measure === "resolve");
  const median = resolve ? survival(resolve) : null;
  if (curve.length < 2) return null;
  const label = `Share of incidents still open over time since their start; ${median === null ? "less than half have ended" : `half have ended after ${length(median)}`}`;
  return (
    <Panel title="Share still open after" qualifier={median === null ? undefined : `half end within ${length(median)}`} foot={<SourceLine evidence={incidentsEvidence(envelope, "Share still open", SURVIVAL, "curve")} source={`n = ${count(resolve?.n ?? 0)}, ${count(resolve?.open ?? 0)} open`} />}>
      <StepCurve label={label} points={curve.map((point) => ({ at: point.seconds, share: point.share_open, low: point.low, high: point.high, censored: point.censored }))} format={length} median={median} />
    </Panel>
  );
}

export function GroupsPanel({ envelope }: { envelope: Incidents }) {
  const { groups } = envelope.data;
  const dimensions = [...new Set(groups.map((one) => one.dimension))];
  const [chosen, setChosen] = useState<string | null>(null);
  const dimension = chosen !== null && dimensions.includes(chosen) ? chosen : (dimensions[0] ?? "period");
  if (groups.length === 0) return null;
  const rows = groups.filter((one) => one.dimension === dimension);
  const most = Math.max(1, ...rows.map((row) => row.incidents));
  const resolveOf = (row: (typeof rows)[number]) => row.statistics.find((one) => one.measure === "resolve");
  const longest = Math.max(0, ...rows.map((row) => resolveOf(row)?.median.high ?? 0));
  return (
    <Panel
      title={`By ${words(dimension)}`}
      qualifier={dimensions.length > 1 ? <span className="flex gap-3">{dimensions.map((one) => <button key={one} type="button" className={one === dimension ? "font-medium" : "link"} aria-pressed={one === dimension} onClick={() => setChosen(one)}>{words(one)}</button>)}</span> : undefined}
      isFlush
      foot={<SourceLine evidence={incidentsEvidence(envelope, `Incidents by ${words(dimension)}`, DEFINITION, "groups")} source="each incident once a value" />}
    >
      <DataTable
        label={`Incidents by ${words(dimension)}`}
        rows={rows}
        rowKey={(row) => row.value}
        isTall={rows.length > 14}
        columns={[
          { key: "value", title: titled(words(dimension)), isName: true, cell: (row) => row.value, sort: (row) => row.value, hint: (row) => row.value },
          { key: "bar", title: "", width: 80, cell: (row) => <CellBar value={row.incidents} of={most} width={64} /> },
          { key: "count", title: "Incidents", isNumber: true, width: 80, cell: (row) => count(row.incidents), sort: (row) => row.incidents },
          { key: "open", title: "Open", isNumber: true, width: 60, cell: (row) => (row.open > 0 ? <b className="font-semibold">{count(row.open)}</b> : <span className="mut">0</span>), sort: (row) => row.open },
          { key: "median", title: "Median to resolve", width: 176, sort: (row) => resolveOf(row)?.median.high ?? null, cell: (row) => { const one = resolveOf(row); return one ? <RangeCell of={one.median} most={longest} /> : <span className="mut">no data</span>; } },
          { key: "mean", title: "Mean", isNumber: true, width: 106, sort: (row) => resolveOf(row)?.mean.high ?? null, cell: (row) => { const one = resolveOf(row); return one ? lengthText(one.mean) : <span className="mut">no data</span>; } },
          { key: "n", title: "n", isNumber: true, width: 50, cell: (row) => count(resolveOf(row)?.n ?? 0), sort: (row) => resolveOf(row)?.n ?? 0 },
        ]}
        phone={(row) => (
          <>
            <span className="font-medium">{row.value}</span>
            <span>{plural(row.incidents, "incident")}</span>
            <span className="d">{row.open > 0 ? `${count(row.open)} open, ` : ""}median to resolve {resolveOf(row) ? lengthText(resolveOf(row)!.median) : "no data"}</span>
          </>
        )}
      />
    </Panel>
  );
}

export function RecurrencePanel({ envelope }: { envelope: Incidents }) {
  const view = useView();
  const rows = envelope.data.recurrence;
  if (rows.length === 0) return null;
  return (
    <Panel title="What comes back" qualifier={count(rows.length)} isFlush foot={<SourceLine evidence={incidentsEvidence(envelope, "Recurrence", "Incidents with the same title and services, or that name one another.", "recurrence")} source="same title and service" />}>
      {rows.slice(0, 6).map((row) => (
        <button key={`${row.title} ${row.first}`} type="button" className="rowp" onClick={() => row.incidents[0] && view.go("/incident", { id: row.incidents[0] })}>
          <span className="font-medium">{row.title}</span>
          <span>{count(row.count)} times</span>
          <span className="d">{row.services.map((one) => one.name).join(", ")} · {short(row.first, envelope.as_of)} to {short(row.last, envelope.as_of)}</span>
        </button>
      ))}
    </Panel>
  );
}
