// What was saved, what downtime cost, value per request, hours saved, and all that is taken for granted.
import type { RealisedSaving, ValueDowntime, ValuePerRequest } from "../../api/business-value";
import { count, fixed, lastPart, middle, money, plural, words } from "../../format/number";
import { dayAndClock, range, short } from "../../format/time";
import { DataTable } from "../../parts/data-table";
import { EntityName } from "../../parts/entity-name";
import { MeasureCell } from "../../parts/measure-cell";
import { Panel } from "../../parts/panel";
import { SourceLine } from "../../parts/source-line";
import { Empty } from "../../parts/states";
import { Glyph } from "../../parts/status";
import { amountText, DOWNTIME, SAVED, valueEvidence, whyText, type BusinessValue } from "./business-value-model";

interface PartProps {
  envelope: BusinessValue;
}

export function SavingsPanel({ envelope }: PartProps) {
  const { savings } = envelope.data;
  const amount = (row: RealisedSaving) => row.amounts.map((one) => money(one.saving, one.currency)).join(", ");
  return (
    <Panel title="Savings realised" qualifier={savings.totals.map((one) => `${money(one.verified, one.currency)} verified`).join(", ") || undefined} isFlush foot={<SourceLine evidence={valueEvidence(envelope, "Savings realised", SAVED, "savings")} text="newest first · at the unit prices of before" />}>
      {savings.realised.length === 0 ? (
        <Empty title="No accepted saving is marked done.">Accept a candidate on the savings page, and mark it done when it is.</Empty>
      ) : (
        <DataTable
          label="Savings realised"
          rows={savings.realised}
          rowKey={(row) => `${row.target} ${row.done_at}`}
          isTall={savings.realised.length > 10}
          columns={[
            { key: "what", title: "What", isName: true, cell: (row) => <EntityName id={row.entity} name={lastPart(row.entity)} />, hint: (row) => `${words(row.rule)}, ${row.target}` },
            { key: "rule", title: "Rule", cell: (row) => words(row.rule), hint: (row) => words(row.rule) },
            { key: "done", title: "Done", width: 84, cell: (row) => <span title={`accepted by ${row.accepted_by}, done by ${row.done_by}`}>{short(row.done_at, envelope.as_of)}</span>, sort: (row) => row.done_at },
            { key: "status", title: "Shown by charges", width: 120, cell: (row) => <span className="st"><Glyph word={row.status === "verified" ? "healthy" : "unknown"} />{row.status}</span> },
            { key: "days", title: "Days", isNumber: true, width: 54, cell: (row) => count(row.days) },
            { key: "amount", title: "Saved", isNumber: true, width: 88, cell: (row) => amount(row) || <span className="mut">{whyText(row.reason)}</span> },
          ]}
          phone={(row) => (
            <>
              <span className="font-medium">{lastPart(row.entity)}</span>
              <span>{amount(row) || whyText(row.reason)}</span>
              <span className="d">{words(row.rule)}, {row.status}</span>
            </>
          )}
        />
      )}
    </Panel>
  );
}

export function DowntimePanel({ envelope }: PartProps) {
  const rows = envelope.data.downtime;
  const name = (row: ValueDowntime) => row.name ?? "no known value";
  return (
    <Panel title="What incidents cost" qualifier={plural(rows.reduce((sum, row) => sum + row.incidents, 0), "incident")} isFlush foot={<SourceLine evidence={valueEvidence(envelope, "What incidents cost", DOWNTIME, "downtime")} source="most minutes first" />}>
      {rows.length === 0 ? (
        <Empty title="No incident touched what has a value here." />
      ) : (
        <DataTable
          label="What incidents cost"
          rows={rows}
          rowKey={(row) => row.of ?? "none"}
          isTall={rows.length > 10}
          columns={[
            { key: "of", title: "Of", isName: true, cell: (row) => <EntityName id={row.of} name={name(row)} /> },
            { key: "incidents", title: "Incidents", isNumber: true, width: 78, cell: (row) => count(row.incidents) },
            { key: "minutes", title: "Minutes", isNumber: true, width: 76, cell: (row) => count(row.cost.minutes), sort: (row) => row.cost.minutes },
            { key: "method", title: "How", width: 88, cell: (row) => row.cost.method, hint: (row) => `${fixed(row.cost.minutes_measured, 0)} minutes measured, ${fixed(row.cost.minutes_assumed, 0)} assumed, ${fixed(row.cost.minutes_without, 0)} without` },
            { key: "cost", title: "Cost", isNumber: true, width: 104, cell: (row) => (row.cost.amount === null ? <span className="mut">{whyText(row.cost.reason)}</span> : money(row.cost.amount, row.cost.currency ?? "")), sort: (row) => Number(row.cost.amount ?? 0) },
          ]}
          phone={(row) => (
            <>
              <span className="font-medium">{name(row)}</span>
              <span>{row.cost.amount === null ? whyText(row.cost.reason) : money(row.cost.amount, row.cost.currency ?? "")}</span>
              <span className="d">{plural(row.incidents, "incident")}, {count(row.cost.minutes)} min, {row.cost.method}</span>
            </>
          )}
        />
      )}
    </Panel>
  );
}

