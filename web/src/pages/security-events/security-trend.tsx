// New and reopened above the line, fixed below it, and what is open at the end of each period.
import { useMemo, useState } from "react";
import type { SecurityPeriod } from "../../api/security-events";
import { StackedBars } from "../../charts/stacked-bars";
import { TimeChart } from "../../charts/time-chart";
import { count } from "../../format/number";
import { range, short } from "../../format/time";

const SERIES = [{ name: "new", colour: 1 }, { name: "came back", colour: 4 }, { name: "fixed", colour: 0 }];

export function FlowChart({ periods, asOf }: { periods: SecurityPeriod[]; asOf: string }) {
  const [lit, setLit] = useState<number | null>(null);
  const [crosshair, setCrosshair] = useState<number | null>(null);
  const lines = useMemo(() => {
    const step = periods[0] ? (Date.parse(periods[0].to) - Date.parse(periods[0].from)) / 1_000 : 86_400;
    const points = (of: "open" | "open_severe") => periods.map((one) => ({ at: one.to, value: one[of] }));
    return [{ key: "open", label: "open", points: points("open"), stepSeconds: step * 1.2, className: "s1" }, { key: "severe", label: "severe", points: points("open_severe"), stepSeconds: step * 1.2, className: "catk-1" }];
  }, [periods]);
  const [first, last] = [periods[0]!, periods[periods.length - 1]!];
  const whole = (value: number) => count(value);
  return (
    <div className="grid gap-3">
      <StackedBars
        label={`New, reopened and fixed findings by period: ${periods.map((one) => `${short(one.from, asOf, "UTC")} ${one.new} new, ${one.reopened} back, ${one.fixed} fixed`).join("; ")}`}
        buckets={periods.map((one) => ({ key: one.from, label: short(one.from, asOf, "UTC"), title: `${range(one.from, one.to)}: ${one.new} new, ${one.reopened} came back, ${one.fixed} fixed`, parts: [one.new, one.reopened, -one.fixed], isOpen: false }))}
        series={SERIES}
        format={(value) => whole(Math.abs(value))}
        lit={lit}
        onLight={setLit}
        height={150}
      />
      <TimeChart title="Open at the end of each period" unitTitle="findings; severe are critical and high" lines={lines} from={first.from} to={last.to} format={whole} axis={whole} hasAxis crosshair={crosshair} onCrosshair={setCrosshair} brush={null} setBrush={() => undefined} />
    </div>
  );
}
