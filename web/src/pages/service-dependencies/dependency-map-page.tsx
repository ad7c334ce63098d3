// The dependency map: entries at the left, what they need to the right; the critical path of an
// entry and what a failure takes down are shown on it. Many services are drawn by their groups.
import { useMemo, useState } from "react";
import type { TopologyAnswer } from "../../api/answers";
import { useAnswer } from "../../api/queries";
import type { ServiceDependenciesAnswer } from "../../api/service-dependencies";
import { MapLegend } from "../../charts/layered/layered-legend";
import { LayeredMap } from "../../charts/layered/layered-map";
import { count, distinctNames, fixed, plural } from "../../format/number";
import { windowLabel } from "../../format/time";
import { Answered } from "../../parts/answered";
import { useIsWide } from "../../parts/detail";
import { Panel } from "../../parts/panel";
import { SourceLine, windowText } from "../../parts/source-line";
import { Empty, Loading } from "../../parts/states";
import { useKeys } from "../../state/keys";
import { useContextParams, useView } from "../../state/view";
import { graphOf as groupGraphOf } from "../topology/topology-graph";
import { CriticalPathPanel, ImpactPanel, RadiusPanel, useRadius, type Radius } from "./dependency-map-panels";
import { dependencyEvidence, graphOf, openText, type Dependencies, type MapCase } from "./service-dependencies-model";
import { EdgeTable, ServiceTable, sourcesOf } from "./service-dependencies-tables";
import { useStatuses } from "./services-page";

const DRAWN_MOST = 150;
const GROUPINGS = ["application", "namespace", "team", "cluster"] as const;
/** What opening a group narrows the page to. */
const OPENS: Record<string, string> = { application: "unit", namespace: "namespace", team: "unit", cluster: "cluster" };
const DEFINITION = "Services, what they call and how much, in the window. Layers count the calls from where requests enter; needs points right. A need that nothing states is drawn as required and counted.";

function mapSentence(envelope: Dependencies, radius: Radius | null, shown: MapCase): string {
  const parts: string[] = [];
  if (radius) parts.push(radius.sentence);
  const top = shown.path?.all?.services[0];
  const nameOf = (id: string) => envelope.data.services.find((one) => one.id === id)?.name ?? id;
  if (top && shown.path) parts.push(`${nameOf(top.service)} owns ${fixed(top.share * 100, 1)}\u00a0% of the time of ${nameOf(shown.path.entry)}.`);
  return parts.join(" ") || `${plural(envelope.data.summary.services, "service and what they call", "services and what they call")}, ${plural(envelope.data.summary.edges, "edge")}.`;
}

