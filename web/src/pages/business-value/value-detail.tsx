// One value metric: value, cost and cost of one over its periods, and what they were taken from.
import { useMemo, useState } from "react";
import { TimeChart, type Line } from "../../charts/time-chart";
import { brief, count, money, moneyShort, plural, ratio, signed, significant, titled, words } from "../../format/number";
import { dayAndClock, range } from "../../format/time";
import { Detail, Facts, Section } from "../../parts/detail";
import { SourceLine } from "../../parts/source-line";
import { amountText, moneyText, RETURN, returnText, unitCostText, VALUE, valueEvidence, whyText, type BusinessValue, type ValueRow } from "./business-value-model";

const DAY = 86_400;

export function ValueDetail({ envelope, row, onClose }: { envelope: BusinessValue; row: ValueRow; onClose: () => void }) {
  const metric = row.metric!;
  const { compared } = metric;
  const currency = compared.costs[0]?.currency ?? metric.currency ?? "";
  const evidence = valueEvidence(envelope, `${titled(words(metric.metric))} of ${row.subject.name}`, `${VALUE} ${RETURN}`, "subjects", [["Value of these days", compared.value], ["Cost of these days", compared.costs[0]?.amount ?? whyText(compared.costs[0]?.reason)]]);
  return (
    <div className="grid gap-3 min-w-0">
      <Detail
        title={`${row.subject.name}, ${words(metric.metric)}`}
        sub={<>{words(row.subject.kind)} · from {metric.source}{metric.others.length > 0 && ` · also sent by ${metric.others.join(", ")}, not added`}</>}
        onClose={onClose}
        foot={<SourceLine evidence={evidence} text={`observed ${dayAndClock(metric.observed_at, envelope.as_of)} · ${plural(compared.days, "day")} compared of ${count(metric.days)}`} />}
      >
        <Section title="Over time"><Periods row={row} currency={currency} /></Section>
        <Section title="Value against cost" aside={`${plural(compared.days, "day")}`}>
          <Facts
            rows={[
              ["Value", amountText(compared.value, metric) ?? "no data"],
              ["Effective cost", moneyText(compared.costs[0]) ?? whyText(compared.costs[0]?.reason)],
              ["Cost of one", unitCostText(compared.unit_costs[0]) ?? whyText(compared.unit_costs[0]?.reason)],
              ["Net", moneyText(compared.net ?? undefined) ?? "n/a"],
              ["Return", returnText(compared) ?? compared.return_note ?? "n/a"],
            ]}
          />
        </Section>
        <Section title="Change">
          <Facts
            rows={[
              ...(metric.change ? (["value", "cost", "unit_cost"] as const).map((name): [string, string] => [`${titled(words(name))} against the period before`, metric.change![name].value === null ? whyText(metric.change![name].reason) : signed(ratio(metric.change![name].value ?? 0), metric.change![name].value ?? 0)]) : [["Against before", "two whole periods are needed"] as [string, string]]),
              [`Trend a period, of ${count(metric.trend.periods)}`, metric.trend.value.value === null ? whyText(metric.trend.value.reason) : signed(ratio(metric.trend.value.value), metric.trend.value.value)],
            ]}
          />
          {metric.added_up_from.length > 0 && <p className="sub mt-1">Added up from {metric.added_up_from.join(", ")}.</p>}
        </Section>
      </Detail>
    </div>
  );
}

function Periods({ row, currency }: { row: ValueRow; currency: string }) {
  const [crosshair, setCrosshair] = useState<number | null>(null);
  const [brush, setBrush] = useState<{ start: number; end: number } | null>(null);
  const metric = row.metric!;
  const { periods } = metric;
  const lines = useMemo(() => {
    const step = periods.length > 1 ? (Date.parse(periods[1]!.from) - Date.parse(periods[0]!.from)) / 1_000 : DAY;
    const line = (key: string, of: (one: (typeof periods)[number]) => string | null | undefined): Line[] => {
      const points = periods.flatMap((one) => { const value = of(one); return value === null || value === undefined || !one.is_complete ? [] : [{ at: one.from, value: Number(value) }]; });
      return points.length > 0 ? [{ key, label: key, points, stepSeconds: step * 1.1 }] : [];
    };
    return { value: line("value", (one) => one.value), cost: line("cost", (one) => one.compared.costs[0]?.amount), unit: line("cost of one", (one) => one.compared.unit_costs[0]?.amount) };
  }, [periods]);
  const [first, last] = [periods[0], periods[periods.length - 1]];
  if (!first || !last || lines.value.length === 0) return <p className="sub">No whole period is held.</p>;
  const shared = { from: first.from, to: last.to, crosshair, onCrosshair: setCrosshair, brush, setBrush, height: 74 };
  const value = (one: number) => (metric.currency ? moneyShort(one, metric.currency) : significant(one));
  return (
    <div className="grid gap-2">
      <TimeChart {...shared} title="Value" unitTitle={metric.currency ?? metric.value_unit ?? ""} lines={lines.value} format={value} axis={value} />
      {lines.cost.length > 0 && <TimeChart {...shared} title="Cost" unitTitle={`${currency}, effective`} lines={lines.cost} format={(one) => moneyShort(one, currency)} axis={(one) => moneyShort(one, currency)} />}
      {lines.unit.length > 0 && <TimeChart {...shared} title="Cost of one" unitTitle={`${currency} per ${metric.compared.unit_costs[0]?.per ?? "one"}`} lines={lines.unit} format={(one) => money(one, currency)} axis={(one) => brief(moneyShort(one, currency))} hasAxis />}
      <p className="sub text-ink-3">{range(first.from, last.to)}, whole periods</p>
    </div>
  );
}
