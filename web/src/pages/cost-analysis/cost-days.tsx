// What the settled days show: where the month leads, with its interval, and what was unusual.
import { useMemo, useState } from "react";
import type { CostAnomaly, CostForecast } from "../../api/cost-views";
import { TimeChart, type Line } from "../../charts/time-chart";
import { count, money, moneyShort, plural, signed, titled } from "../../format/number";
import { range, short } from "../../format/time";
import { DataTable } from "../../parts/data-table";
import { Panel } from "../../parts/panel";
import { SourceLine } from "../../parts/source-line";
import { Empty, sentence } from "../../parts/states";
import { amountOf, costEvidence, dimensionName, valuesName } from "./cost-analysis-model";
import type { CostPanelProps } from "./cost-analysis-tables";

const DAY = 86_400;
const FORECAST = "Charged so far, what is charged at its own times (tax, purchases, credits, fees of more than a day), and usage of the days to come, carried on by the method that came nearest in trials on the past; the 80 % interval comes from those trials. The newest 48 hours of a provider are left out.";
const UNUSUAL = "Days whose usage is over 4 deviations from what is usual for that day of the week. Only settled days are judged.";

export function ForecastPanel({ envelope, cost }: CostPanelProps) {
  const forecast = cost.days?.forecast ?? null;
  if (!forecast) {
    return (
      <Panel title="Where the month leads" foot={<SourceLine text="settled days only" />}>
        <p className="sub py-1">No forecast: nothing is charged by day here.</p>
      </Panel>
    );
  }
  const text = (amount: string | null) => (amount === null ? null : money(amount, cost.currency));
  return (
    <Panel
      title="Where the month leads"
      qualifier={forecast.amount === null ? "no forecast" : `${text(forecast.amount)}, 80 % ${text(forecast.low) ?? "n/a"}–${text(forecast.high) ?? "n/a"}`}
      foot={<SourceLine evidence={costEvidence(envelope, "Forecast", FORECAST, "forecast")} text={`${range(forecast.from, forecast.to)} · settled to ${short(forecast.settled, envelope.as_of, "UTC")} · ${forecast.amount === null ? (forecast.reason ?? "no forecast") : `tried on ${plural(forecast.tried, "past sum")}`}`} />}
    >
      <Cumulative envelope={envelope} cost={cost} forecast={forecast} />
      <dl className="kl mt-2">
        <div><dt>Charged so far</dt><dd>{text(forecast.actual)}</dd></div>
        <div><dt>Scheduled, still to come</dt><dd>{text(forecast.scheduled_to_come)}</dd></div>
        <div><dt>Usage to come</dt><dd>{text(forecast.usage_to_come) ?? <span className="mut">{forecast.detail ?? forecast.reason ?? "no data"}</span>}</dd></div>
      </dl>
    </Panel>
  );
}

function Cumulative({ envelope, cost, forecast }: CostPanelProps & { forecast: CostForecast }) {
  const [crosshair, setCrosshair] = useState<number | null>(null);
  const { basis, step } = envelope.data;
  const lines = useMemo(() => {
    const inside = step === "day" ? cost.over_time.filter((point) => point.at >= forecast.from && point.until <= forecast.settled) : [];
    const before = Number(forecast.actual) - inside.reduce((sum, point) => sum + (amountOf(point.costs, basis) ?? 0), 0);
    let sum = before;
    const points = [{ at: forecast.from, value: Math.max(0, before) }, ...inside.map((point) => ({ at: point.until, value: (sum += amountOf(point.costs, basis) ?? 0) }))];
    const end = { at: forecast.settled, value: Number(forecast.actual) };
    const so = inside.length > 0 ? points : [{ at: forecast.from, value: 0 }, end];
    const actual: Line = { key: "charged", label: "charged", points: so, stepSeconds: DAY * 40 };
    const next: Line[] = forecast.amount === null ? [] : [{ key: "next", label: "forecast", points: [end, { at: forecast.to, value: Number(forecast.amount) }], stepSeconds: DAY * 40, className: "s1 forecast" }];
    return [actual, ...next];
  }, [cost, forecast, basis, step]);
  const hasBand = forecast.low !== null && forecast.high !== null;
  const format = (value: number) => moneyShort(value, cost.currency);
  return (
    <TimeChart
      title="Since the start of the month"
      unitTitle={`${cost.currency}, ${basis}`}
      lines={lines}
      intervals={hasBand ? [{ key: "interval", points: [{ at: forecast.settled, low: Number(forecast.actual), high: Number(forecast.actual) }, { at: forecast.to, low: Number(forecast.low), high: Number(forecast.high) }] }] : []}
      ends={hasBand ? [{ value: Number(forecast.high), text: `${format(Number(forecast.low))}–${format(Number(forecast.high))}` }] : []}
      from={forecast.from}
      to={forecast.to}
      format={format}
      axis={format}
      height={150}
      hasAxis
      hasGaps={false}
      room={124}
      crosshair={crosshair}
      onCrosshair={setCrosshair}
      brush={null}
      setBrush={() => undefined}
    />
  );
}

