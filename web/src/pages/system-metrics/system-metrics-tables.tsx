// The tables of health: worst first, by place, limits, sources.
import { useState } from "react";
import type { EntityHealth, SystemMetricsAnswer } from "../../api/answers";
import type { Envelope } from "../../api/types";
import { StatusStrip } from "../../charts/small";
import { brief, count, lastPart, plural, titled, withUnit, words } from "../../format/number";
import { dayAndClock, full, short } from "../../format/time";
import { DataTable } from "../../parts/data-table";
import { Panel } from "../../parts/panel";
import { SourceLine, sourcesText } from "../../parts/source-line";
import { Empty } from "../../parts/states";
import { Glyph, Status, statusRank } from "../../parts/status";
import type { EvidenceOf } from "../../state/evidence";
import { useView } from "../../state/view";

export function healthEvidence(envelope: Envelope<SystemMetricsAnswer>, title: string, definition: string, table = "entities"): EvidenceOf {
  return { title, definition, sources: envelope.data.sources.map((one) => one.source), envelope: envelope as Envelope<unknown>, table, kebab: "system-metrics" };
}

export const WORST = "Every entity is judged by each check that applies to it; its status is the worst of them. Within one status the one farthest past its limit stands first.";

export function sourceNames(envelope: Envelope<SystemMetricsAnswer>): string {
  return sourcesText(envelope.data.sources.map((one) => one.source), "no source sent a signal");
}

/** What health says of its coverage: the envelope's, else by counting. */
function covered(envelope: Envelope<SystemMetricsAnswer>): string | undefined {
  return Object.keys(envelope.coverage).find((name) => (envelope.coverage[name]?.of ?? 0) > 0);
}

export function WorstPanel({ envelope, selected, onSelect, isBusy }: { envelope: Envelope<SystemMetricsAnswer>; selected: string | undefined; onSelect: (id: string) => void; isBusy: boolean }) {
  const { data } = envelope;
  const owners = data.entities.some((one) => one.owner !== null);
  const total = envelope.truncated.entities ?? Math.max(data.entities.length, 0);
  return (
    <Panel
      title="Worst first"
      qualifier={data.entities.length < total ? `${count(data.entities.length)} of ${count(total)}` : plural(data.entities.length, "entity", "entities")}
      isFlush
      isBusy={isBusy}
      foot={<SourceLine evidence={healthEvidence(envelope, "Worst first", WORST)} source={sourceNames(envelope)} coverage={covered(envelope)} />}
    >
      {data.entities.length === 0 ? (
        <Empty title={data.counts.total === 0 ? "Nothing here has a health to judge." : "None has this status."}>Health is judged of services, pods, nodes, instances, databases and caches.</Empty>
      ) : (
        <DataTable
          label="Health, worst first"
          rows={data.entities}
          rowKey={(row) => row.id}
          selected={selected}
          onOpen={(row) => onSelect(row.id)}
          order={{ key: "status", isDescending: false }}
          isTall
          columns={[
            { key: "status", title: "Status", cell: (row) => <Status word={row.status} />, sort: (row) => statusRank(row.status), width: 92 },
            { key: "name", title: "Entity", isName: true, cell: (row) => <>{row.name} <span className="mut">{words(row.kind)}</span></>, sort: (row) => row.name, hint: (row) => `${row.name}, ${row.id}`, width: 208 },
            { key: "reason", title: "Reason", cell: (row) => row.reason, hint: (row) => row.reason },
            { key: "place", title: "Place", cell: (row) => placeText(row), sort: placeText, hint: placeText, width: 148 },
            ...(owners ? [{ key: "owner", title: "Owner", cell: (row: EntityHealth) => (row.owner ? lastPart(row.owner) : <span className="mut">no owner</span>), sort: (row: EntityHealth) => row.owner, hint: (row: EntityHealth) => row.owner ?? undefined, width: 104 }] : []),
            { key: "newest", title: "Newest", isNumber: true, cell: (row) => <span title={full(row.newest)}>{row.newest ? short(row.newest, envelope.as_of) : "no data"}</span>, sort: (row) => row.newest, width: 72 },
          ]}
          phone={(row) => (
            <>
              <span>
                <span className="st"><Glyph word={row.status} alone /><span className="font-medium">{row.name}</span></span> <span className="mut">{words(row.kind)}</span>
              </span>
              <span className="mut">{row.newest ? short(row.newest, envelope.as_of) : ""}</span>
              <span className="d">{row.reason}</span>
            </>
          )}
        />
      )}
    </Panel>
  );
}

/** Two of where it is, since one name often stands in several environments. */
export function placeText(row: EntityHealth): string {
  const { scope } = row;
  return [scope.namespace, scope.environment, scope.zone ?? scope.region, scope.account].filter(Boolean).slice(0, 2).join(" · ") || "no place";
}

