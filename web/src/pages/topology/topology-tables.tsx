// The tables beside the picture: entities or groups, what touches the selected one, counts, changes.
import { Link } from "@tanstack/react-router";
import type { EntityChange, TopologyAnswer, TopologyGroup } from "../../api/answers";
import type { EntityFact, Envelope } from "../../api/types";
import { CellBar } from "../../charts/small";
import { count, counted, lastPart, middle, plural, titled, words } from "../../format/number";
import { dayAndClock, short } from "../../format/time";
import { DataTable } from "../../parts/data-table";
import { Panel } from "../../parts/panel";
import { SourceLine, sourcesText } from "../../parts/source-line";
import { Empty } from "../../parts/states";
import { Status } from "../../parts/status";
import type { EvidenceOf } from "../../state/evidence";
import { contextOf } from "../../state/address";
import { useView } from "../../state/view";
import { groupName } from "./topology-graph";

/** Counted once for an answer: every panel's evidence asks, and a page may list thousands. */
const countedSources = new WeakMap<EntityFact[], string[]>();

function sourcesOf(entities: EntityFact[]): string[] {
  const known = countedSources.get(entities);
  if (known) return known;
  const names = [...new Set(entities.flatMap((one) => one.sources))].sort();
  countedSources.set(entities, names);
  return names;
}

export function topologyEvidence(envelope: Envelope<TopologyAnswer>, title: string, table: string, definition: string): EvidenceOf {
  return { title, definition, sources: sourcesOf(envelope.data.entities), envelope: envelope as Envelope<unknown>, table, kebab: "topology" };
}

export function placeOf(entity: EntityFact): string {
  const { scope } = entity;
  const cluster = entity.cluster_name ?? scope.cluster;
  return [scope.namespace, cluster, scope.zone ?? scope.region, scope.account].filter(Boolean).slice(0, 2).join(" · ");
}

/** How many relations there are, where only a part of them is listed: what is counted from the list is a least. */
export function relationsInAll(envelope: Envelope<TopologyAnswer>): number | undefined {
  const total = envelope.truncated.relations;
  return total !== undefined && total > envelope.data.relations.length ? total : undefined;
}

interface Shared {
  envelope: Envelope<TopologyAnswer>;
  selected: string | undefined;
  lit: string | undefined;
  onSelect: (id: string) => void;
  onLight: (id: string | undefined) => void;
}

const COUNTED = "What matches the filters at the instant asked about, each thing once, whatever sources report it.";

export function EntityTable({ envelope, selected, lit, onSelect, onLight, isWide, statuses }: Shared & { isWide: boolean; statuses: Map<string, string> }) {
  const { data } = envelope;
  const names = new Map(data.entities.map((one): [string, string] => [one.id, one.name]));
  // What has no owner of its own is its application's, which has one.
  const ownerOf = (row: EntityFact) => {
    const owner = row.owner ?? row.application;
    return owner ? (names.get(owner) ?? lastPart(owner)) : null;
  };
  const needs = new Map<string, number>();
  for (const relation of data.relations) needs.set(relation.to, (needs.get(relation.to) ?? 0) + 1);
  const total = data.summary.entities;
  const isPart = data.entities.length < total || relationsInAll(envelope) !== undefined;
  const evidence = topologyEvidence(envelope, "Entities", "entities", COUNTED);
  return (
    <Panel
      title="Entities"
      qualifier={data.entities.length < total ? `${count(data.entities.length)} of ${count(total)}` : count(total)}
      isFlush
      foot={<SourceLine evidence={evidence} source={sourcesText(sourcesOf(data.entities), "topology")} coverage="current" />}
    >
      {data.entities.length === 0 ? (
        <Empty title="Nothing matches these filters.">Take one away, or look at another instant.</Empty>
      ) : (
        <DataTable
          label="Entities"
          rows={data.entities}
          rowKey={(row) => row.id}
          selected={selected}
          lit={lit}
          onLight={onLight}
          onOpen={(row) => onSelect(row.id)}
          isTall
          columns={[
            { key: "name", title: "Name", isName: true, cell: (row) => row.name, sort: (row) => row.name, hint: (row) => row.id },
            { key: "kind", title: "Kind", cell: (row) => words(row.kind), sort: (row) => row.kind, width: isWide ? 150 : 100, hint: (row) => words(row.kind) },
            ...(isWide
              ? [
                  { key: "status", title: "Health", cell: (row: EntityFact) => { const word = statuses.get(row.id); return word ? <Status word={word} /> : <span className="mut">not judged</span>; }, width: 96 },
                  { key: "owner", title: "Owner", cell: (row: EntityFact) => ownerOf(row) ?? <span className="mut">no owner</span>, sort: ownerOf, hint: (row: EntityFact) => row.owner ?? row.application ?? undefined, width: 160 },
                  { key: "state", title: "State", cell: (row: EntityFact) => words(row.state), sort: (row: EntityFact) => row.state, width: 128 },
                  { key: "seen", title: "Last seen", cell: (row: EntityFact) => short(row.last_seen), sort: (row: EntityFact) => row.last_seen, width: 84 },
                ]
              : []),
            { key: "place", title: "Place", cell: (row) => placeOf(row) || <span className="mut">no place</span>, sort: (row) => placeOf(row), hint: placeOf, width: isWide ? 220 : 112 },
            { key: "needed", title: "Needed by", isNumber: true, cell: (row) => `${isPart ? "≥ " : ""}${count(needs.get(row.id) ?? 0)}`, sort: (row) => needs.get(row.id) ?? 0, width: 92 },
          ]}
          phone={(row) => (
            <>
              <span className="font-medium">{row.name}</span>
              <span className="mut">{words(row.kind)}</span>
              <span className="d">{placeOf(row)}</span>
            </>
          )}
        />
      )}
    </Panel>
  );
}

