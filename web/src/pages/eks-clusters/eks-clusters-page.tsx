// Clusters: the list, worst health first; one opens as a page of its own under the same address.
import type { Cluster, EksClustersAnswer } from "../../api/eks-clusters";
import { useAnswer } from "../../api/queries";
import { CellBar } from "../../charts/small";
import { count, money, plural, ratio } from "../../format/number";
import { Answered } from "../../parts/answered";
import { DataTable } from "../../parts/data-table";
import { ownerText } from "../../parts/entity-name";
import { Figure } from "../../parts/figure";
import { Panel } from "../../parts/panel";
import { SourceLine } from "../../parts/source-line";
import { Empty } from "../../parts/states";
import { Glyph, Status } from "../../parts/status";
import { useKeys } from "../../state/keys";
import { useContextParams, useView } from "../../state/view";
import { clusterEvidence, clustersSentence, DEFINITION, resourceOf, shareOf, SUPPORT_GLYPH, versionText, type Clusters } from "./eks-clusters-model";
import { ClusterView } from "./cluster-view";

export function EksClustersPage() {
  const view = useView();
  const context = useContextParams();
  const query = useAnswer<EksClustersAnswer>("eks-clusters", { ...context, window: view.get("window"), support: view.all("support"), limit: 1_000 });
  const selected = view.get("sel");
  useKeys({ Escape: () => view.set({ sel: undefined }) });
  const chosen = query.data?.data.clusters.find((one) => one.id === selected || one.kubernetes_id === selected);
  return (
    <Answered
      title={chosen ? <span className="inline-flex items-center gap-2 flex-wrap">{chosen.name}<span className="text-13 font-normal"><Status word={chosen.health.state} /></span><span className="tag">{versionText(chosen)}</span></span> : "Clusters"}
      query={query}
      what="clusters"
      sentence={(envelope) => (chosen ? chosen.health.reasons.slice(0, 2).join("; ") || "Nothing speaks against it." : clustersSentence(envelope))}
      actions={
        chosen && (
          <>
            <button type="button" className="btn" onClick={() => view.set({ sel: undefined })}>All clusters</button>
            <button type="button" className="btn" onClick={() => view.go("/entity", { id: chosen.id })}>Its entity</button>
            <button type="button" className="btn" onClick={() => view.go("/what-if", { select: [chosen.id] })}>What if it fails</button>
          </>
        )
      }
    >
      {(envelope) => (chosen ? <ClusterView envelope={envelope} cluster={chosen} /> : (
        <>
          <Totals envelope={envelope} />
          <div className="mt-3"><ClusterTable envelope={envelope} /></div>
        </>
      ))}
    </Answered>
  );
}

function Totals({ envelope }: { envelope: Clusters }) {
  const view = useView();
  const { summary } = envelope.data;
  const chosen = view.all("support");
  const plain: [string, number, string][] = [["Clusters", summary.clusters, `${count(summary.eks)} of EKS`], ["Nodes", summary.nodes, `${plural(summary.workloads, "workload")}`], ["Pods", summary.pods, "finished ones included"]];
  return (
    <dl className="strip">
      {plain.map(([title, value, aside]) => (
        <div key={title}>
          <dt>{title}</dt>
          <dd className="f"><Figure of={{ value, unit: "count" }} evidence={clusterEvidence(envelope, title, DEFINITION, "clusters")} /></dd>
          <dd className="s">{aside}</dd>
        </div>
      ))}
      {summary.by_support.map((one) => (
        <div key={one.status}>
          <dt className="flex items-center gap-1.5">{one.count > 0 && <Glyph word={SUPPORT_GLYPH[one.status] ?? "unknown"} />} {one.status} support</dt>
          <dd className="f"><Figure of={{ value: one.count, unit: "count" }} evidence={clusterEvidence(envelope, `${one.status} support`, DEFINITION, "clusters")} /></dd>
          <dd className="s"><button type="button" className="link" aria-pressed={chosen.includes(one.status)} onClick={() => view.set({ support: chosen.includes(one.status) ? undefined : [one.status] })}>{chosen.includes(one.status) ? "show all" : "only these"}</button></dd>
        </div>
      ))}
    </dl>
  );
}

/** Nodes and control plane together, per currency. */
export function costText(cluster: Cluster): string | null {
  const by = new Map<string, number>();
  for (const one of [...cluster.cost.control_plane, ...cluster.cost.nodes]) if (one.amount !== null) by.set(one.currency, (by.get(one.currency) ?? 0) + Number(one.amount));
  return by.size === 0 ? null : [...by].map(([currency, amount]) => money(amount, currency)).join(", ");
}

