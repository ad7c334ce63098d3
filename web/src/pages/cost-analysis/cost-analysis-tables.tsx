// The tables of cost: groups on four bases, movers, categories, what is not counted, deliveries.
import { useState } from "react";
import type { CostAnalysisAnswer, CostGroup, CurrencyCost, Mover } from "../../api/answers";
import type { Envelope } from "../../api/types";
import { CellBar, Sparkline } from "../../charts/small";
import { count, money, plural, ratio, signed, titled, words } from "../../format/number";
import { dayAndClock, short } from "../../format/time";
import { DataTable } from "../../parts/data-table";
import { Figure } from "../../parts/figure";
import { Panel } from "../../parts/panel";
import { SourceLine } from "../../parts/source-line";
import { Empty } from "../../parts/states";
import { addingUp, amountOf, BASES, columnOf, completeOf, costEvidence, dimensionName, monthOrDay, valuesName } from "./cost-analysis-model";

export interface CostPanelProps {
  envelope: Envelope<CostAnalysisAnswer>;
  cost: CurrencyCost;
}

export const SUMS = "Exact sums of the charges that count, as the store makes them; each charge once, in the time it was used or, if so asked, in the period that bills it. A charge without a value on a basis is counted as lacking it, never as 0.";

function groupKey(group: { values: (string | null)[]; others: number }): string {
  return group.others > 0 ? "\u0000others" : JSON.stringify(group.values);
}

export function GroupsPanel({ envelope, cost, lit, onLight, onNarrow }: CostPanelProps & { lit: number | null; onLight: (series: number | null) => void; onNarrow: (group: CostGroup) => void }) {
  const { data } = envelope;
  const { basis, dimensions } = data;
  const total = amountOf(cost.total, basis) ?? 0;
  const ofBasis = (one: (typeof BASES)[number]) => {
    const column = addingUp(cost.groups, one, amountOf(cost.total, one) ?? 0, cost.currency);
    return new Map(cost.groups.map((group, index) => [groupKey(group), column[index] ?? ""]));
  };
  const texts = ofBasis(basis);
  const most = Math.max(...cost.groups.map((group) => Math.abs(amountOf(group.costs, basis) ?? 0)), 0);
  const groups = cost.groups.filter((group) => group.others === 0);
  const rest = cost.groups.find((group) => group.others > 0);
  const title = dimensions.map(dimensionName).join(" and ");
  const other = BASES.filter((one) => one !== basis).slice(0, 2);
  const others = new Map(other.map((one) => [one, ofBasis(one)]));
  const cell = (row: CostGroup, one: (typeof BASES)[number]) => <span className={row.costs[one].amount === null ? "mut" : ""} title={row.costs[one].amount === null ? undefined : `${row.costs[one].amount} ${cost.currency}`}>{others.get(one)?.get(groupKey(row))}</span>;
  const definition = `${SUMS} Ranked by ${basis} cost.`;
  const keys = cost.groups.map(groupKey);
  return (
    <Panel
      title={`By ${title}`}
      qualifier={rest ? `${count(groups.length)} of ${count(groups.length + rest.others)}` : count(groups.length)}
      isFlush
      foot={<SourceLine evidence={costEvidence(envelope, `Cost by ${title}`, definition)} source={`${basis} cost, ${data.period} period`} coverage={`${basis}_cost`} />}
    >
      <DataTable
        label={`Cost by ${title}`}
        rows={groups}
        rowKey={groupKey}
        lit={lit === null ? undefined : keys[lit]}
        onLight={(key) => onLight(key === undefined ? null : keys.indexOf(key))}
        onOpen={onNarrow}
        order={{ key: basis, isDescending: true }}
        isTall={groups.length > 18}
        others={rest ? [plural(rest.others, "other"), "", texts.get(groupKey(rest)) ?? "", share(rest.share), ...other.map((one) => cell(rest, one))] : undefined}
        columns={[
          { key: "name", title: titled(title), isName: true, cell: (row) => valuesName(row.values, 0, dimensions), sort: (row) => valuesName(row.values, 0, dimensions), hint: (row) => valuesName(row.values, 0, dimensions), foot: "Total" },
          { key: "bar", title: "", cell: (row) => <CellBar value={amountOf(row.costs, basis) ?? 0} of={most} className={(amountOf(row.costs, basis) ?? 0) < 0 ? "under" : "fillbar"} width={56} />, width: 72, foot: "" },
          {
            key: basis, title: titled(basis), isNumber: true, width: 84, sort: (row) => amountOf(row.costs, basis), foot: money(total, cost.currency),
            cell: (row) => <span title={`${row.costs[basis].amount ?? "no data"} ${cost.currency}`}>{texts.get(groupKey(row))}</span>,
          },
          { key: "share", title: "Share", isNumber: true, width: 60, cell: (row) => share(row.share), sort: (row) => row.share, foot: "" },
          ...other.map((one) => ({
            key: one, title: titled(one), isNumber: true, width: 80, cell: (row: CostGroup) => <span className="text-ink-2">{cell(row, one)}</span>,
            sort: (row: CostGroup) => amountOf(row.costs, one), foot: cost.total[one].amount === null ? "no data" : money(cost.total[one].amount, cost.currency),
          })),
        ]}
        phone={(row) => (
          <>
            <span className="font-medium truncate">{valuesName(row.values, 0, dimensions)}</span>
            <span>{texts.get(groupKey(row))}</span>
            <span className="d">{share(row.share)} of the total</span>
          </>
        )}
      />
    </Panel>
  );
}

