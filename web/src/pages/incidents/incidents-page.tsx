// Incidents: what broke, open ones first; how long it takes to see, answer and end them, as ranges.
import type { IncidentRow, IncidentsAnswer } from "../../api/incidents";
import { useAnswer } from "../../api/queries";
import { length } from "../../format/duration";
import { count, lastPart, plural } from "../../format/number";
import { dayAndClock, full } from "../../format/time";
import { Answered } from "../../parts/answered";
import { DataTable } from "../../parts/data-table";
import { Figure } from "../../parts/figure";
import { Panel } from "../../parts/panel";
import { lengthText, RangeCell } from "../../parts/range-cell";
import { SourceLine, sourcesText } from "../../parts/source-line";
import { Empty } from "../../parts/states";
import { Glyph } from "../../parts/status";
import { useContextParams, useView } from "../../state/view";
import { DEFINITION, glyphOf, harmedText, incidentsEvidence, incidentsSentence, isOpen, lastedOf, rangeOf, SURVIVAL, type Incidents } from "./incidents-model";
import { BreakdownPanel, LengthsPanel, PeriodsPanel, RecurrencePanel } from "./incidents-parts";

const STATUSES = ["open", "acknowledged", "mitigated", "resolved"];

export function IncidentsPage() {
  const view = useView();
  const context = useContextParams();
  const query = useAnswer<IncidentsAnswer>("incidents", { ...context, window: view.get("window"), severity: view.all("severity"), service: view.all("service"), team: view.all("team"), status: view.all("status"), step: view.get("step"), by: ["severity", "service", "team"], limit: 1_000 });
  return (
    <Answered title="Incidents" query={query} what="incidents" sentence={incidentsSentence} filters={<Filters answer={query.data?.data} />} onNearest={(name) => view.set({ service: [name] })}>
      {(envelope) => (
        <>
          <Totals envelope={envelope} />
          <div className="grid-12 cols-wide">
            <div className="grid gap-3 min-w-0">
              <IncidentTable envelope={envelope} />
              <PeriodsPanel envelope={envelope} />
            </div>
            <div className="grid gap-3 min-w-0">
              <LengthsPanel envelope={envelope} />
              <RecurrencePanel envelope={envelope} />
            </div>
          </div>
          <div className="grid-12"><BreakdownPanel envelope={envelope} /></div>
        </>
      )}
    </Answered>
  );
}

function Filters({ answer }: { answer: IncidentsAnswer | undefined }) {
  const view = useView();
  const severities = [...new Set([...(answer?.incidents ?? []).flatMap((one) => (one.severity ? [one.severity] : [])), ...view.all("severity")])].sort();
  const select = (label: string, name: string, options: string[]) => (
    <label className="field">
      {label}
      <select value={view.get(name) ?? ""} onChange={(event) => view.set({ [name]: event.target.value || undefined })}>
        <option value="">{name === "step" ? "as fits" : "all"}</option>
        {options.map((one) => <option key={one}>{one}</option>)}
      </select>
    </label>
  );
  return (
    <div className="filters noprint" role="search" aria-label="Which incidents">
      {select("Status", "status", STATUSES)}
      {select("Severity", "severity", severities)}
      {select("Periods", "step", ["day", "week", "month", "quarter", "year"])}
      {["service", "team"].flatMap((key) => view.all(key).map((one) => <button key={`${key} ${one}`} type="button" className="pill" onClick={() => view.set({ [key]: undefined })}>{lastPart(one)} ×</button>))}
    </div>
  );
}