export function ByScopePanel({ envelope }: { envelope: Envelope<SystemMetricsAnswer> }) {
  const view = useView();
  const dimensions = [...new Set(envelope.data.by_scope.map((one) => one.dimension))];
  const [chosen, setChosen] = useState("kind");
  const dimension = dimensions.includes(chosen) ? chosen : (dimensions[0] ?? "kind");
  const rows = envelope.data.by_scope
    .filter((one) => one.dimension === dimension)
    .sort((a, b) => b.counts.critical - a.counts.critical || b.counts.warning - a.counts.warning || b.counts.unknown - a.counts.unknown || b.counts.total - a.counts.total);
  const keys: Record<string, string> = { owner: "unit", application: "unit" };
  return (
    <Panel
      title={`By ${dimension}`}
      qualifier={
        <select className="bg-surface text-12 text-ink-2" aria-label="Count by" value={dimension} onChange={(event) => setChosen(event.target.value)}>
          {dimensions.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      }
      isFlush
      foot={<SourceLine evidence={healthEvidence(envelope, `Health by ${dimension}`, "Entities by status within each value; an entity counts once.", "by_scope")} source="entities by status" />}
    >
      <DataTable
        label={`Health by ${dimension}`}
        rows={rows}
        rowKey={(row) => row.value}
        onOpen={(row) => view.set({ [keys[dimension] ?? dimension]: row.value || undefined })}
        isTall={rows.length > 10}
        columns={[
          { key: "value", title: titled(dimension), isName: true, cell: (row) => words(lastPart(row.value)) || <span className="mut">none</span>, sort: (row) => row.value, hint: (row) => row.value },
          { key: "strip", title: "", cell: (row) => <StatusStrip counts={row.counts} width={84} />, width: 100 },
          { key: "critical", title: "Critical", isNumber: true, cell: (row) => zero(row.counts.critical), sort: (row) => row.counts.critical, width: 56 },
          { key: "warning", title: "Warning", isNumber: true, cell: (row) => zero(row.counts.warning), sort: (row) => row.counts.warning, width: 68 },
          { key: "total", title: "All", isNumber: true, cell: (row) => count(row.counts.total), sort: (row) => row.counts.total, width: 52 },
        ]}
      />
    </Panel>
  );
}

function zero(value: number) {
  return value === 0 ? <span className="mut">0</span> : count(value);
}

export function SourcesPanel({ envelope }: { envelope: Envelope<SystemMetricsAnswer> }) {
  const rows = [...envelope.data.sources].sort((a, b) => b.age_seconds - a.age_seconds);
  return (
    <Panel title="Sources, oldest first" qualifier={plural(rows.length, "source")} isFlush foot={<SourceLine evidence={healthEvidence(envelope, "Sources", "Time from the newest value of each source to the instant asked about.", "sources")} source="age at the instant asked about" />}>
      {rows.length === 0 ? (
        <Empty title="No signal in the window.">Metrics come as OpenMetrics text, OTLP or remote write.</Empty>
      ) : (
        <DataTable
          label="Sources of signals"
          rows={rows}
          rowKey={(row) => row.source}
          isTall={rows.length > 10}
          columns={[
            { key: "source", title: "Source", isName: true, cell: (row) => row.source, sort: (row) => row.source, hint: (row) => row.source },
            { key: "entities", title: "Entities", isNumber: true, cell: (row) => count(row.entities), sort: (row) => row.entities, width: 64 },
            { key: "series", title: "Series", isNumber: true, cell: (row) => count(row.series), sort: (row) => row.series, width: 60 },
            { key: "age", title: "Age", isNumber: true, cell: (row) => <span title={dayAndClock(row.newest)}>{brief(withUnit(row.age_seconds, "s"))}</span>, sort: (row) => row.age_seconds, width: 72 },
          ]}
        />
      )}
    </Panel>
  );
}

export function ThresholdsPanel({ envelope }: { envelope: Envelope<SystemMetricsAnswer> }) {
  const rows = envelope.data.thresholds;
  const limit = (value: number | null, unit: string, isFloor: boolean) => (value === null ? <span className="mut">none</span> : `${isFloor ? "below" : "from"} ${brief(withUnit(value, unit))}`);
  return (
    <Panel title="Limits used" qualifier={plural(rows.length, "check")} isFlush foot={<SourceLine evidence={healthEvidence(envelope, "Limits used", "A figure at or past a limit has that status; where both are passed, critical holds.", "thresholds")} source="configured limits" />}>
      <DataTable
        label="Limits used"
        rows={rows}
        rowKey={(row) => `${row.check}-${row.title}`}
        columns={[
          { key: "title", title: "Check", isName: true, cell: (row) => row.title, sort: (row) => row.title, width: 150 },
          { key: "definition", title: "What the figure is", cell: (row) => row.definition, hint: (row) => row.definition },
          { key: "warning", title: "Warning", isNumber: true, cell: (row) => limit(row.warning, row.unit, row.is_floor), width: 118 },
          { key: "critical", title: "Critical", isNumber: true, cell: (row) => limit(row.critical, row.unit, row.is_floor), width: 118 },
        ]}
        phone={(row) => (
          <>
            <span className="font-medium">{row.title}</span>
            <span>{limit(row.warning, row.unit, row.is_floor)}</span>
            <span className="d">{row.definition}</span>
          </>
        )}
      />
    </Panel>
  );
}
