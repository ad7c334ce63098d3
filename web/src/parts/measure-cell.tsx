// A measure in a cell of a table: the figure, or in grey why there is none; the exact value on hover.
import type { Measure, Money } from "../api/types";
import { words } from "../format/number";
import { exactText, figureText, isAbsent } from "./figure";

/** In a narrow cell a long reason stands on hover. */
function absentText(reason: string | null | undefined): string {
  const text = words(reason ?? "no data");
  if (text.startsWith("too few")) return text.replace("too few, ", "");
  if (text === "not applicable") return "n/a";
  return text.length > 10 ? "no data" : text;
}

export function MeasureCell({ of, text }: { of: Measure | Money; text?: string | undefined }) {
  if (!isAbsent(of)) return <span title={exactText(of)}>{text ?? figureText(of)}</span>;
  const reason = "currency" in of ? "no data" : (of.detail ?? of.reason ?? "no data");
  return <span className="mut" title={words(reason)}>{absentText(reason)}</span>;
}

/** What a column of measures is sorted by. */
export const valueOf = (of: Measure): number | null => of.value;
