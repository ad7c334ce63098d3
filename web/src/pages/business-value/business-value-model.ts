// From the answer to what is read: amounts with their unit, returns, the sentence, rows to compare.
import type { BusinessValueAnswer, ValueComparison, ValueMetric, ValueMoney, ValueSubject, ValueUnitCost } from "../../api/business-value";
import type { Envelope } from "../../api/types";
import { money, plural, significant, words } from "../../format/number";
import { range } from "../../format/time";
import { evidenceOf } from "../../parts/answered";

export type BusinessValue = Envelope<BusinessValueAnswer>;
export const valueEvidence = evidenceOf<BusinessValueAnswer>("business-value");

export const VALUE = "A value metric is stated for one product, application, entry point or unit, or with a split. It is compared with fully loaded effective cost on the days whose charges are held and settled, and on no others.";
export const RETURN = "(value − cost) / cost, only where value is money in the currency of the cost; else only the cost of one of what is counted is given.";
export const SAVED = "Effective cost a day of the 30 days before a saving was marked done, less each day's since, at the unit prices of before, for at most 12 months. Verified when the charges fell, else claimed; it may be below zero.";
export const DOWNTIME = "Expected value less observed over the union of incident intervals; expected is the same hour of the week, median of four weeks. Without such a series minutes times a stated value times a share, labelled assumed.";

export interface ValueRow {
  key: string;
  subject: ValueSubject;
  metric: ValueMetric | null;
}

/** One row a metric of a subject; a subject without one keeps its cost. */
export function rowsOf(answer: BusinessValueAnswer): ValueRow[] {
  return answer.subjects.flatMap((subject): ValueRow[] =>
    subject.metrics.length === 0 ? [{ key: subject.id, subject, metric: null }] : subject.metrics.map((metric) => ({ key: `${subject.id} ${metric.metric} ${metric.currency ?? ""}`, subject, metric })));
}

export function amountText(amount: string | null, metric: { currency: string | null; value_unit?: string | null }): string | null {
  if (amount === null) return null;
  if (metric.currency !== null) return money(amount, metric.currency);
  return `${significant(Number(amount), 4)}${metric.value_unit ? `\u00a0${metric.value_unit}` : ""}`;
}

export const moneyText = (of: ValueMoney | undefined): string | null => (of?.amount == null ? null : money(of.amount, of.currency));
export const whyText = (reason: string | null | undefined): string => words(reason ?? "no data");

export function unitCostText(of: ValueUnitCost | undefined): string | null {
  return of?.amount == null ? null : `${money(of.amount, of.currency)} / ${of.per}`;
}

/** A return of 15.1 reads as `15.1×`: what comes back above what is spent. */
export function returnText(of: ValueComparison): string | null {
  return of.return_ratio.value === null ? null : `${significant(of.return_ratio.value)}×`;
}

export const costOf = (row: ValueRow): number | null => { const cost = (row.metric?.compared.costs ?? row.subject.costs)[0]; return cost?.amount == null ? null : Number(cost.amount); };

export function valueSentence(envelope: BusinessValue): string {
  const { data } = envelope;
  const rows = rowsOf(data).filter((row) => row.metric !== null);
  const span = data.compared ? ` in ${range(data.compared.from, data.compared.to)}` : "";
  if (rows.length === 0) return data.subjects.length === 0 ? "No unit, product or application is known here." : `No value metric is stated; cost alone is known of ${plural(data.subjects.length, "unit, product or application", "units, products and applications")}.`;
  const first = rows.find((row) => row.metric && returnText(row.metric.compared) !== null) ?? rows[0]!;
  const metric = first.metric!;
  const gained = amountText(metric.compared.value, metric);
  const cost = moneyText(metric.compared.costs[0]);
  const back = returnText(metric.compared);
  return `${first.subject.name}: ${gained} ${words(metric.metric)}${cost ? ` against ${cost} of cost` : ""}${span}${back ? `, return ${back}` : ""}. ${plural(rows.length, "value metric")} in all.`;
}
