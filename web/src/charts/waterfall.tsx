// From one total to another: each bar starts where the one before ended, and the last one is reached.
import { linear } from "./scale";
import { useWidth } from "./width";

export interface WaterfallStep {
  key: string;
  label: string;
  /** A total stands on the axis; a step is what it adds. */
  amount: number;
  isTotal: boolean;
  /** The amount as its column rounds it. */
  text: string;
  hint?: string;
}

const ROW = 24;
const TEXT = 86;
/** A scale is cut only where the steps would else be too small to see. */
const CUT_BELOW = 0.25;

export interface WaterfallBar {
  from: number;
  to: number;
}

/** Where each bar starts and ends; a total starts at nothing. */
export function barsOf(steps: readonly WaterfallStep[]): WaterfallBar[] {
  let reached = 0;
  return steps.map((step) => {
    const from = step.isTotal ? 0 : reached;
    reached = step.isTotal ? step.amount : reached + step.amount;
    return { from, to: reached };
  });
}

/** The least value drawn: 0, or above it where the steps are small against their totals. */
export function baseOf(bars: readonly WaterfallBar[], steps: readonly WaterfallStep[]): number {
  const ends = bars.map((bar) => bar.to);
  const [least, most] = [Math.min(...ends), Math.max(...ends)];
  const moved = steps.some((step) => !step.isTotal && step.amount !== 0);
  if (least <= 0 || !moved || (most - least) / most > CUT_BELOW) return Math.min(0, least);
  return least - (most - least) * 0.45;
}

export function Waterfall({ label, steps, lit, onLight }: { label: string; steps: WaterfallStep[]; lit?: string | undefined; onLight?: (key: string | undefined) => void }) {
  const [box, width] = useWidth();
  const bars = barsOf(steps);
  const base = baseOf(bars, steps);
  const isCut = base > 0;
  const names = Math.min(width * 0.42, 12 + Math.max(...steps.map((step) => step.label.length)) * 6.4);
  const most = Math.max(0, ...bars.map((bar) => Math.max(bar.from, bar.to)));
  const x = linear([base, most || 1], [names + 10, width - TEXT]);
  const at = (value: number) => x(Math.max(base, value));
  const high = steps.length * ROW + 4;
  return (
    <div className="chart" ref={box}>
      <svg width={width} height={high} viewBox={`0 0 ${width} ${high}`} role="img" aria-label={`${label}: ${steps.map((step) => `${step.label} ${step.text}`).join(", ")}`}>
        {!isCut && <path d={`M${at(0)} 0V${high}`} className="ax" />}
        {steps.map((step, index) => {
          const bar = bars[index]!;
          const [left, right] = [Math.min(at(bar.from), at(bar.to)), Math.max(at(bar.from), at(bar.to))];
          const top = index * ROW + 5;
          const kind = step.isTotal ? "total-bar" : step.amount >= 0 ? "over" : "under";
          return (
            <g key={step.key} opacity={lit === undefined || lit === step.key ? 1 : 0.5} onPointerEnter={() => onLight?.(step.key)} onPointerLeave={() => onLight?.(undefined)}>
              <title>{step.hint ?? `${step.label} ${step.text}`}</title>
              <rect x="0" y={index * ROW} width={width} height={ROW} fill="transparent" />
              <text x={names} y={top + 11} textAnchor="end" className={step.isTotal ? "l b6" : "l2"}>{step.label.length * 6.4 > names ? `${step.label.slice(0, Math.floor(names / 6.4) - 1)}…` : step.label}</text>
              <rect x={left} y={top} width={Math.max(1.5, right - left)} height="14" rx="1" className={kind} />
              {step.isTotal && isCut && <path d={`M${left + 6} ${top + 14}l5-14M${left + 11} ${top + 14}l5-14`} className="cutmark" />}
              {index + 1 < steps.length && <path d={`M${at(bar.to)} ${top + 14}v${ROW - 14}`} className="join" />}
              <text x={right + 6} y={top + 11} className={step.isTotal ? "l b6" : "l"}>{step.text}</text>
            </g>
          );
        })}
      </svg>
      <div className="legend mt-1">
        <span><svg width="10" height="10" aria-hidden="true"><rect width="10" height="10" rx="2" className="over" /></svg>raises it</span>
        <span><svg width="10" height="10" aria-hidden="true"><rect width="10" height="10" rx="2" className="under" /></svg>lowers it</span>
        {isCut && <span>scale cut: the totals do not start at 0</span>}
      </div>
    </div>
  );
}
