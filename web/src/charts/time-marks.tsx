// What happened, on a time axis: changes with a pin, incidents as bands, anomalies, steps of level.
import { useId } from "react";

/** A change is a line with a pin, an incident a tinted band with a solid cap, an anomaly a tinted
 * band with a triangle at its foot, a provisional span a grey one. */
export type MarkKind = "change" | "incident" | "anomaly" | "provisional";

export interface Mark {
  key: string;
  kind: MarkKind;
  label: string;
  from: string;
  /** Where a band ends; nothing for a change, and for a band that lasts. */
  to: string | null;
}

/** A lasting step of level: where, between which instants, from which level to which. */
export interface Step {
  key: string;
  at: string;
  low: string | null;
  high: string | null;
  before: number;
  after: number;
  label: string;
}

/** More changes than this are ticks without names. */
const NAMED_MOST = 8;

export interface MarksProps {
  marks: Mark[];
  from: number;
  to: number;
  x: (at: number) => number;
  top: number;
  height: number;
  right: number;
  hasLabels: boolean;
}

const instant = (text: string) => Date.parse(text);
const endOf = (mark: Mark, to: number) => (mark.to === null ? (mark.kind === "change" ? instant(mark.from) : to) : instant(mark.to));

export function insideOf(marks: readonly Mark[], from: number, to: number): Mark[] {
  return marks.filter((mark) => instant(mark.from) < to && endOf(mark, to) >= from);
}

/** What is marked at an instant, or within so many milliseconds of it. */
export function marksNear(marks: readonly Mark[], at: number, within: number): Mark[] {
  return marks.filter((mark) => mark.kind !== "provisional" && instant(mark.from) - within <= at && endOf(mark, Number.POSITIVE_INFINITY) + within >= at);
}

const cut = (text: string, most = 28) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

/** Names that would cover one another are left out whole: they stand on hover and in the table. */
function named(marks: Mark[], at: (mark: Mark) => number, isLate: (mark: Mark) => boolean): Set<string> {
  const taken: [number, number][] = [];
  const kept = new Set<string>();
  for (const mark of marks) {
    const long = cut(mark.label).length * 6 + 12;
    const start = isLate(mark) ? at(mark) - long : at(mark);
    if (taken.some(([a, b]) => start < b && start + long > a)) continue;
    taken.push([start, start + long]);
    kept.add(mark.key);
  }
  return kept;
}

function Band({ mark, start, end, top, height, hatch }: { mark: Mark; start: number; end: number; top: number; height: number; hatch: string }) {
  const wide = Math.max(2, end - start);
  if (mark.kind === "incident") {
    return (
      <>
        <rect x={start} y={top} width={wide} height={height - top} className="band" />
        <rect x={start} y={top - 2} width={wide} height="3" className="c-crit" />
      </>
    );
  }
  if (mark.kind === "provisional") return <rect x={start} y={top} width={wide} height={height - top} fill={`url(#${hatch})`} />;
  const middle = start + wide / 2;
  return (
    <>
      <rect x={start} y={top} width={wide} height={height - top} className="odd" />
      <path d={`M${middle} ${height - 8}l4.5 7.5h-9Z`} className="c-warn" />
    </>
  );
}

export function Marks({ marks, from, to, x, top, height, right, hasLabels }: MarksProps) {
  const hatch = useId();
  const inside = insideOf(marks, from, to);
  const changes = inside.filter((mark) => mark.kind === "change");
  const areTicks = changes.length > NAMED_MOST;
  const startOf = (mark: Mark) => x(Math.max(from, instant(mark.from)));
  const isLate = (mark: Mark) => startOf(mark) > right - 170;
  const labelled = hasLabels ? new Set([...named(areTicks ? [] : changes, startOf, isLate), ...named(inside.filter((mark) => mark.kind === "incident"), startOf, isLate)]) : new Set<string>();
  return (
    <>
      <defs>
        <pattern id={hatch} width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <path d="M0 0V5" className="gapline" />
        </pattern>
      </defs>
      {inside.map((mark) => {
        const start = startOf(mark);
        const end = x(Math.min(to, endOf(mark, to)));
        const isChange = mark.kind === "change";
        return (
          <g key={mark.key}>
            <title>{mark.label}</title>
            {!isChange && <Band mark={mark} start={start} end={end} top={top} height={height} hatch={hatch} />}
            {isChange && !areTicks && <path d={`M${start} ${top}V${height}`} className="changeline" />}
            {isChange && areTicks && <path d={`M${start} ${top - 7}V${top}`} className="changeline" />}
            {isChange && !areTicks && hasLabels && <path d={`M${start - 4} ${top - 11}H${start + 4}V${top - 6}L${start} ${top - 1}L${start - 4} ${top - 6}Z`} className="c-mark" />}
            {labelled.has(mark.key) && (
              <text x={isChange ? (isLate(mark) ? start - 7 : start + 7) : isLate(mark) ? end : start} y={isChange ? 24 : 10} textAnchor={isLate(mark) ? "end" : "start"} className="l2">
                {cut(mark.label)}
              </text>
            )}
          </g>
        );
      })}
    </>
  );
}

/** The levels before and after each step, and the interval in which it lies at the foot. */
export function Steps({ steps, from, to, x, y, height }: { steps: Step[]; from: number; to: number; x: (at: number) => number; y: (value: number) => number; height: number }) {
  const sorted = [...steps].sort((a, b) => instant(a.at) - instant(b.at)).filter((step) => instant(step.at) > from && instant(step.at) < to);
  return sorted.map((step, index) => {
    const at = x(instant(step.at));
    const start = x(sorted[index - 1] ? instant(sorted[index - 1]!.at) : from);
    const end = x(sorted[index + 1] ? instant(sorted[index + 1]!.at) : to);
    const low = step.low === null ? at : x(Math.max(from, instant(step.low)));
    const high = step.high === null ? at : x(Math.min(to, instant(step.high)));
    return (
      <g key={step.key}>
        <title>{step.label}</title>
        <path d={`M${Math.max(start, at - 90)} ${y(step.before)}H${at}V${y(step.after)}H${Math.min(end, at + 90)}`} className="level" />
        <path d={`M${low} ${height - 3}H${high}M${low} ${height - 6}v6M${high} ${height - 6}v6`} className="level" />
      </g>
    );
  });
}
