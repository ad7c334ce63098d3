// What there is, what is asked for and what is used, on one scale: three bars that can be compared.
import { useWidth } from "./width";

export interface ResourceBar {
  label: string;
  value: number | null;
  text: string;
  className: string;
}

const LABEL = 84;
const VALUE = 148;
const ROW = 20;

/** Bars share one scale, from nothing to the greatest of them; what is not known is hatched. */
export function ResourceBars({ title, bars, label }: { title: string; bars: ResourceBar[]; label: string }) {
  const [box, width] = useWidth(420);
  const room = Math.max(40, width - LABEL - VALUE);
  const most = Math.max(0, ...bars.map((bar) => bar.value ?? 0));
  return (
    <div className="chart mb-2" ref={box}>
      <p className="text-12"><b className="font-semibold">{title}</b></p>
      <svg width={width} height={bars.length * ROW} viewBox={`0 0 ${width} ${bars.length * ROW}`} role="img" aria-label={`${label}: ${bars.map((bar) => `${bar.label} ${bar.text}`).join(", ")}`}>
        {bars.map((bar, index) => {
          const long = bar.value === null || most <= 0 ? 0 : (bar.value / most) * room;
          return (
            <g key={bar.label} transform={`translate(0 ${index * ROW})`}>
              <text x="0" y="14" className="l2">{bar.label}</text>
              <rect x={LABEL} y="5" width={room} height="10" rx="1" className="track" />
              {long > 0 && <rect x={LABEL} y="5" width={Math.max(1, long)} height="10" rx="1" className={bar.className} />}
              <text x={width} y="14" textAnchor="end" className={bar.value === null ? "" : "l"}>{bar.text}</text>
            </g>
          );
        })}
      </svg>
    </div>
  );
}
