// A figure with its unit and its proof. It takes a measure or money, never a bare number, so that
// nothing without unit and provenance can be drawn.
import type { Measure, Money } from "../api/types";
import { money, signed, withUnit, words } from "../format/number";
import { useEvidence, type EvidenceOf } from "../state/evidence";

export interface FigureProps {
  of: Measure | Money;
  evidence: EvidenceOf;
  /** Shows `+` before what is above nothing: for changes. */
  isChange?: boolean;
  /** As its column rounds it, where parts have to add up. */
  text?: string | undefined;
}

export function isMoney(of: Measure | Money): of is Money {
  return "currency" in of;
}

export function figureText(of: Measure | Money, isChange = false): string {
  if (isMoney(of)) {
    if (of.amount === null) return words(of.reason ?? "no data");
    const text = money(of.amount, of.currency);
    return isChange ? signed(text, Number(of.amount)) : text;
  }
  if (of.value === null) return words(of.detail ?? of.reason ?? "no data");
  const text = withUnit(of.value, of.unit);
  return isChange ? signed(text, of.value) : text;
}

/** The unrounded form, as hover and Evidence show it. */
export function exactText(of: Measure | Money): string {
  if (isMoney(of)) return of.amount === null ? words(of.reason ?? "no data") : `${of.amount} ${of.currency}`;
  if (of.value === null) return words(of.detail ?? of.reason ?? "no data");
  return `${of.value} ${of.unit === "1" ? "(ratio)" : of.unit}`.trim();
}

export function isAbsent(of: Measure | Money): boolean {
  return isMoney(of) ? of.amount === null : of.value === null;
}

export function Figure({ of, evidence, isChange = false, text }: FigureProps) {
  const open = useEvidence();
  const exact = exactText(of);
  const inputs: [string, string][] = [["Exact value", exact], ...(evidence.inputs ?? [])];
  if (!isMoney(of) && typeof of.n === "number") inputs.push(["Values behind it", `n = ${of.n}`]);
  if (isMoney(of)) {
    inputs.push(["Rows in the sum", String(of.rows)]);
    if (of.rows_without > 0) inputs.push(["Rows without this basis", String(of.rows_without)]);
  }
  return (
    <button
      type="button"
      className={isAbsent(of) ? "num absent" : "num"}
      title={exact}
      onClick={(event) => open({ ...evidence, inputs }, event.currentTarget)}
      onCopy={(event) => {
        event.clipboardData.setData("text/plain", isMoney(of) ? (of.amount ?? "") : String(of.value ?? ""));
        event.preventDefault();
      }}
    >
      {text ?? figureText(of, isChange)}
    </button>
  );
}
