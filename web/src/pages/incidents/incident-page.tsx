// One incident: what happened when, on one time axis, and who is suspected, each with evidence and path.
import { useState, type ReactNode } from "react";
import type { IncidentRow, IncidentTimelineAnswer } from "../../api/incidents";
import { useIsNarrowed } from "../../api/people";
import { useAnswer } from "../../api/queries";
import type { SuspectsAnswer } from "../../api/suspects";
import { Timeline, type TimelineItem, type TimelineLane } from "../../charts/timeline";
import { length } from "../../format/duration";
import { count, lastPart, titled, words } from "../../format/number";
import { dayAndClock, full, range } from "../../format/time";
import { DataTable } from "../../parts/data-table";
import { Facts } from "../../parts/detail";
import { EntityName } from "../../parts/entity-name";
import { Panel } from "../../parts/panel";
import { lengthText } from "../../parts/range-cell";
import { SourceLine } from "../../parts/source-line";
import { Answer, AnswerNotes, Empty } from "../../parts/states";
import { Glyph } from "../../parts/status";
import { PageHead } from "../../shell/page-head";
import { useContextParams, useView } from "../../state/view";
import { DEFINITION, glyphOf, isOpen, lastedOf, lengthsOf, timelineEvidence, type Timelines } from "./incidents-model";
import { IncidentList } from "./incidents-page";
import { SuspectsPanel } from "./suspects-panel";

const MINUTE = 60_000;
const iso = (at: number) => new Date(at).toISOString();

export function IncidentPage() {
  const view = useView();
  const context = useContextParams();
  const id = view.get("id");
  const query = useAnswer<IncidentTimelineAnswer>("incidents/timeline", { as_of: context.as_of, id, source: view.get("source") });
  const row = query.data?.data.incident ?? undefined;
  const isNarrowed = useIsNarrowed();
  const suspects = useAnswer<SuspectsAnswer>("incidents/suspects", { as_of: context.as_of, incident: row?.id }, row !== undefined && !isNarrowed);
  if (!query.data || !row) {
    return (
      <>
        <PageHead title={id ?? "Incident"} />
        <Panel title="Incident" isFlush>
          {query.data ? <Empty title="No incident is held here.">Webhooks and files of incidents bring them.</Empty> : <Answer query={query} what="the incident" onNearest={(name) => view.go("/incident", { id: name })}>{() => null}</Answer>}
        </Panel>
      </>
    );
  }
  return (
    <>
      <PageHead
        title={<span className="inline-flex items-center gap-2 flex-wrap">{row.id}<span className="st text-13 font-normal"><Glyph word={glyphOf(row)} />{row.status}</span>{row.severity && <span className="tag">{row.severity}</span>}</span>}
        sentence={`${row.title}${isOpen(row) ? `, ${lengthText(lastedOf(row))} so far` : `, lasted ${lengthText(lastedOf(row))}`}.`}
        actions={<button type="button" className="btn" onClick={() => view.go("/incidents")}>All incidents</button>}
      />
      <AnswerNotes envelope={query.data} onRetry={() => void query.refetch()} />
      <TimelinePanel envelope={query.data} row={row} />
      <div className="grid-12 cols-wide">
        <div className="grid gap-3 min-w-0">
          {isNarrowed ? null : suspects.data ? <SuspectsPanel envelope={suspects.data} /> : <Panel title="Suspects" isFlush><Answer query={suspects} what="suspects">{() => null}</Answer></Panel>}
          <EntriesPanel envelope={query.data} />
        </div>
        <div className="grid gap-3 min-w-0">
          <FactsPanel envelope={query.data} row={row} />
          <RelatedPanel envelope={query.data} />
        </div>
      </div>
    </>
  );
}

const INSTANTS = ["started_at", "detected_at", "acknowledged_at", "mitigated_at", "resolved_at"] as const;
/** Changes beyond these would cover one another; the table has all. */
const CHANGES_MOST = 12;

