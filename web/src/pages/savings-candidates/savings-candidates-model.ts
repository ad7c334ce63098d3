// From the answer to what is read: the sentence, words for grades and safety, figures with units.
import type { SavingsCandidate, SavingsCandidatesAnswer } from "../../api/savings-candidates";
import type { Envelope, Measure } from "../../api/types";
import { money, plural, ratio, withUnit, words } from "../../format/number";
import { evidenceOf } from "../../parts/answered";

export type Savings = Envelope<SavingsCandidatesAnswer>;
export const savingsEvidence = evidenceOf<SavingsCandidatesAnswer>("savings-candidates");

export const TOTAL = "What the bill would fall by in a month if every candidate that counts were carried out. Of alternatives on one entity the largest counts; dismissed ones do not. Hours that a commitment covers count only as far as other uncovered use would take them up.";

/** How safety reads: a glyph of the status language and its word. */
export const SAFE: Record<string, { glyph: string; word: string; means: string }> = {
  yes: { glyph: "healthy", word: "yes", means: "the whole look-back is covered and nothing needed it" },
  unknown: { glyph: "unknown", word: "unknown", means: "it cannot be told from what is held" },
  no: { glyph: "off", word: "no", means: "something needs it" },
};

export function savingsSentence(envelope: Savings): string {
  const { totals, candidates, rules } = envelope.data;
  const run = rules.filter((one) => one.is_evaluated).length;
  if (candidates.length === 0) return run === 0 ? "No rule had the data that it needs." : `${plural(run, "rule")} found nothing that could cost less.`;
  const sums = totals.flatMap((one) => {
    if (one.saving.amount === null) return [];
    const share = one.total_cost.amount !== null && Number(one.total_cost.amount) > 0 ? `, ${ratio(Number(one.saving.amount) / Number(one.total_cost.amount))} of the bill` : "";
    const safe = one.safe_saving.amount === null ? "" : `, ${money(one.safe_saving.amount, one.currency)} of it safe`;
    return [`${money(one.saving.amount, one.currency)} a month${share}${safe}, on ${plural(one.entities, "entity", "entities")}`];
  });
  const top = candidates[0];
  const first = top ? ` ${top.entity.name}: ${top.title.charAt(0).toLowerCase()}${top.title.slice(1)}.` : "";
  return sums.length > 0 ? `${sums.join("; ")}.${first}` : `${plural(candidates.length, "candidate")}, none with a price.${first}`;
}

/** Amounts that came as a measure, such as `USD`, read as money. */
export function figureOf(value: Measure): string {
  if (value.value === null) return value.detail ?? value.reason ?? "no data";
  return /^[A-Z]{3}$/.test(value.unit) ? money(value.value, value.unit) : withUnit(value.value, value.unit === "GiBy" ? "GiB" : value.unit);
}

export function savingText(row: SavingsCandidate): string {
  const { saving } = row;
  if (!saving || saving.now.amount === null) return row.saving_detail ?? "no price";
  return money(saving.now.amount, saving.now.currency);
}

export const savingOf = (row: SavingsCandidate): number | null => (row.saving?.now.amount == null ? null : Number(row.saving.now.amount));
export const costOf = (row: SavingsCandidate): number | null => (row.monthly_cost?.effective.amount == null ? null : Number(row.monthly_cost.effective.amount));

export const ruleText = (rule: string): string => words(rule);
