// One application: its layers as picture and table, its stores, hot spots, what it touches.
import { useMemo, useState } from "react";
import type { Application, ApplicationPart, ApplicationStore } from "../../api/application-architecture";
import { useAnswer } from "../../api/queries";
import type { ServiceDependenciesAnswer } from "../../api/service-dependencies";
import { MapLegend } from "../../charts/layered/layered-legend";
import { LayeredMap } from "../../charts/layered/layered-map";
import { CellBar } from "../../charts/small";
import { count, lastPart, plural, ratio, words } from "../../format/number";
import { Facts } from "../../parts/detail";
import { DataTable } from "../../parts/data-table";
import { EntityName, ownerText } from "../../parts/entity-name";
import { MeasureCell, valueOf } from "../../parts/measure-cell";
import { Panel } from "../../parts/panel";
import { SourceLine } from "../../parts/source-line";
import { Empty } from "../../parts/states";
import { Glyph, statusRank } from "../../parts/status";
import { useContextParams, useView } from "../../state/view";
import { architectureEvidence, DEFINITION, graphOf, type Architecture } from "./application-architecture-model";
import { costOf } from "./application-architecture-page";

/** A picture of more is not read, and the calls of more are not asked by name. */
const DRAWN_MOST = 100;

interface Of {
  envelope: Architecture;
  application: Application;
}

export function ApplicationView({ envelope, application }: Of) {
  const [lit, setLit] = useState<string | undefined>(undefined);
  return (
    <>
      <LayersPanel envelope={envelope} application={application} lit={lit} onLight={setLit} />
      <div className="grid-12 cols-wide">
        <div className="grid gap-3 min-w-0">
          <ServicesPanel envelope={envelope} application={application} lit={lit} onLight={setLit} />
          <StoresPanel envelope={envelope} application={application} />
        </div>
        <div className="grid gap-3 min-w-0">
          <FactsPanel envelope={envelope} application={application} />
          <HotSpotsPanel envelope={envelope} application={application} lit={lit} onLight={setLit} />
          <CyclesPanel envelope={envelope} application={application} />
        </div>
      </div>
    </>
  );
}

interface Lights {
  lit: string | undefined;
  onLight: (id: string | undefined) => void;
}

function LayersPanel({ envelope, application, lit, onLight }: Of & Lights) {
  const view = useView();
  const context = useContextParams();
  const ids = application.services.map((one) => one.id);
  const isDrawn = ids.length > 0 && ids.length <= DRAWN_MOST;
  const calls = useAnswer<ServiceDependenciesAnswer>("service-dependencies", { as_of: context.as_of, window: view.get("window"), root: ids, depth: 1, direction: "dependencies", traces: 0 }, isDrawn);
  const graph = useMemo(() => graphOf(application, calls.data?.data.edges ?? []), [application, calls.data]);
  const statuses = useMemo(() => new Map(application.services.map((one) => [one.id, one.health as string])), [application]);
  return (
    <Panel title="By layers" qualifier={plural(application.layers.length, "layer")} isBusy={calls.isFetching} foot={<SourceLine evidence={architectureEvidence(envelope, `Layers of ${application.name}`, DEFINITION, "services")} source={calls.error ? "the calls cannot be read now, so only stores have lines" : "longest distance from where requests enter"} />}>
      {isDrawn ? (
        <>
          <LayeredMap graph={graph} label={`${application.name} by layers; the tables below hold the same facts. Arrows walk it.`} statuses={statuses} selected={undefined} lit={lit} onSelect={(id) => id !== undefined && view.go("/entity", { id })} onOpen={(node) => view.go("/entity", { id: node.id })} onLight={onLight} hasPaths hasLayerTitles />
          <MapLegend graph={graph} />
        </>
      ) : (
        <Empty title={ids.length === 0 ? "It has no service." : `${plural(application.service_count, "service")} are too many for a picture.`}>{ids.length > 0 && "The table below has them by layer."}</Empty>
      )}
    </Panel>
  );
}

const replicasText = (part: ApplicationPart): string => part.workloads.map((one) => `${count(one.replicas)}${one.replicas_wanted === null ? "" : ` of ${count(one.replicas_wanted)}`}`).join(", ");

