// Sections of an entity's page: neighbours, events, cost, identity.
import { Link } from "@tanstack/react-router";
import type { CostAnalysisAnswer } from "../../api/answers";
import { useAnswer } from "../../api/queries";
import type { EntityFact, EntityPage, EventFact, RelationFact } from "../../api/types";
import { count, middle, money, plural, words } from "../../format/number";
import { dayAndClock, full, range, short } from "../../format/time";
import { DataTable } from "../../parts/data-table";
import { Panel } from "../../parts/panel";
import { SourceLine, sourcesText } from "../../parts/source-line";
import { Empty, Loading } from "../../parts/states";
import { contextOf } from "../../state/address";
import { useView } from "../../state/view";
import { amountOf, costEvidence, valuesName } from "../cost-analysis/cost-analysis-model";

/** Relations that a failure travels along; the rest say where a thing stands. */
export const CARRIES = new Set(["calls", "connects_to", "implemented_by", "has_replica", "runs_on", "managed_by", "placed_in", "routes_to", "served_through", "egress_through", "mounts", "attached_to", "replicates", "has_part"]);

interface Neighbour {
  key: string;
  id: string;
  name: string;
  kind: string;
  relation: RelationFact;
}

function union(a: string[], b: string[]): string[] {
  return [...new Set([...a, ...b])].sort();
}

function neighboursOf(page: EntityPage, way: "in" | "out"): Neighbour[] {
  const byId = new Map(page.neighbours.map((one) => [one.id, one]));
  const relations = way === "in" ? page.incoming : page.outgoing;
  // Several sources, or one over several spans of time, may report one relation; it is one row.
  const rows = new Map<string, Neighbour>();
  for (const relation of relations) {
    const id = way === "in" ? relation.from : relation.to;
    const key = `${relation.kind} ${id}`;
    const known = rows.get(key)?.relation;
    const fact = byId.get(id);
    const merged = known ? { ...known, need: known.need === "unknown" ? relation.need : known.need, evidence: union(known.evidence, relation.evidence), sources: union(known.sources, relation.sources) } : relation;
    rows.set(key, { key, id, name: fact?.name ?? middle(id), kind: fact?.kind ?? "unknown", relation: merged });
  }
  return [...rows.values()];
}

export function NeighboursPanel({ page, way }: { page: EntityPage; way: "in" | "out" }) {
  const view = useView();
  const all = neighboursOf(page, way);
  const carrying = all.filter((one) => CARRIES.has(one.relation.kind));
  const rows = [...carrying, ...all.filter((one) => !CARRIES.has(one.relation.kind))];
  const observed = all.filter((one) => one.relation.evidence.includes("observed")).length;
  return (
    <Panel
      title={way === "in" ? "What needs it" : "What it needs"}
      qualifier={all.length === 0 ? "0" : `${count(carrying.length)} carry failure, ${count(all.length - carrying.length)} do not`}
      isFlush
      foot={<SourceLine text={`${count(observed)} of ${count(all.length)} observed${page.relations_cut > 0 ? ` · ${count(page.relations_cut)} more not listed` : ""}`} />}
    >
      {rows.length === 0 ? (
        <Empty title={way === "in" ? "Nothing is known to need it." : "It is not known to need anything."} />
      ) : (
        <DataTable
          label={way === "in" ? "What needs it" : "What it needs"}
          rows={rows}
          rowKey={(row) => row.key}
          onOpen={(row) => view.go("/entity", { id: row.id })}
          isTall={rows.length > 14}
          columns={[
            { key: "name", title: way === "in" ? "Near end" : "Far end", isName: true, cell: (row) => <>{row.name} <span className="mut">{words(row.kind)}</span></>, sort: (row) => row.name, hint: (row) => `${row.name}, ${words(row.kind)}, ${row.id}` },
            { key: "relation", title: "Relation", cell: (row) => words(row.relation.kind), sort: (row) => row.relation.kind, width: 96, hint: (row) => words(row.relation.kind) },
            { key: "need", title: "Need", cell: (row) => (CARRIES.has(row.relation.kind) ? row.relation.need : <span className="mut">n/a</span>), sort: (row) => row.relation.need, width: 76, hint: (row) => `${row.relation.need}, from ${row.relation.need_source}` },
            { key: "evidence", title: "Known by", cell: (row) => (row.relation.evidence.length > 1 ? "both" : row.relation.evidence[0]), sort: (row) => row.relation.evidence.join(), width: 78, hint: (row) => [row.relation.evidence.join(", "), row.relation.rule, row.relation.sources.join(", ")].filter(Boolean).join("; ") },
          ]}
          phone={(row) => (
            <>
              <span><span className="font-medium">{row.name}</span> <span className="mut">{words(row.kind)}</span></span>
              <span className="mut">{row.relation.need}</span>
              <span className="d">{words(row.relation.kind)}, {row.relation.evidence.join(", ")}</span>
            </>
          )}
        />
      )}
    </Panel>
  );
}

