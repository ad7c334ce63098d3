// Budgets against what is charged, with the drivers that make up the difference; drivers against the
// period before; commitments. Each is a question of its own and keeps its own state.
import { useState } from "react";
import type { BudgetRow, CommitmentRow, CostBudgetAnswer, CostCommitmentsAnswer, CostDriver, CostDriversAnswer } from "../../api/cost-views";
import { useAnswer } from "../../api/queries";
import type { Envelope } from "../../api/types";
import { Waterfall, type WaterfallStep } from "../../charts/waterfall";
import { count, money, plural, ratio, signed, titled, words } from "../../format/number";
import { largestRemainder, moneyDecimals } from "../../format/remainder";
import { range, short } from "../../format/time";
import { evidenceOf } from "../../parts/answered";
import { DataTable } from "../../parts/data-table";
import { Figure } from "../../parts/figure";
import { Panel } from "../../parts/panel";
import { SourceLine } from "../../parts/source-line";
import { Answer, Empty } from "../../parts/states";
import { Glyph } from "../../parts/status";
import { useContextParams, useView } from "../../state/view";

const budgetEvidence = evidenceOf<CostBudgetAnswer>("cost-analysis/budget");
const driverEvidence = evidenceOf<CostDriversAnswer>("cost-analysis/drivers");
const commitmentEvidence = evidenceOf<CostCommitmentsAnswer>("cost-analysis/commitments");

const BUDGET = "Variance is actual less budget to date: above 0 is over. The drivers are worked out for each SKU against the reference period: price (p1−p0)(q0+q1)/2, quantity (q1−q0)(p0+p1)/2, new and ended resources, commitments, credits and tax, currency, and what is unexplained. They add up to the last digit.";
const COMMITMENTS = "Use is what commitments paid for over that and their unused part; coverage the price without commitments of what they cover over that of all they could cover; net saving what they save less what they waste.";

/** Parts that add up to their total as shown, the largest first; nothing that is nothing. */
export function waterfallOf(first: [string, string], drivers: readonly CostDriver[], last: [string, string], currency: string): WaterfallStep[] {
  const moved = drivers.filter((one) => Number(one.amount) !== 0).sort((a, b) => (a.driver === "unexplained" ? 1 : 0) - (b.driver === "unexplained" ? 1 : 0) || Number(b.amount) - Number(a.amount));
  const start = Number(first[1]);
  const decimals = moneyDecimals(Math.max(Math.abs(start), Math.abs(Number(last[1]))));
  const rounded = largestRemainder([start, ...moved.map((one) => Number(one.amount))], decimals);
  const text = (value: number) => money(value, currency, decimals === 0);
  const total = (label: string, value: number, exact: string): WaterfallStep => ({ key: label, label, amount: value, isTotal: true, text: text(value), hint: `${label} ${exact} ${currency}` });
  return [
    total(first[0], rounded[0] ?? 0, first[1]),
    ...moved.map((one, index): WaterfallStep => ({ key: one.driver, label: titled(words(one.driver)), amount: rounded[index + 1] ?? 0, isTotal: false, text: signed(text(rounded[index + 1] ?? 0), rounded[index + 1] ?? 0), hint: `${words(one.driver)} ${one.amount} ${currency}` })),
    total(last[0], rounded.reduce((sum, one) => sum + one, 0), last[1]),
  ];
}