function Share({ cluster, resource, part }: { cluster: Cluster; resource: string; part: "requests" | "used" }) {
  const found = resourceOf(cluster, resource);
  const share = found ? shareOf(found[part], found.allocatable) : null;
  return share === null ? <span className="mut">no data</span> : <><CellBar value={share} of={1} width={26} /> {ratio(share, 0)}</>;
}

function ClusterTable({ envelope }: { envelope: Clusters }) {
  const view = useView();
  const { clusters, summary } = envelope.data;
  const share = (row: Cluster, resource: string, part: "requests" | "used") => { const found = resourceOf(row, resource); return found ? shareOf(found[part], found.allocatable) : null; };
  const column = (key: string, title: string, resource: string, part: "requests" | "used") => ({ key, title, isNumber: true, width: 88, sort: (row: Cluster) => share(row, resource, part), cell: (row: Cluster) => <Share cluster={row} resource={resource} part={part} /> });
  const blocked = (row: Cluster) => row.readiness.filter((one) => one.state === "blocked" || one.state === "warning").length;
  return (
    <Panel title="Clusters, worst health first" qualifier={clusters.length < summary.clusters ? `${count(clusters.length)} of ${count(summary.clusters)}` : count(summary.clusters)} isFlush foot={<SourceLine evidence={clusterEvidence(envelope, "Clusters", DEFINITION, "clusters")} source="requests and use are of what pods may have" coverage={Object.keys(envelope.coverage)[0]} />}>
      {clusters.length === 0 ? (
        <Empty title="No cluster is known here.">ubiquitous ingest --cluster NAME DUMP/ reads one from inside; aws eks describe-cluster tells of it from outside.</Empty>
      ) : (
        <DataTable
          label="Clusters, worst health first"
          rows={clusters}
          rowKey={(row) => row.id}
          onOpen={(row) => view.set({ sel: row.id })}
          isTall={clusters.length > 24}
          columns={[
            { key: "health", title: "Health", width: 92, cell: (row) => <Status word={row.health.state} />, hint: (row) => row.health.reasons.join("; ") },
            { key: "name", title: "Cluster", isName: true, width: 176, sort: (row) => row.name, hint: (row) => `${row.name}, ${row.id}`, cell: (row) => <>{row.name} <span className="mut">{row.is_eks ? "EKS" : "not EKS"}</span></> },
            { key: "version", title: "Version", width: 128, sort: (row) => row.control_plane.version, hint: versionText, cell: (row) => <span className="st max-w-full"><Glyph word={SUPPORT_GLYPH[row.control_plane.support?.status ?? "unknown"] ?? "unknown"} />{row.control_plane.version ?? "not known"} <span className="mut">{row.control_plane.support?.status ?? (row.is_eks ? "" : "no table")}</span></span> },
            { key: "reason", title: "Reason", hint: (row) => row.health.reasons.join("; "), cell: (row) => row.health.reasons[0] ?? <span className="mut">nothing against it</span> },
            { key: "nodes", title: "Nodes", isNumber: true, width: 64, sort: (row) => row.nodes.total, cell: (row) => count(row.nodes.total) },
            column("cpu", "CPU req.", "cpu", "requests"),
            column("cpuused", "CPU used", "cpu", "used"),
            column("mem", "Mem. req.", "memory", "requests"),
            column("memused", "Mem. used", "memory", "used"),
            { key: "ready", title: "Before upgrade", isNumber: true, width: 98, sort: blocked, cell: (row) => (blocked(row) === 0 ? <span className="mut">0</span> : `${count(blocked(row))} open`) },
            { key: "cost", title: "Cost / mo", isNumber: true, width: 86, cell: (row) => costText(row) ?? <span className="mut" title={row.cost.detail ?? undefined}>n/a</span> },
            { key: "owner", title: "Owner", width: 92, sort: (row) => ownerText(row.owner), cell: (row) => ownerText(row.owner) ?? <span className="mut">no owner</span> },
          ]}
          phone={(row) => (
            <>
              <span className="st"><Glyph word={row.health.state} alone /><span className="font-medium">{row.name}</span></span>
              <span>{row.control_plane.version ?? "no version"}</span>
              <span className="d">{row.health.reasons[0] ?? "nothing against it"} · {plural(row.nodes.total, "node")}</span>
            </>
          )}
        />
      )}
    </Panel>
  );
}
