// Cards of the overview: one figure each, its picture, three lines; each is a door to its page.
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { CostAnalysisAnswer, SystemMetricsAnswer } from "../../api/answers";
import type { CriticalPathsAnswer } from "../../api/critical-paths";
import type { BusinessValueAnswer } from "../../api/business-value";
import type { IncidentsAnswer } from "../../api/incidents";
import type { SecurityEventsAnswer } from "../../api/security-events";
import type { SavingsCandidatesAnswer } from "../../api/savings-candidates";
import type { Envelope, Status as StoreStatus } from "../../api/types";
import { CellBar, Sparkline, StatusStrip } from "../../charts/small";
import { count, money, plural, ratio, signed, titled, words } from "../../format/number";
import { dayAndClock, full, range } from "../../format/time";
import { Figure } from "../../parts/figure";
import { Panel } from "../../parts/panel";
import { lengthText } from "../../parts/range-cell";
import { SourceLine } from "../../parts/source-line";
import { Glyph } from "../../parts/status";
import { contextOf } from "../../state/address";
import { useView } from "../../state/view";
import { amountOf, completeOf, costEvidence, monthOrDay } from "../cost-analysis/cost-analysis-model";
import { SUMS } from "../cost-analysis/cost-analysis-tables";
import { baseText, entriesText, LOSS, pathsEvidence } from "../critical-paths/critical-paths-model";
import { amountText, moneyText, RETURN, returnText, rowsOf, VALUE, valueEvidence } from "../business-value/business-value-model";
import { DEFINITION as INCIDENTS, incidentsEvidence, isOpen, rangeOf } from "../incidents/incidents-model";
import { FINDING, securityEvidence } from "../security-events/security-events-model";
import { savingOf, savingsEvidence, TOTAL } from "../savings-candidates/savings-candidates-model";
import { healthEvidence, WORST } from "../system-metrics/system-metrics-tables";

export function Door({ to, children, search = {} }: { to: string; children: ReactNode; search?: Record<string, string | string[]> }) {
  const view = useView();
  return (
    <Link to={to as never} search={{ ...contextOf(view.search), ...search } as never} className="link">
      {children}
    </Link>
  );
}

export function HealthCard({ envelope }: { envelope: Envelope<SystemMetricsAnswer> }) {
  const { counts } = envelope.data;
  const evidence = healthEvidence(envelope, "Health", WORST);
  const worst = counts.critical > 0 ? "critical" : counts.warning > 0 ? "warning" : counts.unknown > 0 ? "unknown" : "healthy";
  const rest = (["critical", "warning", "unknown", "healthy"] as const).filter((one) => one !== worst);
  return (
    <Panel title="Health" qualifier={<Door to="/system-metrics">open</Door>} foot={<SourceLine evidence={evidence} source="health" isNarrow coverage={Object.keys(envelope.coverage)[0]} />}>
      {counts.total === 0 ? (
        <p className="sub py-2">Nothing here has a health to judge.</p>
      ) : (
        <>
          <div className="fig">
            <Figure of={{ value: counts[worst], unit: "count" }} evidence={evidence} /> <small>{worst} of {plural(counts.total, "entity", "entities")}</small>
          </div>
          <div className="pic"><StatusStrip counts={counts} /></div>
          <div className="kl">
            {rest.map((one) => (
              <div key={one}><span className="st"><Glyph word={one} />{one}</span><span>{count(counts[one])}</span></div>
            ))}
          </div>
        </>
      )}
    </Panel>
  );
}

export function CostCard({ envelope }: { envelope: Envelope<CostAnalysisAnswer> }) {
  const { data } = envelope;
  const cost = data.currencies[0];
  if (!cost) {
    return (
      <Panel title="Spend" foot={<SourceLine text="no bill is held" />}>
        <p className="sub py-2">No charge is held here. Bring a FOCUS or CUR export.</p>
      </Panel>
    );
  }
  const evidence = costEvidence(envelope, `Spend, ${data.basis}`, SUMS, "totals");
  const { movers, unattributed } = cost;
  return (
    <Panel title="Spend" qualifier={<Door to="/cost">open</Door>} foot={<SourceLine evidence={evidence} source={`${data.basis} cost`} isNarrow coverage={`${data.basis}_cost`} />}>
      <div className="fig">
        <Figure of={cost.total[data.basis]} evidence={evidence} /> <small>{data.basis}</small>
      </div>
      <div className="pic"><Sparkline values={completeOf(cost).map((point) => amountOf(point.costs, data.basis))} width={230} /></div>
      <div className="kl">
        <div><span>Billed</span><span>{cost.total.billed.amount === null ? "no data" : money(cost.total.billed.amount, cost.currency)}</span></div>
        {movers ? (
          <div><span>{monthOrDay(movers.after, data.step)} against {monthOrDay(movers.before, data.step)}</span><span>{signed(money(movers.change, cost.currency), Number(movers.change))}</span></div>
        ) : (
          <div><span>Against before</span><span className="!text-ink-3">one complete period only</span></div>
        )}
        <div><span>No owner</span><span>{unattributed.unowned_share === null ? "share n/a" : ratio(unattributed.unowned_share)}</span></div>
      </div>
    </Panel>
  );
}