export function BudgetsPanel() {
  const view = useView();
  const context = useContextParams();
  const query = useAnswer<CostBudgetAnswer>("cost-analysis/budget", { as_of: context.as_of, unit: context.unit, limit: 50 });
  const envelope = query.data;
  const rows = envelope?.data.budgets ?? [];
  const key = (row: BudgetRow) => `${row.unit} ${row.currency} ${row.from}`;
  const chosen = rows.find((row) => key(row) === view.get("budget")) ?? rows.find((row) => row.reference !== null) ?? rows[0];
  if (query.error?.problem.status === 404) return null;
  return (
    <div className="grid-12 cols-2">
      <Panel title="Budgets, most over first" qualifier={envelope ? plural(rows.length, "budget") : undefined} isFlush foot={envelope && <SourceLine evidence={budgetEvidence(envelope, "Budgets", BUDGET, "budgets")} text={`up to ${short(envelope.data.at, envelope.as_of, "UTC")} · above 0 is over`} />}>
        <Answer query={query} what="budgets">
          {() => (rows.length === 0 ? <Empty title="No budget is stated here.">budgets.csv names unit, period, amount, currency and phasing.</Empty> : <BudgetTable rows={rows} rowKey={key} selected={chosen ? key(chosen) : undefined} onOpen={(row) => view.set({ budget: key(row) }, { replace: true })} />)}
        </Answer>
      </Panel>
      <Panel title={chosen ? `From budget to actual, ${chosen.name}` : "From budget to actual"} qualifier={chosen?.variance ? `${money(Math.abs(Number(chosen.variance)), chosen.currency)} ${chosen.state ?? ""}` : undefined} foot={envelope && chosen && <SourceLine evidence={budgetEvidence(envelope, `Budget of ${chosen.name}`, BUDGET, "drivers")} text={`${range(chosen.from, chosen.to)}${chosen.reference ? ` · against ${range(chosen.reference.from, chosen.reference.to)}` : ""} · ${chosen.basis}, bars add up to the cent`} />}>
        {!chosen ? <Empty title="No budget is stated here." /> : chosen.to_date === null || chosen.reference === null ? <p className="sub py-1">No reference period is charged, so drivers are not known.</p> : <Waterfall label={`From budget to date to actual, ${chosen.name}`} steps={waterfallOf(["Budget to date", chosen.to_date], chosen.reference.drivers, ["Actual to date", chosen.actual], chosen.currency)} />}
      </Panel>
    </div>
  );
}

function BudgetTable({ rows, rowKey, selected, onOpen }: { rows: BudgetRow[]; rowKey: (row: BudgetRow) => string; selected: string | undefined; onOpen: (row: BudgetRow) => void }) {
  const amount = (value: string | null, row: BudgetRow, isChange = false) => (value === null ? <span className="mut">n/a</span> : <span title={`${value} ${row.currency}`}>{isChange ? signed(money(value, row.currency), Number(value)) : money(value, row.currency)}</span>);
  const share = (row: BudgetRow) => (row.variance_ratio === null ? "" : signed(ratio(row.variance_ratio), row.variance_ratio));
  return (
    <DataTable
      label="Budgets, most over first"
      rows={rows}
      rowKey={rowKey}
      selected={selected}
      onOpen={onOpen}
      isTall={rows.length > 12}
      columns={[
        { key: "name", title: "Unit", isName: true, cell: (row) => row.name, sort: (row) => row.name, hint: (row) => `${row.unit}, ${range(row.from, row.to)}, ${row.phasing}, ${row.source}` },
        { key: "date", title: "Budget to date", isNumber: true, width: 98, cell: (row) => amount(row.to_date, row), sort: (row) => Number(row.to_date) },
        { key: "actual", title: "Actual", isNumber: true, width: 82, cell: (row) => amount(row.actual, row), sort: (row) => Number(row.actual) },
        { key: "variance", title: "Over", isNumber: true, width: 82, cell: (row) => amount(row.variance, row, true), sort: (row) => Number(row.variance) },
        { key: "share", title: "in %", isNumber: true, width: 66, cell: (row) => share(row) || <span className="mut">n/a</span>, sort: (row) => row.variance_ratio },
        { key: "forecast", title: "Forecast", isNumber: true, width: 86, cell: (row) => <span title={row.forecast.amount === null ? (row.forecast.detail ?? row.forecast.reason ?? undefined) : `80 % ${row.forecast.low ?? "n/a"} to ${row.forecast.high ?? "n/a"}`}>{amount(row.forecast.amount, row)}</span>, sort: (row) => Number(row.forecast.amount) },
        { key: "end", title: "Over at end", isNumber: true, width: 86, cell: (row) => amount(row.forecast_variance, row, true), sort: (row) => Number(row.forecast_variance) },
      ]}
      phone={(row) => (
        <>
          <span className="font-medium">{row.name}</span>
          <span>{amount(row.variance, row, true)}</span>
          <span className="d">{row.state ?? "phasing not understood"}{share(row) ? `, ${share(row)}` : ""} · actual {amount(row.actual, row)} of {amount(row.to_date, row)}</span>
        </>
      )}
    />
  );
}

