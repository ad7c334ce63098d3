// A point with its way and remedy; workload risks; margins; what was accepted; what it all rests on.
import { useQuery } from "@tanstack/react-query";
import { getJson, type ProblemError } from "../../api/client";
import type { DecisionFact } from "../../api/decisions";
import type { CriticalTarget, SinglePoint, WorkloadRiskRow } from "../../api/critical-paths";
import { count, lastPart, plural, ratio, words } from "../../format/number";
import { dayAndClock, short } from "../../format/time";
import { Decision } from "../../parts/decision";
import { Detail, Facts, Section } from "../../parts/detail";
import { DataTable } from "../../parts/data-table";
import { EntityName, Owner, ownerText } from "../../parts/entity-name";
import { Figure } from "../../parts/figure";
import { MeasureCell } from "../../parts/measure-cell";
import { Panel } from "../../parts/panel";
import { SourceLine } from "../../parts/source-line";
import { Empty, Loading, sentence } from "../../parts/states";
import { Glyph } from "../../parts/status";
import { useView } from "../../state/view";
import { CLASSES, baseText, LOSS, pathsEvidence, riskTarget, type CriticalPaths } from "./critical-paths-model";
import { EntityCell } from "./critical-paths-page";

export function PointDetail({ envelope, point, onClose }: { envelope: CriticalPaths; point: SinglePoint; onClose: () => void }) {
  const view = useView();
  const { entity } = point;
  const target = riskTarget(point.class, entity);
  const evidence = pathsEvidence(envelope, `Loss with ${entity.name}`, `${LOSS} ${CLASSES[point.class]}.`, point.class === "dependency" ? "logical" : "physical");
  return (
    <Detail
      title={entity.name}
      sub={<><EntityName id={entity.id} name={words(entity.kind)} /> · {entity.environment ?? "no environment"} · <Owner id={entity.owner} /></>}
      onClose={onClose}
      foot={<SourceLine evidence={evidence} text={baseText(envelope)} />}
    >
      <Section title={`Takes down ${plural(point.takes_down.length, "entry", "entries")}${point.loss.value === null ? "" : `, ${ratio(point.loss.value)} of ${envelope.data.assumptions.weighted_by}`}`}>
        <ul className="chips">
          {point.takes_down.slice(0, 12).map((one, index) => <li key={one.id ?? index} className="fails"><EntityName id={one.id} name={one.name} /></li>)}
          {point.takes_down.length > 12 && <li>{count(point.takes_down.length - 12)} more</li>}
        </ul>
        <p className="sub mt-2">
          {plural(point.fails, "entity fails", "entities fail")} with it, {count(point.degrades)} only {point.degrades === 1 ? "degrades" : "degrade"}. {point.assumed === 0 ? "No need on the way is assumed." : `${plural(point.assumed, "need")} on the way ${point.assumed === 1 ? "is" : "are"} assumed.`}
        </p>
      </Section>
      <Section title="How the failure arrives">
        <ol className="chain" aria-label="The way of the failure">
          {point.path.map((step, index) => (
            <li key={index}>
              {step.by && <span className="by">{words(step.by)}{step.is_assumed ? ", need assumed" : ""}</span>}
              <span className={index === point.path.length - 1 ? "stop last" : "stop"}><EntityName id={step.entity.id} name={step.entity.name} kind={step.entity.kind} /></span>
            </li>
          ))}
        </ol>
      </Section>
      <Section title="Why" aside={point.class}>
        <p className="sub">{sentence(point.why)}{point.holds === "now" && " Only now, since something else is not ready; by design it is none."}</p>
      </Section>
      <Section title="Remedy">
        <p className="sub">{sentence(point.remedy)}</p>
      </Section>
      {point.inside.length > 0 && (
        <Section title="Inside it" aside="take the same down">
          <Facts rows={point.inside.slice(0, 8).map((one) => [<EntityCell key={one.entity.id} entity={one.entity} />, one.class])} />
          {point.inside.length > 8 && <p className="sub">{count(point.inside.length - 8)} more</p>}
        </Section>
      )}
      <Section title="Decision">
        {target && <Decision target={target} decision={point.decision} means={{ accept: "Accept the risk", dismiss: "Dismiss it" }} hasEnd />}
        {entity.id && <button type="button" className="btn mt-2" onClick={() => view.go("/what-if", { select: [entity.id ?? ""] })}>What if it fails</button>}
      </Section>
    </Detail>
  );
}

export function AssumptionsPanel({ envelope }: { envelope: CriticalPaths }) {
  const { assumptions: base, summary } = envelope.data;
  return (
    <Panel title="What the closures rest on" foot={<SourceLine evidence={pathsEvidence(envelope, "Assumptions", "A call whose need nobody states carries failure as if it were required. A dependency of which no member is known never fails anything.", "assumptions")} source="topology" />}>
      <Facts
        rows={[
          ["Entry points and products judged", count(summary.entry_points + summary.products)],
          ["Calls and connections", count(base.calls)],
          ["Of unknown need, taken as required", count(base.assumed)],
          ["Nodes and instances with a known zone", `${count(base.hosts_with_zone)} of ${count(base.hosts)}`],
          ["Loss is weighted by", base.weighted_by],
          ...base.unknown_groups.map((one): [string, string] => [`No member known: ${one.of}`, count(one.count)]),
        ]}
      />
      {base.hosts > 0 && base.hosts_with_zone === 0 && <p className="sub">Zones are not known, so the loss of one cannot be judged.</p>}
    </Panel>
  );
}

