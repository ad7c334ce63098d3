// Single points of failure: what takes entry points down by itself. Two lists that are never added
// up, workload risks beside them, the margin of each entry.
import { useAnswer } from "../../api/queries";
import type { CriticalPathsAnswer, EntityRef, SinglePoint } from "../../api/critical-paths";
import { CellBar } from "../../charts/small";
import { count, plural, ratio, titled, words } from "../../format/number";
import { Answered } from "../../parts/answered";
import { DataTable, type ColumnDef } from "../../parts/data-table";
import { ownerText } from "../../parts/entity-name";
import { MeasureCell } from "../../parts/measure-cell";
import { Panel } from "../../parts/panel";
import { SourceLine } from "../../parts/source-line";
import { Empty } from "../../parts/states";
import { Tabs, useTab, type TabDef } from "../../parts/tabs";
import { useKeys } from "../../state/keys";
import { useContextParams, useView } from "../../state/view";
import { CLASSES, baseText, entriesText, keyOf, LOSS, pathsEvidence, pathsSentence, type CriticalPaths } from "./critical-paths-model";
import { AcceptedPanel, AssumptionsPanel, MarginPanel, OwnershipPanel, PointDetail, WorkloadRisksPanel } from "./critical-paths-parts";

/** What may be judged beyond what fails by itself. */
const INCLUDE: [string, string][] = [["region", "regions"], ["account", "accounts"], ["cluster", "whole clusters"], ["managed", "a provider's regional services"]];

function tabsOf(envelope: CriticalPaths): TabDef[] {
  const { summary, targets } = envelope.data;
  return [
    { key: "points", title: "Points", note: `${count(summary.physical)} physical, ${count(summary.logical)} logical` },
    { key: "workloads", title: "Workload risks", note: count(summary.workload_risks) },
    { key: "margin", title: "Margin per entry", note: count(targets.length) },
    { key: "accepted", title: "Accepted" },
  ];
}

export function CriticalPathsPage() {
  const view = useView();
  const context = useContextParams();
  const query = useAnswer<CriticalPathsAnswer>("critical-paths", { ...context, target: view.all("target"), class: view.all("class"), include: view.all("include"), limit: 200 });
  useKeys({ Escape: () => view.set({ sel: undefined }, { replace: true }) });
  return (
    <Answered
      title="Single points of failure"
      query={query}
      what="single points of failure"
      sentence={pathsSentence}
      onNearest={(name) => view.set({ target: [name] })}
      actions={<button type="button" className="btn" onClick={() => view.go("/what-if")}>What if</button>}
      filters={<Filters />}
    >
      {(envelope) => (
        <>
          <Tabs tabs={tabsOf(envelope)} label="Parts of the answer" />
          <Body envelope={envelope} />
        </>
      )}
    </Answered>
  );
}

function Filters() {
  const view = useView();
  const chosen = view.all("include");
  return (
    <div className="filters noprint" role="search" aria-label="What is judged">
      <label className="field">
        Class
        <select value={view.get("class") ?? ""} onChange={(event) => view.set({ class: event.target.value || undefined, sel: undefined })}>
          <option value="">all</option>
          {Object.keys(CLASSES).map((one) => <option key={one}>{one}</option>)}
        </select>
      </label>
      <span className="field">Judge also</span>
      {INCLUDE.map(([value, title]) => (
        <label key={value} className="field">
          <input type="checkbox" className="!h-auto" checked={chosen.includes(value)} onChange={(event) => view.set({ include: event.target.checked ? [...chosen, value] : chosen.filter((one) => one !== value) })} />
          {title}
        </label>
      ))}
      {view.all("target").map((one) => (
        <button key={one} type="button" className="pill" onClick={() => view.set({ target: view.all("target").filter((other) => other !== one) })}>{one} ×</button>
      ))}
    </div>
  );
}

function Body({ envelope }: { envelope: CriticalPaths }) {
  const view = useView();
  const tab = useTab(tabsOf(envelope));
  const { physical, logical } = envelope.data;
  const selected = view.get("sel");
  const select = (key: string | undefined) => view.set({ sel: key === selected ? undefined : key }, { replace: true });
  if (tab === "workloads") return <WorkloadRisksPanel envelope={envelope} />;
  if (tab === "margin") return <MarginPanel envelope={envelope} />;
  if (tab === "accepted") return <AcceptedPanel envelope={envelope} />;
  const all = [...physical, ...logical].map((point, index): [string, SinglePoint] => [keyOf(point, index), point]);
  const chosen = all.find(([key]) => key === selected)?.[1];
  return (
    <div className="grid-12 cols-wide">
      <div className="grid gap-3 min-w-0">
        <PointTable envelope={envelope} rows={physical} offset={0} isPhysical selected={selected} onSelect={select} />
        <PointTable envelope={envelope} rows={logical} offset={physical.length} isPhysical={false} selected={selected} onSelect={select} />
      </div>
      <div className="grid gap-3 min-w-0">
        {chosen ? (
          <PointDetail key={selected} envelope={envelope} point={chosen} onClose={() => select(undefined)} />
        ) : (
          <>
            <AssumptionsPanel envelope={envelope} />
            <OwnershipPanel envelope={envelope} />
          </>
        )}
      </div>
    </div>
  );
}