export function DriversPanel({ basis }: { basis: string }) {
  const view = useView();
  const context = useContextParams();
  const query = useAnswer<CostDriversAnswer>("cost-analysis/drivers", { ...context, window: view.get("window"), filter: view.all("filter"), basis, limit: 12 });
  const [lit, setLit] = useState<string | undefined>(undefined);
  const envelope = query.data;
  const found = envelope?.data.currencies[0];
  if (query.error?.problem.status === 404) return null;
  const spans = envelope ? `${range(envelope.data.from, envelope.data.to)} against ${range(envelope.data.reference_from, envelope.data.reference_to)}` : "";
  const amount = (value: string, isChange = false) => (found ? (isChange ? signed(money(value, found.currency), Number(value)) : money(value, found.currency)) : "");
  return (
    <div className="grid-12 cols-2">
      <Panel title="What makes it differ" qualifier={found ? amount(found.change, true) : undefined} foot={envelope && <SourceLine evidence={driverEvidence(envelope, "What makes it differ", BUDGET, "drivers")} text={`${spans} · ${envelope.data.basis}, bars add up to the cent`} />}>
        <Answer query={query} what="drivers">
          {() => (found ? <Waterfall label="From the period before to this one" steps={waterfallOf(["Before", found.before], found.drivers, ["Now", found.after], found.currency)} lit={lit} onLight={setLit} /> : <Empty title="Nothing is charged in either period." />)}
        </Answer>
      </Panel>
      <Panel title="By SKU, largest difference first" qualifier={found ? `${plural(found.new_resources, "new resource")}, ${count(found.ended_resources)} ended` : undefined} isFlush foot={envelope && <SourceLine evidence={driverEvidence(envelope, "By SKU", BUDGET, "skus")} text={spans} />}>
        <Answer query={query} what="drivers">
          {() => (!found || found.skus.length === 0 ? <Empty title="Nothing differs." /> : (
            <DataTable
              label="Drivers by SKU"
              rows={found.skus}
              rowKey={(row) => `${row.sku} ${row.service} ${row.unit} ${row.others}`}
              columns={[
                { key: "sku", title: "SKU", isName: true, cell: (row) => (row.others > 0 ? <span className="mut">{plural(row.others, "other")}</span> : row.sku || <span className="mut">no SKU</span>), hint: (row) => [row.sku, row.service, row.unit].filter(Boolean).join(", ") },
                { key: "why", title: "Most by", cell: (row) => { const top = [...row.drivers].sort((a, b) => Math.abs(Number(b.amount)) - Math.abs(Number(a.amount)))[0]; return top ? `${words(top.driver)} ${amount(top.amount, true)}` : <span className="mut">nothing</span>; }, hint: (row) => row.drivers.map((one) => `${words(one.driver)} ${one.amount}`).join(", ") },
                { key: "before", title: "Before", isNumber: true, width: 80, cell: (row) => amount(row.before), sort: (row) => Number(row.before) },
                { key: "after", title: "Now", isNumber: true, width: 80, cell: (row) => amount(row.after), sort: (row) => Number(row.after) },
                { key: "change", title: "Change", isNumber: true, width: 84, cell: (row) => <span title={row.change}>{amount(row.change, true)}</span>, sort: (row) => Math.abs(Number(row.change)) },
              ]}
              phone={(row) => (
                <>
                  <span className="font-medium">{row.others > 0 ? plural(row.others, "other") : row.sku || "no SKU"}</span>
                  <span>{amount(row.change, true)}</span>
                  <span className="d">{row.drivers.map((one) => `${words(one.driver)} ${amount(one.amount, true)}`).join(", ")}</span>
                </>
              )}
            />
          ))}
        </Answer>
      </Panel>
    </div>
  );
}

