// The tables of services: themselves worst first, their calls, entry points, cycles.
import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import type { ServiceDependenciesAnswer, ServiceEdge, ServiceNode } from "../../api/service-dependencies";
import { CellBar } from "../../charts/small";
import { count, fixed, plural, words } from "../../format/number";
import { dayAndClock, short } from "../../format/time";
import { DataTable } from "../../parts/data-table";
import { EntityName, ownerText } from "../../parts/entity-name";
import { MeasureCell, valueOf } from "../../parts/measure-cell";
import { Panel } from "../../parts/panel";
import { SourceLine } from "../../parts/source-line";
import { Empty } from "../../parts/states";
import { Glyph, Status, statusRank } from "../../parts/status";
import { contextOf } from "../../state/address";
import { useView } from "../../state/view";
import { dependencyEvidence, namesOf, SETS, worstFirst, type Dependencies } from "./service-dependencies-model";

export function sourcesOf(answer: ServiceDependenciesAnswer): string {
  const names = [...new Set(answer.services.flatMap((one) => (one.figures.source ? [one.figures.source] : [])))].sort();
  return names.length === 0 ? "no telemetry, configuration only" : names.length <= 2 ? names.join(", ") : plural(names.length, "source");
}

export const SERVICES_DEFINITION = "Services and what they call in the window. Rates and errors are of requests answered, as the first source that counts them says; sources are never added. Percentiles come from merged histograms or from spans. Where only quantiles were sent, rates and errors are absent.";

interface ServiceTableProps {
  envelope: Dependencies;
  statuses: Map<string, string>;
  selected: string | undefined;
  onSelect: (id: string) => void;
  /** Beside details or other panels: the columns that decide. */
  isNarrow?: boolean;
}

export function ServiceTable({ envelope, statuses, selected, onSelect, isNarrow = false }: ServiceTableProps) {
  const { data } = envelope;
  const rows = useMemo(() => worstFirst(data, statuses), [data, statuses]);
  const scores = useMemo(() => new Map(data.impact.map((one) => [one.service, one])), [data]);
  const names = useMemo(() => namesOf(data), [data]);
  const named = (row: ServiceNode) => { const [name, place] = (names.get(row.id) ?? row.name).split(" · "); return place ? <>{name} <span className="mut">{place}</span></> : name; };
  const score = (row: ServiceNode) => scores.get(row.id)?.score.value ?? null;
  return (
    <Panel
      title="Services, worst first"
      qualifier={rows.length < data.summary.services ? `${count(rows.length)} of ${count(data.summary.services)}` : count(rows.length)}
      isFlush
      foot={<SourceLine evidence={dependencyEvidence(envelope, "Services", SERVICES_DEFINITION, "services")} source={sourcesOf(data)} coverage={Object.keys(envelope.coverage)[0]} />}
    >
      {rows.length === 0 ? (
        <Empty title="No service is known here.">Spans, service-graph metrics, a mesh or configuration tell which there are: ubiquitous ingest FILE.</Empty>
      ) : (
        <DataTable
          label="Services, worst first"
          rows={rows}
          rowKey={(row) => row.id}
          selected={selected}
          onOpen={(row) => onSelect(row.id)}
          isTall={rows.length > 24}
          columns={[
            { key: "status", title: "Status", width: 92, sort: (row: ServiceNode) => statusRank(statuses.get(row.id) ?? "healthy"), cell: (row: ServiceNode) => { const word = statuses.get(row.id); return word ? <Status word={word} /> : <span className="mut">not judged</span>; } },
            { key: "name", title: "Service", isName: true, sort: (row: ServiceNode) => row.name, hint: (row: ServiceNode) => `${row.name}, ${words(row.kind)}, ${row.id}`, cell: (row: ServiceNode) => <>{named(row)} {row.kind !== "service" && <span className="mut">{words(row.kind)}</span>}{row.is_entry && <span className="tag">entry</span>}{row.cycle !== null && <span className="tag">cycle</span>}</> },
            { key: "rate", title: "Rate", isNumber: true, width: 84, sort: (row: ServiceNode) => valueOf(row.figures.request_rate), cell: (row: ServiceNode) => <MeasureCell of={row.figures.request_rate} /> },
            { key: "errors", title: "Errors", isNumber: true, width: 72, sort: (row: ServiceNode) => valueOf(row.figures.error_ratio), cell: (row: ServiceNode) => <MeasureCell of={row.figures.error_ratio} /> },
            { key: "p50", title: "p50", isNumber: true, width: 76, sort: (row: ServiceNode) => valueOf(row.latency.p50), cell: (row: ServiceNode) => <MeasureCell of={row.latency.p50} /> },
            { key: "p95", title: "p95", isNumber: true, width: 76, sort: (row: ServiceNode) => valueOf(row.latency.p95), cell: (row: ServiceNode) => <MeasureCell of={row.latency.p95} /> },
            { key: "p99", title: "p99", isNumber: true, width: 76, sort: (row: ServiceNode) => valueOf(row.latency.p99), cell: (row: ServiceNode) => <MeasureCell of={row.latency.p99} /> },
            { key: "impact", title: "Impact, 0–100", isNumber: true, width: 118, sort: score, cell: (row: ServiceNode) => { const one = score(row); return one === null ? <span className="mut">n/a</span> : <><CellBar value={one} of={100} width={40} /> {fixed(one, 1)}</>; } },
            { key: "callers", title: "Callers", isNumber: true, width: 64, sort: (row: ServiceNode) => row.callers, cell: (row: ServiceNode) => count(row.callers) },
            { key: "callees", title: "Calls", isNumber: true, width: 56, sort: (row: ServiceNode) => row.callees, cell: (row: ServiceNode) => count(row.callees) },
            { key: "owner", title: "Owner", width: 112, sort: (row: ServiceNode) => ownerText(row.owner), hint: (row: ServiceNode) => row.owner ?? undefined, cell: (row: ServiceNode) => ownerText(row.owner) ?? <span className="mut">no owner</span> },
          ].filter((column) => !isNarrow || !["p50", "p99", "callers", "callees"].includes(column.key))}
          phone={(row) => (
            <>
              <span className="st"><Glyph word={statuses.get(row.id) ?? "unknown"} alone /><span className="font-medium">{names.get(row.id) ?? row.name}</span></span>
              <span><MeasureCell of={row.figures.request_rate} /></span>
              <span className="d">errors <MeasureCell of={row.figures.error_ratio} />, p95 <MeasureCell of={row.latency.p95} />{score(row) === null ? "" : `, impact ${fixed(score(row) ?? 0, 1)}`}</span>
            </>
          )}
        />
      )}
    </Panel>
  );
}

