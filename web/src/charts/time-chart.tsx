// Lines over one time axis: gaps stay gaps, series are named at their end, one crosshair for all.
// What does not move with the pointer is drawn once, in a layer of its own under the crosshair.
import { memo, useId, useState, type KeyboardEvent, type PointerEvent } from "react";
import { middle } from "../format/number";
import { full, short } from "../format/time";
import { instantsOf, nearest, rangeOf, thinned, type Point } from "./points";
import { binaryTicks, gaps, linear, runs, ticks, timeTicks } from "./scale";
import { marksNear, Marks, Steps, type Mark, type Step } from "./time-marks";
import { useWidth } from "./width";

export type { Mark, Step } from "./time-marks";

export interface Line {
  key: string;
  label: string;
  points: readonly Point[];
  stepSeconds: number;
  className?: string;
}

/** An interval over time, as a filled band. */
export interface Interval {
  key: string;
  points: readonly { at: string; low: number; high: number }[];
}

interface Drawn {
  marks?: Mark[];
  steps?: Step[];
  intervals?: Interval[];
  /** Only the topmost of several charts names the marks. */
  hasMarkLabels?: boolean;
  lines: Line[];
  from: string;
  to: string;
  /** Round in powers of 1,024. */
  isBinary?: boolean;
  /** As `format`, shorter, for the axis. */
  axis: (value: number) => string;
  limits?: { value: number; label: string }[];
  height?: number;
  hasAxis?: boolean;
  /** Whether time without a value is hatched; not where lines cover different parts of it. */
  hasGaps?: boolean;
}

export interface TimeChartProps extends Drawn {
  title: string;
  unitTitle: string;
  format: (value: number) => string;
  /** Room for the words at the right end; charts of one stack share it, so that their times line up. */
  room?: number;
  /** Further words at the right end: both bounds of a forecast, a week before. */
  ends?: { value: number; text: string }[];
  crosshair: number | null;
  onCrosshair: (at: number | null) => void;
  onBrush?: (from: number, to: number) => void;
  brush: { start: number; end: number } | null;
  setBrush: (brush: { start: number; end: number } | null) => void;
}

const LEFT = 56;
const RIGHT = 118;
/** Width of a letter of a label. */
const LETTER = 6.5;
/** The first line is named in bold. */
const LETTER_BOLD = 7.1;
/** More names at the right end than this could not be told apart. */
const ENDS_MOST = 6;

interface Frame {
  width: number;
  right: number;
  top: number;
  height: number;
  bottom: number;
  from: number;
  to: number;
  scale: number[];
}

const scalesOf = (frame: Frame) => ({
  x: linear([frame.from, frame.to], [LEFT, frame.right]),
  y: linear([frame.scale[0] ?? 0, frame.scale[frame.scale.length - 1] ?? 1], [frame.height, frame.top]),
});