export function RequestsPanel({ envelope }: PartProps) {
  const rows = envelope.data.requests;
  const definition = "Value of the narrowest of entry, application and product that has the metric, over the requests of that one's entries, on the days that have both.";
  const each = (row: ValuePerRequest) => (row.per_request === null ? null : amountText(row.per_request, row));
  return (
    <Panel title="Value of a request" qualifier={count(rows.length)} isFlush foot={<SourceLine evidence={valueEvidence(envelope, "Value of a request", definition, "requests")} source="days that have both" />}>
      {rows.length === 0 ? (
        <Empty title="No entry point has a value and a count of requests." />
      ) : (
        <DataTable
          label="Value of a request"
          rows={rows}
          rowKey={(row) => `${row.entry} ${row.metric} ${row.currency}`}
          isTall={rows.length > 10}
          columns={[
            { key: "entry", title: "Entry point", isName: true, cell: (row) => <EntityName id={row.entry} name={row.name} />, hint: (row) => row.entry },
            { key: "metric", title: "Metric, of", cell: (row) => `${words(row.metric)}, ${lastPart(row.of)}`, hint: (row) => `${row.of}${row.window ? `, ${range(row.window.from, row.window.to)}` : ""}` },
            { key: "requests", title: "Requests", isNumber: true, width: 96, cell: (row) => <MeasureCell of={row.requests} /> },
            { key: "each", title: "Of one", isNumber: true, width: 92, cell: (row) => <span title={row.per_request ?? undefined}>{each(row) ?? <span className="mut">{whyText(row.reason)}</span>}</span> },
          ]}
        />
      )}
    </Panel>
  );
}

export function AutomationPanel({ envelope }: PartProps) {
  const { automation } = envelope.data;
  return (
    <Panel title="Hours saved by automation" qualifier={automation.metrics.length > 0 ? count(automation.metrics.length) : undefined} isFlush foot={<SourceLine evidence={valueEvidence(envelope, "Hours saved by automation", "As stated by a source; nothing is estimated.", "automation")} source="as stated" />}>
      {automation.metrics.length === 0 ? (
        <Empty title="None is stated.">A value metric in hours with a source brings them; the product makes none up.</Empty>
      ) : (
        automation.metrics.map((row) => (
          <div key={`${row.of} ${row.metric}`} className="rowp">
            <span className="font-medium">{words(row.metric)} <span className="mut font-normal">{lastPart(row.of)}</span></span>
            <span>{row.hours === null ? <span className="mut">{whyText(row.reason)}</span> : `${fixed(Number(row.hours), 1)} h`}</span>
            <span className="d">{row.source ?? "no source"}</span>
          </div>
        ))
      )}
    </Panel>
  );
}

export function AssumptionsPanel({ envelope }: PartProps) {
  const rows = envelope.data.assumptions;
  return (
    <Panel title="Taken for granted" qualifier={count(rows.length)} isFlush foot={<SourceLine evidence={valueEvidence(envelope, "Assumptions", "Every stated figure that these answers rest on, with who set it and when.", "assumptions")} text="in order of name" />}>
      {rows.length === 0 ? (
        <Empty title="Nothing is assumed." />
      ) : (
        <DataTable
          label="Taken for granted"
          rows={rows}
          rowKey={(row) => `${row.name} ${row.of ?? ""} ${row.value}`}
          isTall={rows.length > 12}
          columns={[
            { key: "name", title: "What", isName: true, width: 210, cell: (row) => words(row.name), hint: (row) => row.note },
            { key: "of", title: "Of", width: 180, cell: (row) => (row.of === null ? <span className="mut">all</span> : middle(lastPart(row.of), 26)), hint: (row) => row.of ?? undefined },
            { key: "value", title: "Value", isNumber: true, width: 120, cell: (row) => `${row.value} ${row.unit}`.trim() },
            { key: "note", title: "Why", cell: (row) => row.note, hint: (row) => row.note },
            { key: "by", title: "Set by", width: 150, cell: (row) => row.set_by, hint: (row) => row.set_by },
            { key: "at", title: "When", width: 96, cell: (row) => (row.set_at === null ? <span className="mut">no time</span> : dayAndClock(row.set_at, envelope.as_of)) },
          ]}
          phone={(row) => (
            <>
              <span className="font-medium">{words(row.name)}</span>
              <span>{row.value} {row.unit}</span>
              <span className="d">{row.note} · {row.set_by}</span>
            </>
          )}
        />
      )}
    </Panel>
  );
}