function ServicesPanel({ envelope, application, lit, onLight }: Of & Lights) {
  const view = useView();
  const rows = application.services;
  return (
    <Panel title="Services by layer" qualifier={rows.length < application.service_count ? `${count(rows.length)} of ${count(application.service_count)}` : count(rows.length)} isFlush foot={<SourceLine evidence={architectureEvidence(envelope, `Services of ${application.name}`, DEFINITION, "services")} source="topology, calls" />}>
      <DataTable
        label="Services by layer"
        rows={rows}
        rowKey={(row) => row.id}
        lit={lit}
        onLight={onLight}
        onOpen={(row) => view.go("/entity", { id: row.id })}
        isTall={rows.length > 20}
        order={{ key: "layer", isDescending: false }}
        columns={[
          { key: "layer", title: "Layer", isNumber: true, width: 56, sort: (row) => row.layer, cell: (row) => (row.layer === null ? <span className="mut">none</span> : count(row.layer)) },
          { key: "name", title: "Service", isName: true, sort: (row) => row.name, hint: (row) => `${row.name}, ${row.id}, runtime ${row.language ?? "not said"}`, cell: (row) => <span className="st"><Glyph word={row.health} alone />{row.name}{row.is_cyclic && <span className="tag">cycle</span>}</span> },
          { key: "replicas", title: "Replicas", width: 74, cell: (row) => replicasText(row) || <span className="mut">not known</span>, hint: (row) => row.workloads.map((one) => `${one.controller ?? words(one.kind)} ${lastPart(one.id)}`).join(", ") },
          { key: "requests", title: "Requests", isNumber: true, width: 92, sort: (row) => valueOf(row.requests), cell: (row) => <MeasureCell of={row.requests} /> },
          { key: "in", title: "Called by", isNumber: true, width: 72, sort: (row) => row.fan_in, cell: (row) => count(row.fan_in) },
          { key: "out", title: "Calls", isNumber: true, width: 56, sort: (row) => row.fan_out, cell: (row) => count(row.fan_out) },
          { key: "zones", title: "Zones", width: 84, sort: (row) => row.zones.length, cell: (row) => (row.zones.length === 0 ? <span className="mut">not known</span> : plural(row.zones.length, "zone")), hint: (row) => row.zones.join(", ") || undefined },
          { key: "owner", title: "Owner", width: 100, sort: (row) => ownerText(row.owner), cell: (row) => ownerText(row.owner) ?? <span className="mut">no owner</span> },
          { key: "health", title: "Health", width: 84, sort: (row) => statusRank(row.health), cell: (row) => row.health },
        ]}
        phone={(row) => (
          <>
            <span className="st"><Glyph word={row.health} alone /><span className="font-medium">{row.name}</span></span>
            <span className="mut">{row.layer === null ? "no layer" : `layer ${count(row.layer)}`}</span>
            <span className="d">called by {count(row.fan_in)}, calls {count(row.fan_out)}, {replicasText(row) || "replicas not known"}</span>
          </>
        )}
      />
    </Panel>
  );
}

function StoresPanel({ envelope, application }: Of) {
  const view = useView();
  const rows: ApplicationStore[] = [...application.stores, ...application.queues];
  return (
    <Panel title="Stores and queues" qualifier={count(rows.length)} isFlush foot={<SourceLine evidence={architectureEvidence(envelope, `Stores of ${application.name}`, "Databases, caches, buckets and queues that its services use. One is shared when more than one service uses it.", "stores")} source="topology, calls" />}>
      {rows.length === 0 ? (
        <Empty title="It is not known to use any." />
      ) : (
        <DataTable
          label="Stores and queues"
          rows={rows}
          rowKey={(row) => row.id}
          onOpen={(row) => view.go("/entity", { id: row.id })}
          isTall={rows.length > 12}
          columns={[
            { key: "name", title: "Store", isName: true, sort: (row) => row.name, hint: (row) => row.id, cell: (row) => <>{row.name} <span className="mut">{row.engine ?? words(row.kind)}</span></> },
            { key: "clients", title: "Used by", hint: (row) => row.clients.join(", "), cell: (row) => row.clients.map(lastPart).join(", ") || <span className="mut">no one seen</span> },
            { key: "others", title: "Other applications", hint: (row) => row.other_applications.join(", ") || undefined, cell: (row) => row.other_applications.map(lastPart).join(", ") || <span className="mut">none</span> },
            { key: "shared", title: "Shared", width: 76, sort: (row) => Number(row.is_shared), cell: (row) => (row.is_shared ? "shared" : <span className="mut">no</span>) },
          ]}
        />
      )}
    </Panel>
  );
}

