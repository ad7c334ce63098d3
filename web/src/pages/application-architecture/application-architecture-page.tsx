// Architecture: applications, and one of them by layers from where requests enter to its stores.
import type { Application, ApplicationArchitectureAnswer } from "../../api/application-architecture";
import { useAnswer } from "../../api/queries";
import { StatusStrip } from "../../charts/small";
import { count, money, plural } from "../../format/number";
import { Answered } from "../../parts/answered";
import { DataTable } from "../../parts/data-table";
import { ownerText } from "../../parts/entity-name";
import { Figure } from "../../parts/figure";
import { Panel } from "../../parts/panel";
import { SourceLine } from "../../parts/source-line";
import { Empty } from "../../parts/states";
import { Glyph } from "../../parts/status";
import { useKeys } from "../../state/keys";
import { useContextParams, useView } from "../../state/view";
import { ApplicationView } from "./application-view";
import { applicationSentence, architectureEvidence, architectureSentence, DEFINITION, RULES, type Architecture } from "./application-architecture-model";

export function ApplicationArchitecturePage() {
  const view = useView();
  const context = useContextParams();
  const query = useAnswer<ApplicationArchitectureAnswer>("application-architecture", { ...context, window: view.get("window"), tag: view.get("tag"), limit: 500 });
  const selected = view.get("sel");
  const chosen = query.data?.data.applications.find((one) => one.id === selected);
  useKeys({ Escape: () => view.set({ sel: undefined }) });
  return (
    <Answered
      title={chosen ? <span className="inline-flex items-center gap-2 flex-wrap">{chosen.name}<span className="tag">application, {RULES[chosen.rule] ?? chosen.rule}</span></span> : "Architecture"}
      query={query}
      what="applications"
      sentence={(envelope) => (chosen ? applicationSentence(chosen) : architectureSentence(envelope))}
      filters={chosen ? undefined : <TagFilter />}
      actions={chosen && <button type="button" className="btn" onClick={() => view.set({ sel: undefined })}>All applications</button>}
    >
      {(envelope) => (chosen ? <ApplicationView envelope={envelope} application={chosen} /> : (
        <>
          <Totals envelope={envelope} />
          <div className="mt-3"><ApplicationTable envelope={envelope} /></div>
          <div className="grid-12 cols-2">
            <ServiceList envelope={envelope} title="Shared by several entries" ids={envelope.data.shared} empty="None: every service is of one application." definition="Services that several entry points reach and nothing puts into one application." />
            <ServiceList envelope={envelope} title="Of no application" ids={envelope.data.ungrouped} empty="None: something says or shows an application of every service." definition="Services of which nothing says or shows an application." />
          </div>
        </>
      ))}
    </Answered>
  );
}

function TagFilter() {
  const view = useView();
  return (
    <form className="filters noprint" role="search" aria-label="What names an application" onSubmit={(event) => { event.preventDefault(); view.set({ tag: String(new FormData(event.currentTarget).get("tag") ?? "").trim() || undefined }); }}>
      <label className="field">
        Tag that names it
        <input name="tag" key={view.get("tag")} defaultValue={view.get("tag") ?? ""} placeholder="application" />
      </label>
    </form>
  );
}

function Totals({ envelope }: { envelope: Architecture }) {
  const { summary, applications } = envelope.data;
  const shared = new Set(applications.flatMap((one) => one.stores.filter((store) => store.other_applications.length > 0).map((store) => store.id))).size;
  const cells: [string, number, string][] = [
    ["Applications", summary.applications, Object.entries(summary.rules).map(([rule, number]) => `${count(number)} ${RULES[rule] ?? rule}`).slice(0, 2).join(", ") || "no rule found one"],
    ["Services", summary.services, `${count(summary.without_application)} of no application`],
    ["Stores shared between applications", shared, "of those listed"],
    ["Cycles of calls", applications.reduce((sum, one) => sum + one.cycles.length, 0), "within applications"],
    ["Deepest wait", Math.max(0, ...applications.map((one) => one.synchronous_depth)), "calls one after another"],
  ];
  return (
    <dl className="strip">
      {cells.map(([title, value, aside]) => (
        <div key={title}>
          <dt>{title}</dt>
          <dd className="f"><Figure of={{ value, unit: "count" }} evidence={architectureEvidence(envelope, title, DEFINITION, "applications")} /></dd>
          <dd className="s">{aside}</dd>
        </div>
      ))}
    </dl>
  );
}

const RANK = ["critical", "warning", "unknown", "healthy"] as const;

function worstOf(one: Application): (typeof RANK)[number] {
  return RANK.find((word) => one.health[word] > 0) ?? "unknown";
}

export function costOf(one: Application): string | null {
  const known = one.cost.flatMap((part) => (part.amount === null ? [] : [money(part.amount, part.currency)]));
  return known.length === 0 ? null : known.join(", ");
}

