// Bars over time, stacked by category: six and the rest, each category with its own colour.
import { useId, useState } from "react";
import { linear, ticks } from "./scale";
import { useWidth } from "./width";

export interface BarBucket {
  key: string;
  label: string;
  title: string;
  parts: number[];
  isOpen: boolean;
}

export interface BarSeries {
  name: string;
  /** Which of the six categorical colours; 6 is the grey of the rest. */
  colour: number;
}

export interface StackedBarsProps {
  label: string;
  buckets: BarBucket[];
  series: BarSeries[];
  format: (value: number) => string;
  lit: number | null;
  onLight: (series: number | null) => void;
  height?: number;
}

const LEFT = 56;

export function StackedBars({ label, buckets, series, format, lit, onLight, height = 236 }: StackedBarsProps) {
  const [box, width] = useWidth();
  const [over, setOver] = useState<number | null>(null);
  const hatch = useId();
  const up = buckets.map((bucket) => bucket.parts.reduce((sum, part) => sum + Math.max(0, part), 0));
  const down = buckets.map((bucket) => bucket.parts.reduce((sum, part) => sum + Math.min(0, part), 0));
  const scale = ticks(Math.min(0, ...down), Math.max(0, ...up), 4);
  const y = linear([scale[0] ?? 0, scale[scale.length - 1] ?? 1], [height, 16]);
  const slot = (width - LEFT - 8) / Math.max(1, buckets.length);
  const thick = Math.min(44, Math.max(2, slot - Math.max(2, slot * 0.24)));
  const every = Math.ceil(buckets.length / Math.max(2, Math.floor((width - LEFT) / 64)));
  const shown = over === null ? null : buckets[over];
  return (
    <div className="chart" ref={box}>
      <svg width={width} height={height + 20} viewBox={`0 0 ${width} ${height + 20}`} role="img" aria-label={label} onPointerLeave={() => { setOver(null); onLight(null); }}>
        <defs>
          <pattern id={hatch} width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <path d="M0 0V5" className="gapline" />
          </pattern>
        </defs>
        {scale.map((value) => (
          <g key={value}>
            <path d={`M${LEFT} ${y(value)}H${width - 8}`} className={value === 0 ? "ax" : "g"} />
            <text x={LEFT - 6} y={y(value) + 4} textAnchor="end">
              {format(value)}
            </text>
          </g>
        ))}
        {buckets.map((bucket, index) => {
          let top = 0;
          let bottom = 0;
          const left = LEFT + index * slot + (slot - thick) / 2;
          return (
            <g key={bucket.key} onPointerEnter={() => setOver(index)}>
              <rect x={LEFT + index * slot} y="0" width={slot} height={height} fill="transparent" />
              {bucket.parts.map((part, at) => {
                const start = part >= 0 ? top : bottom;
                if (part >= 0) top += part;
                else bottom += part;
                const [a, b] = [y(start), y(start + part)];
                return (
                  <rect
                    key={at}
                    x={left}
                    y={Math.min(a, b)}
                    width={thick}
                    height={Math.abs(a - b)}
                    className={`cat-${series[at]?.colour ?? 6}`}
                    opacity={lit === null || lit === at ? 1 : 0.3}
                    onPointerEnter={() => onLight(at)}
                  />
                );
              })}
              {bucket.isOpen && <rect x={left} y={y(top)} width={thick} height={Math.max(0, y(bottom) - y(top))} fill={`url(#${hatch})`} />}
              {index % every === 0 && (
                <text x={left + thick / 2} y={height + 15} textAnchor="middle">
                  {bucket.label}
                </text>
              )}
            </g>
          );
        })}
        {shown && (
          <text x={width - 8} y="11" textAnchor="end" className="l2">
            {shown.title}
          </text>
        )}
      </svg>
      <div className="legend mt-1">
        {series.map(({ name, colour }, at) => (
          <span key={`${at}-${name}`} onPointerEnter={() => onLight(at)} onPointerLeave={() => onLight(null)}>
            <svg width="10" height="10" aria-hidden="true">
              <rect width="10" height="10" rx="2" className={`cat-${colour}`} />
            </svg>
            {name}
          </span>
        ))}
        {buckets.some((bucket) => bucket.isOpen) && (
          <span>
            <svg width="10" height="10" aria-hidden="true">
              <rect width="10" height="10" fill={`url(#${hatch})`} />
            </svg>
            not complete
          </span>
        )}
      </div>
    </div>
  );
}