export function GroupTable({ envelope, selected, lit, onSelect, onLight }: Shared) {
  const { data } = envelope;
  const rows = [...data.groups].sort((a, b) => b.count - a.count);
  const most = Math.max(1, ...rows.map((row) => row.count));
  const evidence = topologyEvidence(envelope, `Entities by ${data.aggregated_by}`, "groups", COUNTED);
  const mostly = (group: TopologyGroup) => { const top = [...group.kinds].sort((a, b) => b.count - a.count)[0]; return top ? counted(top.count, top.kind) : ""; };
  const kinds = (group: TopologyGroup) => [...group.kinds].sort((a, b) => b.count - a.count).map((kind) => counted(kind.count, kind.kind)).join(", ");
  return (
    <Panel title={`By ${data.aggregated_by}`} qualifier={plural(rows.length, "group")} isFlush foot={<SourceLine evidence={evidence} source="topology" />}>
      <DataTable
        label={`Entities by ${data.aggregated_by}`}
        rows={rows}
        rowKey={(row) => row.group}
        selected={selected}
        lit={lit}
        onLight={onLight}
        onOpen={(row) => onSelect(row.group)}
        order={{ key: "count", isDescending: true }}
        isTall
        columns={[
          { key: "name", title: titled(data.aggregated_by ?? "group"), foot: "Total", isName: true, cell: (row) => (row.name ? groupName(data, row) : <span className="mut">none</span>), sort: (row) => row.name, hint: (row) => row.group || `without ${data.aggregated_by}` },
          { key: "kinds", title: "Mostly", cell: mostly, hint: kinds, width: 112, foot: "" },
          { key: "bar", title: "", cell: (row) => <CellBar value={row.count} of={most} width={40} />, width: 56, foot: "" },
          { key: "count", title: "Entities", isNumber: true, cell: (row) => count(row.count), sort: (row) => row.count, width: 76, foot: count(rows.reduce((sum, row) => sum + row.count, 0)) },
        ]}
        phone={(row) => (
          <>
            <span className="font-medium">{groupName(data, row)}</span>
            <span>{count(row.count)}</span>
            <span className="d">{kinds(row)}</span>
          </>
        )}
      />
    </Panel>
  );
}

/** What touches the selected entity or group, both ways. */
export function SelectedPanel({ envelope, id, onSelect, onDrill }: { envelope: Envelope<TopologyAnswer>; id: string; onSelect: (id: string | undefined) => void; onDrill: (id: string) => void }) {
  const view = useView();
  const { data } = envelope;
  const names = new Map<string, string>([...data.entities.map((one): [string, string] => [one.id, one.name]), ...data.groups.map((one): [string, string] => [one.group, groupName(data, one)])]);
  const isGroup = data.aggregated_by !== null;
  const relations = isGroup ? data.group_relations.map((one) => ({ ...one, need: "" })) : data.relations.map((one) => ({ ...one, count: 1 }));
  const out = relations.filter((one) => one.from === id && one.to !== id).map((one) => ({ way: "needs", kind: one.kind, other: one.to, need: one.need, count: one.count }));
  const back = relations.filter((one) => one.to === id && one.from !== id).map((one) => ({ way: "needed by", kind: one.kind, other: one.from, need: one.need, count: one.count }));
  const rows = [...back, ...out];
  const inAll = isGroup ? undefined : relationsInAll(envelope);
  const among = inAll === undefined ? "relations among what is shown" : `the ${count(data.relations.length)} listed of ${count(inAll)} relations; start from it to see all of its own`;
  return (
    <Panel
      title={names.get(id) ?? middle(id)}
      qualifier={
        <>
          {isGroup ? (
            id !== "" && <button type="button" className="link" onClick={() => onDrill(id)}>Open the group</button>
          ) : (
            <>
              <button type="button" className="link" onClick={() => onDrill(id)}>Start from it</button>
              <Link to={"/entity" as never} search={{ ...contextOf(view.search), id } as never} className="link">Open its page</Link>
            </>
          )}
          <button type="button" className="mut" onClick={() => onSelect(undefined)} aria-label="Esc: clear the selection">Esc</button>
        </>
      }
      isFlush
      foot={<SourceLine evidence={topologyEvidence(envelope, `Relations of ${names.get(id) ?? id}`, isGroup ? "group_relations" : "relations", "Relations among what is shown that start or end here.")} source={among} />}
    >
      {rows.length === 0 ? (
        <Empty title={inAll === undefined ? "No relation to anything shown." : "No relation among those listed."} />
      ) : (
        <DataTable
          label={`Relations of ${names.get(id) ?? id}`}
          rows={rows}
          rowKey={(row) => `${row.way}-${row.kind}-${row.other}`}
          onOpen={(row) => onSelect(row.other)}
          isTall={rows.length > 12}
          columns={[
            { key: "way", title: "Way", cell: (row) => row.way, sort: (row) => row.way, width: 88 },
            { key: "other", title: "Other end", isName: true, cell: (row) => names.get(row.other) ?? middle(row.other), sort: (row) => names.get(row.other) ?? row.other, hint: (row) => row.other },
            { key: "kind", title: "Relation", cell: (row) => words(row.kind), sort: (row) => row.kind, width: 104, hint: (row) => words(row.kind) },
            isGroup
              ? { key: "count", title: "Count", isNumber: true, cell: (row) => count(row.count), sort: (row) => row.count, width: 64 }
              : { key: "need", title: "Need", cell: (row) => row.need, sort: (row) => row.need, width: 104 },
          ]}
        />
      )}
    </Panel>
  );
}

