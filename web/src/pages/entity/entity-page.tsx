// The same page for every kind of entity, in the same order. A section without data says so.
import { Link } from "@tanstack/react-router";
import type { SystemMetricsAnswer } from "../../api/answers";
import type { ServiceTrendsAnswer } from "../../api/service-trends";
import type { EntityFact } from "../../api/types";
import { useAnswer, useEntity } from "../../api/queries";
import { lastPart, plural, words } from "../../format/number";
import { windowLabel } from "../../format/time";
import { Panel } from "../../parts/panel";
import { SourceLine } from "../../parts/source-line";
import { Answer, Empty, Loading, NoAnswer } from "../../parts/states";
import { Status } from "../../parts/status";
import { PageHead } from "../../shell/page-head";
import { contextOf } from "../../state/address";
import { useContextParams, useView } from "../../state/view";
import { ObjectivesPanel } from "../service-trends/objectives-panel";
import { ChecksTable, SignalCharts } from "../system-metrics/system-metrics-entity";
import { healthEvidence, WORST } from "../system-metrics/system-metrics-tables";
import { CostPanel, EventsPanel, HistoryPanel, IdentityPanel, NeighboursPanel } from "./entity-parts";

/** Objectives are of services; of anything else there is none to keep. */
function ObjectivesSection({ entity, asOf }: { entity: EntityFact; asOf: string | undefined }) {
  const isService = entity.kind === "service";
  const query = useAnswer<ServiceTrendsAnswer>("service-trends", { as_of: asOf, entity: [entity.id], forecast: false, buckets: 24, limit: 1 }, isService);
  const service = query.data?.data.services.find((one) => one.id === entity.id);
  if (query.data && service) return <ObjectivesPanel envelope={query.data} service={service} />;
  return (
    <Panel title="Objectives and burn" isFlush>
      {isService ? <Answer query={query} what="objectives">{() => <Empty title="No signal of it is held in this window." />}</Answer> : <Empty title={`Not applicable: a ${words(entity.kind)} has no objective of its own.`} />}
    </Panel>
  );
}

export function EntityPageView() {
  const view = useView();
  const context = useContextParams();
  const id = view.get("id") ?? "";
  const asOf = view.get("as_of");
  const query = useEntity(id, asOf);
  const chosen = view.get("window");
  const health = useAnswer<SystemMetricsAnswer>("system-metrics", { as_of: context.as_of, entity: [id] }, id !== "" && query.data !== undefined);
  if (id === "") return <Empty title="No entity is named.">⌘K finds one by any of its names.</Empty>;
  if (query.error && !query.data) {
    return (
      <>
        <PageHead title={id} />
        <Panel title="Entity" isFlush><NoAnswer error={query.error} onRetry={() => void query.refetch()} onNearest={(name) => view.go("/entity", { id: name })} /></Panel>
      </>
    );
  }
  const page = query.data;
  if (!page) return <Panel title="Entity" isFlush><Loading what="the entity" rows={8} /></Panel>;
  const { entity } = page;
  const judged = health.data?.data.entities.find((one) => one.id === entity.id);
  const events = page.events ?? [];
  const of = (event: string) => events.filter((one) => one.event === event);
  const tier = entity.labels.tier ?? entity.properties.tier;
  const place = [entity.scope.environment, entity.cluster_name ?? entity.scope.cluster, entity.scope.namespace, entity.scope.account, entity.scope.zone ?? entity.scope.region].filter(Boolean);
  const rules = [...new Set(page.outgoing.concat(page.incoming).flatMap((one) => (one.rule && ["implemented_by", "has_replica"].includes(one.kind) ? [one.rule] : [])))];
  const nameOf = (one: string) => page.neighbours.find((near) => near.id === one)?.name ?? lastPart(one);
  const window = chosen && chosen !== "all" ? chosen : "PT3H";
  return (
    <>
      <PageHead
        title={
          <span className="inline-flex items-center gap-2 flex-wrap">
            {entity.name}
            {judged && <span className="text-13 font-normal"><Status word={judged.status} /></span>}
            <span className="tag">{words(entity.kind)}</span>
            {typeof tier === "string" || typeof tier === "number" ? <span className="tag">tier {tier}</span> : null}
            {entity.state !== "current" && <span className="tag">{words(entity.state)}</span>}
          </span>
        }
        sentence={judged && judged.status !== "healthy" ? judged.reason : undefined}
        actions={
          <>
            <Link to={"/topology" as never} search={{ ...contextOf(view.search), root: entity.id, direction: "dependents", depth: "3" } as never} className="btn">What needs it</Link>
            <Link to={"/topology" as never} search={{ ...contextOf(view.search), root: entity.id } as never} className="btn">Map around it</Link>
            <Link to={"/what-if" as never} search={{ ...contextOf(view.search), select: entity.id } as never} className="btn">What if it fails</Link>
          </>
        }
      />
      <p className="sub -mt-2 mb-3">
        {entity.owner ? <Link to={"/entity" as never} search={{ ...contextOf(view.search), id: entity.owner } as never}>owner {nameOf(entity.owner)}</Link> : "no owner"}
        {entity.application && <> · <Link to={"/entity" as never} search={{ ...contextOf(view.search), id: entity.application } as never}>application {nameOf(entity.application)}</Link></>}
        {place.length > 0 && ` · ${place.join(" / ")}`}
        {` · ${plural(page.sources.length, "source")}`}
        {rules.length > 0 && ` · joined by ${rules.join(", ")}`}
      </p>
      <div className="grid-12 cols-wide">
        <div className="grid gap-3 min-w-0">
          <Panel title="Signals over time" qualifier={`${windowLabel(window)}, brush to set the window`}>
            <SignalCharts id={entity.id} thresholds={health.data?.data.thresholds ?? []} checks={judged?.checks ?? []} window={window} events={events} />
          </Panel>
          <div className="grid-12 cols-2 !mt-0 beside">
            <NeighboursPanel page={page} way="in" />
            <NeighboursPanel page={page} way="out" />
          </div>
          <EventsPanel title="Changes" rows={of("change")} empty="No change of it is held." />
          <HistoryPanel page={page} />
        </div>
        <div className="grid gap-3 min-w-0 beside">
          <Panel title="Checks, worst first" qualifier={judged ? plural(judged.checks.length, "check") : undefined} isFlush foot={health.data && <SourceLine evidence={healthEvidence(health.data, `Health of ${entity.name}`, WORST)} source="health" />}>
            <Answer query={health} what="health">
              {(envelope) => (judged && judged.checks.length > 0 ? <ChecksTable checks={judged.checks} envelope={envelope} /> : <Empty title={judged ? judged.reason : `Not applicable: health is not judged of a ${words(entity.kind)}.`} />)}
            </Answer>
          </Panel>
          <EventsPanel title="Incidents" rows={of("incident")} empty="None is held." isNarrow />
          <ObjectivesSection entity={entity} asOf={asOf} />
          <CostPanel entity={entity} asOf={asOf} />
          <EventsPanel title="Findings" rows={of("finding")} empty="None is held." isNarrow />
          <IdentityPanel page={page} />
        </div>
      </div>
    </>
  );
}
