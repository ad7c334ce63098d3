// What happened when, in lanes over one time axis: spans with known or uncertain ends, and instants.
import { full, short } from "../format/time";
import { linear, timeTicks } from "./scale";
import { useWidth } from "./width";

export interface TimelineItem {
  key: string;
  label: string;
  from: string;
  /** Nothing for an instant, or for a span that lasts when `isOpen`. */
  to: string | null;
  isOpen?: boolean;
  /** What the colour and the shape tell. */
  tone: "harm" | "phase" | "change" | "onset";
  /** An end known as a range. */
  toLatest?: string | null;
}

export interface TimelineLane {
  key: string;
  name: string;
  items: TimelineItem[];
}

export interface TimelineProps {
  label: string;
  lanes: TimelineLane[];
  from: string;
  to: string;
  lit?: string | undefined;
  onLight?: (key: string | undefined) => void;
}

const ROW = 24;
const GAP = 6;

interface Placed {
  item: TimelineItem;
  row: number;
  start: number;
  end: number;
}

const cut = (text: string, most: number) => (text.length > most ? `${text.slice(0, Math.max(1, most - 1))}…` : text);

/** Each item in the first row of its lane where its mark and its name cover nothing. */
function placed(items: TimelineItem[], x: (at: number) => number, right: number): Placed[] {
  const ends: number[] = [];
  return [...items].sort((a, b) => Date.parse(a.from) - Date.parse(b.from)).map((item) => {
    const start = x(Date.parse(item.from));
    const end = item.isOpen ? right : item.to === null ? start : x(Date.parse(item.to));
    const long = cut(item.label, 40).length * 6.2 + 16;
    const isLate = Math.max(start, end) + long > right;
    const [covers, until] = item.to !== null || item.isOpen ? [start, Math.max(end, start + long)] : isLate ? [start - long, start + 6] : [start - 6, start + long];
    let row = ends.findIndex((one) => one <= covers);
    if (row < 0) row = ends.length;
    ends[row] = until;
    return { item, row, start, end };
  });
}

function Mark({ at: { item, start, end }, y, right, left }: { at: Placed; y: number; right: number; left: number }) {
  const isSpan = item.to !== null || item.isOpen === true;
  const text = cut(item.label, 40);
  const long = text.length * 6.2;
  const isLate = (isSpan ? start : Math.max(start, end)) + long + 14 > right;
  const latest = end;
  return (
    <>
      <title>{`${item.label}, ${full(item.from)}${item.to === null ? (item.isOpen ? ", lasts" : "") : ` to ${full(item.to)}${item.toLatest ? ` or as late as ${full(item.toLatest)}` : ""}`}`}</title>
      {isSpan && <rect x={start} y={y + 3} width={Math.max(2, latest - start)} height="16" rx="2" className={item.tone === "harm" ? "band-solid" : "phase"} />}
      {isSpan && item.isOpen && <path d={`M${right - 6} ${y + 3}l6 8-6 8`} className="changeline openend" />}
      {!isSpan && item.tone === "change" && <path d={`M${start - 4} ${y + 5}h8v6l-4 6-4-6Z`} className="c-mark" />}
      {!isSpan && item.tone !== "change" && <path d={`M${start} ${y + 5}l6 6-6 6-6-6Z`} className={item.tone === "harm" ? "c-crit" : item.tone === "onset" ? "c-warn" : "c-mark"} />}
      <text x={isSpan ? Math.max(left, Math.min(start + 5, right - long)) : isLate ? start - 9 : start + 9} y={y + 15} textAnchor={!isSpan && isLate ? "end" : "start"} className="l">{text}</text>
    </>
  );
}

export function Timeline({ label, lanes, from, to, lit, onLight }: TimelineProps) {
  const [box, width] = useWidth();
  const left = width < 520 ? 8 : 108;
  const right = width - 12;
  const [start, end] = [Date.parse(from), Date.parse(to)];
  const x = linear([start, end], [left, right]);
  const isNarrow = left === 8;
  let top = 4;
  const laid = lanes.map((lane) => {
    const items = placed(lane.items.filter((item) => Date.parse(item.from) <= end), (at) => Math.max(left, Math.min(right, x(at))), right);
    const rows = Math.max(1, ...items.map((one) => one.row + 1));
    const at = top + (isNarrow ? 14 : 0);
    top = at + rows * ROW + GAP;
    return { lane, items, at };
  });
  return (
    <div className="chart" ref={box}>
      <svg width={width} height={top + 16} viewBox={`0 0 ${width} ${top + 16}`} role="img" aria-label={label}>
        {timeTicks(start, end, isNarrow ? 3 : 7).map((at) => (
          <g key={at}>
            <path d={`M${x(at)} 0V${top}`} className="g" />
            <text x={x(at)} y={top + 12} textAnchor="middle">{end - start > 172_800_000 ? short(new Date(at).toISOString(), new Date(0)).replace(/\s\d{4}$/, "") : short(new Date(at).toISOString(), new Date(at))}</text>
          </g>
        ))}
        {laid.map(({ lane, items, at }) => (
          <g key={lane.key}>
            <text x="0" y={isNarrow ? at - 3 : at + 15} className="l2">{lane.name}</text>
            {items.length === 0 && <text x={isNarrow ? 70 : left} y={isNarrow ? at - 3 : at + 15}>none</text>}
            {items.map((one) => (
              <g key={one.item.key} opacity={lit === undefined || lit === one.item.key ? 1 : 0.45} onPointerEnter={() => onLight?.(one.item.key)} onPointerLeave={() => onLight?.(undefined)}>
                <Mark at={one} y={at + one.row * ROW} left={left} right={right} />
              </g>
            ))}
          </g>
        ))}
        <path d={`M${left} ${top}H${right}`} className="ax" />
      </svg>
    </div>
  );
}
