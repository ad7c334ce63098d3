// Services: who answers how much, how well and how fast, worst first; every call between them.
import { useMemo } from "react";
import type { SystemMetricsAnswer } from "../../api/answers";
import { useAnswer } from "../../api/queries";
import type { ServiceDependenciesAnswer, ServiceImpact, ServiceNode } from "../../api/service-dependencies";
import { CellBar } from "../../charts/small";
import { count, fixed, plural, ratio, words } from "../../format/number";
import { Answered } from "../../parts/answered";
import { Detail, Facts, Section } from "../../parts/detail";
import { Owner } from "../../parts/entity-name";
import { Figure } from "../../parts/figure";
import { SourceLine } from "../../parts/source-line";
import { Status } from "../../parts/status";
import { MeasureCell } from "../../parts/measure-cell";
import { useKeys } from "../../state/keys";
import { useContextParams, useView } from "../../state/view";
import { dependencyEvidence, namesOf, servicesSentence, SETS, type Dependencies } from "./service-dependencies-model";
import { CyclesPanel, EdgeTable, EntryTable, SERVICES_DEFINITION, ServiceTable, sourcesOf } from "./service-dependencies-tables";

/** Health by entity, for glyphs beside names. */
export function useStatuses(context: ReturnType<typeof useContextParams>): Map<string, string> {
  const health = useAnswer<SystemMetricsAnswer>("system-metrics", { ...context, kind: ["service", "database", "cache", "queue"], limit: 1_000 });
  return useMemo(() => new Map((health.data?.data.entities ?? []).map((one) => [one.id, one.status as string])), [health.data]);
}

export function ServicesPage() {
  const view = useView();
  const context = useContextParams();
  const query = useAnswer<ServiceDependenciesAnswer>("service-dependencies", { ...context, window: view.get("window"), root: view.all("root"), depth: view.get("depth"), set: view.all("set"), limit: 5_000 });
  const statuses = useStatuses(context);
  const selected = view.get("sel");
  const select = (id: string | undefined) => view.set({ sel: id === selected ? undefined : id }, { replace: true });
  useKeys({ Escape: () => select(undefined), v: () => view.go("/dependency-map", { root: view.all("root") }) });
  return (
    <Answered
      title="Services"
      query={query}
      what="services and their calls"
      sentence={(envelope) => servicesSentence(envelope, statuses)}
      onNearest={(name) => view.set({ root: [name] })}
      actions={<button type="button" className="btn" onClick={() => view.go("/dependency-map", { root: view.all("root") })}>Map</button>}
    >
      {(envelope) => {
        const chosen = envelope.data.services.find((one) => one.id === selected);
        return (
          <>
            <Totals envelope={envelope} />
            <div className={chosen ? "grid-12 cols-wide" : "grid-12"}>
              <div className="grid gap-3 min-w-0">
                <ServiceTable envelope={envelope} statuses={statuses} selected={selected} onSelect={select} isNarrow={chosen !== undefined} />
                {!chosen && (
                  <div className="grid-12 cols-2 !mt-0 beside">
                    <EntryTable envelope={envelope} />
                    <CyclesPanel envelope={envelope} />
                  </div>
                )}
                <EdgeTable envelope={envelope} rows={envelope.data.edges} title="Calls and connections" />
              </div>
              {chosen && <ServiceDetail envelope={envelope} node={chosen} status={statuses.get(chosen.id)} onClose={() => select(undefined)} />}
            </div>
          </>
        );
      }}
    </Answered>
  );
}

function Totals({ envelope }: { envelope: Dependencies }) {
  const view = useView();
  const { summary } = envelope.data;
  const chosen = view.all("set");
  const sets = SETS.map(([set, title]) => ({ set, title, value: summary[set] }));
  return (
    <dl className="strip">
      <div>
        <dt>Services and what they call</dt>
        <dd className="f"><Figure of={{ value: summary.services, unit: "count" }} evidence={dependencyEvidence(envelope, "Services", SERVICES_DEFINITION, "services")} /></dd>
        <dd className="s">{sourcesOf(envelope.data)}</dd>
      </div>
      {sets.map(({ set, title, value }) => (
        <div key={set}>
          <dt>Edges {title}</dt>
          <dd className="f"><Figure of={{ value, unit: "count" }} evidence={dependencyEvidence(envelope, `Edges, ${title}`, "Declared: a configuration names the call. Observed: it was seen in the window. Each edge is in one of the three sets.", "edges")} /></dd>
          <dd className="s">
            <button type="button" className="link" aria-pressed={chosen.includes(set)} onClick={() => view.set({ set: chosen.includes(set) ? undefined : [set] })}>{chosen.includes(set) ? "show all" : "only these"}</button>
          </dd>
        </div>
      ))}
      <div>
        <dt>Traces read</dt>
        <dd className="f"><Figure of={{ value: summary.traces, unit: "count" }} evidence={dependencyEvidence(envelope, "Traces read", "Traces of the window that impact and critical paths stand on. In an incomplete one a parent is missing.", "impact")} /></dd>
        <dd className="s">{summary.traces === 0 ? "impact is estimated" : `${count(summary.traces_incomplete)} incomplete, ${plural(summary.spans_adjusted, "span")} shifted`}</dd>
      </div>
    </dl>
  );
}