export function DependencyMapPage() {
  const view = useView();
  const context = useContextParams();
  const query = useAnswer<ServiceDependenciesAnswer>("service-dependencies", { ...context, window: view.get("window"), root: view.all("root"), depth: view.get("depth"), direction: view.get("direction"), set: view.all("set") });
  const statuses = useStatuses(context);
  const [lit, setLit] = useState<string | undefined>(undefined);
  const selected = view.get("sel");
  const select = (id: string | undefined) => view.set({ sel: id === selected ? undefined : id }, { replace: true });
  const { radius, asked } = useRadius(selected, context);
  const data = query.data?.data;
  const path = data?.critical_paths.find((one) => one.entry === view.get("entry")) ?? data?.critical_paths[0];
  const shown = useMemo<MapCase>(() => ({ tones: radius?.tones ?? new Map(), path: view.get("entry") === "none" ? undefined : path }), [radius, path, view]);
  const isTable = !useIsWide("(min-width: 768px)") && view.get("see") !== "map" || view.get("see") === "table";
  useKeys({ v: () => view.set({ see: isTable ? "map" : "table" }), Escape: () => select(undefined) });
  return (
    <Answered
      title="Dependency map"
      query={query}
      what="services and their calls"
      sentence={(envelope) => mapSentence(envelope, radius, shown)}
      onNearest={(name) => view.set({ root: [name] })}
      filters={<Filters answer={data} />}
      actions={
        <>
          <button type="button" className="btn" aria-pressed={!isTable} onClick={() => view.set({ see: "map" })}>Map</button>
          <button type="button" className="btn" aria-pressed={isTable} onClick={() => view.set({ see: "table" })}>Table</button>
        </>
      }
    >
      {(envelope) => (
        <div className="grid-12 cols-map">
          <div className="grid gap-3 min-w-0">
            {isTable ? (
              <>
                <ServiceTable envelope={envelope} statuses={statuses} selected={selected} onSelect={select} isNarrow />
                <EdgeTable envelope={envelope} rows={envelope.data.edges} title="Calls and connections" />
              </>
            ) : envelope.data.layout || envelope.data.summary.services === 0 ? (
              <MapPanel envelope={envelope} shown={shown} statuses={statuses} selected={selected} lit={lit} onSelect={select} onLight={setLit} isBusy={query.isFetching} />
            ) : (
              <>
                <GroupMap envelope={envelope} />
                <ServiceTable envelope={envelope} statuses={statuses} selected={selected} onSelect={select} isNarrow />
              </>
            )}
          </div>
          <div className="grid gap-3 min-w-0">
            {selected !== undefined && <RadiusPanel envelope={envelope} id={selected} radius={radius} asked={asked} lit={lit} onLight={setLit} onClose={() => select(undefined)} />}
            <CriticalPathPanel envelope={envelope} path={path} lit={lit} onLight={setLit} />
            {selected === undefined && <ImpactPanel envelope={envelope} lit={lit} onLight={setLit} onSelect={select} />}
          </div>
        </div>
      )}
    </Answered>
  );
}

function Filters({ answer }: { answer: ServiceDependenciesAnswer | undefined }) {
  const view = useView();
  const names = distinctNames(answer?.services ?? []);
  const entry = view.get("entry") ?? answer?.critical_paths[0]?.entry ?? "";
  return (
    <div className="filters noprint" role="search" aria-label="What is drawn">
      <form onSubmit={(event) => { event.preventDefault(); const text = String(new FormData(event.currentTarget).get("root") ?? "").trim(); view.set({ root: text ? [text] : undefined, sel: undefined }); }}>
        <label className="field">
          Start from
          <input name="root" key={view.get("root")} defaultValue={view.get("root") ? (names.get(view.get("root") ?? "") ?? view.get("root")) : ""} placeholder="name, id or alias" />
        </label>
      </form>
      {view.get("root") && (
        <>
          <label className="field">
            Steps
            <select value={view.get("depth") ?? "2"} onChange={(event) => view.set({ depth: event.target.value })}>
              {["1", "2", "3", "4", "6", "20"].map((one) => <option key={one}>{one}</option>)}
            </select>
          </label>
          <label className="field">
            Way
            <select value={view.get("direction") ?? "both"} onChange={(event) => view.set({ direction: event.target.value === "both" ? undefined : event.target.value })}>
              <option value="both">both</option>
              <option value="dependencies">what it calls</option>
              <option value="dependents">what calls it</option>
            </select>
          </label>
          <button type="button" className="pill" onClick={() => view.set({ root: undefined, depth: undefined, direction: undefined })}>around {names.get(view.get("root") ?? "") ?? view.get("root")} ×</button>
        </>
      )}
      {answer && answer.critical_paths.length > 0 && (
        <label className="field">
          Critical path of
          <select value={entry} onChange={(event) => view.set({ entry: event.target.value || undefined })}>
            {answer.critical_paths.map((one) => <option key={one.entry} value={one.entry}>{names.get(one.entry) ?? one.entry}</option>)}
            <option value="none">none</option>
          </select>
        </label>
      )}
    </div>
  );
}

interface MapPanelProps {
  envelope: Dependencies;
  shown: MapCase;
  statuses: Map<string, string>;
  selected: string | undefined;
  lit: string | undefined;
  onSelect: (id: string | undefined) => void;
  onLight: (id: string | undefined) => void;
  isBusy: boolean;
}

