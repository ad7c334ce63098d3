// Lines over one time axis: gaps stay gaps, series are named at their end, one crosshair for all.
import { useId, type PointerEvent } from "react";
import { full, short } from "../format/time";
import { binaryTicks, gaps, linear, runs, ticks, timeTicks } from "./scale";
import { useWidth } from "./width";

export interface Line {
  key: string;
  label: string;
  points: readonly { at: string; value: number }[];
  stepSeconds: number;
  className?: string;
}

/** A change is a line with a pin, an incident a tinted band with a solid cap. */
export interface Mark {
  key: string;
  label: string;
  from: string;
  /** Where a band ends; a change has none. */
  to: string | null;
  isBand: boolean;
}

export interface TimeChartProps {
  marks?: Mark[];
  /** Only the topmost of several charts names the marks. */
  hasMarkLabels?: boolean;
  title: string;
  unitTitle: string;
  lines: Line[];
  from: string;
  to: string;
  format: (value: number) => string;
  /** Round in powers of 1,024. */
  isBinary?: boolean;
  /** As `format`, shorter, for the axis. */
  axis: (value: number) => string;
  limits?: { value: number; label: string }[];
  height?: number;
  hasAxis?: boolean;
  crosshair: number | null;
  onCrosshair: (at: number | null) => void;
  onBrush?: (from: number, to: number) => void;
  brush: { start: number; end: number } | null;
  setBrush: (brush: { start: number; end: number } | null) => void;
}

/** More changes than this are ticks without names. */
const NAMED_MOST = 8;

interface MarksProps {
  marks: Mark[];
  from: number;
  to: number;
  x: (at: number) => number;
  top: number;
  height: number;
  right: number;
  hasLabels: boolean;
}

function Marks({ marks, from, to, x, top, height, right, hasLabels }: MarksProps) {
  const inside = marks.filter((mark) => new Date(mark.from).getTime() < to && new Date(mark.to ?? mark.from).getTime() >= from);
  const isNamed = hasLabels && inside.length <= NAMED_MOST;
  return inside.map((mark) => {
    const start = x(Math.max(from, new Date(mark.from).getTime()));
    const end = mark.isBand ? x(Math.min(to, mark.to === null ? to : new Date(mark.to).getTime())) : start;
    const isLate = start > right - 160;
    return (
      <g key={mark.key}>
        <title>{mark.label}</title>
        {mark.isBand && <rect x={start} y={top} width={Math.max(2, end - start)} height={height - top} className="band" />}
        {mark.isBand && <rect x={start} y={top - 2} width={Math.max(2, end - start)} height="3" className="c-crit" />}
        {!mark.isBand && <path d={`M${start} ${top}V${height}`} className="changeline" />}
        {!mark.isBand && hasLabels && <path d={`M${start - 4} ${top - 11}H${start + 4}V${top - 6}L${start} ${top - 1}L${start - 4} ${top - 6}Z`} className="c-mark" />}
        {isNamed && (
          <text x={mark.isBand ? (isLate ? end : start) : isLate ? start - 7 : start + 7} y={mark.isBand ? 10 : 24} textAnchor={isLate ? "end" : "start"} className="l2">
            {mark.label.length > 28 ? `${mark.label.slice(0, 27)}…` : mark.label}
          </text>
        )}
      </g>
    );
  });
}

const LEFT = 56;
const RIGHT = 118;

function nearest(points: readonly { at: string; value: number }[], at: number, step: number): number | null {
  let found: number | null = null;
  let distance = step * 1_000;
  for (const point of points) {
    const away = Math.abs(new Date(point.at).getTime() - at);
    if (away <= distance) {
      distance = away;
      found = point.value;
    }
  }
  return found;
}

/** Labels at the right end, pushed apart so that none covers another. */
function spread(labels: { y: number; text: string; key: string; isMain: boolean }[], height: number) {
  const sorted = [...labels].sort((a, b) => a.y - b.y);
  for (let index = 1; index < sorted.length; index++) {
    const before = sorted[index - 1]!;
    const here = sorted[index]!;
    if (here.y - before.y < 13) here.y = before.y + 13;
  }
  const over = (sorted[sorted.length - 1]?.y ?? 0) - (height + 4);
  return over > 0 ? sorted.map((label) => ({ ...label, y: label.y - over })) : sorted;
}