const EDGES_DEFINITION = "A call or connection between two of these. Declared: a configuration names it. Observed: spans, a mesh or metrics saw it in the window. Latency is as the caller sees it; network time is the caller's mean less the callee's.";

export function EdgeTable({ envelope, rows, title, near }: { envelope: Dependencies; rows: ServiceEdge[]; title: string; near?: "from" | "to" | undefined }) {
  const names = namesOf(envelope.data);
  const view = useView();
  const name = (id: string) => names.get(id) ?? id;
  const end = (which: "from" | "to", heading: string) => ({ key: which, title: heading, isName: true, sort: (row: ServiceEdge) => name(row[which]), hint: (row: ServiceEdge) => row[which], cell: (row: ServiceEdge) => <EntityName id={row[which]} name={name(row[which])} /> });
  return (
    <Panel title={title} qualifier={count(rows.length)} isFlush foot={<SourceLine evidence={dependencyEvidence(envelope, title, EDGES_DEFINITION, "edges")} source={sourcesOf(envelope.data)} />}>
      {rows.length === 0 ? (
        <Empty title="No call of this sort." />
      ) : (
        <DataTable
          label={title}
          rows={rows}
          rowKey={(row) => `${row.from} ${row.relation} ${row.to}`}
          onOpen={(row) => view.go("/entity", { id: near === "from" ? row.to : row.from })}
          isTall={rows.length > 20}
          columns={[
            ...(near === "from" ? [] : [end("from", "Caller")]),
            ...(near === "to" ? [] : [end("to", "Callee")]),
            ...(near ? [] : [{ key: "set", title: "Known as", width: 154, sort: (row: ServiceEdge) => row.set, cell: (row: ServiceEdge) => SETS.find(([set]) => set === row.set)?.[1] ?? words(row.set), hint: (row: ServiceEdge) => row.sources.join(", ") }]),
            { key: "need", title: "Need", width: near ? 90 : 104, sort: (row) => row.need, hint: (row) => `${row.need}, from ${words(row.need_source)}`, cell: (row) => (row.need === "unknown" ? <span className="mut">unknown</span> : row.need) },
            { key: "rate", title: "Rate", isNumber: true, width: near ? 70 : 80, sort: (row) => valueOf(row.figures.request_rate), cell: (row) => <MeasureCell of={row.figures.request_rate} /> },
            { key: "errors", title: "Errors", isNumber: true, width: 60, sort: (row) => valueOf(row.figures.error_ratio), cell: (row) => <MeasureCell of={row.figures.error_ratio} /> },
            { key: "p95", title: "p95", isNumber: true, width: 70, sort: (row) => valueOf(row.client_latency.p95), cell: (row) => <MeasureCell of={row.client_latency.p95.value === null ? row.server_latency.p95 : row.client_latency.p95} /> },
            ...(near ? [] : [
              { key: "network", title: "Network", isNumber: true, width: 82, sort: (row: ServiceEdge) => valueOf(row.network_seconds), cell: (row: ServiceEdge) => <MeasureCell of={row.network_seconds} /> },
              { key: "seen", title: "Last seen", isNumber: true, width: 84, sort: (row: ServiceEdge) => row.last_seen, cell: (row: ServiceEdge) => (row.last_seen ? <span title={dayAndClock(row.last_seen)}>{short(row.last_seen, envelope.as_of)}</span> : <span className="mut">never</span>) },
            ]),
          ]}
          phone={(row) => (
            <>
              <span className="font-medium">{near === "from" ? name(row.to) : near === "to" ? name(row.from) : `${name(row.from)} → ${name(row.to)}`}</span>
              <span><MeasureCell of={row.figures.request_rate} /></span>
              <span className="d">{row.need === "unknown" ? "need unknown" : row.need}, {words(row.set)}, errors <MeasureCell of={row.figures.error_ratio} /></span>
            </>
          )}
        />
      )}
    </Panel>
  );
}