function ApplicationTable({ envelope }: { envelope: Architecture }) {
  const view = useView();
  const { applications, summary } = envelope.data;
  const rows = [...applications].sort((a, b) => RANK.indexOf(worstOf(a)) - RANK.indexOf(worstOf(b)) || b.service_count - a.service_count);
  const owners = (one: Application) => one.owners.map((owner) => ownerText(owner.name) ?? owner.name).join(", ");
  return (
    <Panel title="Applications, worst health first" qualifier={rows.length < summary.applications ? `${count(rows.length)} of ${count(summary.applications)}` : count(summary.applications)} isFlush foot={<SourceLine evidence={architectureEvidence(envelope, "Applications", DEFINITION, "applications")} source="topology, telemetry · cost of 30 days, effective" />}>
      {rows.length === 0 ? (
        <Empty title="No application is known here.">Organisation data, labels, tags, namespaces or an entry point tell which services belong together.</Empty>
      ) : (
        <DataTable
          label="Applications, worst health first"
          rows={rows}
          rowKey={(row) => row.id}
          onOpen={(row) => view.set({ sel: row.id })}
          isTall={rows.length > 24}
          columns={[
            { key: "health", title: "Health", width: 96, sort: (row) => RANK.indexOf(worstOf(row)), cell: (row) => <span className="st"><Glyph word={worstOf(row)} />{worstOf(row)}</span>, hint: (row) => RANK.map((word) => `${row.health[word]} ${word}`).join(", ") },
            { key: "strip", title: "", width: 92, cell: (row) => <StatusStrip counts={row.health} width={76} /> },
            { key: "name", title: "Application", isName: true, sort: (row) => row.name, hint: (row) => `${row.name}, ${row.id}, ${RULES[row.rule] ?? row.rule}`, cell: (row) => <>{row.name} <span className="mut">{RULES[row.rule] ?? row.rule}</span></> },
            { key: "services", title: "Services", isNumber: true, width: 72, sort: (row) => row.service_count, cell: (row) => count(row.service_count) },
            { key: "entries", title: "Entries", isNumber: true, width: 64, sort: (row) => row.entry_points.length, cell: (row) => count(row.entry_points.length) },
            { key: "depth", title: "Waits deep", isNumber: true, width: 82, sort: (row) => row.synchronous_depth, cell: (row) => count(row.synchronous_depth) },
            { key: "stores", title: "Stores", isNumber: true, width: 60, sort: (row) => row.stores.length + row.queues.length, cell: (row) => count(row.stores.length + row.queues.length) },
            { key: "cycles", title: "Cycles", isNumber: true, width: 60, sort: (row) => row.cycles.length, cell: (row) => count(row.cycles.length) },
            { key: "zones", title: "Zones", isNumber: true, width: 72, sort: (row) => row.zones.length, cell: (row) => (row.zones.length === 0 ? <span className="mut">not known</span> : count(row.zones.length)) },
            { key: "cost", title: "Cost, 30 d", isNumber: true, width: 88, cell: (row) => costOf(row) ?? <span className="mut" title={row.cost_reason ?? undefined}>n/a</span> },
            { key: "owner", title: "Owners", width: 130, sort: (row) => owners(row) || null, hint: owners, cell: (row) => owners(row) || <span className="mut">no owner</span> },
          ]}
          phone={(row) => (
            <>
              <span className="st"><Glyph word={worstOf(row)} alone /><span className="font-medium">{row.name}</span></span>
              <span>{plural(row.service_count, "service")}</span>
              <span className="d">{plural(row.layers.length, "layer")}, {plural(row.stores.length + row.queues.length, "store")}, waits {count(row.synchronous_depth)} deep</span>
            </>
          )}
        />
      )}
    </Panel>
  );
}

function ServiceList({ envelope, title, ids, empty, definition }: { envelope: Architecture; title: string; ids: string[]; empty: string; definition: string }) {
  const view = useView();
  return (
    <Panel title={title} qualifier={count(ids.length)} isFlush foot={<SourceLine evidence={architectureEvidence(envelope, title, definition, "services")} source="topology, calls" />}>
      {ids.length === 0 ? (
        <Empty title={empty} />
      ) : (
        <DataTable
          label={title}
          rows={ids}
          rowKey={(row) => row}
          onOpen={(row) => view.go("/entity", { id: row })}
          isTall={ids.length > 10}
          columns={[
            { key: "name", title: "Service", isName: true, cell: (row) => ownerText(row) ?? row, hint: (row) => row },
            { key: "id", title: "Id", cell: (row) => <span className="mut">{row}</span>, hint: (row) => row },
          ]}
        />
      )}
    </Panel>
  );
}
