// A figure that is known as a range: both bounds on the scale of its column, the best value as a dot.
export interface RangeBarProps {
  low: number | null;
  high: number | null;
  value?: number | null;
  /** The greatest of the column, so that all cells share one scale. */
  of: number;
  /** A lasting one has no upper end. */
  isOpen?: boolean;
  width?: number;
}

export function RangeBar({ low, high, value = null, of, isOpen = false, width = 84 }: RangeBarProps) {
  const x = (one: number) => 1 + (of > 0 ? Math.max(0, Math.min(1, one / of)) : 0) * (width - 3);
  const from = low === null ? null : x(low);
  const to = isOpen ? width - 1 : high === null ? from : x(high);
  return (
    <svg className="ibl" width={width} height="12" viewBox={`0 0 ${width} 12`} aria-hidden="true">
      <rect y="5" width={width} height="2" rx="1" className="track" />
      {from !== null && to !== null && <rect x={Math.min(from, to)} y="3.5" width={Math.max(1.5, Math.abs(to - from))} height="5" rx="1" className={isOpen ? "odd-bar" : "rangebar"} />}
      {from !== null && to !== null && to - from > 3 && <path d={`M${from} 2v8${isOpen ? "" : `M${to} 2v8`}`} className="whisker" />}
      {value !== null && <circle cx={x(value)} cy="6" r="2.4" className="dot" />}
    </svg>
  );
}