function share(value: number | null) {
  return value === null ? <span className="mut">n/a</span> : ratio(value);
}

export function MoversPanel({ envelope, cost }: CostPanelProps) {
  const { data } = envelope;
  const { movers } = cost;
  if (!movers) {
    return (
      <Panel title="Movers" isFlush foot={<SourceLine source={`${data.basis} cost`} />}>
        <Empty title="Too little data: two complete periods are needed.">A period is complete when it has ended and charges cover it to its end.</Empty>
      </Panel>
    );
  }
  const before = monthOrDay(movers.before, data.step);
  const after = monthOrDay(movers.after, data.step);
  const rest = movers.movers.find((one) => one.others > 0);
  const change = (one: Mover) => signed(amounts.change.get(groupKey(one)) ?? "", Number(one.change));
  const column = (of: (one: Mover) => number | null, total: string) => {
    const texts = columnOf(movers.movers.map(of), Number(total), cost.currency);
    return new Map(movers.movers.map((one, index) => [groupKey(one), texts[index] ?? ""]));
  };
  const amounts = {
    before: column((one) => (one.before === null ? null : Number(one.before)), movers.amount_before),
    after: column((one) => (one.after === null ? null : Number(one.after)), movers.amount_after),
    change: column((one) => Number(one.change), movers.change),
  };
  const trend = (one: Mover) => {
    const index = cost.groups.findIndex((group) => group.others === 0 && groupKey(group) === groupKey(one));
    return index < 0 ? [] : completeOf(cost).map((point) => (point.groups[index] === null || point.groups[index] === undefined ? null : Number(point.groups[index])));
  };
  const amount = (one: Mover, at: "before" | "after") => (one[at] === null ? <span className="mut">none</span> : <span title={`${one[at]} ${cost.currency}`}>{amounts[at].get(groupKey(one))}</span>);
  const definition = `Difference of ${data.basis} cost between the last two complete periods, ${before} and ${after}; what is absent counts as nothing. The changes add up to the change of the total.`;
  const change_total = Number(movers.change);
  return (
    <Panel
      title="Movers"
      qualifier={`${after} against ${before}`}
      isFlush
      foot={<SourceLine evidence={costEvidence(envelope, "Movers", definition, "movers")} text={`${after} against ${before} · ${data.basis} cost, complete periods only`} />}
    >
      <DataTable
        label="Movers"
        rows={movers.movers.filter((one) => one.others === 0)}
        rowKey={groupKey}
        order={{ key: "size", isDescending: true }}
        others={rest ? [plural(rest.others, "other"), "", amount(rest, "before"), amount(rest, "after"), change(rest), rest.change_ratio === null ? "n/a" : signed(ratio(rest.change_ratio), rest.change_ratio)] : undefined}
        columns={[
          { key: "name", title: titled(data.dimensions.map(dimensionName).join(" and ")), isName: true, cell: (row) => valuesName(row.values, 0, data.dimensions), sort: (row) => valuesName(row.values, 0, data.dimensions), hint: (row) => valuesName(row.values, 0, data.dimensions), foot: "Total" },
          { key: "trend", title: data.step === "day" ? "Daily" : "Monthly", cell: (row) => <Sparkline values={trend(row)} />, width: 88, foot: "" },
          { key: "before", title: before, isNumber: true, cell: (row) => amount(row, "before"), sort: (row) => (row.before === null ? null : Number(row.before)), width: 78, foot: money(movers.amount_before, cost.currency) },
          { key: "after", title: after, isNumber: true, cell: (row) => amount(row, "after"), sort: (row) => (row.after === null ? null : Number(row.after)), width: 78, foot: money(movers.amount_after, cost.currency) },
          { key: "size", title: "Change", isNumber: true, cell: (row) => <span title={`${row.change} ${cost.currency}`}>{change(row)}</span>, sort: (row) => Math.abs(Number(row.change)), width: 78, foot: signed(money(movers.change, cost.currency), change_total) },
          { key: "ratio", title: "in %", isNumber: true, cell: (row) => (row.change_ratio === null ? <span className="mut">{row.before === null ? "new" : "n/a"}</span> : signed(ratio(row.change_ratio), row.change_ratio)), sort: (row) => row.change_ratio, width: 70, foot: Number(movers.amount_before) > 0 ? signed(ratio(change_total / Number(movers.amount_before)), change_total) : "" },
        ]}
        phone={(row) => (
          <>
            <span className="font-medium truncate">{valuesName(row.values, 0, data.dimensions)}</span>
            <span>{change(row)}</span>
            <span className="d">{amount(row, "before")} → {amount(row, "after")}</span>
          </>
        )}
      />
    </Panel>
  );
}