function lanesOf(row: IncidentRow, entries: IncidentTimelineAnswer["entries"]): TimelineLane[] {
  const item = (key: string, label: string, from: string, tone: TimelineItem["tone"]): TimelineItem => ({ key, label, from, to: null, tone });
  const instants = INSTANTS.flatMap((name) => { const at = row[name]; return at === null ? [] : [item(name, words(name.replace(/_at$/, "")), at, "phase")]; });
  if (row.resolved_at_latest !== null && row.resolved_at_latest !== row.resolved_at) instants.push(item("latest", "resolved at the latest", row.resolved_at_latest, "phase"));
  const harm: TimelineItem[] = row.began_at === null ? [] : [{ key: "harm", label: isOpen(row) ? "still open" : lengthText(lastedOf(row)), from: row.began_at, to: row.resolved_at, isOpen: isOpen(row), tone: "harm", toLatest: row.resolved_at_latest }];
  // Nearest first: what changed on what was harmed tells more than what changed elsewhere.
  const near = ["harmed", "neighbour", "elsewhere"];
  const changes = entries.filter((one) => one.kind === "change").sort((a, b) => near.indexOf(a.nearness ?? "elsewhere") - near.indexOf(b.nearness ?? "elsewhere")).slice(0, CHANGES_MOST);
  const other = (kind: string) => entries.filter((one) => one.kind === kind).slice(0, CHANGES_MOST);
  return [
    { key: "changes", name: "Changes", items: changes.map((one, index) => item(`change ${one.at} ${index}`, one.title, one.at, "change")) },
    { key: "harm", name: "Incident", items: harm },
    { key: "instants", name: "Instants", items: instants },
    ...(other("related").length > 0 ? [{ key: "related", name: "Beside it", items: other("related").map((one, index) => item(`related ${one.at} ${index}`, one.title, one.at, "onset")) }] : []),
  ];
}

function TimelinePanel({ envelope, row }: { envelope: Timelines; row: IncidentRow }) {
  const [lit, setLit] = useState<string | undefined>(undefined);
  const lanes = lanesOf(row, envelope.data.entries);
  const all = lanes.flatMap((lane) => lane.items);
  const times = all.flatMap((one) => [Date.parse(one.from), ...(one.to ? [Date.parse(one.to)] : []), ...(one.isOpen ? [Date.parse(envelope.as_of)] : [])]);
  if (times.length === 0) return <Panel title="What happened when" isFlush><Empty title="No instant of it is known." /></Panel>;
  const [least, most] = [Math.min(...times), Math.max(...times)];
  const pad = Math.max((most - least) * 0.05, 5 * MINUTE);
  return (
    <Panel title="What happened when" qualifier={range(iso(least), iso(most + 1), envelope.as_of)} foot={<SourceLine evidence={timelineEvidence(envelope, `Timeline of ${row.id}`, `${DEFINITION} Changes of the four hours before its beginning and of its time, those on what it harmed first.`, "entries")} text={`${row.source} · the table below holds every entry`} />}>
      <Timeline label={`What happened when: ${all.slice(0, 20).map((one) => `${one.label} ${dayAndClock(one.from)}`).join(", ")}`} lanes={lanes} from={iso(least - pad)} to={iso(most + pad)} lit={lit} onLight={setLit} />
    </Panel>
  );
}

