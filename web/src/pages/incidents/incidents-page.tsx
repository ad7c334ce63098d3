// Incidents: what broke, open ones first; how long it takes to see, answer and end them, as ranges.
import type { Incident, IncidentsAnswer } from "../../api/incidents";
import { useAnswer } from "../../api/queries";
import { length } from "../../format/duration";
import { count, money, plural } from "../../format/number";
import { dayAndClock, full } from "../../format/time";
import { Answered } from "../../parts/answered";
import { DataTable } from "../../parts/data-table";
import { ownerText } from "../../parts/entity-name";
import { Figure } from "../../parts/figure";
import { Panel } from "../../parts/panel";
import { lengthText, RangeCell } from "../../parts/range-cell";
import { SourceLine } from "../../parts/source-line";
import { Empty } from "../../parts/states";
import { Glyph } from "../../parts/status";
import { useContextParams, useView } from "../../state/view";
import { costText, DEFINITION, glyphOf, incidentsEvidence, incidentsSentence, isOpen, SURVIVAL, worstFirst, type Incidents } from "./incidents-model";
import { GroupsPanel, LengthsPanel, RecurrencePanel, SurvivalPanel } from "./incidents-parts";

export function IncidentsPage() {
  const view = useView();
  const context = useContextParams();
  const query = useAnswer<IncidentsAnswer>("incidents", { ...context, window: view.get("window"), severity: view.all("severity"), service: view.all("service"), state: view.get("state"), limit: 1_000 });
  return (
    <Answered title="Incidents" query={query} what="incidents" sentence={incidentsSentence} filters={<Filters answer={query.data?.data} />} onNearest={(name) => view.set({ service: [name] })}>
      {(envelope) => (
        <>
          <Totals envelope={envelope} />
          <div className="grid-12 cols-wide">
            <div className="grid gap-3 min-w-0">
              <IncidentTable envelope={envelope} />
              <GroupsPanel envelope={envelope} />
            </div>
            <div className="grid gap-3 min-w-0">
              <LengthsPanel envelope={envelope} />
              <SurvivalPanel envelope={envelope} />
              <RecurrencePanel envelope={envelope} />
            </div>
          </div>
        </>
      )}
    </Answered>
  );
}

function Filters({ answer }: { answer: IncidentsAnswer | undefined }) {
  const view = useView();
  const severities = [...new Set([...(answer?.incidents ?? []).flatMap((one) => (one.severity ? [one.severity] : [])), ...view.all("severity")])].sort();
  return (
    <div className="filters noprint" role="search" aria-label="Which incidents">
      <label className="field">
        State
        <select value={view.get("state") ?? ""} onChange={(event) => view.set({ state: event.target.value || undefined })}>
          <option value="">all</option>
          <option>open</option>
          <option>resolved</option>
        </select>
      </label>
      <label className="field">
        Severity
        <select value={view.get("severity") ?? ""} onChange={(event) => view.set({ severity: event.target.value || undefined })}>
          <option value="">all</option>
          {severities.map((one) => <option key={one}>{one}</option>)}
        </select>
      </label>
      {view.all("service").map((one) => (
        <button key={one} type="button" className="pill" onClick={() => view.set({ service: undefined })}>{one} ×</button>
      ))}
    </div>
  );
}

function Totals({ envelope }: { envelope: Incidents }) {
  const { summary, statistics, rate_comparison: rate } = envelope.data;
  const resolve = statistics.find((one) => one.measure === "resolve");
  const detect = statistics.find((one) => one.measure === "detect");
  const of = (title: string, definition: string, table = "incidents") => incidentsEvidence(envelope, title, definition, table);
  const cost = summary.downtime_cost[0];
  return (
    <dl className="strip">
      <div>
        <dt>Incidents</dt>
        <dd className="f"><Figure of={{ value: summary.incidents, unit: "count" }} evidence={of("Incidents", DEFINITION)} /></dd>
        <dd className="s">{rate ? `${count(rate.before)} in the time before${rate.p_value.value === null ? "" : `, p ${rate.p_value.value.toFixed(2)}`}` : `${plural(summary.children, "child", "children")} not counted`}</dd>
      </div>
      <div>
        <dt>Open</dt>
        <dd className="f"><Figure of={{ value: summary.open, unit: "count" }} evidence={of("Open incidents", "Incidents without an end at the instant asked about.")} /></dd>
        <dd className="s">{summary.reopened > 0 ? `${plural(summary.reopened, "was", "were")} reopened` : "none was reopened"}</dd>
      </div>
      <div>
        <dt>Median to resolve</dt>
        <dd className="f">{resolve ? lengthText(resolve.median) : <span className="absent">no data</span>}</dd>
        <dd className="s">{resolve ? `mean ${lengthText(resolve.mean)}, n = ${count(resolve.n)}` : ""}</dd>
      </div>
      <div>
        <dt>With open ones counted</dt>
        <dd className="f">{resolve ? <Figure of={resolve.kaplan_meier.median} evidence={of("Kaplan–Meier median", SURVIVAL, "statistics")} text={resolve.kaplan_meier.median.value === null ? undefined : length(resolve.kaplan_meier.median.value)} /> : <span className="absent">no data</span>}</dd>
        <dd className="s">Kaplan–Meier median</dd>
      </div>
      <div>
        <dt>Median to detect</dt>
        <dd className="f">{detect ? lengthText(detect.median) : <span className="absent">no data</span>}</dd>
        <dd className="s">{detect ? `n = ${count(detect.n)}` : ""}</dd>
      </div>
      <div>
        <dt>Downtime cost</dt>
        <dd className="f">{cost ? <Figure of={cost} evidence={of("Downtime cost", "Expected value less observed, over the union of the incidents' intervals; without such a series minutes times a stated value.", "incidents")} /> : <span className="absent">no data</span>}</dd>
        <dd className="s">{cost ? (summary.downtime_cost.length > 1 ? summary.downtime_cost.slice(1).map((one) => money(one.amount ?? "0", one.currency)).join(", ") : cost.origin) : (summary.downtime_reason ?? "no value is stated")}</dd>
      </div>
    </dl>
  );
}