/** What happened at the instants it carries; budgets, values and charges may reach ahead of now. */
const OBSERVED = new Set(["samples", "spans", "edges", "logs", "incidents", "changes", "findings"]);

export function DataCard({ status }: { status: StoreStatus }) {
  const held = status.presence.filter((one) => one.rows > 0);
  const newest = held.filter((one) => OBSERVED.has(one.data)).map((one) => one.last).filter((one) => one !== null).sort().pop();
  const rows = held.reduce((sum, one) => sum + one.rows, 0);
  const largest = [...held].sort((a, b) => b.rows - a.rows).slice(0, 1);
  return (
    <Panel title="Data" foot={<SourceLine text={`${plural(status.stores.length, "store answers", "stores answer")} · version ${status.version}`} />}>
      <div className="fig">{count(rows)} <small>rows of {plural(held.length, "kind")} of data</small></div>
      <div className="pic sub">{newest ? <span title={full(newest)}>newest measurement or event {dayAndClock(newest)}</span> : "no time series or event"}</div>
      <div className="kl">
        {largest.map((one) => (
          <div key={one.data}><span>{titled(words(one.data))}</span><span>{count(one.rows)}</span></div>
        ))}
        <div><span>References that lead nowhere</span><span>{count(status.open_references)}</span></div>
        <div><span>Inputs and retirements that wait</span><span>{count(status.intake_backlog + status.held)}</span></div>
      </div>
    </Panel>
  );
}

export function RiskCard({ envelope }: { envelope: Envelope<CriticalPathsAnswer> }) {
  const { summary, physical, logical, targets } = envelope.data;
  const evidence = pathsEvidence(envelope, "Single points of failure", LOSS, "physical");
  const worst = physical[0] ?? logical[0];
  const classes = [...new Set(physical.map((point) => point.class))].map((one) => `${count(physical.filter((point) => point.class === one).length)} ${words(one)}`);
  return (
    <Panel title="Risk" qualifier={<Door to="/single-points">open</Door>} foot={<SourceLine evidence={evidence} source={baseText(envelope)} isNarrow />}>
      <div className="fig">
        <Figure of={{ value: summary.physical, unit: "count" }} evidence={evidence} /> <small>physical single points of failure</small>
      </div>
      <div className="pic sub">{targets.length === 0 ? "no entry point is known" : summary.physical === 0 ? "no part takes an entry down alone" : physical.length < summary.physical ? "" : classes.slice(0, 3).join(", ")}</div>
      <div className="kl">
        <div><span>Largest loss</span>{worst ? <span>{worst.loss.value === null ? entriesText(worst, envelope) : ratio(worst.loss.value)} <span className="mut">{worst.entity.name}</span></span> : <span className="mut">none</span>}</div>
        <div><span>Logical points</span><span>{count(summary.logical)}</span></div>
        <div><span>Workloads that one failure stops</span><span>{count(summary.workload_risks)}</span></div>
      </div>
    </Panel>
  );
}

export function SavingsCard({ envelope }: { envelope: Envelope<SavingsCandidatesAnswer> }) {
  const { totals, candidates, rules, cost_window: month } = envelope.data;
  const run = rules.filter((one) => one.is_evaluated).length;
  const total = [...totals].sort((a, b) => Number(b.saving.amount ?? 0) - Number(a.saving.amount ?? 0))[0];
  const evidence = savingsEvidence(envelope, "Saving a month", TOTAL, "totals");
  const part = total && Number(total.total_cost.amount ?? 0) > 0 ? Number(total.saving.amount ?? 0) / Number(total.total_cost.amount) : null;
  const top = candidates.find((one) => savingOf(one) !== null);
  return (
    <Panel title="Savings" qualifier={<Door to="/savings">open</Door>} foot={<SourceLine evidence={evidence} source={month ? `cost of ${range(month.from, month.to)}` : "no settled month of charges"} isNarrow />}>
      <div className="fig">
        {total ? <><Figure of={total.saving} evidence={evidence} /> <small>a month could be saved</small></> : <>{count(candidates.length)} <small>{run === 0 ? "candidates: no rule had its data" : "candidates with a price"}</small></>}
      </div>
      <div className="pic">{part === null ? <span className="sub">share of the bill n/a</span> : <><CellBar value={part} of={Math.max(0.25, part)} width={150} /><span className="sub ml-2">{ratio(part)} of the bill</span></>}</div>
      <div className="kl">
        <div><span>Of it safe</span><span>{total?.safe_saving.amount == null ? <span className="mut">n/a</span> : money(total.safe_saving.amount, total.currency)}</span></div>
        <div><span>Largest</span>{top ? <span><span className="mut">{top.entity.name}</span> {money(savingOf(top) ?? 0, top.saving?.now.currency ?? "")}</span> : <span className="mut">none</span>}</div>
        <div><span>Rules that could run</span><span>{count(run)} of {count(rules.length)}</span></div>
      </div>
    </Panel>
  );
}

