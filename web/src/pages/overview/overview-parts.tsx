// Tables of the overview; each is a door to its page.
import type { CostAnalysisAnswer, SystemMetricsAnswer, TopologyAnswer } from "../../api/answers";
import type { Envelope, IntakeEntry } from "../../api/types";
import { CellBar } from "../../charts/small";
import { count, money, plural, tail, titled, words } from "../../format/number";
import { dayAndClock, full, short } from "../../format/time";
import { DataTable } from "../../parts/data-table";
import { Panel } from "../../parts/panel";
import { SourceLine } from "../../parts/source-line";
import { Empty, Loading } from "../../parts/states";
import { Glyph, Status } from "../../parts/status";
import { useView } from "../../state/view";
import { addingUp, amountOf, costEvidence, dimensionName, valuesName } from "../cost-analysis/cost-analysis-model";
import { SUMS } from "../cost-analysis/cost-analysis-tables";
import { countsText } from "../ingest/ingest-parts";
import { healthEvidence, placeText, sourceNames, WORST } from "../system-metrics/system-metrics-tables";
import { topologyEvidence } from "../topology/topology-tables";
import { Door } from "./overview-cards";

export function NeedsAttention({ envelope }: { envelope: Envelope<SystemMetricsAnswer> }) {
  const view = useView();
  const { counts, entities } = envelope.data;
  const bad = counts.critical + counts.warning + counts.unknown;
  const rows = entities.filter((one) => one.status !== "healthy").slice(0, 8);
  return (
    <Panel
      title="Needs attention"
      qualifier={<>{count(rows.length)} of {count(bad)} <Door to="/system-metrics">show all</Door></>}
      isFlush
      foot={<SourceLine evidence={healthEvidence(envelope, "Needs attention", WORST)} source={sourceNames(envelope)} />}
    >
      {rows.length === 0 ? (
        <Empty title={counts.total === 0 ? "Nothing here has a health to judge." : `Nothing: all ${count(counts.total)} are healthy.`} />
      ) : (
        <DataTable
          label="Needs attention, worst first"
          rows={rows}
          rowKey={(row) => row.id}
          onOpen={(row) => view.go("/entity", { id: row.id })}
          columns={[
            { key: "status", title: "Status", cell: (row) => <Status word={row.status} />, width: 92 },
            { key: "name", title: "Entity", isName: true, cell: (row) => <>{row.name} <span className="mut">{words(row.kind)}</span></>, hint: (row) => `${row.name}, ${row.id}`, width: 230 },
            { key: "place", title: "Place", cell: (row) => placeText(row), hint: placeText, width: 160 },
            { key: "reason", title: "Reason", cell: (row) => row.reason, hint: (row) => row.reason },
            { key: "newest", title: "Newest", isNumber: true, cell: (row) => (row.newest ? short(row.newest, envelope.as_of) : <span className="mut">no data</span>), width: 76 },
          ]}
          phone={(row) => (
            <>
              <span className="truncate"><span className="st"><Glyph word={row.status} alone /><span className="font-medium">{row.name}</span></span> <span className="mut">{words(row.kind)}</span></span>
              <span className="mut">{row.newest ? short(row.newest, envelope.as_of) : ""}</span>
              <span className="d">{row.reason}</span>
            </>
          )}
        />
      )}
    </Panel>
  );
}

export function SpendPanel({ envelope }: { envelope: Envelope<CostAnalysisAnswer> }) {
  const { data } = envelope;
  const cost = data.currencies[0];
  if (!cost) return <Panel title="Spend" isFlush><Empty title="No charge is held here.">ubiquitous ingest FOCUS.parquet</Empty></Panel>;
  const total = amountOf(cost.total, data.basis) ?? 0;
  const singles = cost.groups.filter((group) => group.others === 0);
  const shown = singles.slice(0, 7);
  const restAmount = total - shown.reduce((sum, group) => sum + (amountOf(group.costs, data.basis) ?? 0), 0);
  const restCount = cost.groups.length - shown.length - (cost.groups.some((group) => group.others > 0) ? 1 : 0) + (cost.groups.find((group) => group.others > 0)?.others ?? 0);
  const hasRest = restCount > 0;
  const all = hasRest ? [...shown, { ...shown[0]!, costs: { ...shown[0]!.costs, [data.basis]: { ...shown[0]!.costs[data.basis], amount: String(restAmount) } } }] : shown;
  const texts = addingUp(all, data.basis, total, cost.currency);
  const most = Math.max(...shown.map((group) => Math.abs(amountOf(group.costs, data.basis) ?? 0)), 0);
  const title = data.dimensions.map(dimensionName).join(" and ");
  return (
    <Panel title={`Spend by ${title}`} qualifier={<Door to="/cost">all of cost</Door>} isFlush foot={<SourceLine evidence={costEvidence(envelope, `Spend by ${title}`, SUMS)} source={`${data.basis} cost`} />}>
      <DataTable
        label={`Spend by ${title}`}
        rows={shown.map((group, index) => ({ group, text: texts[index] ?? "" }))}
        rowKey={(row) => JSON.stringify(row.group.values)}
        order={{ key: "amount", isDescending: true }}
        others={hasRest ? [plural(restCount, "other"), "", texts[shown.length] ?? ""] : undefined}
        columns={[
          { key: "name", title: titled(title), isName: true, cell: (row) => valuesName(row.group.values, 0, data.dimensions), hint: (row) => valuesName(row.group.values, 0, data.dimensions), foot: "Total" },
          { key: "bar", title: "", cell: (row) => <CellBar value={amountOf(row.group.costs, data.basis) ?? 0} of={most} />, width: 100, foot: "" },
          { key: "amount", title: titled(data.basis), isNumber: true, cell: (row) => <span title={row.group.costs[data.basis].amount ?? "no data"}>{row.text}</span>, width: 96, foot: money(total, cost.currency) },
        ]}
      />
    </Panel>
  );
}

