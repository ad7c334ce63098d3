// Value: what the business gets for what it spends, per unit and product; what was saved and lost.
import type { BusinessValueAnswer } from "../../api/business-value";
import { useAnswer } from "../../api/queries";
import { Sparkline } from "../../charts/small";
import { count, money, plural, ratio, signed, words } from "../../format/number";
import { range } from "../../format/time";
import { Answered } from "../../parts/answered";
import { DataTable } from "../../parts/data-table";
import { Figure } from "../../parts/figure";
import { Panel } from "../../parts/panel";
import { SourceLine } from "../../parts/source-line";
import { Empty } from "../../parts/states";
import { useKeys } from "../../state/keys";
import { useContextParams, useView } from "../../state/view";
import { amountText, costOf, DOWNTIME, moneyText, RETURN, returnText, rowsOf, SAVED, unitCostText, VALUE, valueEvidence, valueSentence, whyText, type BusinessValue, type ValueRow } from "./business-value-model";
import { AssumptionsPanel, AutomationPanel, DowntimePanel, RequestsPanel, SavingsPanel } from "./business-value-parts";
import { ValueDetail } from "./value-detail";

export function BusinessValuePage() {
  const view = useView();
  const context = useContextParams();
  const query = useAnswer<BusinessValueAnswer>("business-value", { ...context, window: view.get("window"), metric: view.all("metric"), step: view.get("step"), limit: 200 });
  const selected = view.get("sel");
  const select = (key: string | undefined) => view.set({ sel: key === selected ? undefined : key }, { replace: true });
  useKeys({ Escape: () => select(undefined) });
  return (
    <Answered title="Value" query={query} what="value and cost" sentence={valueSentence} filters={<Filters answer={query.data?.data} />} onNearest={(name) => view.set({ unit: [name] })}>
      {(envelope) => {
        const rows = rowsOf(envelope.data);
        const chosen = rows.find((row) => row.key === selected && row.metric !== null);
        return (
          <>
            <Totals envelope={envelope} rows={rows} />
            <div className={chosen ? "grid-12 cols-wide" : "grid-12"}>
              <ValueTable envelope={envelope} rows={rows} selected={selected} onSelect={select} isNarrow={chosen !== undefined} />
              {chosen && <ValueDetail key={chosen.key} envelope={envelope} row={chosen} onClose={() => select(undefined)} />}
            </div>
            <div className="grid-12 cols-2 beside">
              <SavingsPanel envelope={envelope} />
              <DowntimePanel envelope={envelope} />
              <RequestsPanel envelope={envelope} />
              <AutomationPanel envelope={envelope} />
            </div>
            <div className="grid-12">
              <AssumptionsPanel envelope={envelope} />
            </div>
          </>
        );
      }}
    </Answered>
  );
}

function Filters({ answer }: { answer: BusinessValueAnswer | undefined }) {
  const view = useView();
  const metrics = [...new Set([...(answer?.subjects ?? []).flatMap((one) => one.metrics.map((metric) => metric.metric)), ...view.all("metric")])].sort();
  return (
    <div className="filters noprint" role="search" aria-label="Which value, over which periods">
      <label className="field">
        Metric
        <select value={view.get("metric") ?? ""} onChange={(event) => view.set({ metric: event.target.value || undefined, sel: undefined })}>
          <option value="">all</option>
          {metrics.map((one) => <option key={one} value={one}>{words(one)}</option>)}
        </select>
      </label>
      <label className="field">
        Periods
        <select value={view.get("step") ?? ""} onChange={(event) => view.set({ step: event.target.value || undefined })}>
          <option value="">as fits</option>
          {["day", "week", "month"].map((one) => <option key={one}>{one}</option>)}
        </select>
      </label>
    </div>
  );
}