export function IncidentsCard({ envelope }: { envelope: Envelope<IncidentsAnswer> }) {
  const { total, incidents, rates } = envelope.data;
  const evidence = incidentsEvidence(envelope, "Incidents", INCIDENTS, "incidents");
  const first = incidents.find(isOpen);
  const { resolve } = total.durations;
  return (
    <Panel title="Incidents" qualifier={<Door to="/incidents">open</Door>} foot={<SourceLine evidence={evidence} source="incidents" isNarrow />}>
      <div className="fig"><Figure of={{ value: total.open, unit: "count" }} evidence={evidence} /> <small>open of {plural(total.count, "incident")}</small></div>
      <div className="pic sub truncate">{first ? <span className="st max-w-full"><Glyph word="critical" /><span className="truncate">{first.id} {first.title}</span></span> : "none is open"}</div>
      <div className="kl">
        <div><span>Median to resolve</span><span>{lengthText(rangeOf(resolve.median))} <span className="mut">n = {count(resolve.n)}</span></span></div>
        <div><span>With open ones counted</span><span>{lengthText(rangeOf(resolve.median_with_open))}</span></div>
        <div><span>Began, and in the time before</span><span>{count(rates.count)}, {rates.count_before === null ? <span className="mut">n/a</span> : count(rates.count_before)}</span></div>
      </div>
    </Panel>
  );
}

export function SecurityCard({ envelope }: { envelope: Envelope<SecurityEventsAnswer> }) {
  const { summary, scans, lists } = envelope.data;
  const evidence = securityEvidence(envelope, "Open findings", FINDING, "findings");
  const critical = summary.severities.find((one) => one.severity === "critical")?.open ?? 0;
  return (
    <Panel title="Security" qualifier={<Door to="/security">open</Door>} foot={<SourceLine evidence={evidence} source={scans.length === 0 ? "no scan is held" : plural(scans.length, "scan")} isNarrow />}>
      <div className="fig"><Figure of={{ value: critical, unit: "count" }} evidence={evidence} /> <small>critical of {plural(summary.open + summary.reopened, "open finding")}</small></div>
      <div className="pic sub">{scans.length === 0 ? "nothing was scanned" : `${count(summary.fix_available)} have a fix`}</div>
      <div className="kl">
        <div><span>Known exploited</span><span>{lists.known_exploited === 0 ? <span className="mut">no list held</span> : count(summary.known_exploited)}</span></div>
        <div><span>Reached from the internet</span><span>{count(summary.exposed)}</span></div>
        <div><span>Past the target</span><span>{count(summary.overdue)}</span></div>
      </div>
    </Panel>
  );
}

export function ValueCard({ envelope }: { envelope: Envelope<BusinessValueAnswer> }) {
  const { data } = envelope;
  const rows = rowsOf(data).filter((row) => row.metric !== null);
  const row = rows.find((one) => one.metric!.compared.return_ratio.value !== null) ?? rows[0];
  const saved = data.savings.totals[0];
  if (!row?.metric) {
    return (
      <Panel title="Value" qualifier={<Door to="/value">open</Door>} foot={<SourceLine text="no value metric is stated" />}>
        <p className="sub py-2">No value metric is stated, so cost stands alone. values.csv brings them.</p>
      </Panel>
    );
  }
  const { metric } = row;
  const evidence = valueEvidence(envelope, `${words(metric.metric)} of ${row.subject.name}`, `${VALUE} ${RETURN}`, "subjects");
  return (
    <Panel title="Value" qualifier={<Door to="/value">open</Door>} foot={<SourceLine evidence={evidence} source={metric.source} isNarrow />}>
      <div className="fig"><Figure of={{ value: Number(metric.compared.value), unit: metric.currency ?? metric.value_unit ?? "count" }} evidence={evidence} text={amountText(metric.compared.value, metric) ?? undefined} /> <small>{row.subject.name}, {words(metric.metric)}</small></div>
      <div className="pic"><Sparkline values={metric.periods.map((one) => (one.is_complete ? Number(one.value) : null))} width={230} /></div>
      <div className="kl">
        <div><span>Cost of the same days</span><span>{moneyText(metric.compared.costs[0]) ?? <span className="mut">n/a</span>}</span></div>
        <div><span>Return</span><span>{returnText(metric.compared) ?? <span className="mut">n/a</span>}</span></div>
        <div><span>Saved, verified</span><span>{saved ? money(saved.verified, saved.currency) : <span className="mut">none</span>}</span></div>
      </div>
    </Panel>
  );
}