export function IngestPanel({ entries, isPending }: { entries: IntakeEntry[]; isPending: boolean }) {
  const view = useView();
  return (
    <Panel title="Last inputs" qualifier={<Door to="/ingest">all inputs</Door>} isFlush foot={<SourceLine text="newest first" />}>
      {isPending ? (
        <Loading what="the ledger" />
      ) : entries.length === 0 ? (
        <Empty title="Nothing has come in yet." />
      ) : (
        <DataTable
          label="Last inputs"
          rows={entries}
          rowKey={(row) => String(row.id)}
          onOpen={(row) => view.go(`/ingest/${row.id}`)}
          columns={[
            { key: "name", title: "Input", isName: true, cell: (row) => tail(row.input.name, 40), hint: (row) => row.input.name },
            { key: "format", title: "Format", cell: (row) => row.input.format, width: 126 },
            { key: "read", title: "Read", cell: (row) => (!row.is_finished ? <span className="mut">waits</span> : row.outcome.is_known ? <span className="mut">known already</span> : countsText(row.outcome.read, 2)), hint: (row) => countsText(row.outcome.read, 12), width: 210 },
            { key: "rejects", title: "Rejects", isNumber: true, cell: (row) => (row.outcome.rejects === 0 ? <span className="mut">0</span> : <b className="font-semibold text-warn">{count(row.outcome.rejects)}</b>), width: 70 },
            { key: "at", title: "Received", isNumber: true, cell: (row) => <span title={full(row.input.received_at)}>{dayAndClock(row.input.received_at)}</span>, width: 110 },
          ]}
          phone={(row) => (
            <>
              <span className="font-medium truncate">{tail(row.input.name, 32)}</span>
              <span className="mut">{dayAndClock(row.input.received_at)}</span>
              <span className="d">{row.input.format} · {countsText(row.outcome.read, 2) || "known already"}</span>
            </>
          )}
        />
      )}
    </Panel>
  );
}

export function KindsPanel({ envelope }: { envelope: Envelope<TopologyAnswer> }) {
  const view = useView();
  const { data } = envelope;
  const sorted = [...data.kinds].sort((a, b) => b.count - a.count);
  const shown = sorted.slice(0, 7);
  const rest = sorted.slice(7).reduce((sum, one) => sum + one.count, 0);
  const most = Math.max(1, ...shown.map((one) => one.count));
  return (
    <Panel title="What there is" qualifier={<Door to="/topology">open the map</Door>} isFlush foot={<SourceLine evidence={topologyEvidence(envelope, "What there is", "kinds", "Entities by kind, each thing once.")} source="topology" />}>
      {sorted.length === 0 ? (
        <Empty title="No entity is known here." />
      ) : (
        <DataTable
          label="Entities by kind"
          rows={shown}
          rowKey={(row) => row.kind}
          onOpen={(row) => view.go("/topology", { kind: row.kind })}
          others={sorted.length > 7 ? [plural(sorted.length - 7, "other"), "", count(rest)] : undefined}
          columns={[
            { key: "kind", title: "Kind", isName: true, cell: (row) => words(row.kind), foot: "Total" },
            { key: "bar", title: "", cell: (row) => <CellBar value={row.count} of={most} />, width: 100, foot: "" },
            { key: "count", title: "Entities", isNumber: true, cell: (row) => count(row.count), width: 76, foot: count(data.summary.entities) },
          ]}
        />
      )}
    </Panel>
  );
}