export function CountsPanel({ envelope }: { envelope: Envelope<TopologyAnswer> }) {
  const { data } = envelope;
  const most = Math.max(1, ...data.kinds.map((one) => one.count));
  const view = useView();
  return (
    <Panel title="By kind" qualifier={plural(data.kinds.length, "kind")} isFlush foot={<SourceLine evidence={topologyEvidence(envelope, "Entities by kind", "kinds", `${COUNTED} Counted before any limit.`)} source="topology, before any limit" />}>
      <DataTable
        label="Entities by kind"
        rows={[...data.kinds].sort((a, b) => b.count - a.count)}
        rowKey={(row) => row.kind}
        onOpen={(row) => view.set({ kind: [row.kind], sel: undefined })}
        order={{ key: "count", isDescending: true }}
        isTall={data.kinds.length > 14}
        columns={[
          { key: "kind", title: "Kind", isName: true, cell: (row) => words(row.kind), sort: (row) => row.kind, foot: "Total" },
          { key: "bar", title: "", cell: (row) => <CellBar value={row.count} of={most} />, width: 100, foot: "" },
          { key: "count", title: "Entities", isNumber: true, cell: (row) => count(row.count), sort: (row) => row.count, width: 76, foot: count(data.summary.entities) },
        ]}
      />
    </Panel>
  );
}

function fieldsOf(change: EntityChange): string {
  return change.fields.map(([field, before, after]) => `${field}: ${shown(before)} → ${shown(after)}`).join("; ");
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return "none";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return middle(text, 48);
}

export function ChangesPanel({ envelope, onSelect }: { envelope: Envelope<TopologyAnswer>; onSelect: (id: string) => void }) {
  const { changes } = envelope.data;
  if (!changes) return null;
  const total = changes.totals.reduce((sum, one) => sum + one.count, 0);
  const ofRelations = (one: { change: string }) => one.change.startsWith("relation");
  const entities = changes.totals.filter((one) => !ofRelations(one)).reduce((sum, one) => sum + one.count, 0);
  const said = changes.totals.map((one) => `${count(one.count)} ${words(one.change)}`);
  return (
    <Panel
      title={`Changes since ${dayAndClock(changes.before)}`}
      qualifier={plural(entities, "entity", "entities")}
      isFlush
      foot={<SourceLine evidence={topologyEvidence(envelope, "Changes", "changes", "Entities that exist at one of the two instants only, or whose tracked properties differ between them.")} text={said.join(", ") || "no difference"} />}
    >
      {total === 0 ? (
        <Empty title="Nothing differs between the two instants." />
      ) : (
        <DataTable
          label="Changes"
          rows={changes.entities}
          rowKey={(row) => `${row.change}-${row.id}`}
          onOpen={(row) => onSelect(row.id)}
          isTall
          columns={[
            { key: "change", title: "Change", cell: (row) => row.change, sort: (row) => row.change, width: 84 },
            { key: "name", title: "Entity", isName: true, cell: (row) => <>{row.name} <span className="mut">{words(row.kind)}</span></>, sort: (row) => row.name, hint: (row) => row.id, width: 220 },
            { key: "what", title: "What changed", cell: (row) => fieldsOf(row) || <span className="mut">{row.change === "changed" ? "labels" : "–"}</span>, hint: fieldsOf },
          ]}
        />
      )}
    </Panel>
  );
}