export function CommitmentsPanel() {
  const view = useView();
  const context = useContextParams();
  const query = useAnswer<CostCommitmentsAnswer>("cost-analysis/commitments", { ...context, window: view.get("window"), filter: view.all("filter"), limit: 50 });
  const envelope = query.data;
  const found = envelope?.data.currencies[0];
  if (query.error?.problem.status === 404) return null;
  return (
    <div className="grid-12">
      <Panel title="Commitments, most waste first" qualifier={envelope && found ? <>coverage <Figure of={found.coverage} evidence={commitmentEvidence(envelope, "Coverage", COMMITMENTS, "commitments")} /></> : undefined} isFlush foot={envelope && <SourceLine evidence={commitmentEvidence(envelope, "Commitments", COMMITMENTS, "commitments")} source="effective cost" />}>
        <Answer query={query} what="commitments">
          {(one) => (!found || found.commitments.length === 0 ? <Empty title="No reservation or savings plan is charged here." /> : <CommitmentTable envelope={one} found={found} />)}
        </Answer>
      </Panel>
    </div>
  );
}

function CommitmentTable({ envelope, found }: { envelope: Envelope<CostCommitmentsAnswer>; found: CostCommitmentsAnswer["currencies"][number] }) {
  const cell = (of: CommitmentRow["figures"]["used"], name: string) => <Figure of={of} evidence={commitmentEvidence(envelope, name, COMMITMENTS, "commitments")} />;
  const { total } = found;
  return (
    <DataTable
      label="Commitments, most waste first"
      rows={found.commitments}
      rowKey={(row) => `${row.commitment ?? "none"} ${row.provider ?? ""}`}
      isTall={found.commitments.length > 10}
      columns={[
        { key: "id", title: "Commitment", isName: true, cell: (row) => row.commitment ?? <span className="mut">not named</span>, hint: (row) => row.commitment ?? undefined, foot: "Total" },
        { key: "provider", title: "Provider", width: 120, cell: (row) => row.provider ?? <span className="mut">not known</span>, foot: "" },
        { key: "use", title: "Used of it", isNumber: true, width: 110, sort: (row) => row.figures.utilisation.value, cell: (row) => <span className="st"><Glyph word={(row.figures.utilisation.value ?? 1) < 0.9 ? "warning" : "healthy"} />{row.figures.utilisation.value === null ? "n/a" : ratio(row.figures.utilisation.value)}</span>, foot: total.utilisation.value === null ? "n/a" : ratio(total.utilisation.value) },
        { key: "used", title: "Paid for use", isNumber: true, width: 110, cell: (row) => cell(row.figures.used, "Paid for use"), foot: cell(total.used, "Paid for use") },
        { key: "waste", title: "Waste", isNumber: true, width: 100, sort: (row) => Number(row.figures.unused.amount), cell: (row) => cell(row.figures.unused, "Waste"), foot: cell(total.unused, "Waste") },
        { key: "net", title: "Net saving", isNumber: true, width: 110, cell: (row) => <span title={row.figures.net_saving_reason ?? undefined}>{cell(row.figures.net_saving, "Net saving")}</span>, foot: cell(total.net_saving, "Net saving") },
      ]}
      phone={(row) => (
        <>
          <span className="font-medium">{row.commitment ?? "not named"}</span>
          <span>{row.figures.utilisation.value === null ? "n/a" : ratio(row.figures.utilisation.value)} used</span>
          <span className="d">waste {row.figures.unused.amount === null ? "n/a" : money(row.figures.unused.amount, found.currency)}, net saving {row.figures.net_saving.amount === null ? "n/a" : money(row.figures.net_saving.amount, found.currency)}</span>
        </>
      )}
    />
  );
}
