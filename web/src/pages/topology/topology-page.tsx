// Topology: what exists and how it is connected, as picture and as table.
import { useMemo, useState } from "react";
import type { SystemMetricsAnswer, TopologyAnswer } from "../../api/answers";
import { useAnswer } from "../../api/queries";
import type { Envelope } from "../../api/types";
import type { MapGraph, MapNode } from "../../charts/layered/layered-graph";
import { MapLegend } from "../../charts/layered/layered-legend";
import { LayeredMap } from "../../charts/layered/layered-map";
import { hasLongNames } from "../../charts/layered/layered-places";
import { count, counted, plural } from "../../format/number";
import { dayAndClock } from "../../format/time";
import { Panel } from "../../parts/panel";
import { SourceLine } from "../../parts/source-line";
import { Answer, AnswerNotes, Empty } from "../../parts/states";
import { PageHead } from "../../shell/page-head";
import { useKeys } from "../../state/keys";
import { useContextParams, useView } from "../../state/view";
import { graphOf } from "./topology-graph";
import { TopologyFilters } from "./topology-filters";
import { ChangesPanel, CountsPanel, EntityTable, GroupTable, relationsInAll, SelectedPanel, topologyEvidence } from "./topology-tables";

const DRAWN_MOST = 150;
const LISTED_MOST = 5_000;
const LAYERS_BESIDE = 6;
const LAYERS_BESIDE_LONG = 3;
/** Which parameter opens a group of each grouping; the rest start from the group itself. */
const OPENS: Record<string, string> = { account: "account", region: "region", cluster: "cluster", namespace: "namespace", kind: "kind", application: "unit", team: "unit" };

function sentenceOf(envelope: Envelope<TopologyAnswer>): string {
  const { data } = envelope;
  const top = [...data.kinds].sort((a, b) => b.count - a.count).slice(0, 3);
  const largest = top.map((one) => counted(one.count, one.kind)).join(", ");
  const open = data.summary.open_references;
  if (data.summary.entities === 0) return "Nothing matches.";
  return `${plural(data.summary.entities, "entity", "entities")}, ${plural(data.summary.relations, "relation")}: ${largest}${data.kinds.length > 3 ? ` and ${data.kinds.length - 3} more kinds` : ""}.${open > 0 ? ` ${plural(open, "reference leads", "references lead")} nowhere.` : ""}`;
}

export function TopologyPage() {
  const view = useView();
  const context = useContextParams();
  const [lit, setLit] = useState<string | undefined>(undefined);
  // On a phone the map becomes its table, and the map is one tap away.
  const see = view.get("see") ?? (window.matchMedia("(max-width: 767px)").matches ? "table" : "map");
  const isMap = see === "map";
  const grouping = view.get("aggregate_by");
  const query = useAnswer<TopologyAnswer>("topology", {
    ...context,
    text: view.get("text"), root: view.all("root"), depth: view.get("depth"), direction: view.get("direction"), kind: view.all("kind"),
    relation: view.all("relation"), label: view.all("label"), compare_to: view.get("compare_to"), ended: view.get("ended"),
    aggregate_by: isMap ? grouping : (grouping ?? "none"),
    limit: isMap && grouping !== "none" ? DRAWN_MOST : LISTED_MOST,
    cursor: view.get("cursor"),
  });
  const health = useAnswer<SystemMetricsAnswer>("system-metrics", { ...context, limit: 1_000 });
  const statuses = useMemo(() => new Map((health.data?.data.entities ?? []).map((one) => [one.id, one.status as string])), [health.data]);
  // More layers than stand legibly beside a table get the whole width, and the tables stand below.
  const graph = useMemo(() => (query.data ? graphOf(query.data.data) : null), [query.data]);
  const isDeep = graph !== null && graph.layers.length > (hasLongNames(graph) ? LAYERS_BESIDE_LONG : LAYERS_BESIDE);
  // Groups of one kind each are counted by their own table.
  const hasCounts = query.data?.data.aggregated_by !== "kind";
  const selected = view.get("sel");
  const select = (id: string | undefined) => view.set({ sel: id === selected ? undefined : id }, { replace: true });
  useKeys({ v: () => view.set({ see: isMap ? "table" : "map" }), Escape: () => select(undefined) });
  const drill = (id: string) => {
    const by = query.data?.data.aggregated_by;
    if (by === null || by === undefined) view.set({ root: [id], sel: undefined, aggregate_by: undefined, see: undefined });
    else if (id !== "") view.set({ [OPENS[by] ?? "root"]: [id], aggregate_by: undefined, sel: undefined, cursor: undefined });
  };
  const startFrom = (name: string) => view.set({ root: [name] });
  const open = (node: MapNode) => (node.isGroup ? drill(node.id) : view.go("/entity", { id: node.id }));
  return (
    <>
      <PageHead
        title="Topology"
        sentence={query.data ? sentenceOf(query.data) : undefined}
        actions={
          <>
            <button type="button" className="btn" aria-pressed={isMap} onClick={() => view.set({ see: "map" })}>Map</button>
            <button type="button" className="btn" aria-pressed={!isMap} onClick={() => view.set({ see: "table" })}>Table</button>
          </>
        }
      />
      <TopologyFilters answer={query.data?.data} />
      {query.data && <AnswerNotes envelope={query.data} onRetry={() => void query.refetch()} />}
      <div className={isMap && !isDeep ? "grid-12 cols-map" : "grid-12"}>
        {isMap && (
          <div className="grid gap-3 min-w-0">
            <MapPanel query={query} graph={graph} statuses={statuses} selected={selected} lit={lit} onSelect={select} onOpen={open} onLight={setLit} onNearest={startFrom} />
            {query.data && hasCounts && !isDeep && <CountsPanel envelope={query.data} />}
          </div>
        )}
        <div className={isMap && isDeep ? "grid cols-2 items-start gap-3 min-w-0" : "grid gap-3 min-w-0"}>
          {query.data && (
            <>
              {selected !== undefined && <SelectedPanel envelope={query.data} id={selected} onSelect={select} onDrill={drill} />}
              <ChangesPanel envelope={query.data} onSelect={select} />
              {query.data.data.aggregated_by !== null ? (
                <GroupTable envelope={query.data} selected={selected} lit={lit} onSelect={select} onLight={setLit} />
              ) : (
                <EntityTable envelope={query.data} selected={selected} lit={lit} onSelect={(id) => (isMap ? select(id) : view.go("/entity", { id }))} onLight={setLit} isWide={!isMap} statuses={statuses} />
              )}
              {isMap && hasCounts && isDeep && <CountsPanel envelope={query.data} />}
              {query.data.next && (
                <button type="button" className="btn justify-self-start" onClick={() => view.set({ cursor: query.data?.next ?? undefined })}>Next page</button>
              )}
            </>
          )}
          {!isMap && !query.data && (
            <Panel title="Entities" isFlush>
              <Answer query={query} what="topology" onNearest={startFrom}>{() => null}</Answer>
            </Panel>
          )}
        </div>
      </div>
    </>
  );
}