export function EntityCell({ entity, more }: { entity: EntityRef; more?: string | undefined }) {
  return (
    <>
      {entity.id === null ? <span className="mut">{entity.name}</span> : entity.name} <span className="mut">{words(entity.kind)}{more}</span>
    </>
  );
}

interface PointTableProps {
  envelope: CriticalPaths;
  rows: SinglePoint[];
  offset: number;
  isPhysical: boolean;
  selected: string | undefined;
  onSelect: (key: string) => void;
}

function PointTable({ envelope, rows, offset, isPhysical, selected, onSelect }: PointTableProps) {
  const { summary } = envelope.data;
  const keyed = rows.map((point, index) => ({ point, key: keyOf(point, index + offset) }));
  const total = isPhysical ? summary.physical : summary.logical;
  const title = isPhysical ? "Physical" : "Logical";
  const columns: ColumnDef<(typeof keyed)[number]>[] = [
    { key: "name", title: isPhysical ? "Point" : "Service", isName: true, width: 208, sort: (row) => row.point.entity.name, hint: (row) => row.point.entity.id ?? row.point.entity.name, cell: (row) => <EntityCell entity={row.point.entity} more={row.point.inside.length > 0 ? `, ${count(row.point.inside.length)} inside` : undefined} /> },
    { key: "class", title: "Class", width: 92, sort: (row) => row.point.class, hint: (row) => CLASSES[row.point.class], cell: (row) => row.point.class },
    { key: "why", title: "Why", hint: (row) => row.point.why, cell: (row) => <>{row.point.why}{row.point.holds === "now" && <span className="tag ml-1" title="only now, since something else is not ready">now</span>}</> },
    { key: "entries", title: "Takes down", isNumber: true, width: 84, sort: (row) => row.point.takes_down.length, cell: (row) => entriesText(row.point, envelope) },
    { key: "bar", title: "", width: 60, cell: (row) => <CellBar value={row.point.loss.value ?? 0} of={1} width={44} /> },
    { key: "loss", title: "Loss", isNumber: true, width: 82, sort: (row) => row.point.loss.value, cell: (row) => <MeasureCell of={row.point.loss} /> },
    { key: "owner", title: "Owner", width: 96, sort: (row) => ownerText(row.point.entity.owner), hint: (row) => row.point.entity.owner ?? undefined, cell: (row) => ownerText(row.point.entity.owner) ?? <span className="mut">no owner</span> },
  ];
  return (
    <Panel
      title={title}
      qualifier={rows.length < total ? `${count(rows.length)} of ${count(total)}` : isPhysical ? "one thing that breaks by itself" : "a whole service, as in a bad release"}
      isFlush
      foot={<SourceLine evidence={pathsEvidence(envelope, `${title} points`, `${LOSS} ${isPhysical ? "Physical: one thing that breaks by itself." : "Logical: a required service as a whole; this list is never added to the physical one."}`, isPhysical ? "physical" : "logical")} source={isPhysical ? baseText(envelope) : "same basis · never added to the physical list"} />}
    >
      {rows.length === 0 ? (
        <Empty title={envelope.data.targets.length === 0 ? "No entry point is known, so nothing can be taken down." : isPhysical ? "None: nothing that breaks by itself takes an entry down." : "None: no service is needed as a whole by an entry."}>
          {envelope.data.targets.length === 0 && "An ingress, a load balancer, traces or a rule tell where requests enter."}
        </Empty>
      ) : (
        <DataTable
          label={`${title} points, worst first`}
          rows={keyed}
          rowKey={(row) => row.key}
          selected={selected}
          onOpen={(row) => onSelect(row.key)}
          order={{ key: "loss", isDescending: true }}
          isTall={rows.length > 16}
          columns={columns}
          phone={({ point }) => (
            <>
              <span><span className="font-medium">{point.entity.name}</span> <span className="mut">{words(point.entity.kind)}</span></span>
              <span>{point.loss.value === null ? <span className="mut">no weight</span> : ratio(point.loss.value)}</span>
              <span className="d">{titled(point.class)}: {point.why} · {plural(point.takes_down.length, "entry", "entries")}</span>
            </>
          )}
        />
      )}
    </Panel>
  );
}