function Totals({ envelope, rows }: { envelope: BusinessValue; rows: ValueRow[] }) {
  const { data } = envelope;
  const stated = rows.filter((row) => row.metric !== null);
  const best = stated.filter((row) => row.metric!.compared.return_ratio.value !== null).sort((a, b) => (b.metric!.compared.return_ratio.value ?? 0) - (a.metric!.compared.return_ratio.value ?? 0));
  const worst = best[best.length - 1];
  const saved = data.savings.totals[0];
  const lost = data.downtime.filter((one) => one.cost.amount !== null);
  const currency = lost[0]?.cost.currency ?? null;
  const lostSum = lost.filter((one) => one.cost.currency === currency).reduce((sum, one) => sum + Number(one.cost.amount), 0);
  const of = (title: string, definition: string, table: string) => valueEvidence(envelope, title, definition, table);
  const absent = <span className="absent">not configured</span>;
  return (
    <dl className="strip">
      <div>
        <dt>Value metrics</dt>
        <dd className="f"><Figure of={{ value: stated.length, unit: "count" }} evidence={of("Value metrics", VALUE, "subjects")} /></dd>
        <dd className="s">of {plural(data.subjects.length, "unit, product or application", "units, products, applications")}</dd>
      </div>
      <div>
        <dt>Best return</dt>
        <dd className="f">{best[0] ? <Figure of={best[0].metric!.compared.return_ratio} evidence={of(`Return of ${best[0].subject.name}`, RETURN, "subjects")} text={returnText(best[0].metric!.compared) ?? undefined} /> : absent}</dd>
        <dd className="s">{best[0]?.subject.name ?? "no value is money in the cost's currency"}</dd>
      </div>
      <div>
        <dt>Least return</dt>
        <dd className="f">{worst ? <Figure of={worst.metric!.compared.return_ratio} evidence={of(`Return of ${worst.subject.name}`, RETURN, "subjects")} text={returnText(worst.metric!.compared) ?? undefined} /> : absent}</dd>
        <dd className="s">{worst?.subject.name ?? ""}</dd>
      </div>
      <div>
        <dt>Saved, verified</dt>
        <dd className="f" title={saved?.verified}>{saved ? money(saved.verified, saved.currency) : absent}</dd>
        <dd className="s" title={SAVED}>{saved ? `${money(saved.claimed, saved.currency)} more claimed, ${plural(saved.candidates, "saving")}` : "nothing accepted is marked done"}</dd>
      </div>
      <div>
        <dt>Lost by downtime</dt>
        <dd className="f">{currency ? money(lostSum, currency) : <span className="absent">{data.downtime.length === 0 ? "no incident" : "no value"}</span>}</dd>
        <dd className="s" title={DOWNTIME}>{plural(data.downtime.reduce((sum, one) => sum + one.incidents, 0), "incident")}{lost.some((one) => one.cost.method !== "measured") ? ", partly assumed" : ""}</dd>
      </div>
      <div>
        <dt>Assumptions</dt>
        <dd className="f"><Figure of={{ value: data.assumptions.length, unit: "count" }} evidence={of("Assumptions", "Everything that figures take for granted, with who set it and when.", "assumptions")} /></dd>
        <dd className="s">each named below</dd>
      </div>
    </dl>
  );
}