function FactsPanel({ envelope, application: one }: Of) {
  const names = (rows: { name: string; services: number }[], unknown: number) => [...rows.map((row) => `${ownerText(row.name) ?? row.name} ${count(row.services)}`), ...(unknown > 0 ? [`not known ${count(unknown)}`] : [])].join(", ") || "none";
  const others = (ids: string[]) => ids.map(lastPart).join(", ") || "none";
  return (
    <Panel title="At a glance" foot={<SourceLine evidence={architectureEvidence(envelope, one.name, DEFINITION, "applications")} source="services counted" />}>
      <Facts
        rows={[
          ["Requests enter at", others(one.entry_points)],
          ["Other applications call", others(one.called_by_others)],
          ["Calls the applications", others(one.calls)],
          ["Is called by", others(one.called_by)],
          ["Calls wait", `${count(one.synchronous_depth)} deep`],
          ["Outside endpoints", count(one.external_endpoints.length)],
          ["Zones", names(one.zones, one.zones_unknown)],
          ["Owners", names(one.owners, one.unowned)],
          ["Runtimes", names(one.languages, one.languages_unknown)],
          ["Cost, 30 d, effective", costOf(one) ?? <span className="mut">{words(one.cost_reason ?? "no data")}</span>],
          ["Open incidents", count(one.open_incidents)],
          ["Open findings", one.findings.map((of) => `${count(of.count)} ${of.severity}`).join(", ") || "none"],
        ]}
      />
    </Panel>
  );
}

function HotSpotsPanel({ envelope, application, lit, onLight }: Of & Lights) {
  const rows = application.hot_spots;
  const name = (id: string) => application.services.find((one) => one.id === id)?.name ?? lastPart(id);
  return (
    <Panel title="Hot spots" isFlush foot={<SourceLine evidence={architectureEvidence(envelope, `Hot spots of ${application.name}`, "Services by their share of the time that all services of the application spend on answers, then by how many call them.", "hot_spots")} source="of answering time" />}>
      {rows.length === 0 ? (
        <Empty title="None stands out." />
      ) : (
        <DataTable
          label="Hot spots"
          rows={rows}
          rowKey={(row) => row.service}
          lit={lit}
          onLight={onLight}
          columns={[
            { key: "name", title: "Service", isName: true, cell: (row) => <EntityName id={row.service} name={name(row.service)} />, hint: (row) => row.service },
            { key: "bar", title: "", width: 52, cell: (row) => <CellBar value={row.time_share.value ?? 0} of={1} width={36} /> },
            { key: "time", title: "Of time", isNumber: true, width: 66, cell: (row) => (row.time_share.value === null ? <MeasureCell of={row.time_share} /> : ratio(row.time_share.value)) },
            { key: "in", title: "Called by", isNumber: true, width: 68, cell: (row) => count(row.fan_in) },
            { key: "out", title: "Calls", isNumber: true, width: 52, cell: (row) => count(row.fan_out) },
          ]}
        />
      )}
    </Panel>
  );
}

function CyclesPanel({ envelope, application }: Of) {
  return (
    <Panel title="Cycles of calls" qualifier={count(application.cycles.length)} foot={<SourceLine evidence={architectureEvidence(envelope, `Cycles of ${application.name}`, "Services that reach each other by calls.", "applications")} source="largest first" />}>
      {application.cycles.length === 0 ? <p className="sub py-1">None: no service leads back to itself.</p> : application.cycles.slice(0, 8).map((cycle) => <p key={cycle.join()} className="sub py-0.5">{cycle.map(lastPart).join(" ↔ ")}</p>)}
    </Panel>
  );
}
