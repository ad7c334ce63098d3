// One incident: what happened when, on one time axis, and who is suspected, each with evidence and path.
import { useState, type ReactNode } from "react";
import type { Incident, IncidentsAnswer } from "../../api/incidents";
import { useAnswer } from "../../api/queries";
import type { SuspectsAnswer } from "../../api/suspects";
import { Timeline, type TimelineLane } from "../../charts/timeline";
import { count, titled, words } from "../../format/number";
import { dayAndClock, full, range } from "../../format/time";
import { Facts } from "../../parts/detail";
import { EntityName, ownerText } from "../../parts/entity-name";
import { Panel } from "../../parts/panel";
import { lengthText } from "../../parts/range-cell";
import { SourceLine } from "../../parts/source-line";
import { Answer, AnswerNotes, Empty } from "../../parts/states";
import { Glyph } from "../../parts/status";
import { PageHead } from "../../shell/page-head";
import { useContextParams, useView } from "../../state/view";
import { costText, DEFINITION, glyphOf, incidentsEvidence, isOpen, MEASURES, type Incidents, type Suspects } from "./incidents-model";
import { SuspectsPanel } from "./suspects-panel";

const HOUR = 3_600_000;
const iso = (at: number) => new Date(at).toISOString();

export function IncidentPage() {
  const view = useView();
  const context = useContextParams();
  const id = view.get("id") ?? "";
  const query = useAnswer<IncidentsAnswer>("incidents", { as_of: context.as_of, incident: [id] }, id !== "");
  const suspects = useAnswer<SuspectsAnswer>("incidents/suspects", { as_of: context.as_of, incident: id }, id !== "" && query.data !== undefined);
  if (id === "") return <Empty title="No incident is named.">The list of incidents leads to each.</Empty>;
  const row = query.data?.data.incidents.find((one) => one.id === id) ?? query.data?.data.incidents[0];
  if (!query.data || !row) {
    return (
      <>
        <PageHead title={id} />
        <Panel title="Incident" isFlush>
          {query.data ? <Empty title="It is not among the incidents held here.">The window or the scope may leave it out.</Empty> : <Answer query={query} what="the incident" onNearest={(name) => view.go("/incident", { id: name })}>{() => null}</Answer>}
        </Panel>
      </>
    );
  }
  return (
    <>
      <PageHead
        title={<span className="inline-flex items-center gap-2 flex-wrap">{row.id}<span className="st text-13 font-normal"><Glyph word={glyphOf(row)} />{isOpen(row) ? "open" : "resolved"}</span>{row.severity && <span className="tag">{row.severity}</span>}</span>}
        sentence={row.title}
        actions={<button type="button" className="btn" onClick={() => view.go("/incidents")}>All incidents</button>}
      />
      <AnswerNotes envelope={query.data} onRetry={() => void query.refetch()} />
      <TimelinePanel envelope={query.data} row={row} suspects={suspects.data} />
      <div className="grid-12 cols-wide">
        <div className="grid gap-3 min-w-0">
          {suspects.data ? <SuspectsPanel envelope={suspects.data} /> : <Panel title="Suspects" isFlush><Answer query={suspects} what="suspects">{() => null}</Answer></Panel>}
        </div>
        <div className="grid gap-3 min-w-0">
          <FactsPanel envelope={query.data} row={row} />
        </div>
      </div>
    </>
  );
}

function phases(row: Incident, now: string): TimelineLane["items"] {
  const start = row.started_at ?? row.detected_at;
  if (start === null) return [];
  const end = row.resolved_at;
  return [{ key: "harm", label: isOpen(row) ? "harm, still open" : "harm", from: start, to: end, isOpen: end === null, tone: "harm", toLatest: row.resolved_at_latest ?? (end === null ? now : null) }];
}

const INSTANTS = ["started_at", "detected_at", "acknowledged_at", "mitigated_at", "resolved_at"] as const;

function lanesOf(row: Incident, now: string, suspects: SuspectsAnswer | undefined): TimelineLane[] {
  const instants = INSTANTS.flatMap((name) => { const at = row[name]; return at === null ? [] : [{ key: name, label: words(name.replace(/_at$/, "")), from: at, to: null, tone: "phase" as const }]; });
  const latest = row.resolved_at_latest !== null && row.resolved_at_latest !== row.resolved_at ? [{ key: "latest", label: "resolved at the latest", from: row.resolved_at_latest, to: null, tone: "phase" as const }] : [];
  const changes = (suspects?.suspects ?? []).flatMap((one) => one.changes.map((change) => ({ key: `${one.entity.id} ${change.at} ${change.title}`, label: change.title, from: change.at, to: null, tone: "change" as const })));
  return [
    { key: "changes", name: "Changes", items: [...new Map(changes.map((one) => [one.label + one.from, one])).values()] },
    { key: "harm", name: "Incident", items: phases(row, now) },
    { key: "instants", name: "Instants", items: [...instants, ...latest] },
  ];
}