function MapPanel({ envelope, shown, statuses, isBusy, ...rest }: MapPanelProps) {
  const view = useView();
  const graph = useMemo(() => graphOf(envelope.data, shown), [envelope, shown]);
  const { summary } = envelope.data;
  const given = view.get("window");
  return (
    <Panel
      title={`Calls, ${given ? windowLabel(given) : "24\u00a0h"}`}
      qualifier={graph && graph.nodes.length < summary.services ? `${count(graph.nodes.length)} of ${count(summary.services)} services` : plural(summary.services, "service")}
      isBusy={isBusy}
      foot={<SourceLine evidence={dependencyEvidence(envelope, "Dependency map", DEFINITION, "edges")} text={`${windowText(envelope)} · ${sourcesOf(envelope.data)} · ${openText(envelope.data)}`} />}
    >
      {graph && graph.nodes.length > 0 ? (
        <>
          <LayeredMap graph={graph} label="Dependency map; the tables hold the same facts. Arrows walk it." statuses={statuses} hasPaths onOpen={(node) => view.go("/entity", { id: node.id })} {...rest} />
          <MapLegend graph={graph} />
        </>
      ) : (
        <Empty title="No service is known here.">Spans, service-graph metrics, a mesh or configuration tell which there are: ubiquitous ingest FILE.</Empty>
      )}
    </Panel>
  );
}

/** Above what one picture can show, groups are drawn; opening one narrows the page to it. */
function GroupMap({ envelope }: { envelope: Dependencies }) {
  // Of its own: what is lit here is in no table, and thousands of rows need not follow a pointer.
  const [lit, setLit] = useState<string | undefined>(undefined);
  const view = useView();
  const context = useContextParams();
  const by = view.get("by") ?? "application";
  const query = useAnswer<TopologyAnswer>("topology", { ...context, kind: ["service"], relation: ["calls", "connects_to"], aggregate_by: by, limit: DRAWN_MOST });
  const graph = useMemo(() => (query.data ? groupGraphOf(query.data.data) : null), [query.data]);
  const open = (id: string) => (id === "" ? undefined : view.set({ [OPENS[by] ?? "unit"]: [id], sel: undefined }));
  return (
    <Panel
      title={`Calls by ${by}`}
      qualifier={
        <label className="field">
          Group by
          <select value={by} onChange={(event) => view.set({ by: event.target.value })}>
            {GROUPINGS.map((one) => <option key={one}>{one}</option>)}
          </select>
        </label>
      }
      isBusy={query.isFetching}
      foot={<SourceLine evidence={dependencyEvidence(envelope, "Dependency map by group", DEFINITION, "edges")} text={`${windowText(envelope)} · ${count(envelope.data.summary.services)} services are drawn by their groups; one opens in place`} />}
    >
      {graph ? (
        <>
          <LayeredMap graph={graph} label={`Services by ${by}; the table holds every one. Arrows walk it, Enter opens a group.`} statuses={new Map()} selected={undefined} lit={lit} onSelect={(id) => id !== undefined && open(id)} onOpen={(node) => open(node.id)} onLight={setLit} hasPaths />
          <MapLegend graph={graph} />
          <Places envelope={envelope} />
        </>
      ) : query.data ? (
        <Empty title="Too many groups for one picture.">Narrow the place in the bar above, start from one service, or read the table.</Empty>
      ) : query.error ? (
        <Empty title="No answer for the groups.">{query.error.message}</Empty>
      ) : (
        <Loading what="groups" />
      )}
    </Panel>
  );
}

/** Environments small enough to be drawn whole. */
function Places({ envelope }: { envelope: Dependencies }) {
  const view = useView();
  const counts = new Map<string, number>();
  for (const one of envelope.data.services) if (one.scope.environment) counts.set(one.scope.environment, (counts.get(one.scope.environment) ?? 0) + 1);
  const small = [...counts].filter(([, number]) => number <= DRAWN_MOST).sort((a, b) => b[1] - a[1]).slice(0, 6);
  if (small.length === 0 || view.get("environment")) return null;
  return (
    <p className="sub mt-2">
      Every service of{" "}
      {small.map(([name, number], index) => (
        <span key={name}>{index > 0 && ", "}<button type="button" className="link" onClick={() => view.set({ environment: name })}>{name}</button> <span className="mut">{count(number)}</span></span>
      ))}
    </p>
  );
}
