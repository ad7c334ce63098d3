// Cost: spend on four bases, by any dimension, over time, what moved, what is not counted.
import { useState } from "react";
import type { CostAnalysisAnswer, CostGroup, CurrencyCost } from "../../api/answers";
import { useIsNarrowed } from "../../api/people";
import { useAnswer } from "../../api/queries";
import type { Envelope } from "../../api/types";
import { StackedBars } from "../../charts/stacked-bars";
import { moneyShort, money, plural, ratio, titled } from "../../format/number";
import { Figure } from "../../parts/figure";
import { Panel } from "../../parts/panel";
import { SourceLine } from "../../parts/source-line";
import { Answer, AnswerNotes, Empty } from "../../parts/states";
import { PageHead } from "../../shell/page-head";
import { useContextParams, useView } from "../../state/view";
import { BASES, BASIS_MEANS, costEvidence, costSentence, dimensionName, overTime } from "./cost-analysis-model";
import { BudgetsPanel, CommitmentsPanel, DriversPanel } from "./cost-budget";
import { AnomaliesPanel, ForecastPanel } from "./cost-days";
import { BillsPanel, CategoriesPanel, GroupsPanel, MoversPanel, SUMS } from "./cost-analysis-tables";

const DIMENSIONS = ["service", "provider", "service_category", "billing_account", "account", "region", "category", "resource", "resource_type", "sku", "pricing_category", "commitment_status", "owner", "application", "billing_period", "currency"];

export function CostAnalysisPage() {
  const view = useView();
  const context = useContextParams();
  const by = view.all("by");
  const isNarrowed = useIsNarrowed();
  const query = useAnswer<CostAnalysisAnswer>("cost-analysis", {
    ...context, window: view.get("window"), by, filter: view.all("filter"), basis: view.get("basis"), step: view.get("step"), period: view.get("period"), top: view.get("top"),
  });
  const envelope = query.data;
  return (
    <>
      <PageHead title="Cost" sentence={envelope ? costSentence(envelope) : undefined} />
      <Filters by={by} />
      {envelope && <AnswerNotes envelope={envelope} onRetry={() => void query.refetch()} />}
      {!envelope && (
        <Panel title="Spend" isFlush>
          <Answer query={query} what="charges">{() => null}</Answer>
        </Panel>
      )}
      {envelope && envelope.data.currencies.length === 0 && (
        <Panel title="Spend" isFlush>
          <Empty title="No charge is held here.">Bills come as FOCUS 1.0 to 1.4 (CSV or Parquet) or AWS Cost and Usage Reports: ubiquitous ingest FILE, or drop the file on the Ingest page.</Empty>
        </Panel>
      )}
      {envelope?.data.currencies.map((cost) => <CurrencyBlock key={cost.currency} envelope={envelope} cost={cost} />)}
      {envelope && envelope.data.currencies.length > 0 && (
        <>
          <BudgetsPanel />
          <DriversPanel basis={envelope.data.basis} />
          {!isNarrowed && <CommitmentsPanel />}
        </>
      )}
      {envelope && (
        <div className="mt-3">
          <BillsPanel envelope={envelope} />
        </div>
      )}
    </>
  );
}

