// Small marks for cells and figures: bars that share a scale, strips of status, sparklines.
import type { StatusCounts } from "../api/answers";

/** A bar in a cell; every bar of a column has the same `of`. */
export function CellBar({ value, of, className = "fillbar", width = 84 }: { value: number; of: number; className?: string; width?: number }) {
  const share = of > 0 ? Math.max(0, Math.min(1, Math.abs(value) / of)) : 0;
  return (
    <svg className="ibl" width={width} height="12" viewBox={`0 0 ${width} 12`} aria-hidden="true">
      <rect y="3" width={width} height="6" rx="1" className="track" />
      <rect y="3" width={share > 0 ? Math.max(1, share * width) : 0} height="6" rx="1" className={className} />
    </svg>
  );
}

const PARTS: [keyof StatusCounts, string][] = [["critical", "c-crit"], ["warning", "c-warn"], ["unknown", "c-unk"], ["healthy", "c-ok-soft"]];

/** All entities as one line; the few that matter keep at least 4 px. */
export function StatusStrip({ counts, width = 212 }: { counts: StatusCounts; width?: number }) {
  const present = PARTS.filter(([name]) => counts[name] > 0);
  const space = width - 1.5 * Math.max(0, present.length - 1);
  const sizes = present.map(([name]) => (counts.total > 0 ? (counts[name] / counts.total) * space : 0));
  const raised = sizes.map((size) => Math.max(4, size));
  const excess = raised.reduce((sum, size) => sum + size, 0) - space;
  const largest = raised.indexOf(Math.max(...raised));
  let x = 0;
  return (
    <svg className="strip-line" width={width} height="8" viewBox={`0 0 ${width} 8`} preserveAspectRatio="none" role="img" aria-label={PARTS.map(([name]) => `${counts[name]} ${name}`).join(", ")}>
      {present.length === 0 && <rect width={width} height="8" rx="1" className="track" />}
      {present.map(([name, className], index) => {
        const size = (raised[index] ?? 0) - (index === largest ? excess : 0);
        const at = x;
        x += size + 1.5;
        return <rect key={name} x={at} width={Math.max(0, size)} height="8" rx="1" className={className} />;
      })}
    </svg>
  );
}

export interface SparklineProps {
  values: (number | null)[];
  width?: number;
  /** What was usual, as a dashed line. */
  reference?: number | null;
  /** Index from which it differs, marked at the foot. */
  since?: number | null;
}

/** 72 × 18, the last point marked, no axis. */
export function Sparkline({ values, width = 72, reference = null, since = null }: SparklineProps) {
  const known = values.flatMap((value, index) => (value === null ? [] : [{ value, index }]));
  if (known.length < 2) return <span className="mut">–</span>;
  const least = known.reduce((min, point) => Math.min(min, point.value), 0);
  const most = known.reduce((max, point) => Math.max(max, point.value), reference ?? Number.NEGATIVE_INFINITY);
  const x = (index: number) => 2 + (index / Math.max(1, values.length - 1)) * (width - 6);
  const y = (value: number) => 15 - ((value - least) / (most - least || 1)) * 12;
  let path = "";
  let before = -2;
  for (const { value, index } of known) {
    path += `${index === before + 1 ? "L" : "M"}${x(index).toFixed(1)} ${y(value).toFixed(1)}`;
    before = index;
  }
  const last = known[known.length - 1]!;
  return (
    <svg className="ibl" width={width} height="18" viewBox={`0 0 ${width} 18`} aria-hidden="true">
      {since !== null && <rect x={x(since)} y="1" width={Math.max(1, width - 2 - x(since))} height="16" className="odd" />}
      {reference !== null && <path d={`M2 ${y(reference).toFixed(1)}H${width - 4}`} className="lim" />}
      <path d={path} className="s1" />
      <circle cx={x(last.index)} cy={y(last.value)} r="1.8" className="dot" />
    </svg>
  );
}