export function IncidentName({ row }: { row: Incident }) {
  return <span className="st max-w-full"><Glyph word={glyphOf(row)} /><span className="truncate">{row.id}</span></span>;
}

function IncidentTable({ envelope }: { envelope: Incidents }) {
  const view = useView();
  const { data } = envelope;
  const rows = worstFirst(data.incidents);
  const total = envelope.truncated.incidents ?? data.summary.incidents;
  const most = Math.max(0, ...rows.map((row) => row.resolve.high ?? row.resolve.low ?? 0));
  const services = (row: Incident) => row.services.map((one) => one.name).join(", ");
  const start = (row: Incident) => row.started_at ?? row.detected_at;
  return (
    <Panel title="Incidents, open first, then by harm" qualifier={rows.length < total ? `${count(rows.length)} of ${count(total)}` : count(total)} isFlush foot={<SourceLine evidence={incidentsEvidence(envelope, "Incidents", DEFINITION, "incidents")} source={[...new Set(rows.map((row) => row.source))].slice(0, 3).join(", ")} coverage={Object.keys(envelope.coverage)[0]} />}>
      {rows.length === 0 ? (
        <Empty title="No incident is held here.">Webhooks of Alertmanager or PagerDuty bring them, or a CSV of a status page: ubiquitous ingest incidents.csv</Empty>
      ) : (
        <DataTable
          label="Incidents, open first, then by harm"
          rows={rows}
          rowKey={(row) => row.id}
          onOpen={(row) => view.go("/incident", { id: row.id })}
          isTall={rows.length > 20}
          columns={[
            { key: "id", title: "Incident", isName: true, width: 108, sort: (row) => row.id, hint: (row) => `${row.id}, ${row.source}`, cell: (row) => <IncidentName row={row} /> },
            { key: "title", title: "What", sort: (row) => row.title, hint: (row) => row.title, cell: (row) => row.title },
            { key: "services", title: "Service", width: 96, sort: services, hint: services, cell: (row) => services(row) || <span className="mut">not known</span> },
            { key: "severity", title: "Severity", width: 68, sort: (row) => row.severity, cell: (row) => row.severity ?? <span className="mut">none</span> },
            { key: "start", title: "Started", width: 100, sort: start, cell: (row) => <span title={full(start(row))}>{dayAndClock(start(row), envelope.as_of)}{row.started_at === null && row.detected_at !== null && <span className="mut"> detected</span>}</span> },
            { key: "length", title: "To resolve", width: 156, sort: (row) => row.resolve.high ?? row.resolve.low, cell: (row) => <RangeCell of={row.resolve} most={most} isOpen={isOpen(row)} width={44} /> },
            { key: "cost", title: "Cost", isNumber: true, width: 72, sort: (row) => Number(row.downtime_cost?.amount ?? -1), cell: (row) => costText(row) ?? <span className="mut" title={row.downtime_reason ?? undefined}>n/a</span> },
          ]}
          phone={(row) => (
            <>
              <span className="font-medium"><IncidentName row={row} /></span>
              <span className="mut">{dayAndClock(start(row), envelope.as_of)}</span>
              <span className="d">{row.title} · {services(row) || "service not known"}{ownerText(row.owner) ? ` · ${ownerText(row.owner)}` : ""} · {isOpen(row) ? "open" : lengthText(row.resolve)}</span>
            </>
          )}
        />
      )}
    </Panel>
  );
}
