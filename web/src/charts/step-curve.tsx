// Kaplan–Meier: the share still open after so long, with its interval; ticks are the censored ones.
import { linear, ticks } from "./scale";
import { useWidth } from "./width";

export interface CurvePoint {
  /** Seconds since the start. */
  at: number;
  share: number;
  low?: number | null;
  high?: number | null;
  censored?: number;
}

export interface StepCurveProps {
  label: string;
  points: readonly CurvePoint[];
  format: (value: number) => string;
  /** Drawn as lines down to the axis: the median. */
  median: number | null;
  height?: number;
}

const LEFT = 48;
/** A day, an hour, a minute: the axis is round in the unit in which it is read. */
const UNITS = [86_400, 3_600, 60];

type Corner = readonly [number, number];

/** The corners of a staircase: along first, then down. */
function corners(points: readonly Corner[]): Corner[] {
  return points.flatMap((point, index): Corner[] => (index === 0 ? [point] : [[point[0], points[index - 1]![1]], point]));
}

const drawn = (points: readonly Corner[]) => points.map(([a, b], index) => `${index ? "L" : "M"}${a.toFixed(1)} ${b.toFixed(1)}`).join("");

export function StepCurve({ label, points, format, median, height = 150 }: StepCurveProps) {
  const [box, width] = useWidth(420);
  const most = Math.max(0, ...points.map((point) => point.at));
  const unit = UNITS.find((one) => most >= one * 2) ?? 1;
  const marks = ticks(0, most / unit, 4).map((tick) => tick * unit).filter((tick) => tick <= most * 1.001 || most === 0);
  const x = linear([0, most || 1], [LEFT, width - 12]);
  const y = linear([0, 1], [height, 8]);
  const all: CurvePoint[] = [{ at: 0, share: 1, low: 1, high: 1 }, ...points];
  const banded = all.filter((point) => typeof point.low === "number" && typeof point.high === "number");
  const upper = corners(banded.map((point) => [x(point.at), y(point.high ?? 1)]));
  const lower = corners(banded.map((point) => [x(point.at), y(point.low ?? 0)]));
  return (
    <div className="chart" ref={box}>
      <svg width={width} height={height + 18} viewBox={`0 0 ${width} ${height + 18}`} role="img" aria-label={label}>
        {banded.length > 2 && <path d={`${drawn([...upper, ...lower.reverse()])}Z`} className="interval" />}
        {[0, 0.25, 0.5, 0.75, 1].map((share) => (
          <g key={share}>
            <path d={`M${LEFT} ${y(share)}H${width - 12}`} className={share === 0 ? "ax" : "g"} />
            <text x={LEFT - 6} y={y(share) + 4} textAnchor="end">{share * 100} %</text>
          </g>
        ))}
        {median !== null && median <= most && <path d={`M${LEFT} ${y(0.5)}H${x(median)}V${height}`} className="lim" />}
        <path d={drawn(corners(all.map((point) => [x(point.at), y(point.share)])))} className="s1" />
        {points.map((point) => (point.censored ?? 0) > 0 && <path key={`c${point.at}`} d={`M${x(point.at)} ${y(point.share) - 4}v8`} className="s1" />)}
        {marks.map((tick) => <text key={tick} x={x(tick)} y={height + 14} textAnchor={tick === 0 ? "start" : "middle"}>{format(tick)}</text>)}
      </svg>
    </div>
  );
}