export function EventsPanel({ title, rows, empty, isNarrow = false }: { title: string; rows: EventFact[]; empty: string; isNarrow?: boolean }) {
  return (
    <Panel title={title} qualifier={rows.length > 0 ? plural(rows.length, "entry", "entries") : undefined} isFlush foot={<SourceLine text={rows.length === 0 ? "as far as held" : sourcesText([...new Set(rows.map((row) => row.source))].sort(), "as far as held")} />}>
      {rows.length === 0 ? (
        <Empty title={empty} />
      ) : (
        <DataTable
          label={title}
          rows={[...rows].sort((a, b) => (b.at ?? "").localeCompare(a.at ?? ""))}
          rowKey={(row) => `${row.source} ${row.external_id}`}
          isTall={rows.length > 10}
          columns={[
            { key: "at", title: "Time", cell: (row) => <span title={full(row.at)}>{row.at ? dayAndClock(row.at) : "no time"}</span>, sort: (row) => row.at, width: 104 },
            { key: "title", title: "What", isName: true, cell: (row) => row.title, sort: (row) => row.title, hint: (row) => `${row.title} (${words(row.kind)})` },
            ...(isNarrow ? [] : [{ key: "kind", title: "Kind", cell: (row: EventFact) => words(row.kind), sort: (row: EventFact) => row.kind, width: 100 }]),
            { key: "status", title: "Status", cell: (row) => (row.status ? words(row.status) : row.count > 1 ? `${count(row.count)} times` : <span className="mut">–</span>), width: 84 },
          ]}
          phone={(row) => (
            <>
              <span className="font-medium">{row.title}</span>
              <span className="mut">{row.at ? dayAndClock(row.at) : ""}</span>
              <span className="d">{words(row.kind)}</span>
            </>
          )}
        />
      )}
    </Panel>
  );
}

/** The charges of an entity: of what it owns, of its place, or of the billed resource itself. */
export function costParams(entity: EntityFact): Record<string, string | string[] | undefined> | null {
  switch (entity.kind) {
    case "organisation":
      return {};
    case "business_unit":
    case "team":
    case "product":
      return { unit: [entity.id] };
    case "application":
      return { filter: [`application=${entity.id}`] };
    case "account":
      return entity.scope.account ? { account: [entity.scope.account] } : null;
    case "kubernetes_cluster":
      return entity.scope.cluster ? { cluster: [entity.scope.cluster] } : null;
    case "kubernetes_namespace":
      return entity.scope.cluster && entity.scope.namespace ? { cluster: [entity.scope.cluster], namespace: [entity.scope.namespace] } : null;
    default:
      return entity.id.startsWith("k8s:") || entity.kind === "service" ? null : { filter: [`resource=${entity.id}`] };
  }
}

export function CostPanel({ entity, asOf }: { entity: EntityFact; asOf: string | undefined }) {
  const params = costParams(entity);
  const view = useView();
  const query = useAnswer<CostAnalysisAnswer>("cost-analysis", { ...params, as_of: asOf, by: ["service"], top: 6 }, params !== null);
  if (params === null) {
    return (
      <Panel title="Cost" isFlush>
        <Empty title="Not applicable: bills name no such thing.">Its share of the nodes that it runs on is not worked out.</Empty>
      </Panel>
    );
  }
  const envelope = query.data;
  const cost = envelope?.data.currencies[0];
  if (!envelope || !cost || cost.rows === 0) {
    return (
      <Panel title="Cost" isFlush>
        {query.isPending ? <Loading what="charges" rows={2} /> : <Empty title={query.error ? "No answer from the charges." : "No charge names it."} />}
      </Panel>
    );
  }
  const { basis } = envelope.data;
  return (
    <Panel
      title="Cost"
      qualifier={<Link to={"/cost" as never} search={{ ...contextOf(view.search), ...params } as never} className="link">Open in cost</Link>}
      isFlush
      foot={<SourceLine evidence={costEvidence(envelope, `Cost of ${entity.name}`, "Charges whose resource, place or owner is this.")} source={`${basis} cost · ${plural(cost.rows, "row")}`} />}
    >
      <DataTable
        label={`Cost of ${entity.name}`}
        rows={cost.groups}
        rowKey={(row) => JSON.stringify(row.values) + row.others}
        columns={[
          { key: "service", title: "Service", isName: true, cell: (row) => valuesName(row.values, row.others, ["service"]), foot: "Total" },
          { key: "amount", title: envelope.window ? range(envelope.window.from, envelope.window.to) : basis, isNumber: true, width: 128, cell: (row) => { const amount = amountOf(row.costs, basis); return amount === null ? <span className="mut">no data</span> : money(amount, cost.currency); }, foot: cost.total[basis].amount === null ? "no data" : money(cost.total[basis].amount, cost.currency) },
        ]}
      />
    </Panel>
  );
}

