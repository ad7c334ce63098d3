// A matrix of who with whom: the order comes from the answer, colours are steps of one hue. Blank is
// where nothing was observed; what was observed without the figure asked for is hatched.
import { useId, useMemo, useRef, useState, type KeyboardEvent, type PointerEvent } from "react";
import { middle } from "../format/number";
import { toneScale, type ToneScale } from "./tone-scale";
import { useWidth } from "./width";

export interface MatrixCell {
  row: number;
  column: number;
  /** The figure that the colour tells; nothing where the pair was seen without it. */
  value: number | null;
  /** All that is known of the pair, in one line. */
  said: string;
}

export interface MatrixProps {
  label: string;
  /** Rows and columns share names and order. */
  names: string[];
  cells: MatrixCell[];
  format: (value: number) => string;
  /** What the rows and what the columns are: `calls` and `is called`. */
  axes: [string, string];
  lit: { row: number; column: number } | null;
  onLight: (cell: { row: number; column: number } | null) => void;
  onOpen: (cell: { row: number; column: number }) => void;
  selected: { row: number; column: number } | null;
}

const LABELS = 132;
const LEAST = 4;
/** Names need a line of 11 px each; figures in cells need room for five letters. */
const NAMED = 12;
const WRITTEN = 50;

interface Grid {
  left: number;
  top: number;
  wide: number;
  high: number;
  isNamed: boolean;
  isWritten: boolean;
}

function gridOf(width: number, size: number): Grid {
  const room = (width - LABELS - 8) / Math.max(1, size);
  const isNamed = room >= NAMED;
  const left = isNamed ? LABELS : 18;
  const wide = Math.max(LEAST, Math.min(64, isNamed ? room : (width - left - 8) / Math.max(1, size)));
  const high = wide >= WRITTEN ? 26 : Math.min(wide, 24);
  return { left, top: isNamed ? 104 : 18, wide, high: Math.max(LEAST, high), isNamed, isWritten: wide >= WRITTEN };
}

const pathOf = (cells: MatrixCell[], grid: Grid) => {
  const gap = grid.wide > 8 ? 1 : 0;
  return cells.map((cell) => `M${(grid.left + cell.column * grid.wide).toFixed(1)} ${(grid.top + cell.row * grid.high).toFixed(1)}h${(grid.wide - gap).toFixed(1)}v${(grid.high - gap).toFixed(1)}h-${(grid.wide - gap).toFixed(1)}z`).join("");
};

const INK = ["seq-ink", "seq-ink", "seq-ink", "seq-ink", "seq-ink-4", "seq-ink-deep", "seq-ink-deep"];

function Names({ names, grid, axes, at }: { names: string[]; grid: Grid; axes: [string, string]; at: { row: number; column: number } | null }) {
  if (!grid.isNamed) {
    return (
      <>
        <text x={grid.left} y="12">{axes[1]} →</text>
        <text transform={`translate(11 ${grid.top}) rotate(90)`}>{axes[0]} →</text>
      </>
    );
  }
  return (
    <>
      <text x="0" y={grid.top - 6}>{axes[0]} ↓ {axes[1]} →</text>
      {names.map((name, index) => (
        <text key={`r${index}`} x={grid.left - 6} y={grid.top + index * grid.high + grid.high / 2 + 4} textAnchor="end" className={at?.row === index ? "l b6" : "l2"}>
          {middle(name, 20)}
        </text>
      ))}
      {names.map((name, index) => (
        <text key={`c${index}`} transform={`translate(${grid.left + index * grid.wide + grid.wide / 2 + 1} ${grid.top - 6}) rotate(-48)`} className={at?.column === index ? "l b6" : "l2"}>
          {middle(name, 17)}
        </text>
      ))}
    </>
  );
}