function Filters({ by }: { by: string[] }) {
  const view = useView();
  const [tag, setTag] = useState("");
  const first = by[0] ?? "service";
  const known = DIMENSIONS.includes(first) || first === "" ? DIMENSIONS : [...DIMENSIONS, first];
  const select = (label: string, name: string, value: string, options: [string, string][]) => (
    <label className="field">
      {label}
      <select value={value} onChange={(event) => view.set({ [name]: event.target.value || undefined })}>
        {options.map(([one, title]) => (
          <option key={one} value={one}>
            {title}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <div className="filters noprint" role="search" aria-label="Which charges, summed by what">
      {select("By", "by", first, known.map((one) => [one, dimensionName(one)]))}
      <label className="field">
        then by
        <select value={by[1] ?? ""} onChange={(event) => view.set({ by: event.target.value ? [first, event.target.value] : [first] })}>
          <option value="">nothing</option>
          {known.filter((one) => one !== first).map((one) => (
            <option key={one} value={one}>
              {dimensionName(one)}
            </option>
          ))}
        </select>
      </label>
      {select("Basis", "basis", view.get("basis") ?? "effective", BASES.map((one) => [one, one]))}
      {select("Step", "step", view.get("step") ?? "", [["", "as fits"], ["day", "day"], ["month", "month"]])}
      {select("Put by", "period", view.get("period") ?? "charge", [["charge", "when used"], ["billing", "when billed"]])}
      {select("Groups", "top", view.get("top") ?? "10", [["10", "10"], ["25", "25"], ["100", "100"], ["1000", "1,000"]])}
      <form className="field" onSubmit={(event) => { event.preventDefault(); if (tag.trim()) view.set({ by: [`tag:${tag.trim()}`] }); }}>
        <label className="field">
          By tag
          <input className="w-24" value={tag} placeholder="team" onChange={(event) => setTag(event.target.value)} />
        </label>
      </form>
      {view.all("filter").map((filter) => (
        <button key={filter} type="button" className="pill" title={`${filter}: remove`} onClick={() => view.set({ filter: view.all("filter").filter((one) => one !== filter) })}>
          {filter.endsWith("=") ? `no ${dimensionName(filter.slice(0, -1))}` : filter} ×
        </button>
      ))}
    </div>
  );
}

function Totals({ envelope, cost }: { envelope: Envelope<CostAnalysisAnswer>; cost: CurrencyCost }) {
  const { basis } = envelope.data;
  const { unattributed } = cost;
  return (
    <dl className="strip">
      {BASES.map((one) => (
        <div key={one}>
          <dt>{titled(one)}, {cost.currency}{one === basis ? " · ranks the groups" : ""}</dt>
          <dd className="f">
            <Figure of={cost.total[one]} evidence={costEvidence(envelope, `Total, ${one}`, `${BASIS_MEANS[one]} ${SUMS}`, "totals")} />
          </dd>
          <dd className="s">{cost.total[one].rows_without > 0 ? `${plural(cost.total[one].rows_without, "row")} without it` : plural(cost.total[one].rows, "row")}</dd>
        </div>
      ))}
      <div>
        <dt>No owner</dt>
        <dd className="f">
          <Figure of={unattributed.unowned[basis]} evidence={costEvidence(envelope, "No owner", "Charges that no ownership rule, tag or resource leads to an owner at the charge's time.", "unattributed")} />
        </dd>
        <dd className="s">{unattributed.unowned_share === null ? "share n/a" : `${ratio(unattributed.unowned_share)} of ${basis}`}</dd>
      </div>
      <div>
        <dt>No application</dt>
        <dd className="f">
          <Figure of={unattributed.without_application[basis]} evidence={costEvidence(envelope, "No application", "Charges whose resource belongs to no application.", "unattributed")} />
        </dd>
        <dd className="s">{unattributed.without_application_share === null ? "share n/a" : `${ratio(unattributed.without_application_share)} of ${basis}`}</dd>
      </div>
    </dl>
  );
}

function CurrencyBlock({ envelope, cost }: { envelope: Envelope<CostAnalysisAnswer>; cost: CurrencyCost }) {
  const view = useView();
  const { data } = envelope;
  const [lit, setLit] = useState<number | null>(null);
  const series = overTime(cost, data, (value) => money(value, cost.currency));
  const narrow = (group: CostGroup) => {
    const filters = data.dimensions.map((dimension, index) => `${dimension}=${group.values[index] ?? ""}`);
    const next = DIMENSIONS.find((one) => !data.dimensions.includes(one) && ["service", "resource"].includes(one)) ?? "resource";
    view.set({ filter: [...new Set([...view.all("filter"), ...filters])], by: [next] });
  };
  const single = data.provisional_from && cost.over_time.some((point) => point.is_provisional);
  return (
    <section className="mb-3" aria-label={`Spend in ${cost.currency}`}>
      <Totals envelope={envelope} cost={cost} />
      <div className="grid-12 cols-2">
        <Panel
          title={data.step === "day" ? "By day" : "By month"}
          qualifier={plural(series.buckets.length, data.step)}
          foot={<SourceLine evidence={costEvidence(envelope, "Spend over time", `${SUMS} Buckets without a charge are left out; they add up to the total.`, "over_time")} source={`${data.basis} cost, ${data.period} period, UTC${single ? " · newest 48 h provisional" : ""}`} />}
        >
          {series.buckets.length === 0 ? (
            <Empty title="No bucket holds a charge." />
          ) : (
            <StackedBars label={`${data.basis} cost by ${data.step}, by ${data.dimensions.map(dimensionName).join(" and ")}; the table beside holds the sums`} buckets={series.buckets} series={series.series} format={(value) => moneyShort(value, cost.currency)} lit={lit} onLight={setLit} />
          )}
        </Panel>
        <GroupsPanel envelope={envelope} cost={cost} lit={lit} onLight={setLit} onNarrow={narrow} />
      </div>
      {cost.days && (
        <div className="grid-12 cols-2">
          <ForecastPanel envelope={envelope} cost={cost} />
          <AnomaliesPanel envelope={envelope} cost={cost} />
        </div>
      )}
      <div className="grid-12 cols-2">
        <MoversPanel envelope={envelope} cost={cost} />
        <CategoriesPanel envelope={envelope} cost={cost} />
      </div>
    </section>
  );
}