export function AnomaliesPanel({ envelope, cost }: CostPanelProps) {
  const days = cost.days;
  const rows = days?.anomalies ?? [];
  const { dimensions } = envelope.data;
  const of = (row: CostAnomaly) => (row.is_total ? `everything${row.driver ? `, most by ${valuesName(row.driver.values, 0, dimensions)}` : ""}` : valuesName(row.values, 0, dimensions));
  const trends = (days?.trends ?? []).filter((one) => one.is_trend);
  return (
    <Panel title="Unusual days" qualifier={count(rows.length)} isFlush foot={<SourceLine evidence={costEvidence(envelope, "Unusual days", UNUSUAL, "anomalies")} text={days?.from && days.settled ? `${range(days.from, days.settled)} · ${plural(days.days, "day")} settled · largest excess first` : "no settled day"} />}>
      {rows.length === 0 ? (
        <Empty title={days?.anomalies_detail ? sentence(days.anomalies_detail) : "No day was unusual."} />
      ) : (
        <DataTable
          label="Unusual days"
          rows={rows}
          rowKey={(row) => `${row.from} ${row.is_total} ${JSON.stringify(row.values)}`}
          isTall={rows.length > 8}
          columns={[
            { key: "of", title: titled(dimensions.map(dimensionName).join(" and ")), isName: true, cell: of, hint: of },
            { key: "when", title: "When", width: 116, cell: (row) => range(row.from, row.to), sort: (row) => row.from },
            { key: "amount", title: "Used", isNumber: true, width: 84, cell: (row) => <span title={row.amount}>{money(row.amount, cost.currency)}</span>, sort: (row) => Number(row.amount) },
            { key: "usual", title: "Usual", isNumber: true, width: 84, cell: (row) => (row.expected === null ? <span className="mut">n/a</span> : money(row.expected, cost.currency)), sort: (row) => Number(row.expected) },
            { key: "excess", title: "Excess", isNumber: true, width: 84, cell: (row) => (row.excess === null ? <span className="mut">n/a</span> : signed(money(row.excess, cost.currency), Number(row.excess))), sort: (row) => Number(row.excess) },
          ]}
          phone={(row) => (
            <>
              <span className="font-medium">{of(row)}</span>
              <span>{row.excess === null ? "n/a" : signed(money(row.excess, cost.currency), Number(row.excess))}</span>
              <span className="d">{range(row.from, row.to)}: {money(row.amount, cost.currency)}{row.expected === null ? "" : `, usual ${money(row.expected, cost.currency)}`}</span>
            </>
          )}
        />
      )}
      {trends.length > 0 && <p className="sub px-3 py-2 border-t border-line">{trends.slice(0, 3).map((one) => `${one.is_total ? "Everything" : valuesName(one.values, 0, dimensions)} ${one.change_ratio !== null && one.change_ratio > 0 ? "rises" : "falls"}${one.start !== null && one.end !== null ? ` from ${money(one.start, cost.currency)} to ${money(one.end, cost.currency)} a day` : ""}`).join("; ")}.</p>}
    </Panel>
  );
}
