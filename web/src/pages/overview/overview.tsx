// Overview: the estate at a glance, from the three questions and the state of ingest.
import { Link } from "@tanstack/react-router";
import type { CostAnalysisAnswer, SystemMetricsAnswer, TopologyAnswer } from "../../api/answers";
import type { CriticalPathsAnswer } from "../../api/critical-paths";
import type { BusinessValueAnswer } from "../../api/business-value";
import type { IncidentsAnswer } from "../../api/incidents";
import type { SecurityEventsAnswer } from "../../api/security-events";
import type { SavingsCandidatesAnswer } from "../../api/savings-candidates";
import { useIsNarrowed } from "../../api/people";
import { useAnswer, useIntake, useQuestions, useStatus } from "../../api/queries";
import { count, plural } from "../../format/number";
import { contextOf } from "../../state/address";
import { PageHead } from "../../shell/page-head";
import { useContextParams, useView } from "../../state/view";
import { Panel } from "../../parts/panel";
import { Answer, Loading } from "../../parts/states";
import { costSentence } from "../cost-analysis/cost-analysis-model";
import { CommandsPanel, DropPanel, NeedsPanel } from "../ingest/ingest-parts";
import { healthSentence } from "../system-metrics/system-metrics-page";
import { CostCard, DataCard, HealthCard, IncidentsCard, RiskCard, SavingsCard, SecurityCard, ValueCard } from "./overview-cards";
import { IngestPanel, KindsPanel, NeedsAttention, SpendPanel } from "./overview-parts";

export function Overview() {
  const view = useView();
  const context = useContextParams();
  const topology = useAnswer<TopologyAnswer>("topology", { ...context, limit: 1, aggregate_by: "none" });
  const health = useAnswer<SystemMetricsAnswer>("system-metrics", { ...context, limit: 100 });
  const window = view.get("window");
  const cost = useAnswer<CostAnalysisAnswer>("cost-analysis", { ...context, window });
  const risk = useAnswer<CriticalPathsAnswer>("critical-paths", { ...context, limit: 200 });
  const savings = useAnswer<SavingsCandidatesAnswer>("savings-candidates", { ...context, limit: 20 });
  const incidents = useAnswer<IncidentsAnswer>("incidents", { ...context, limit: 20 });
  const security = useAnswer<SecurityEventsAnswer>("security-events", { ...context, limit: 1 });
  const questions = useQuestions().data;
  const hasValue = questions !== undefined && (questions.length === 0 || questions.some((one) => one.name === "business_value"));
  const value = useAnswer<BusinessValueAnswer>("business-value", { ...context, limit: 50 }, hasValue);
  const isNarrowed = useIsNarrowed();
  const status = useStatus();
  const intake = useIntake(undefined, 8);
  const unit = view.get("unit");
  const entities = topology.data?.data.summary.entities ?? null;
  const isEmpty = status.data !== undefined && entities === 0 && !unit && !view.get("as_of") && status.data.presence.every((one) => one.rows === 0);
  if (isEmpty) {
    return (
      <>
        <PageHead title="No data yet" sentence="Bring files of what you run; the estate is built from them, and nothing leaves this machine." />
        <div className="grid-12 cols-2">
          <div className="grid-12 content-start !mt-0">
            <DropPanel />
            <CommandsPanel />
          </div>
          <NeedsPanel status={status.data} entities={0} />
        </div>
      </>
    );
  }
  const sentences = [
    health.data && (health.data.data.counts.critical + health.data.data.counts.warning > 0 || !cost.data ? healthSentence(health.data) : undefined),
    cost.data && cost.data.data.currencies.length > 0 ? costSentence(cost.data) : undefined,
  ].filter(Boolean);
  const sentence = sentences.join(" ") || (topology.data ? `${plural(topology.data.data.summary.entities, "entity", "entities")} and ${plural(topology.data.data.summary.relations, "relation")} are known.` : undefined);
  return (
    <>
      <PageHead title={unit ?? "Estate"} sentence={sentence} actions={!isNarrowed && <Link to={"/ingest" as never} search={contextOf(view.search) as never} className="btn">Bring data</Link>} />
      <div className="kp">
        {health.data ? <HealthCard envelope={health.data} /> : <Panel title="Health" isFlush><Answer query={health} what="health">{() => null}</Answer></Panel>}
        {incidents.data ? <IncidentsCard envelope={incidents.data} /> : <Panel title="Incidents" isFlush><Answer query={incidents} what="incidents">{() => null}</Answer></Panel>}
        {risk.data ? <RiskCard envelope={risk.data} /> : <Panel title="Risk" isFlush><Answer query={risk} what="single points of failure">{() => null}</Answer></Panel>}
        {security.data ? <SecurityCard envelope={security.data} /> : <Panel title="Security" isFlush><Answer query={security} what="findings">{() => null}</Answer></Panel>}
        {cost.data ? <CostCard envelope={cost.data} /> : <Panel title="Spend" isFlush><Answer query={cost} what="charges">{() => null}</Answer></Panel>}
        {savings.data ? <SavingsCard envelope={savings.data} /> : <Panel title="Savings" isFlush><Answer query={savings} what="savings candidates">{() => null}</Answer></Panel>}
        {value.data ? <ValueCard envelope={value.data} /> : !hasValue ? null : <Panel title="Value" isFlush><Answer query={value} what="value">{() => null}</Answer></Panel>}
        {isNarrowed ? null : status.data ? <DataCard status={status.data} /> : <Panel title="Data" isFlush><Loading what="the stores" rows={2} /></Panel>}
      </div>
      <div className="grid-12 cols-wide even">
        {health.data ? <NeedsAttention envelope={health.data} /> : <Panel title="Needs attention" isFlush><Answer query={health} what="health">{() => null}</Answer></Panel>}
        {cost.data ? <SpendPanel envelope={cost.data} /> : <Panel title="Spend by service" isFlush><Answer query={cost} what="charges">{() => null}</Answer></Panel>}
      </div>
      <div className="grid-12 cols-wide even">
        {!isNarrowed && <IngestPanel entries={intake.data?.entries ?? []} isPending={intake.isPending} />}
        {topology.data ? <KindsPanel envelope={topology.data} /> : <Panel title={`What there is${entities === null ? "" : `, ${count(entities)}`}`} isFlush><Answer query={topology} what="topology">{() => null}</Answer></Panel>}
      </div>
    </>
  );
}