interface MapPanelProps {
  query: ReturnType<typeof useAnswer<TopologyAnswer>>;
  graph: MapGraph | null;
  statuses: Map<string, string>;
  selected: string | undefined;
  lit: string | undefined;
  onSelect: (id: string | undefined) => void;
  onOpen: (node: MapNode) => void;
  onLight: (id: string | undefined) => void;
  onNearest: (name: string) => void;
}

function MapPanel({ query, graph, statuses, onNearest, ...rest }: MapPanelProps) {
  const envelope = query.data;
  const data = envelope?.data;
  const drawn = graph?.nodes.length ?? 0;
  const total = data ? (data.aggregated_by !== null ? data.groups.length : data.summary.entities) : 0;
  const unit = data?.aggregated_by !== null && data ? "groups" : "entities";
  const inAll = envelope && relationsInAll(envelope);
  const held = !graph ? "" : inAll === undefined ? plural(graph.edges.length, "edge") : `edges of ${count(data?.relations.length ?? 0)} of ${count(inAll)} relations`;
  return (
    <Panel
      title={data?.aggregated_by ? `Estate by ${data.aggregated_by}` : "What needs what"}
      qualifier={data ? (drawn < total ? `${count(drawn)} of ${count(total)} ${unit}` : `${count(total)} ${unit}`) : undefined}
      isBusy={query.isFetching}
      foot={envelope && <SourceLine evidence={topologyEvidence(envelope, "Topology", data?.aggregated_by ? "group_relations" : "relations", "Entities and the relations between them at one instant. Layers stand from what is used first to what everything needs; needs points right.")} text={`as of ${dayAndClock(envelope.as_of)} · topology · ${held}${drawn < total ? ` · ${count(total - drawn)} ${unit} not drawn` : ""}`} />}
    >
      <Answer query={query} what="topology" onNearest={onNearest}>
        {() =>
          graph && graph.nodes.length > 0 ? (
            <>
              <LayeredMap graph={graph} label="Topology map; the tables beside it hold the same facts. Arrows walk it." statuses={statuses} {...rest} />
              <MapLegend graph={graph} />
            </>
          ) : total === 0 ? (
            <Empty title="Nothing to draw.">Ingest an inventory, or take a filter away.</Empty>
          ) : (
            <Empty title={`${count(total)} ${unit} are too many for a picture.`}>Group them, start from one of them, or read the table beside.</Empty>
          )
        }
      </Answer>
    </Panel>
  );
}