export function TimeChart(props: TimeChartProps) {
  const { lines, limits = [], hasAxis = false } = props;
  // Names of marks stand above the plot: incidents in the first row, changes in the second.
  const top = props.hasMarkLabels === true && (props.marks?.length ?? 0) > 0 ? 32 : 6;
  const height = (props.height ?? 92) + top - 6;
  const [box, width] = useWidth();
  const hatch = useId();
  const from = new Date(props.from).getTime();
  const to = new Date(props.to).getTime();
  const texts = [...lines.map((line) => `${lines.length > 1 ? `${line.label} ` : ""}${props.format(line.points[line.points.length - 1]?.value ?? 0)}`), ...limits.map((limit) => limit.label)];
  // A narrow picture leaves its labels the room that they need and no more.
  const right = width - (width < 480 ? Math.min(RIGHT, 12 + Math.max(8, ...texts.map((text) => text.length)) * 6.6) : RIGHT);
  const bottom = height + (hasAxis ? 18 : 6);
  const values = lines.flatMap((line) => line.points.map((point) => point.value));
  const scale = (props.isBinary ? binaryTicks : ticks)(Math.min(0, ...values), Math.max(...values, ...limits.map((limit) => limit.value), 0));
  const x = linear([from, to], [LEFT, right]);
  const y = linear([scale[0] ?? 0, scale[scale.length - 1] ?? 1], [height, top]);
  const main = lines[0];
  const holes = main ? gaps(main.points, main.stepSeconds * 1_000, from, to) : [];
  const instantAt = (event: PointerEvent<SVGSVGElement>) => {
    const rect = event.currentTarget.getBoundingClientRect();
    const at = from + ((event.clientX - rect.left - LEFT) / (right - LEFT)) * (to - from);
    return Math.max(from, Math.min(to, at));
  };
  const labels = lines.map((line, index) => {
    const last = line.points[line.points.length - 1];
    const at = props.crosshair;
    const value = at === null ? (last?.value ?? null) : nearest(line.points, at, line.stepSeconds);
    return {
      key: line.key, isMain: index === 0, y: y(last?.value ?? 0) + 4,
      text: `${lines.length > 1 ? `${line.label} ` : ""}${value === null ? "no data" : props.format(value)}`,
    };
  });
  for (const limit of limits) labels.push({ key: `limit ${limit.label}`, isMain: false, y: y(limit.value) + 4, text: limit.label });
  const summary = lines.map((line) => {
    const last = line.points[line.points.length - 1];
    return `${line.label} ${last ? props.format(last.value) : "no data"}`;
  });
  return (
    <div className="chart" ref={box}>
      <p className="text-12">
        <b className="font-semibold">{props.title}</b> <span className="mut text-11">{props.unitTitle}</span>
      </p>
      <svg
        width={width}
        height={bottom}
        viewBox={`0 0 ${width} ${bottom}`}
        role="img"
        aria-label={`${props.title}, ${props.unitTitle}: ${summary.join(", ")}`}
        onPointerMove={(event) => {
          const at = instantAt(event);
          props.onCrosshair(at);
          if (props.brush) props.setBrush({ ...props.brush, end: at });
        }}
        onPointerLeave={() => {
          props.onCrosshair(null);
          props.setBrush(null);
        }}
        onPointerDown={(event) => {
          if (props.onBrush) props.setBrush({ start: instantAt(event), end: instantAt(event) });
        }}
        onPointerUp={() => {
          const { brush } = props;
          props.setBrush(null);
          if (!brush) return;
          const [a, b] = [Math.min(brush.start, brush.end), Math.max(brush.start, brush.end)];
          if (x(b) - x(a) > 8) props.onBrush?.(a, b);
        }}
      >
        <defs>
          <pattern id={hatch} width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <rect width="5" height="5" className="gapfill" />
            <path d="M0 0V5" className="gapline" />
          </pattern>
        </defs>
        {holes.map(([start, end]) => (
          <g key={start}>
            <rect x={x(start)} y={top} width={Math.max(0, x(end) - x(start))} height={height - top} fill={`url(#${hatch})`} />
          </g>
        ))}
        <Marks marks={props.marks ?? []} from={from} to={to} x={x} top={top} height={height} right={right} hasLabels={props.hasMarkLabels ?? false} />
        {scale.map((value) => (
          <g key={value}>
            <path d={`M${LEFT} ${y(value)}H${right}`} className={value === 0 ? "ax" : "g"} />
            <text x={LEFT - 6} y={y(value) + 4} textAnchor="end">
              {props.axis(value)}
            </text>
          </g>
        ))}
        {holes.map(([start, end]) =>
          x(end) - x(start) > 118 ? (
            <text key={start} className="over-hatch" x={(x(start) + x(end)) / 2} y={(top + height) / 2 + 4} textAnchor="middle">
              no data {short(new Date(start).toISOString(), props.to)}–{short(new Date(end).toISOString(), props.to)}
            </text>
          ) : null,
        )}
        {limits.map((limit) => (
          <path key={limit.label} d={`M${LEFT} ${y(limit.value)}H${right}`} className="lim" />
        ))}
        {[...lines].reverse().map((line) => (
          <g key={line.key} className={line.className ?? "s1"} fill="none" strokeWidth="1.5">
            {runs(line.points, line.stepSeconds * 1_000).map((run) =>
              run.length === 1 ? (
                <circle key={run[0]!.at} cx={x(new Date(run[0]!.at).getTime())} cy={y(run[0]!.value)} r="1.8" className="dot" stroke="none" />
              ) : (
                <path key={run[0]!.at} d={run.map((point, index) => `${index ? "L" : "M"}${x(new Date(point.at).getTime()).toFixed(1)} ${y(point.value).toFixed(1)}`).join("")} />
              ),
            )}
          </g>
        ))}
        {spread(labels, height).map((label) => (
          <text key={label.key} x={right + 6} y={label.y} className={label.isMain ? "l b6" : ""}>
            {label.text}
          </text>
        ))}
        {props.crosshair !== null && <path d={`M${x(props.crosshair)} 0V${height}`} className="cross" />}
        {props.brush && (
          <rect x={x(Math.min(props.brush.start, props.brush.end))} y={top} width={Math.abs(x(props.brush.end) - x(props.brush.start))} height={height - top} className="dot" opacity="0.15" />
        )}
        {hasAxis &&
          timeTicks(from, to, width < 480 ? 3 : 6).map((at) => (
            <text key={at} x={x(at)} y={height + 14} textAnchor="middle">
              {to - from > 172_800_000 ? short(new Date(at).toISOString(), new Date(0)).replace(/\s\d{4}$/, "") : short(new Date(at).toISOString(), new Date(at))}
            </text>
          ))}
        {props.crosshair !== null && hasAxis && (
          <text x={Math.min(right - 60, Math.max(LEFT + 60, x(props.crosshair)))} y="10" textAnchor="middle" className="l2">
            {full(new Date(props.crosshair).toISOString()).replace(/^\w+ /, "")}
          </text>
        )}
      </svg>
    </div>
  );
}