export function IdentityPanel({ page }: { page: EntityPage }) {
  const { entity } = page;
  const properties = Object.entries(entity.properties);
  const labels = Object.entries(entity.labels);
  const value = (one: unknown) => (typeof one === "string" ? one : JSON.stringify(one));
  return (
    <Panel title="Identity and evidence" qualifier={`${plural(page.sources.length, "source")}, ${plural(page.aliases.length, "alias", "aliases")}`} foot={<SourceLine text={`first seen ${dayAndClock(entity.first_seen)}, last seen ${dayAndClock(entity.last_seen)} · ${words(entity.state)}`} />}>
      <dl className="kv">
        <dt>Canonical id</dt><dd className="select-all">{entity.id}</dd>
        {page.sources.map((one) => (
          <div key={one.source} className="contents"><dt>source</dt><dd>{one.source} <span className="mut">{dayAndClock(one.first_seen)} to {dayAndClock(one.last_seen)}</span></dd></div>
        ))}
      </dl>
      {page.aliases.length > 0 && (
        <details className="mt-2 text-12" open={page.aliases.length <= 3}>
          <summary className="cursor-pointer text-ink-2">{plural(page.aliases.length, "alias", "aliases")}</summary>
          <dl className="kv mt-1">
            {page.aliases.map(([alias, source]) => (
              <div key={`${alias}-${source}`} className="contents"><dt>also</dt><dd>{alias} <span className="mut">{source}</span></dd></div>
            ))}
          </dl>
        </details>
      )}
      {properties.length > 0 && (
        <details className="mt-2 text-12" open={properties.length <= 12}>
          <summary className="cursor-pointer text-ink-2">{plural(properties.length, "property", "properties")}</summary>
          <dl className="kv mt-1">
            {properties.map(([name, one]) => (
              <div key={name} className="contents"><dt>{words(name)}</dt><dd>{value(one)}</dd></div>
            ))}
          </dl>
        </details>
      )}
      {labels.length > 0 && (
        <details className="mt-2 text-12">
          <summary className="cursor-pointer text-ink-2">{plural(labels.length, "label")}</summary>
          <dl className="kv mt-1">
            {labels.map(([name, one]) => (
              <div key={name} className="contents"><dt>{name}</dt><dd>{one}</dd></div>
            ))}
          </dl>
        </details>
      )}
    </Panel>
  );
}

const SEEN_AGAIN = "seen again";

/** What changed of its tracked properties, newest first. */
export function versionChanges(page: EntityPage): { at: string; source: string; what: string }[] {
  const rows: { at: string; source: string; what: string }[] = [];
  for (const [index, version] of page.history.entries()) {
    const before = page.history.slice(index + 1).find((one) => one.source === version.source);
    if (!before) {
      rows.push({ at: version.observed_at, source: version.source, what: "first seen" });
      continue;
    }
    const names = [...new Set([...Object.keys(version.properties), ...Object.keys(before.properties)])].sort();
    const parts = names.flatMap((name) => {
      const [was, is] = [JSON.stringify(before.properties[name]) ?? "none", JSON.stringify(version.properties[name]) ?? "none"];
      return was === is ? [] : [`${words(name)} ${middle(was, 30)} → ${middle(is, 30)}`];
    });
    if (JSON.stringify(before.labels) !== JSON.stringify(version.labels)) parts.push("labels");
    rows.push({ at: version.observed_at, source: version.source, what: parts.join("; ") || SEEN_AGAIN });
  }
  return rows;
}

export function HistoryPanel({ page }: { page: EntityPage }) {
  const all = versionChanges(page);
  const rows = all.filter((row) => row.what !== SEEN_AGAIN);
  const same = all.length - rows.length;
  return (
    <Panel title="Versions" qualifier={plural(rows.length, "version")} isFlush foot={<SourceLine text={`tracked properties and labels, newest first, at most 50${same > 0 ? ` · ${plural(same, "more differs", "more differ")} in neither` : ""}`} />}>
      {rows.length === 0 ? (
        <Empty title="No version is kept." />
      ) : (
        <DataTable
          label="Versions"
          rows={rows}
          rowKey={(row) => `${row.at} ${row.source} ${row.what}`}
          isTall={rows.length > 10}
          columns={[
            { key: "at", title: "Observed", cell: (row) => <span title={full(row.at)}>{short(row.at)}</span>, width: 90 },
            { key: "what", title: "What changed", cell: (row) => row.what, hint: (row) => row.what },
            { key: "source", title: "Source", cell: (row) => middle(row.source, 26), hint: (row) => row.source, width: 190 },
          ]}
        />
      )}
    </Panel>
  );
}