function frameOf(props: TimeChartProps, width: number): Frame {
  // Names of marks stand above the plot: incidents in the first row, changes in the second.
  const top = props.hasMarkLabels === true && (props.marks?.length ?? 0) > 0 ? 32 : 6;
  const height = (props.height ?? 92) + top - 6;
  const limits = props.limits ?? [];
  const last = (line: Line) => line.points[line.points.length - 1]?.value ?? 0;
  const texts = [...props.lines.slice(0, ENDS_MOST).map((line) => `${props.lines.length > 1 ? `${line.label} ` : ""}${props.format(last(line))}`), ...limits.map((limit) => limit.label), ...(props.ends ?? []).map((end) => end.text)];
  // A narrow picture leaves its labels the room that they need and no more.
  const wanted = 12 + Math.max(8, ...texts.map((text) => text.length)) * LETTER;
  const right = width - (width < 480 ? Math.min(props.room ?? RIGHT, props.room ?? wanted) : (props.room ?? RIGHT));
  const [least, most] = rangeOf(props.lines) ?? [0, 0];
  const others = [...limits.map((limit) => limit.value), ...(props.intervals ?? []).flatMap((one) => one.points.flatMap((point) => [point.low, point.high])), ...(props.steps ?? []).flatMap((step) => [step.before, step.after])];
  const [low, high] = others.reduce<[number, number]>(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [Math.min(0, least), Math.max(0, most)]);
  return { width, right, top, height, bottom: height + (props.hasAxis ? 18 : 6), from: Date.parse(props.from), to: Date.parse(props.to), scale: (props.isBinary ? binaryTicks : ticks)(low, high) };
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

/** With many lines half the columns show as much. */
const MANY = 8;

function LinePaths({ line, frame, isMany }: { line: Line; frame: Frame; isMany: boolean }) {
  const { x, y } = scalesOf(frame);
  const times = instantsOf(line.points);
  const columns = Math.max(60, (frame.right - LEFT) / (isMany ? 2 : 1));
  const place = (index: number) => `${x(times[index]!).toFixed(1)} ${y(line.points[index]!.value).toFixed(1)}`;
  return (
    <g className={line.className ?? "s1"} fill="none" strokeWidth="1.5">
      {runs(line.points, line.stepSeconds * 1_000).map((run) => {
        const [start, end] = run;
        if (end - start === 1) return <circle key={start} cx={x(times[start]!)} cy={y(line.points[start]!.value)} r="1.8" className="dot" stroke="none" />;
        return <path key={start} d={thinned(line.points, run, frame.from, frame.to, columns).map((index, order) => `${order ? "L" : "M"}${place(index)}`).join("")} />;
      })}
    </g>
  );
}

function IntervalPath({ interval, frame }: { interval: Interval; frame: Frame }) {
  const { x, y } = scalesOf(frame);
  const at = (point: { at: string }) => x(Date.parse(point.at)).toFixed(1);
  const upper = interval.points.map((point, index) => `${index ? "L" : "M"}${at(point)} ${y(point.high).toFixed(1)}`).join("");
  const lower = [...interval.points].reverse().map((point) => `L${at(point)} ${y(point.low).toFixed(1)}`).join("");
  return interval.points.length > 1 ? <path d={`${upper}${lower}Z`} className="interval" /> : null;
}

function instantText(at: number, isLong: boolean): string {
  const text = new Date(at).toISOString();
  return isLong ? short(text, new Date(0)).replace(/\s\d{4}$/, "") : short(text, new Date(at));
}

type UnderProps = Drawn & { frame: Frame; label: string };

function UnderLayer(props: UnderProps) {
  const { frame, lines, limits = [] } = props;
  const hatch = useId();
  const { x, y } = scalesOf(frame);
  const { top, height, right, from, to } = frame;
  const main = lines[0];
  const holes = main && props.hasGaps !== false ? gaps(main.points, main.stepSeconds * 1_000, from, to) : [];
  return (
    <svg width={frame.width} height={frame.bottom} viewBox={`0 0 ${frame.width} ${frame.bottom}`} role="img" aria-label={props.label}>
      <defs>
        <pattern id={hatch} width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="5" height="5" className="gapfill" />
          <path d="M0 0V5" className="gapline" />
        </pattern>
      </defs>
      {holes.map(([start, end]) => <rect key={start} x={x(start)} y={top} width={Math.max(0, x(end) - x(start))} height={height - top} fill={`url(#${hatch})`} />)}
      <Marks marks={props.marks ?? []} from={from} to={to} x={x} top={top} height={height} right={right} hasLabels={props.hasMarkLabels ?? false} />
      {(props.intervals ?? []).map((interval) => <IntervalPath key={interval.key} interval={interval} frame={frame} />)}
      {frame.scale.map((value) => (
        <g key={value}>
          <path d={`M${LEFT} ${y(value)}H${right}`} className={value === 0 ? "ax" : "g"} />
          <text x={LEFT - 6} y={y(value) + 4} textAnchor="end">{props.axis(value)}</text>
        </g>
      ))}
      {holes.map(([start, end]) =>
        x(end) - x(start) > 118 ? (
          <text key={start} className="over-hatch" x={(x(start) + x(end)) / 2} y={(top + height) / 2 + 4} textAnchor="middle">
            no data {short(new Date(start).toISOString(), props.to)}–{short(new Date(end).toISOString(), props.to)}
          </text>
        ) : null,
      )}
      {limits.map((limit) => <path key={limit.label} d={`M${LEFT} ${y(limit.value)}H${right}`} className="lim" />)}
      {[...lines].reverse().map((line) => <LinePaths key={line.key} line={line} frame={frame} isMany={lines.length > MANY} />)}
      <Steps steps={props.steps ?? []} from={from} to={to} x={x} y={y} height={height} />
      {props.hasAxis && timeTicks(from, to, frame.width < 480 ? 3 : 6).map((at) => <text key={at} x={x(at)} y={height + 14} textAnchor="middle">{instantText(at, to - from > 172_800_000)}</text>)}
    </svg>
  );
}

const isSameLines = (a: Line[], b: Line[]) => a.length === b.length && a.every((line, index) => line.points === b[index]!.points && line.key === b[index]!.key && line.className === b[index]!.className);
const isSame = (a: unknown, b: unknown) => a === b || JSON.stringify(a) === JSON.stringify(b);

/** Drawn again only when something in it changed, not when the pointer moved. */
const Under = memo(UnderLayer, (a, b) => isSameLines(a.lines, b.lines) && isSame(a.frame, b.frame) && a.label === b.label && isSame(a.marks, b.marks) && isSame(a.steps, b.steps) && isSame(a.intervals, b.intervals) && isSame(a.limits, b.limits) && a.hasMarkLabels === b.hasMarkLabels && a.hasAxis === b.hasAxis);

/** The name of a line and its value in the room there is; what is cut is the name. */
function endText(label: string, value: string, letters: number): string {
  const room = letters - value.length - 1;
  return room < 3 ? value : `${middle(label, room)} ${value}`;
}

function endLabels(props: TimeChartProps, y: (value: number) => number, room: number) {
  const { lines, crosshair } = props;
  const letters = (isMain: boolean) => Math.floor((room - 8) / (isMain ? LETTER_BOLD : LETTER));
  const labels = lines.slice(0, ENDS_MOST).map((line, index) => {
    const last = line.points[line.points.length - 1];
    const value = crosshair === null ? (last?.value ?? null) : (nearest(line.points, crosshair, line.stepSeconds * 1_000)?.value ?? null);
    const said = value === null ? "no data" : props.format(value);
    return { key: line.key, isMain: index === 0, y: y(last?.value ?? 0) + 4, text: lines.length > 1 ? endText(line.label, said, letters(index === 0)) : said };
  });
  for (const limit of props.limits ?? []) labels.push({ key: `limit ${limit.label}`, isMain: false, y: y(limit.value) + 4, text: limit.label });
  for (const end of props.ends ?? []) labels.push({ key: `end ${end.text}`, isMain: false, y: y(end.value) + 4, text: end.text });
  return labels;
}

function summaryOf(props: TimeChartProps): string {
  const said = props.lines.slice(0, ENDS_MOST).map((line) => {
    const last = line.points[line.points.length - 1];
    return `${line.label} ${last ? props.format(last.value) : "no data"}`;
  });
  const more = props.lines.length > ENDS_MOST ? [`${props.lines.length - ENDS_MOST} more`] : [];
  const marks = (props.marks ?? []).slice(0, 6).map((mark) => `${mark.kind} ${mark.label}`);
  return `${props.title}, ${props.unitTitle}: ${[...said, ...more, ...(props.steps ?? []).map((step) => step.label), ...marks].join(", ")}`;
}

export function TimeChart(props: TimeChartProps) {
  const [box, width] = useWidth();
  const [isFocused, setFocused] = useState(false);
  const frame = frameOf(props, width);
  const { x, y } = scalesOf(frame);
  const { from, to, right, top, height } = frame;
  const at = props.crosshair;
  const instantAt = (event: PointerEvent<SVGSVGElement>) => {
    const rect = event.currentTarget.getBoundingClientRect();
    return Math.max(from, Math.min(to, from + ((event.clientX - rect.left - LEFT) / (right - LEFT)) * (to - from)));
  };
  const walk = (event: KeyboardEvent) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const size = (props.lines[0]?.stepSeconds ?? (to - from) / 100_000) * 1_000;
    props.onCrosshair(Math.max(from, Math.min(to, (at ?? (step > 0 ? from : to)) + step * Math.max(size, (to - from) / 120))));
  };
  const release = () => {
    const { brush } = props;
    props.setBrush(null);
    if (!brush) return;
    const [a, b] = [Math.min(brush.start, brush.end), Math.max(brush.start, brush.end)];
    if (x(b) - x(a) > 8) props.onBrush?.(a, b);
  };
  const labels = spread(endLabels(props, y, width - right), height);
  const near = at === null ? [] : marksNear(props.marks ?? [], at, ((to - from) / Math.max(1, right - LEFT)) * 5);
  const said = at === null || !isFocused ? "" : `${full(new Date(at).toISOString())}: ${[...labels.map((label) => label.text), ...near.map((mark) => mark.label)].join(", ")}`;
  return (
    <div className="chart" ref={box}>
      <p className="text-12">
        <b className="font-semibold">{props.title}</b> <span className="mut text-11">{props.unitTitle}</span>
      </p>
      <div className="layers" tabIndex={0} role="group" aria-label={`${props.title} over time; arrows walk along it`} onKeyDown={walk} onFocus={() => setFocused(true)} onBlur={() => { setFocused(false); props.onCrosshair(null); }}>
        <Under marks={props.marks ?? []} steps={props.steps ?? []} intervals={props.intervals ?? []} hasMarkLabels={props.hasMarkLabels ?? false} lines={props.lines} from={props.from} to={props.to} axis={props.axis} limits={props.limits ?? []} hasAxis={props.hasAxis ?? false} hasGaps={props.hasGaps ?? true} frame={frame} label={summaryOf(props)} />
        <svg
          className="above"
          width={width}
          height={frame.bottom}
          viewBox={`0 0 ${width} ${frame.bottom}`}
          aria-hidden="true"
          onPointerMove={(event) => {
            const here = instantAt(event);
            props.onCrosshair(here);
            if (props.brush) props.setBrush({ ...props.brush, end: here });
          }}
          onPointerLeave={() => {
            props.onCrosshair(null);
            props.setBrush(null);
          }}
          onPointerDown={(event) => {
            if (props.onBrush) props.setBrush({ start: instantAt(event), end: instantAt(event) });
          }}
          onPointerUp={release}
        >
          {labels.map((label) => <text key={label.key} x={right + 6} y={label.y} className={label.isMain ? "l b6" : ""}>{label.text}</text>)}
          {at !== null && <path d={`M${x(at)} 0V${height}`} className="cross" />}
          {at !== null && props.hasMarkLabels && near.length > 0 && <text x={Math.min(right - 80, Math.max(LEFT + 80, x(at)))} y="10" textAnchor="middle" className="l over-hatch">{near.map((mark) => mark.label).join("; ").slice(0, 72)}</text>}
          {props.brush && <rect x={x(Math.min(props.brush.start, props.brush.end))} y={top} width={Math.abs(x(props.brush.end) - x(props.brush.start))} height={height - top} className="dot" opacity="0.15" />}
          {at !== null && props.hasAxis && <text x={Math.min(right - 60, Math.max(LEFT + 60, x(at)))} y="10" textAnchor="middle" className="l2">{full(new Date(at).toISOString()).replace(/^\w+ /, "")}</text>}
        </svg>
        <span className="sr-only" role="status">{said}</span>
      </div>
    </div>
  );
}