export function Matrix({ label, names, cells, format, axes, lit, onLight, onOpen, selected }: MatrixProps) {
  const [box, width] = useWidth(720);
  const [walked, setWalked] = useState<{ row: number; column: number } | null>(null);
  const hatch = useId();
  const svg = useRef<SVGSVGElement>(null);
  const grid = useMemo(() => gridOf(width, names.length), [width, names.length]);
  const known = useMemo(() => new Map(cells.map((cell) => [cell.row * names.length + cell.column, cell])), [cells, names.length]);
  const scale = useMemo(() => toneScale(cells.flatMap((cell) => (cell.value === null ? [] : [cell.value]))), [cells]);
  const tones = useMemo(() => Array.from({ length: 7 }, (_, tone) => cells.filter((cell) => cell.value !== null && scale.tone(cell.value) === tone)), [cells, scale]);
  const tall = grid.top + names.length * grid.high + 4;
  const wide = Math.max(width - 2, grid.left + names.length * grid.wide + 4);
  const at = lit ?? walked ?? selected;
  const cellAt = (event: PointerEvent<SVGSVGElement>) => {
    const rect = event.currentTarget.getBoundingClientRect();
    const column = Math.floor((event.clientX - rect.left - grid.left) / grid.wide);
    const row = Math.floor((event.clientY - rect.top - grid.top) / grid.high);
    return row < 0 || column < 0 || row >= names.length || column >= names.length ? null : { row, column };
  };
  const walk = (event: KeyboardEvent) => {
    const steps: Record<string, [number, number]> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    const step = steps[event.key];
    if (step) {
      event.preventDefault();
      const here = at ?? { row: 0, column: -1 };
      const bound = (value: number) => Math.max(0, Math.min(names.length - 1, value));
      const next = { row: bound(here.row + step[0]), column: bound(here.column + step[1]) };
      setWalked(next);
      onLight(next);
    } else if (event.key === "Enter" && at) {
      onOpen(at);
    }
  };
  const said = at ? (known.get(at.row * names.length + at.column)?.said ?? `${names[at.row]} to ${names[at.column]}: nothing observed`) : "";
  return (
    <div className="chart">
      <div className="map" ref={box}>
        <svg
          ref={svg}
          className="matrix"
          width={wide}
          height={tall}
          viewBox={`0 0 ${wide} ${tall}`}
          role="application"
          aria-label={`${label}. Arrows walk the cells, Enter opens one; the table holds the same figures.`}
          tabIndex={0}
          onKeyDown={walk}
          onBlur={() => { setWalked(null); onLight(null); }}
          onPointerMove={(event) => { const cell = cellAt(event); if (cell?.row !== lit?.row || cell?.column !== lit?.column) onLight(cell); }}
          onPointerLeave={() => onLight(null)}
          onClick={(event) => { const cell = cellAt(event as unknown as PointerEvent<SVGSVGElement>); if (cell && known.has(cell.row * names.length + cell.column)) onOpen(cell); }}
        >
          <defs>
            <pattern id={hatch} width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
              <path d="M0 0V5" className="gapline" />
            </pattern>
          </defs>
          <rect className="ground" x={grid.left - 1} y={grid.top - 1} width={names.length * grid.wide + 1} height={names.length * grid.high + 1} />
          {grid.isNamed && <path className="diagonal" d={names.map((_, index) => `M${grid.left + index * grid.wide} ${grid.top + (index + 1) * grid.high - 1}l${grid.wide - 1} ${1 - grid.high}`).join("")} />}
          {tones.map((some, tone) => some.length > 0 && <path key={tone} d={pathOf(some, grid)} className={`seq-${tone}`} />)}
          <path d={pathOf(cells.filter((cell) => cell.value === null), grid)} {...(grid.wide < 10 ? { className: "seen" } : { fill: `url(#${hatch})` })} />
          {grid.isWritten && cells.map((cell) => cell.value !== null && (
            <text key={`${cell.row}-${cell.column}`} x={grid.left + cell.column * grid.wide + grid.wide / 2} y={grid.top + cell.row * grid.high + grid.high / 2 + 4} textAnchor="middle" className={INK[scale.tone(cell.value)]}>
              {format(cell.value)}
            </text>
          ))}
          <Names names={names} grid={grid} axes={axes} at={at} />
          {at && <rect className="at" x={grid.left + at.column * grid.wide - 1} y={grid.top + at.row * grid.high - 1} width={grid.wide + 1} height={grid.high + 1} />}
        </svg>
      </div>
      <p className="readout" role="status">{said || "\u00a0"}</p>
      <MatrixLegend scale={scale} format={format} hasHatch={cells.some((cell) => cell.value === null)} isSmall={grid.wide < 10} />
    </div>
  );
}

function MatrixLegend({ scale, format, hasHatch, isSmall }: { scale: ToneScale; format: (value: number) => string; hasHatch: boolean; isSmall: boolean }) {
  const hatch = useId();
  return (
    <div className="legend mt-1">
      {scale.steps.map((step) => (
        <span key={step.tone}>
          <svg width="14" height="10" aria-hidden="true">
            <rect width="14" height="10" rx="2" className={`seq-${step.tone} seq-edge`} />
          </svg>
          {step.from === step.to ? format(step.from) : `${format(step.from)} – ${format(step.to)}`}
        </span>
      ))}
      {hasHatch && (
        <span>
          <svg width="14" height="10" aria-hidden="true">
            <defs>
              <pattern id={hatch} width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                <path d="M0 0V5" className="gapline" />
              </pattern>
            </defs>
            <rect width="14" height="10" {...(isSmall ? { className: "seen" } : { fill: `url(#${hatch})` })} />
          </svg>
          observed, not measured
        </span>
      )}
      <span>
        <svg width="14" height="10" aria-hidden="true">
          <rect x="0.5" y="0.5" width="13" height="9" rx="2" className="blank" />
        </svg>
        blank: nothing observed
      </span>
    </div>
  );
}
