// A cell for a length of time that is known as a range: both bounds in words, and as a bar.
import { RangeBar } from "../charts/range-bar";
import { lengthRange } from "../format/duration";
import { words } from "../format/number";

export interface LengthRange {
  low: number | null;
  high: number | null;
  reason?: string | null;
}

export function lengthText(of: LengthRange): string {
  return lengthRange(of.low, of.high) ?? words(of.reason ?? "no data");
}

/** `of` is the greatest of the column; a lasting one says so. */
export function RangeCell({ of, most, isOpen = false, width = 64 }: { of: LengthRange; most?: number; isOpen?: boolean; width?: number }) {
  const isAbsent = of.low === null && of.high === null;
  const reason = words(of.reason ?? "no data");
  if (isAbsent) return <span className="mut" title={reason}>{reason.length > 12 ? "n/a" : reason}</span>;
  const exact = of.low === of.high || of.high === null ? `${of.low ?? of.high} s` : `${of.low ?? "?"} to ${of.high} s`;
  return (
    <span title={exact} className="whitespace-nowrap">
      {most !== undefined && <RangeBar low={of.low} high={of.high} of={most} isOpen={isOpen} width={width} />} {isOpen ? `${lengthText({ low: of.low, high: of.low })} so far` : lengthText(of)}
    </span>
  );
}