const RULES: Record<string, string> = { configured: "named by a rule", exposed: "reached from outside", traced: "requests without a parent" };

export function EntryTable({ envelope }: { envelope: Dependencies }) {
  const { entry_points: rows } = envelope.data;
  const names = namesOf(envelope.data);
  const view = useView();
  const definition = "Where requests enter: what a rule names, what a load balancer, ingress or open Kubernetes Service leads to, or whose requests have no parent in traces.";
  return (
    <Panel title="Entry points" qualifier={count(rows.length)} isFlush foot={<SourceLine evidence={dependencyEvidence(envelope, "Entry points", definition, "entry_points")} source="most requests first" />}>
      {rows.length === 0 ? (
        <Empty title="No entry point is known.">Traces, an ingress or a load balancer tell where requests enter.</Empty>
      ) : (
        <DataTable
          label="Entry points"
          rows={rows}
          rowKey={(row) => row.service}
          onOpen={(row) => view.go("/dependency-map", { entry: row.service })}
          isTall={rows.length > 10}
          columns={[
            { key: "name", title: "Service", isName: true, cell: (row) => names.get(row.service) ?? row.name, sort: (row) => row.name, hint: (row) => `${names.get(row.service) ?? row.name}: ${RULES[row.rule] ?? words(row.rule)}${row.through.length > 0 ? `, through ${row.through.join(", ")}` : ""}` },
            { key: "rule", title: "Known by", width: 170, cell: (row) => RULES[row.rule] ?? words(row.rule), hint: (row) => `${RULES[row.rule] ?? words(row.rule)}, ${row.kind}` },
            { key: "requests", title: "Requests", isNumber: true, width: 82, cell: (row) => <MeasureCell of={row.requests} />, sort: (row) => valueOf(row.requests) },
            { key: "weight", title: "Weight", isNumber: true, width: 74, cell: (row) => <MeasureCell of={row.weight} />, sort: (row) => valueOf(row.weight) },
          ]}
          phone={(row) => (
            <>
              <span className="font-medium">{names.get(row.service) ?? row.name}</span>
              <span><MeasureCell of={row.weight} /></span>
              <span className="d">{RULES[row.rule] ?? words(row.rule)}, requests <MeasureCell of={row.requests} /></span>
            </>
          )}
        />
      )}
    </Panel>
  );
}

export function CyclesPanel({ envelope }: { envelope: Dependencies }) {
  const view = useView();
  const names = namesOf(envelope.data);
  const { cycles } = envelope.data;
  const definition = "Services that reach each other by calls: the strongly connected components of the call graph. A failure inside one reaches all of it.";
  return (
    <Panel title="Cycles of calls" qualifier={count(cycles.length)} foot={<SourceLine evidence={dependencyEvidence(envelope, "Cycles", definition, "cycles")} source="largest first" />}>
      {cycles.length === 0 ? (
        <p className="sub py-1">None: no service leads back to itself.</p>
      ) : (
        <ul className="sub">
          {cycles.slice(0, 12).map((cycle) => (
            <li key={cycle.join()} className="py-0.5">
              {cycle.slice(0, 8).map((id, index) => (
                <span key={id}>{index > 0 && " ↔ "}<Link to={"/entity" as never} search={{ ...contextOf(view.search), id } as never}>{names.get(id) ?? id}</Link></span>
              ))}
              {cycle.length > 8 && ` and ${count(cycle.length - 8)} more`}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