const IMPACT = "The share of entry traffic whose requests need this service, 0 to 100. Counted from traces with a 95 % Wilson interval; without traces estimated from mean calls per request, assuming independent calls, with its bounds.";

export function impactText(impact: ServiceImpact): string {
  if (impact.score.value === null) return words(impact.score.detail ?? impact.score.reason ?? "no data");
  const bounds = impact.high === null ? "" : impact.low === null ? `, at most ${fixed(impact.high, 1)}` : `, ${fixed(impact.low, 1)}–${fixed(impact.high, 1)}`;
  return `${impact.basis}${bounds}${impact.basis === "counted" ? `, n = ${count(impact.traces)}` : ""}`;
}

function ServiceDetail({ envelope, node, status, onClose }: { envelope: Dependencies; node: ServiceNode; status: string | undefined; onClose: () => void }) {
  const view = useView();
  const names = namesOf(envelope.data);
  const impact = envelope.data.impact.find((one) => one.service === node.id);
  const callers = envelope.data.edges.filter((edge) => edge.to === node.id && edge.from !== node.id);
  const callees = envelope.data.edges.filter((edge) => edge.from === node.id && edge.to !== node.id);
  return (
    <div className="grid gap-3 min-w-0">
      <Detail
        title={node.name}
        mark={status && <Status word={status} />}
        sub={<>{words(node.kind)} · {[node.scope.environment, node.scope.namespace].filter(Boolean).join(" / ") || "no place"} · <Owner id={node.owner} /></>}
        onClose={onClose}
        foot={<SourceLine evidence={dependencyEvidence(envelope, `Impact of ${node.name}`, IMPACT, "impact")} source={sourcesOf(envelope.data)} />}
      >
        <Section title="Requests it answers" aside={node.figures.source ?? "no source"}>
          <Facts
            rows={[
              ["Rate", <MeasureCell of={node.figures.request_rate} />],
              ["Errors", <MeasureCell of={node.figures.error_ratio} />],
              ["p50, p95, p99", <><MeasureCell of={node.latency.p50} />, <MeasureCell of={node.latency.p95} />, <MeasureCell of={node.latency.p99} /></>],
              [node.figures.is_sampled ? "Calls, of an unknown sample" : "Calls counted", <MeasureCell of={node.figures.calls} />],
            ]}
          />
        </Section>
        {impact && (
          <Section title="Impact" aside={impactText(impact)}>
            <div className="fig"><Figure of={impact.score} evidence={dependencyEvidence(envelope, `Impact of ${node.name}`, IMPACT, "impact")} text={impact.score.value === null ? undefined : fixed(impact.score.value, 1)} /> <small>of 100 of the entry traffic needs it</small></div>
            <Facts rows={impact.entries.slice(0, 6).map((one) => [names.get(one.entry) ?? one.entry, <CellBar value={one.share.value ?? 0} of={1} width={60} />, one.share.value === null ? "no data" : ratio(one.share.value)])} />
          </Section>
        )}
        <Section>
          <div className="flex flex-wrap gap-2">
            <button type="button" className="btn p" onClick={() => view.go("/entity", { id: node.id })}>Open its page</button>
            <button type="button" className="btn" onClick={() => view.go("/dependency-map", { root: [node.id], sel: node.id })}>Map around it</button>
            <button type="button" className="btn" onClick={() => view.go("/what-if", { select: [node.id] })}>What if it fails</button>
          </div>
        </Section>
      </Detail>
      <EdgeTable envelope={envelope} rows={callers} title={`Callers of ${node.name}`} near="to" />
      <EdgeTable envelope={envelope} rows={callees} title={`Calls of ${node.name}`} near="from" />
    </div>
  );
}
