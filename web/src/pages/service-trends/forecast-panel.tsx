// What comes next of a signal: dashed, with its interval as a band and both bounds written.
import { useMemo, useState } from "react";
import type { ServiceTrend, SignalTrend, TrendsGrid } from "../../api/service-trends";
import { TimeChart, type Line } from "../../charts/time-chart";
import { ratio, withUnit, words } from "../../format/number";
import { Panel } from "../../parts/panel";
import { SourceLine } from "../../parts/source-line";
import { axisText } from "../system-metrics/system-metrics-entity";
import { gridOf, lineOf, SIGNALS, trendsEvidence, type ServiceTrends } from "./service-trends-model";

export function ForecastPanel({ envelope, service }: { envelope: ServiceTrends; service: ServiceTrend }) {
  const known = service.signals.filter((one) => one.forecast !== null && one.forecast.points.length > 1);
  const without = service.signals.find((one) => one.forecast_reason !== null);
  const reason = without?.forecast_detail ?? without?.forecast_reason;
  if (known.length === 0) {
    return (
      <Panel title="What comes next" foot={<SourceLine text="80 % interval, tried on the past" />}>
        <p className="sub py-1">No forecast: {words(reason ?? "under 14 days are held")}.</p>
      </Panel>
    );
  }
  const shares = known.map((one) => one.forecast!.coverage);
  return (
    <Panel title="What comes next" qualifier="80 % interval" foot={<SourceLine evidence={trendsEvidence(envelope, `What comes next of ${service.name}`, "The nearest of several methods in trials on the past; the interval is to hold 80 % of values, and how many it did hold is said.", "services")} source={`held ${ratio(Math.min(...shares), 0)} or more of ${known[0]?.forecast?.tried ?? 0} values tried`} />}>
      <Charts signals={known} grid={envelope.data.grid} />
    </Panel>
  );
}

function Charts({ signals, grid }: { signals: SignalTrend[]; grid: TrendsGrid }) {
  const [crosshair, setCrosshair] = useState<number | null>(null);
  const ends = gridOf(grid);
  const to = signals.flatMap((one) => one.forecast!.points.map((point) => point.at)).sort().at(-1) ?? ends.to;
  const plots = useMemo(() => signals.map((one) => {
    const forecast = one.forecast!;
    const next: Line = { key: `${one.signal} next`, label: "next", points: forecast.points, stepSeconds: forecast.step_seconds * 1.2, className: "s1 forecast" };
    return { one, forecast, lines: [next, lineOf(grid, one, "so far", "s2")], interval: { key: one.signal, points: forecast.points } };
  }), [signals, grid]);
  return (
    <div className="grid gap-3">
      {plots.map(({ one, forecast, lines, interval }, index) => {
        const last = forecast.points[forecast.points.length - 1]!;
        return (
          <TimeChart
            key={one.signal}
            title={SIGNALS[one.signal].title}
            unitTitle={words(forecast.method)}
            lines={lines}
            intervals={[interval]}
            ends={[{ value: last.high, text: `${withUnit(last.low, one.unit)}–${withUnit(last.high, one.unit)}` }]}
            from={ends.from}
            to={to}
            format={(value) => withUnit(value, one.unit)}
            axis={(value) => axisText(value, one.unit)}
            height={74}
            hasGaps={false}
            room={132}
            hasAxis={index === plots.length - 1}
            crosshair={crosshair}
            onCrosshair={setCrosshair}
            brush={null}
            setBrush={() => undefined}
          />
        );
      })}
    </div>
  );
}