function TimelinePanel({ envelope, row, suspects }: { envelope: Incidents; row: Incident; suspects: Suspects | undefined }) {
  const [lit, setLit] = useState<string | undefined>(undefined);
  const lanes = lanesOf(row, envelope.as_of, suspects?.data);
  const all = lanes.flatMap((lane) => lane.items);
  const times = all.flatMap((one) => [Date.parse(one.from), ...(one.to ? [Date.parse(one.to)] : []), ...(one.isOpen ? [Date.parse(envelope.as_of)] : [])]);
  if (times.length === 0) return <Panel title="What happened when" isFlush><Empty title="No instant of it is known." /></Panel>;
  const [least, most] = [Math.min(...times), Math.max(...times)];
  const pad = Math.max((most - least) * 0.05, HOUR / 12);
  const rows = all.map((one) => ({ ...one, lane: lanes.find((lane) => lane.items.includes(one))?.name ?? "" })).sort((a, b) => a.from.localeCompare(b.from));
  return (
    <Panel title="What happened when" qualifier={range(iso(least), iso(most + 1), envelope.as_of)} foot={<SourceLine evidence={incidentsEvidence(envelope, `Instants of ${row.id}`, `${DEFINITION} Changes count for at most four hours before the start.`, "incidents")} text={`${row.source} · changes and signals up to the end of the incident`} />}>
      <Timeline label={`What happened when: ${rows.map((one) => `${one.label} ${dayAndClock(one.from)}`).join(", ")}`} lanes={lanes} from={iso(least - pad)} to={iso(most + pad)} lit={lit} onLight={setLit} />
      <details className="mt-2 text-12">
        <summary className="cursor-pointer text-ink-2">As a table, {count(rows.length)} instants</summary>
        <table className="t mt-1" aria-label="What happened when">
          <thead><tr><th scope="col">Time</th><th scope="col">What</th><th scope="col">Of</th></tr></thead>
          <tbody>{rows.map((one) => <tr key={`${one.lane} ${one.key}`} className={lit === one.key ? "lit" : ""}><td>{full(one.from)}</td><td>{one.label}</td><td>{one.lane}</td></tr>)}</tbody>
        </table>
      </details>
    </Panel>
  );
}

function FactsPanel({ envelope, row }: { envelope: Incidents; row: Incident }) {
  const at = (text: string | null) => (text === null ? <span className="mut">not known</span> : <span title={full(text)}>{dayAndClock(text, envelope.as_of)}</span>);
  const lengths: [keyof typeof MEASURES, Incident["resolve"]][] = [["detect", row.detect], ["acknowledge", row.acknowledge], ["resolve", row.resolve], ["resolve_from_detected", row.resolve_from_detected]];
  return (
    <Panel title="What is known of it" foot={<SourceLine evidence={incidentsEvidence(envelope, row.id, DEFINITION, "incidents")} text={row.source} />}>
      <Facts
        rows={[
          ["Services", row.services.length === 0 ? "not known" : <span>{row.services.map((one, index) => <span key={one.id ?? index}>{index > 0 && ", "}<EntityName id={one.id} name={one.name} /></span>)}</span>],
          ["Owner", ownerText(row.owner) ?? <span className="mut">no owner</span>],
          ...INSTANTS.map((name): [string, ReactNode] => [titled(words(name.replace(/_at$/, ""))), at(row[name])]),
          ...(row.resolved_at_latest && row.resolved_at_latest !== row.resolved_at ? [["Resolved at the latest", at(row.resolved_at_latest)] as [string, ReactNode]] : []),
          ...lengths.map(([measure, of]): [ReactNode, ReactNode] => [<span key={measure} title={MEASURES[measure].means}>{MEASURES[measure].title}</span>, isOpen(row) && measure.startsWith("resolve") ? `${lengthText(of)} so far` : lengthText(of)]),
          ["Downtime cost", costText(row) ?? <span className="mut">{row.downtime_reason ?? "n/a"}</span>],
          ...(row.cause ? [["Cause, as stated", row.cause] as [string, ReactNode]] : []),
          ...(row.parent ? [["Part of", row.parent] as [string, ReactNode]] : []),
          ...(row.children.length > 0 ? [["Children, not counted beside it", row.children.join(", ")] as [string, ReactNode]] : []),
          ...(row.reopened > 0 ? [["Reopened", `${count(row.reopened)} times within 30 minutes`] as [string, ReactNode]] : []),
          ...(row.recurrence_of ? [["Has happened before", row.recurrence_of] as [string, ReactNode]] : []),
        ]}
      />
    </Panel>
  );
}