function ValueTable({ envelope, rows, selected, onSelect, isNarrow }: { envelope: BusinessValue; rows: ValueRow[]; selected: string | undefined; onSelect: (key: string) => void; isNarrow: boolean }) {
  const { data } = envelope;
  const total = envelope.truncated.subjects ?? data.subjects.length;
  const cost = (row: ValueRow) => moneyText((row.metric?.compared.costs ?? row.subject.costs)[0]);
  const costWhy = (row: ValueRow) => whyText((row.metric?.compared.costs ?? row.subject.costs)[0]?.reason ?? row.subject.cost_reason);
  const change = (row: ValueRow) => row.metric?.change?.unit_cost.value ?? null;
  const columns = [
    { key: "name", title: "Of", isName: true, width: 190, sort: (row: ValueRow) => row.subject.name, hint: (row: ValueRow) => row.subject.id, cell: (row: ValueRow) => <>{row.subject.name} <span className="mut">{words(row.subject.kind)}</span></> },
    { key: "metric", title: "Metric", sort: (row: ValueRow) => row.metric?.metric ?? null, hint: (row: ValueRow) => row.metric?.source, cell: (row: ValueRow) => (row.metric ? words(row.metric.metric) : <span className="mut">{whyText(row.subject.metrics_reason)}</span>) },
    { key: "trend", title: "Value", width: 88, cell: (row: ValueRow) => <Sparkline values={(row.metric?.periods ?? []).map((one) => (one.is_complete ? Number(one.value) : null))} /> },
    { key: "value", title: "In days compared", isNumber: true, width: 158, sort: (row: ValueRow) => (row.metric ? Number(row.metric.compared.value) : null), cell: (row: ValueRow) => (row.metric ? <span title={row.metric.compared.value}>{amountText(row.metric.compared.value, row.metric)}</span> : <span className="mut">n/a</span>) },
    { key: "cost", title: "Cost", isNumber: true, width: 92, sort: costOf, cell: (row: ValueRow) => cost(row) ?? <span className="mut" title={costWhy(row)}>{costWhy(row)}</span> },
    { key: "unit", title: "Cost of one", isNumber: true, width: 152, sort: (row: ValueRow) => Number(row.metric?.compared.unit_costs[0]?.amount ?? -1), cell: (row: ValueRow) => unitCostText(row.metric?.compared.unit_costs[0]) ?? <span className="mut">n/a</span> },
    { key: "change", title: "Against before", isNumber: true, width: 104, sort: change, cell: (row: ValueRow) => (change(row) === null ? <span className="mut">n/a</span> : signed(ratio(change(row) ?? 0), change(row) ?? 0)) },
    { key: "net", title: "Net", isNumber: true, width: 96, sort: (row: ValueRow) => Number(row.metric?.compared.net?.amount ?? -1), cell: (row: ValueRow) => moneyText(row.metric?.compared.net ?? undefined) ?? <span className="mut">n/a</span> },
    { key: "return", title: "Return", isNumber: true, width: 76, sort: (row: ValueRow) => row.metric?.compared.return_ratio.value ?? null, cell: (row: ValueRow) => (row.metric && returnText(row.metric.compared)) ?? <span className="mut" title={row.metric?.compared.return_note ?? undefined}>n/a</span> },
  ];
  return (
    <Panel
      title="Value against cost"
      qualifier={data.subjects.length < total ? `${count(data.subjects.length)} of ${count(total)}` : plural(data.subjects.length, "unit and product", "units and products")}
      isFlush
      foot={<SourceLine evidence={valueEvidence(envelope, "Value against cost", `${VALUE} Return: ${RETURN}`, "subjects")} text={data.compared ? `${range(data.compared.from, data.compared.to)} · days whose charges are settled · effective cost` : "no settled charges to compare with"} coverage={Object.keys(envelope.coverage)[0]} />}
    >
      {rows.length === 0 ? (
        <Empty title="No unit, product or application is known here.">units.csv brings the organisation, values.csv what the business counts.</Empty>
      ) : (
        <DataTable
          label="Value against cost"
          rows={rows}
          rowKey={(row) => row.key}
          selected={selected}
          onOpen={(row) => row.metric && onSelect(row.key)}
          isTall={rows.length > 20}
          columns={columns.filter((column) => !isNarrow || !["unit", "change", "net"].includes(column.key))}
          phone={(row) => (
            <>
              <span className="font-medium">{row.subject.name}</span>
              <span>{row.metric ? amountText(row.metric.compared.value, row.metric) : <span className="mut">no value</span>}</span>
              <span className="d">{row.metric ? words(row.metric.metric) : words(row.subject.kind)} · cost {cost(row) ?? costWhy(row)}{row.metric && returnText(row.metric.compared) ? ` · return ${returnText(row.metric.compared)}` : ""}</span>
            </>
          )}
        />
      )}
    </Panel>
  );
}