function EntriesPanel({ envelope }: { envelope: Timelines }) {
  const { entries, entries_total: total } = envelope.data;
  const away = (seconds: number) => (seconds === 0 ? "at its beginning" : `${length(Math.abs(seconds))} ${seconds < 0 ? "before" : "after"}`);
  return (
    <Panel title="Entries, in order" qualifier={entries.length < total ? `${count(entries.length)} of ${count(total)}` : count(total)} isFlush foot={<SourceLine evidence={timelineEvidence(envelope, "Entries", "Its own instants, what was said of it, changes before and during it, and other incidents beside it.", "entries")} text="before, during and beside it" />}>
      {entries.length === 0 ? (
        <Empty title="Nothing is held of it but its own instants." />
      ) : (
        <DataTable
          label="Entries of the timeline"
          rows={entries.map((one, index) => ({ ...one, index }))}
          rowKey={(row) => String(row.index)}
          isTall={entries.length > 16}
          columns={[
            { key: "at", title: "Time", width: 104, cell: (row) => <span title={full(row.at)}>{dayAndClock(row.at, envelope.as_of)}</span>, sort: (row) => row.at },
            { key: "away", title: "Against it", width: 110, cell: (row) => away(row.seconds_after), sort: (row) => row.seconds_after },
            { key: "kind", title: "Kind", width: 86, cell: (row) => row.kind, sort: (row) => row.kind },
            { key: "title", title: "What", isName: true, cell: (row) => row.title, hint: (row) => [row.title, row.what, row.id].filter(Boolean).join(", ") },
            { key: "of", title: "Of", width: 130, cell: (row) => row.entities.join(", ") || <span className="mut">–</span>, hint: (row) => [row.entities.join(", "), row.nearness ? words(row.nearness) : ""].filter(Boolean).join(", ") },
            { key: "actor", title: "By", width: 100, cell: (row) => row.actor ?? <span className="mut">–</span>, hint: (row) => row.actor ?? undefined },
          ]}
          phone={(row) => (
            <>
              <span className="font-medium">{row.title}</span>
              <span className="mut">{dayAndClock(row.at, envelope.as_of)}</span>
              <span className="d">{row.kind}, {away(row.seconds_after)}{row.entities.length > 0 ? ` · ${row.entities.join(", ")}` : ""}</span>
            </>
          )}
        />
      )}
    </Panel>
  );
}

function FactsPanel({ envelope, row }: { envelope: Timelines; row: IncidentRow }) {
  const at = (text: string | null) => (text === null ? <span className="mut">not known</span> : <span title={full(text)}>{dayAndClock(text, envelope.as_of)}</span>);
  const optional = (name: string, value: ReactNode, isThere: boolean): [ReactNode, ReactNode][] => (isThere ? [[name, value]] : []);
  return (
    <Panel title="What is known of it" foot={<SourceLine evidence={timelineEvidence(envelope, row.id, DEFINITION, "incident")} text={row.source} />}>
      <Facts
        rows={[
          ["Harmed", row.harmed.length === 0 ? <span className="mut">not known</span> : <span>{row.harmed.slice(0, 6).map((one, index) => <span key={one.id ?? one.name}>{index > 0 && ", "}<EntityName id={one.id} name={one.name} /></span>)}</span>],
          ["Teams", row.teams.map(lastPart).join(", ") || <span className="mut">no owner</span>],
          ...INSTANTS.map((name): [string, ReactNode] => [titled(words(name.replace(/_at$/, ""))), at(row[name])]),
          ...optional("Resolved at the latest", at(row.resolved_at_latest), row.resolved_at_latest !== null && row.resolved_at_latest !== row.resolved_at),
          ...lengthsOf(row).map((one): [ReactNode, ReactNode] => [<span key={one.title} title={one.means}>{one.title}</span>, lengthText(one.of)]),
          ...optional("Cause, as stated", row.cause, row.cause !== null),
          ...optional("Counted under", row.part_of, row.part_of !== null),
          ...optional("Parts, not counted beside it", count(row.parts), row.parts > 0),
          ...optional("Alerts that are one with it", count(row.alerts), row.alerts > 0),
          ...optional("Opened again within 30 minutes", `${count(row.reopened)} times`, row.reopened > 0),
          ...optional("The same was harmed before", "within 30 days", row.is_recurrence),
          ...optional("More", <a className="link break-all" href={row.link ?? ""} rel="noreferrer" target="_blank">{row.link}</a>, row.link !== null && /^https?:/.test(row.link)),
        ]}
      />
    </Panel>
  );
}

function RelatedPanel({ envelope }: { envelope: Timelines }) {
  const rows = envelope.data.related;
  if (rows.length === 0) return null;
  return (
    <Panel title="Beside it, and its parts" qualifier={count(rows.length)} isFlush foot={<SourceLine evidence={timelineEvidence(envelope, "Beside it", "Incidents that went on beside it on the same things, and its parts.", "related")} text="in order of beginning" />}>
      <IncidentList rows={rows} label="Incidents beside it" asOf={envelope.as_of} isTall={rows.length > 8} />
    </Panel>
  );
}