export function OwnershipPanel({ envelope }: { envelope: CriticalPaths }) {
  const { ownership } = envelope.data;
  const definition = "Which owner's services have the greatest share of the weight of the entry points, and whether that is more than half; a fact of its own, without closure.";
  return (
    <Panel title="Ownership" foot={<SourceLine evidence={pathsEvidence(envelope, "Ownership concentration", definition, "ownership")} source="no closure" />}>
      {ownership.owner ? (
        <p className="fig"><Figure of={ownership.share} evidence={pathsEvidence(envelope, "Largest owner's share", definition, "ownership")} /> <small>of what enters is {ownership.owner.name}'s{ownership.is_concentrated ? ", more than half" : ""}</small></p>
      ) : (
        <p className="sub py-1">{sentence(words(ownership.share.detail ?? ownership.share.reason ?? "no value of entry points is known"))}</p>
      )}
    </Panel>
  );
}

export function WorkloadRisksPanel({ envelope }: { envelope: CriticalPaths }) {
  const view = useView();
  const { workload_risks: rows, summary } = envelope.data;
  const definition = "Every workload meant to run whose group has no spare member (capacity) or whose members all depend on one thing (placement), whether or not an entry point needs it. DaemonSets are left out; a single replica is capacity only.";
  const onText = (row: WorkloadRiskRow) => row.on.map((one) => one.name).join(", ");
  return (
    <Panel
      title="Workload risks"
      qualifier={`${count(summary.workloads_capacity)} capacity, ${count(summary.workloads_placement)} placement${summary.workloads_off > 0 ? `, ${count(summary.workloads_off)} off on purpose` : ""}`}
      isFlush
      foot={<SourceLine evidence={pathsEvidence(envelope, "Workload risks", definition, "workload_risks")} source={rows.length < summary.workload_risks ? `${count(rows.length)} of ${count(summary.workload_risks)} listed` : "topology, without loss"} />}
    >
      {rows.length === 0 ? (
        <Empty title="None: every workload that is meant to run has a spare replica somewhere else." />
      ) : (
        <DataTable
          label="Workload risks"
          rows={rows}
          rowKey={(row) => `${row.class} ${row.entity.id ?? row.entity.name}`}
          onOpen={(row) => row.entity.id && view.go("/entity", { id: row.entity.id })}
          isTall={rows.length > 24}
          columns={[
            { key: "name", title: "Workload", isName: true, width: 240, sort: (row) => row.entity.name, hint: (row) => row.entity.id ?? row.entity.name, cell: (row) => <>{row.entity.name} <span className="mut">{row.controller ?? words(row.entity.kind)}</span></> },
            { key: "namespace", title: "Namespace", width: 140, sort: (row) => row.namespace, cell: (row) => row.namespace ?? <span className="mut">none</span>, hint: (row) => row.namespace ?? undefined },
            { key: "class", title: "Class", width: 92, sort: (row) => row.class, cell: (row) => row.class },
            { key: "replicas", title: "Replicas", isNumber: true, width: 78, sort: (row) => row.replicas, cell: (row) => count(row.replicas) },
            { key: "least", title: "Must be left", isNumber: true, width: 90, sort: (row) => row.min_alive, cell: (row) => count(row.min_alive) },
            { key: "on", title: "All depend on", sort: onText, hint: onText, cell: (row) => (row.on.length === 0 ? <span className="mut">itself alone</span> : onText(row)) },
            { key: "remedy", title: "Remedy", cell: (row) => row.remedy, hint: (row) => row.remedy },
            { key: "owner", title: "Owner", width: 100, sort: (row) => ownerText(row.entity.owner), cell: (row) => ownerText(row.entity.owner) ?? <span className="mut">no owner</span> },
          ]}
          phone={(row) => (
            <>
              <span className="font-medium">{row.entity.name}</span>
              <span>{row.class}</span>
              <span className="d">{plural(row.replicas, "replica")}{row.on.length > 0 ? `, all on ${onText(row)}` : ""}. {row.remedy}</span>
            </>
          )}
        />
      )}
    </Panel>
  );
}

const marginRank = (row: CriticalTarget): number => row.margin.value ?? (row.margin.detail?.startsWith("not all") ? 9 : 3);