function Totals({ envelope }: { envelope: Incidents }) {
  const { total, rates, parts, downtime } = envelope.data;
  const { resolve, detect } = total.durations;
  const of = (title: string, definition: string, table = "incidents") => incidentsEvidence(envelope, title, definition, table);
  const before = rates.count_before === null ? "no time before to compare with" : `${count(rates.count_before)} in the time before${rates.p_value === null ? "" : `, p ${rates.p_value.toFixed(2)}`}`;
  const withOpen = resolve.median_with_open;
  return (
    <dl className="strip">
      <div>
        <dt>Incidents</dt>
        <dd className="f"><Figure of={{ value: total.count, unit: "count" }} evidence={of("Incidents", DEFINITION)} /></dd>
        <dd className="s" title={`${plural(parts, "part")} of others, not counted`}>{before}</dd>
      </div>
      <div>
        <dt>Open</dt>
        <dd className="f"><Figure of={{ value: total.open, unit: "count" }} evidence={of("Open incidents", "Incidents without an end at the instant asked about.")} /></dd>
        <dd className="s">{total.ended_unknown > 0 ? `${plural(total.ended_unknown, "more has", "more have")} no known end` : total.reopened > 0 ? `opened again ${count(total.reopened)} times` : "none was opened again"}</dd>
      </div>
      <div>
        <dt>Median to resolve</dt>
        <dd className="f">{lengthText(rangeOf(resolve.median))}</dd>
        <dd className="s">mean {lengthText(rangeOf(resolve.mean))}, n = {count(resolve.n)}</dd>
      </div>
      <div>
        <dt>With open ones counted</dt>
        <dd className="f" title={SURVIVAL}>{lengthText(rangeOf(withOpen))}</dd>
        <dd className="s">Kaplan–Meier, n = {count(withOpen.n)}, {count(resolve.n_censored)} open</dd>
      </div>
      <div>
        <dt>Median to detect</dt>
        <dd className="f">{lengthText(rangeOf(detect.median))}</dd>
        <dd className="s">n = {count(detect.n)}</dd>
      </div>
      <div>
        <dt>Time in trouble</dt>
        <dd className="f">{lengthText({ low: downtime.low_seconds, high: downtime.high_seconds })}</dd>
        <dd className="s" title="time in which at least one went on">{downtime.n_without > 0 ? `${count(downtime.n_without)} without a known end left out` : `of ${length(rates.days * 86_400)}, overlaps once`}</dd>
      </div>
    </dl>
  );
}

export function IncidentName({ row }: { row: IncidentRow }) {
  return <span className="st max-w-full"><Glyph word={glyphOf(row)} /><span className="truncate">{row.id}</span></span>;
}

export function IncidentList({ rows, label, asOf, isTall = false }: { rows: IncidentRow[]; label: string; asOf: string; isTall?: boolean }) {
  const view = useView();
  const most = Math.max(0, ...rows.map((row) => lastedOf(row).high ?? 0));
  return (
    <DataTable
      label={label}
      rows={rows}
      rowKey={(row) => `${row.source} ${row.id}`}
      onOpen={(row) => view.go("/incident", { id: row.id, source: row.source })}
      isTall={isTall}
      columns={[
        { key: "id", title: "Incident", isName: true, width: 156, sort: (row) => row.id, hint: (row) => `${row.id}, ${row.source}`, cell: (row) => <IncidentName row={row} /> },
        { key: "title", title: "What", sort: (row) => row.title, hint: (row) => row.title, cell: (row) => <>{row.title}{row.is_recurrence && <span className="tag ml-1" title="the same was harmed in the 30 days before">again</span>}</> },
        { key: "harmed", title: "Harmed", width: 108, sort: harmedText, hint: harmedText, cell: (row) => harmedText(row) || <span className="mut">not known</span> },
        { key: "severity", title: "Severity", width: 72, sort: (row) => row.severity, cell: (row) => row.severity ?? <span className="mut">none</span>, hint: (row) => row.severity ?? undefined },
        { key: "began", title: "Began", width: 100, sort: (row) => row.began_at, cell: (row) => <span title={full(row.began_at)}>{dayAndClock(row.began_at, asOf)}</span> },
        { key: "length", title: "Lasted", width: 166, sort: (row) => lastedOf(row).high, cell: (row) => <RangeCell of={lastedOf(row)} most={most} isOpen={isOpen(row)} width={44} /> },
      ]}
      phone={(row) => (
        <>
          <span className="font-medium"><IncidentName row={row} /></span>
          <span className="mut">{dayAndClock(row.began_at, asOf)}</span>
          <span className="d">{row.title} · {harmedText(row) || "harm not known"} · {isOpen(row) ? row.status : lengthText(lastedOf(row))}</span>
        </>
      )}
    />
  );
}

function IncidentTable({ envelope }: { envelope: Incidents }) {
  const { data } = envelope;
  const rows = data.incidents;
  const total = envelope.truncated.incidents ?? data.total.count;
  return (
    <Panel title="Incidents, open first" qualifier={rows.length < total ? `${count(rows.length)} of ${count(total)}` : count(total)} isFlush foot={<SourceLine evidence={incidentsEvidence(envelope, "Incidents", DEFINITION, "incidents")} source={sourcesText([...new Set(rows.map((row) => row.source))].sort(), "no source")} coverage={Object.keys(envelope.coverage)[0]} />}>
      {rows.length === 0 ? (
        <Empty title="No incident is held here.">Webhooks of Alertmanager or PagerDuty bring them, or a CSV of a status page: ubiquitous ingest incidents.csv</Empty>
      ) : (
        <IncidentList rows={rows} label="Incidents, open first" asOf={envelope.as_of} isTall={rows.length > 20} />
      )}
    </Panel>
  );
}
