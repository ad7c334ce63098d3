// From the answer to what is drawn and read: names of groups, rounded parts that add up, buckets.
import type { CostAnalysisAnswer, Costs, CurrencyCost } from "../../api/answers";
import type { Envelope } from "../../api/types";
import type { BarBucket, BarSeries } from "../../charts/stacked-bars";
import { largestRemainder, moneyDecimals } from "../../format/remainder";
import { money, plural, words } from "../../format/number";
import { month, range, short } from "../../format/time";
import type { EvidenceOf } from "../../state/evidence";

export type BasisName = keyof Costs;
export const BASES: BasisName[] = ["effective", "billed", "list", "contracted"];
export const BASIS_MEANS: Record<BasisName, string> = {
  billed: "As invoiced.",
  effective: "With upfront fees spread over the term they pay for.",
  list: "At list price, before any discount.",
  contracted: "At the negotiated price, before commitments.",
};
/** Series that carry a colour of their own; the rest is summed and grey. */
export const COLOURED = 6;

export function costEvidence(envelope: Envelope<CostAnalysisAnswer>, title: string, definition: string, table = "groups"): EvidenceOf {
  return { title, definition, envelope: envelope as Envelope<unknown>, table, kebab: "cost-analysis" };
}

export function valuesName(values: (string | null)[], others: number, dimensions: string[]): string {
  if (others > 0) return plural(others, "other");
  if (values.length === 0) return "the rest";
  return values.map((value, index) => (value === null || value === "" ? `no ${dimensionName(dimensions[index] ?? "value")}` : value)).join(" · ");
}

export function dimensionName(dimension: string): string {
  return dimension.startsWith("tag:") ? `tag ${dimension.slice(4)}` : words(dimension);
}

export function amountOf(costs: Costs, basis: BasisName): number | null {
  const { amount } = costs[basis];
  return amount === null ? null : Number(amount);
}

/** Amounts as text that adds up to the total as text. */
export function addingUp(groups: { costs: Costs }[], basis: BasisName, total: number, currency: string): string[] {
  return columnOf(groups.map((group) => amountOf(group.costs, basis)), total, currency);
}

/** One column of amounts: of one number of decimals, adding up to its total as it is shown. */
export function columnOf(values: (number | null)[], total: number, currency: string): string[] {
  const known = values.map((value) => value ?? 0);
  const decimals = Math.abs(total) < 0.01 ? 0 : moneyDecimals(total);
  if (Math.abs(total) < 0.01) return values.map((value) => (value === null ? "no data" : money(value, currency)));
  const rounded = largestRemainder(known, decimals);
  return values.map((value, index) => (value === null ? "no data" : moneyAt(rounded[index] ?? 0, currency, decimals)));
}

function moneyAt(value: number, currency: string, decimals: number): string {
  // A column keeps one number of decimals, whatever the size of a part.
  return money(decimals === 0 ? Math.round(value) : value, currency, decimals === 0);
}

/** Colours of this session: what has one keeps it on every page and under every filter. */
const colours = new Map<string, number>();

export function colourOf(dimension: string, names: string[]): number[] {
  const taken = new Set(names.flatMap((name) => colours.get(`${dimension} ${name}`) ?? []));
  const used = new Set<number>();
  return names.map((name) => {
    const key = `${dimension} ${name}`;
    const known = colours.get(key);
    const free = Array.from({ length: COLOURED }, (_, index) => index);
    const colour = known !== undefined && !used.has(known) ? known : (free.find((one) => !used.has(one) && !taken.has(one)) ?? free.find((one) => !used.has(one)) ?? 0);
    if (known === undefined) colours.set(key, colour);
    used.add(colour);
    return colour;
  });
}

/** The periods that have ended and are covered to their end: an open one would look like a fall. */
export function completeOf(cost: CurrencyCost): CurrencyCost["over_time"] {
  return cost.over_time.filter((point) => point.is_complete);
}

export interface TimeSeries {
  series: BarSeries[];
  buckets: BarBucket[];
}

/** Buckets of the six largest groups and the rest. */
export function overTime(cost: CurrencyCost, answer: CostAnalysisAnswer, format: (value: number) => string): TimeSeries {
  const { basis, dimensions, step } = answer;
  const singles = cost.groups.map((group, index) => ({ group, index })).filter(({ group }) => group.others === 0);
  const shown = singles.slice(0, COLOURED);
  const shownIndexes = new Set(shown.map(({ index }) => index));
  const hasRest = cost.groups.length > shown.length;
  const names = shown.map(({ group }) => valuesName(group.values, group.others, dimensions));
  const chosen = colourOf(dimensions.join(), names);
  const series = names.map((name, index): BarSeries => ({ name, colour: chosen[index] ?? index }));
  const restCount = cost.groups.reduce((sum, group, index) => sum + (shownIndexes.has(index) ? 0 : Math.max(1, group.others)), 0);
  if (hasRest) series.push({ name: plural(restCount, "other"), colour: COLOURED });
  const buckets = cost.over_time.map((point): BarBucket => {
    const parts = shown.map(({ index }) => Number(point.groups[index] ?? 0));
    const total = amountOf(point.costs, basis) ?? 0;
    if (hasRest) parts.push(total - parts.reduce((sum, part) => sum + part, 0));
    const label = step === "day" ? short(point.at, new Date(0), "UTC").replace(/\s\d{4}$/, "") : monthLabel(point.at);
    return { key: point.at, label, title: `${range(point.at, point.until)}: ${format(total)}${point.is_provisional ? ", provisional" : ""}`, parts, isOpen: !point.is_complete || point.is_provisional };
  });
  return { series, buckets };
}

export function monthLabel(instant: string): string {
  return month(instant);
}

export function costSentence(envelope: Envelope<CostAnalysisAnswer>): string {
  const { data } = envelope;
  const cost = data.currencies[0];
  if (!cost) return "No charge is held for this part of the estate.";
  const total = cost.total[data.basis];
  const span = envelope.window ? ` in ${range(envelope.window.from, envelope.window.to)}` : "";
  const spent = total.amount === null ? `No ${data.basis} cost${span}.` : `${money(total.amount, cost.currency)} ${data.basis}${span}.`;
  const mover = cost.movers?.movers.find((one) => one.others === 0);
  const change = mover ? Number(mover.change) : 0;
  const moved = mover && change !== 0 ? ` ${valuesName(mover.values, 0, data.dimensions)} moved most: ${change > 0 ? "+" : ""}${money(mover.change, cost.currency)} against ${cost.movers ? monthOrDay(cost.movers.before, data.step) : "before"}.` : "";
  const more = data.currencies.length > 1 ? ` ${data.currencies.length - 1} more ${data.currencies.length === 2 ? "currency" : "currencies"}, never added up.` : "";
  return spent + moved + more;
}

export function monthOrDay(instant: string, step: "day" | "month"): string {
  return step === "month" ? monthLabel(instant) : short(instant, new Date(), "UTC");
}