export function MarginPanel({ envelope }: { envelope: CriticalPaths }) {
  const view = useView();
  const rows = [...envelope.data.targets].sort((a, b) => marginRank(a) - marginRank(b) || (b.weight.value ?? 0) - (a.weight.value ?? 0));
  const points = (row: CriticalTarget) => row.margin_points.map((one) => one.name).join(", ");
  const definition = "The fewest instances, nodes or zones whose joint failure takes an entry down: exact up to 2, then more than 2; 0 when it has failed already.";
  return (
    <Panel title="Margin per entry" qualifier={plural(rows.length, "target")} isFlush foot={<SourceLine evidence={pathsEvidence(envelope, "Margin per entry", definition, "targets")} source={baseText(envelope)} />}>
      {rows.length === 0 ? (
        <Empty title="No entry point is known.">An ingress, a load balancer, traces or a rule tell where requests enter.</Empty>
      ) : (
        <DataTable
          label="Margin per entry, least first"
          rows={rows}
          rowKey={(row) => row.entity.id ?? row.entity.name}
          onOpen={(row) => row.entity.id && view.go("/entity", { id: row.entity.id })}
          isTall={rows.length > 24}
          order={{ key: "margin", isDescending: false }}
          columns={[
            { key: "name", title: "Entry or product", isName: true, width: 240, sort: (row) => row.entity.name, hint: (row) => row.entity.id ?? undefined, cell: (row) => <EntityCell entity={row.entity} /> },
            { key: "state", title: "State", width: 92, sort: (row) => Number(row.is_failed), cell: (row) => <span className="st"><Glyph word={row.is_failed ? "critical" : "healthy"} />{row.is_failed ? "failed" : "stands"}</span> },
            { key: "entry", title: "Entered by", width: 160, cell: (row) => row.entrances[0]?.map(lastPart).join(" → ") ?? row.entry ?? <span className="mut">n/a</span>, hint: (row) => row.entrances.map((one) => one.join(" → ")).join("; ") },
            { key: "weight", title: "Weight", isNumber: true, width: 76, sort: (row) => row.weight.value, cell: (row) => <MeasureCell of={row.weight} /> },
            { key: "margin", title: "Margin", isNumber: true, width: 92, sort: marginRank, cell: (row) => (row.margin.value === null ? <span className="mut">{row.margin.detail ?? "no data"}</span> : count(row.margin.value)) },
            { key: "points", title: "The first such set", hint: points, cell: (row) => points(row) || <span className="mut">none</span> },
            { key: "owner", title: "Owner", width: 110, sort: (row) => ownerText(row.entity.owner), cell: (row) => ownerText(row.entity.owner) ?? <span className="mut">no owner</span> },
          ]}
          phone={(row) => (
            <>
              <span className="font-medium">{row.entity.name}</span>
              <span>{row.margin.value === null ? (row.margin.detail ?? "no data") : `margin ${count(row.margin.value)}`}</span>
              <span className="d">{points(row) || "no such set"}</span>
            </>
          )}
        />
      )}
    </Panel>
  );
}

interface Listed extends DecisionFact {
  id: number;
  target: string;
  is_in_force: boolean;
}

/** Decisions about risks, newest first, with what was undone. */
export function AcceptedPanel({ envelope }: { envelope: CriticalPaths }) {
  const query = useQuery<{ decisions: Listed[] }, ProblemError>({ queryKey: ["answer", "decisions"], queryFn: ({ signal }) => getJson("/api/v1/decisions", {}, signal) });
  const rows = (query.data?.decisions ?? []).filter((one) => one.target.startsWith("risk:"));
  const about = (row: Listed) => lastPart(row.target.split(":").slice(2).join(":"));
  return (
    <Panel title="Decisions about risks" qualifier={query.data ? count(rows.length) : undefined} isFlush foot={<SourceLine text={`newest first, undone ones too · as of ${dayAndClock(envelope.as_of)}`} />}>
      {query.isPending ? (
        <Loading what="decisions" rows={3} />
      ) : query.error ? (
        <Empty title="The decisions cannot be read now.">{query.error.message}</Empty>
      ) : rows.length === 0 ? (
        <Empty title="No risk is accepted or dismissed.">Open a point to put a decision on record, with a reason and an end.</Empty>
      ) : (
        <DataTable
          label="Decisions about risks"
          rows={rows}
          rowKey={(row) => String(row.id)}
          columns={[
            { key: "target", title: "About", isName: true, cell: (row) => about(row), hint: (row) => row.target },
            { key: "class", title: "Class", width: 100, cell: (row) => row.target.split(":")[1] },
            { key: "action", title: "Decision", width: 92, cell: (row) => (row.is_in_force ? row.action : <span className="mut">{row.action}, over</span>) },
            { key: "author", title: "By", width: 130, cell: (row) => row.author },
            { key: "at", title: "When", width: 110, cell: (row) => dayAndClock(row.decided_at) },
            { key: "until", title: "Until", width: 90, cell: (row) => (row.until ? short(row.until) : <span className="mut">no end</span>) },
            { key: "reason", title: "Reason", cell: (row) => row.reason, hint: (row) => row.reason },
          ]}
        />
      )}
    </Panel>
  );
}