export function CategoriesPanel({ envelope, cost }: CostPanelProps) {
  const { basis } = envelope.data;
  const rows = [...cost.categories].sort((a, b) => Math.abs(amountOf(b.costs, basis) ?? 0) - Math.abs(amountOf(a.costs, basis) ?? 0));
  const texts = new Map(BASES.map((one) => [one, addingUp(rows, one, amountOf(cost.total, one) ?? 0, cost.currency)]));
  return (
    <Panel title="By charge category" qualifier="credits and tax included" isFlush foot={<SourceLine evidence={costEvidence(envelope, "By charge category", `${SUMS} Categories are those of the bill.`, "categories")} source="all four bases, as billed" />}>
      <DataTable
        label="Cost by charge category"
        rows={rows}
        rowKey={(row) => row.category}
        columns={[
          { key: "category", title: "Category", isName: true, cell: (row) => row.category || <span className="mut">none</span>, sort: (row) => row.category, foot: "Total" },
          ...BASES.map((one) => ({
            key: one, title: titled(one), isNumber: true, width: 92, sort: (row: { costs: CurrencyCost["total"] }) => amountOf(row.costs, one),
            cell: (row: { category: string; costs: CurrencyCost["total"] }) => <Figure of={row.costs[one]} evidence={costEvidence(envelope, `${row.category}, ${one}`, SUMS, "categories")} text={texts.get(one)?.[rows.findIndex((other) => other.category === row.category)]} />,
            foot: cost.total[one].amount === null ? "no data" : money(cost.total[one].amount, cost.currency),
          })),
        ]}
        phone={(row) => (
          <>
            <span className="font-medium">{row.category || "none"}</span>
            <span>{row.costs[basis].amount === null ? "no data" : money(row.costs[basis].amount, cost.currency)}</span>
            <span className="d">{BASES.filter((one) => one !== basis).map((one) => `${one} ${row.costs[one].amount === null ? "no data" : money(row.costs[one].amount, cost.currency)}`).join(", ")}</span>
          </>
        )}
      />
    </Panel>
  );
}

export function BillsPanel({ envelope }: { envelope: Envelope<CostAnalysisAnswer> }) {
  const { not_counted, counted } = envelope.data;
  const [isCounted, setCounted] = useState(false);
  const rows = isCounted ? counted.map((bill) => ({ bill, reason: "counts" })) : not_counted;
  return (
    <Panel
      title={isCounted ? "Deliveries that count" : "Not counted"}
      qualifier={<button type="button" className="link" onClick={() => setCounted(!isCounted)}>{isCounted ? `${count(not_counted.length)} not counted` : `${count(counted.length)} counted`}</button>}
      isFlush
      foot={<SourceLine evidence={costEvidence(envelope, "Deliveries", "Of several deliveries of one account and billing period the newest counts, whole; where two formats cover one, FOCUS counts.", isCounted ? "counted" : "not_counted")} source="deliveries of bills" />}
    >
      {rows.length === 0 ? (
        <Empty title={isCounted ? "No delivery counts here." : "None: every delivery held is counted."} />
      ) : (
        <DataTable
          label={isCounted ? "Deliveries that count" : "Deliveries not counted"}
          rows={rows}
          rowKey={(row) => `${row.bill.format} ${row.bill.billing_account} ${row.bill.billing_period} ${row.bill.name} ${row.bill.exported_at}`}
          isTall={rows.length > 10}
          columns={[
            { key: "name", title: "Delivery", isName: true, cell: (row) => row.bill.name, sort: (row) => row.bill.name, hint: (row) => `${row.bill.format} ${row.bill.name}` },
            { key: "reason", title: isCounted ? "State" : "Why", cell: (row) => (isCounted ? row.bill.state : row.reason), hint: (row) => row.reason },
            { key: "period", title: "Period", cell: (row) => short(row.bill.billing_period, new Date(), "UTC"), sort: (row) => row.bill.billing_period, width: 82 },
            { key: "exported", title: "Exported", cell: (row) => dayAndClock(row.bill.exported_at), sort: (row) => row.bill.exported_at, width: 104 },
            { key: "rows", title: "Rows", isNumber: true, cell: (row) => count(row.bill.rows), sort: (row) => row.bill.rows, width: 72 },
            { key: "billed", title: "Billed", isNumber: true, cell: (row) => row.bill.billed.map(([currency, amount]) => money(amount, currency)).join(", ") || <span className="mut">no data</span>, width: 96 },
          ]}
          phone={(row) => (
            <>
              <span className="font-medium truncate">{row.bill.name}</span>
              <span>{plural(row.bill.rows, "row")}</span>
              <span className="d">{words(row.reason)}</span>
            </>
          )}
        />
      )}
    </Panel>
  );
}
