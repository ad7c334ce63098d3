// One cluster: capacity against requests against use, nodes, pods, what an upgrade meets, what its
// workloads lack, what it depends on, what it costs.
import type { Cluster, ReadinessCheck } from "../../api/eks-clusters";
import { ResourceBars } from "../../charts/resource-bars";
import { CellBar } from "../../charts/small";
import { count, money, plural, titled, words } from "../../format/number";
import { month } from "../../format/time";
import { Facts } from "../../parts/detail";
import { DataTable } from "../../parts/data-table";
import { EntityName } from "../../parts/entity-name";
import { Panel } from "../../parts/panel";
import { SourceLine } from "../../parts/source-line";
import { Empty, sentence } from "../../parts/states";
import { Glyph } from "../../parts/status";
import { amountText, CHECKS, clusterEvidence, DEFINITION, listText, partText, READINESS, SUPPORT_GLYPH, type Clusters } from "./eks-clusters-model";
import { WorkloadChecks } from "./workload-checks";

interface Of {
  envelope: Clusters;
  cluster: Cluster;
}

export function ClusterView({ envelope, cluster }: Of) {
  return (
    <div className="grid-12 cols-wide">
      <div className="grid gap-3 min-w-0">
        <CapacityPanel envelope={envelope} cluster={cluster} />
        <ReadinessPanel envelope={envelope} cluster={cluster} />
        <WorkloadChecks envelope={envelope} cluster={cluster} />
        <ComputePanel envelope={envelope} cluster={cluster} />
        <DependsPanel envelope={envelope} cluster={cluster} />
      </div>
      <div className="grid gap-3 min-w-0">
        <HealthPanel envelope={envelope} cluster={cluster} />
        <PodsPanel envelope={envelope} cluster={cluster} />
        <ControlPlanePanel envelope={envelope} cluster={cluster} />
        <AddonsPanel envelope={envelope} cluster={cluster} />
        <CostPanel envelope={envelope} cluster={cluster} />
      </div>
    </div>
  );
}

function CapacityPanel({ envelope, cluster }: Of) {
  const definition = "Capacity is what the nodes have, allocatable what pods may have of it. Requests are of pods that are not finished. Use is measured over the window, summed over nodes or pods.";
  const none = cluster.resources.length === 0;
  const without = Math.max(0, ...cluster.resources.map((one) => one.pods_without_request));
  return (
    <Panel title="Capacity, requests, use" qualifier={`${plural(cluster.nodes.total, "node")}, ${count(cluster.nodes.ready)} ready`} foot={<SourceLine evidence={clusterEvidence(envelope, `Capacity of ${cluster.name}`, definition, "resources")} source={`use over ${cluster.resources.map((one) => one.used_from).find(Boolean) ?? "nothing measured"}${without > 0 ? ` · ${plural(without, "pod")} without a request` : ""}`} />}>
      {none ? (
        <p className="sub py-1">Nothing was exported from inside the cluster, so its nodes are not known.</p>
      ) : (
        <div className="grid cols-2 gap-x-6">
          {cluster.resources.map((one) => (
            <ResourceBars
              key={one.resource}
              title={one.resource === "cpu" ? "CPU" : titled(one.resource)}
              label={`${one.resource} of ${cluster.name}`}
              bars={[
                { label: "allocatable", value: one.allocatable.value, text: partText(one.allocatable, one.capacity).replace(/, (\d)/, ", $1"), className: "bar-track" },
                { label: "requests", value: one.requests.value, text: partText(one.requests, one.allocatable), className: "bar-2" },
                { label: "used", value: one.used.value, text: partText(one.used, one.allocatable), className: "fillbar" },
                { label: "limits", value: one.limits.value, text: one.limits.value === null ? amountText(one.limits) : partText(one.limits, one.allocatable), className: "bar-3" },
              ]}
            />
          ))}
        </div>
      )}
      <Facts rows={[["Nodes by zone", listText(cluster.nodes.by_zone.map((one) => ({ ...one, name: one.name || "zone not known" })))], ["By kubelet", listText(cluster.nodes.by_kubelet)], ["Take no new pods", count(cluster.nodes.cordoned)], ["Not on an EC2 instance", count(cluster.nodes.without_instance)]]} />
    </Panel>
  );
}

const RANK: ReadinessCheck["state"][] = ["blocked", "warning", "unknown", "ready"];
const STATE_WORD: Record<ReadinessCheck["state"], string> = { blocked: "blocks it", warning: "can hurt it", unknown: "not read", ready: "in order" };

function ReadinessPanel({ envelope, cluster }: Of) {
  const rows = [...cluster.readiness].sort((a, b) => RANK.indexOf(a.state) - RANK.indexOf(b.state));
  const open = rows.filter((row) => row.state === "blocked" || row.state === "warning").length;
  const definition = "What an upgrade to the next minor version meets: kubelets more than three minors behind, add-ons, objects of APIs that are removed, budgets that allow no eviction, free addresses, webhooks that fail closed.";
  return (
    <Panel title="Before the next version" qualifier={`${count(open)} of ${count(rows.length)} open`} isFlush foot={<SourceLine evidence={clusterEvidence(envelope, "Upgrade readiness", definition, "readiness")} source="topology and dated tables" />}>
      {rows.length === 0 ? (
        <Empty title="Nothing that these checks need was read." />
      ) : (
        <DataTable
          label="Before the next version"
          rows={rows}
          rowKey={(row) => row.check}
          columns={[
            { key: "state", title: "State", width: 108, cell: (row) => <span className="st"><Glyph word={READINESS[row.state]} />{STATE_WORD[row.state]}</span> },
            { key: "check", title: "Check", isName: true, width: 210, cell: (row) => CHECKS[row.check] ?? titled(words(row.check)) },
            { key: "detail", title: "What it says", cell: (row) => row.detail, hint: (row) => row.detail },
            { key: "subjects", title: "Concerns", isNumber: true, width: 82, cell: (row) => <span title={row.subjects.slice(0, 20).join(", ")}>{count(row.subjects_total)}</span> },
          ]}
          phone={(row) => (
            <>
              <span className="st"><Glyph word={READINESS[row.state]} alone /><span className="font-medium">{CHECKS[row.check] ?? words(row.check)}</span></span>
              <span className="mut">{STATE_WORD[row.state]}</span>
              <span className="d">{row.detail}</span>
            </>
          )}
        />
      )}
    </Panel>
  );
}

function HealthPanel({ envelope, cluster }: Of) {
  return (
    <Panel title="Health" qualifier={<span className="st"><Glyph word={cluster.health.state} />{cluster.health.state}</span>} foot={<SourceLine evidence={clusterEvidence(envelope, `Health of ${cluster.name}`, DEFINITION, "clusters")} source="worst reason first" />}>
      {cluster.health.reasons.length === 0 ? <p className="sub py-1">Nothing speaks against it.</p> : <ul className="sub">{cluster.health.reasons.map((reason) => <li key={reason} className="py-0.5">{sentence(reason)}</li>)}</ul>}
    </Panel>
  );
}

function PodsPanel({ envelope, cluster }: Of) {
  const { pods } = cluster;
  return (
    <Panel title="Pods and workloads" qualifier={plural(pods.total, "pod")} foot={<SourceLine evidence={clusterEvidence(envelope, `Pods of ${cluster.name}`, DEFINITION, "clusters")} source="topology" />}>
      <Facts
        rows={[
          ["By phase", listText(pods.by_phase)],
          ["Why they wait or ended badly", listText(pods.reasons)],
          ["Find no node", count(pods.unschedulable)],
          ["Wait", count(pods.pending)],
          ["Run, not ready", count(pods.not_ready)],
          ["Restarts", count(pods.restarts)],
          ["Workloads", listText(cluster.workloads)],
          ["Services", listText(cluster.services)],
          ["Namespaces", count(cluster.namespaces)],
          ["Open findings", listText(cluster.findings)],
        ]}
      />
    </Panel>
  );
}

function ControlPlanePanel({ envelope, cluster }: Of) {
  const plane = cluster.control_plane;
  const reason = (field: string) => words(plane.absent.find((one) => one.field === field)?.reason ?? "not known");
  const said = (field: keyof typeof plane, value: string | null) => value ?? <span className="mut">{reason(field)}</span>;
  const flag = (field: keyof typeof plane) => { const value = plane[field]; return typeof value === "boolean" ? (value ? "yes" : "no") : <span className="mut">{reason(field)}</span>; };
  const { support } = plane;
  return (
    <Panel title="Control plane" qualifier={plane.version ? `version ${plane.version}` : undefined} foot={<SourceLine evidence={clusterEvidence(envelope, `Control plane of ${cluster.name}`, DEFINITION, "clusters")} source={support?.checked ? `support table checked ${support.checked}` : "topology"} />}>
      <Facts
        rows={[
          ["Support", support ? <span className="st"><Glyph word={SUPPORT_GLYPH[support.status] ?? "unknown"} />{support.status}</span> : <span className="mut">not applicable</span>],
          ...(support?.standard_support_end ? [["Standard support ends", support.standard_support_end] as [string, string]] : []),
          ...(support?.extended_support_end ? [["Extended support ends", support.extended_support_end] as [string, string]] : []),
          ["Chosen policy", said("upgrade_policy", plane.upgrade_policy)],
          ["Platform version", said("platform_version", plane.platform_version)],
          ["Public endpoint", plane.is_open_to_internet ? "open to everybody" : flag("has_public_endpoint")],
          ["Private endpoint", flag("has_private_endpoint")],
          ["Logs written", plane.logging === null ? <span className="mut">{reason("logging")}</span> : plane.logging.join(", ") || "none"],
          ["Authentication", said("authentication_mode", plane.authentication_mode)],
          ["Secrets encrypted with a key", flag("has_secrets_encryption")],
          ["Pod identity agent", flag("has_pod_identity_agent")],
          ["Service accounts with a role", plane.service_accounts_with_role === null ? <span className="mut">{reason("service_accounts_with_role")}</span> : count(plane.service_accounts_with_role)],
          ["Protected from deletion", flag("has_deletion_protection")],
        ]}
      />
    </Panel>
  );
}

function ComputePanel({ envelope, cluster }: Of) {
  const rows = cluster.compute;
  const most = Math.max(1, ...rows.map((row) => row.max ?? row.nodes));
  return (
    <Panel title="Compute" qualifier={plural(rows.length, "group")} isFlush foot={<SourceLine evidence={clusterEvidence(envelope, `Compute of ${cluster.name}`, "Managed and self-managed node groups, Karpenter pools, Auto Mode, Fargate profiles and hybrid nodes. Lag counts releases of the machine image after the one in use, by the dated table.", "compute")} source="account and cluster exports" />}>
      {rows.length === 0 ? (
        <Empty title="No group of compute is known." />
      ) : (
        <DataTable
          label="Compute"
          rows={rows}
          rowKey={(row) => `${row.kind} ${row.name}`}
          isTall={rows.length > 12}
          columns={[
            { key: "name", title: "Group", isName: true, cell: (row) => <>{row.id ? <EntityName id={row.id} name={row.name} /> : row.name} <span className="mut">{words(row.kind)}</span></>, hint: (row) => row.id ?? row.name },
            { key: "capacity", title: "Capacity", width: 96, cell: (row) => (row.capacity_type ? words(row.capacity_type.toLowerCase()) : <span className="mut">not known</span>) },
            { key: "types", title: "Instance types", width: 150, cell: (row) => row.instance_types.join(", ") || <span className="mut">not known</span>, hint: (row) => row.instance_types.join(", ") || undefined },
            { key: "size", title: "Min, wanted, max", isNumber: true, width: 112, cell: (row) => [row.min, row.desired, row.max].map((one) => (one === null ? "–" : count(one))).join(", ") },
            { key: "bar", title: "", width: 60, cell: (row) => <CellBar value={row.nodes} of={most} width={44} /> },
            { key: "nodes", title: "Nodes", isNumber: true, width: 60, cell: (row) => count(row.nodes), sort: (row) => row.nodes },
            { key: "lag", title: "Image behind", isNumber: true, width: 104, sort: (row) => row.ami_lag?.days ?? null, cell: (row) => (row.ami_lag ? (row.ami_lag.releases === 0 ? "newest" : <span title={`newest ${row.ami_lag.newest}, ${plural(row.ami_lag.days, "day")} after it`}>{plural(row.ami_lag.releases, "release")}</span>) : <span className="mut" title={row.ami_lag_detail ? words(row.ami_lag_detail) : undefined}>not known</span>) },
            { key: "issues", title: "Issues", width: 120, cell: (row) => row.issues.join(", ") || <span className="mut">none</span>, hint: (row) => row.issues.join(", ") || undefined },
          ]}
          phone={(row) => (
            <>
              <span className="font-medium">{row.name}</span>
              <span>{plural(row.nodes, "node")}</span>
              <span className="d">{words(row.kind)}, {row.instance_types.join(", ") || "types not known"}{row.issues.length > 0 ? `, ${row.issues.join(", ")}` : ""}</span>
            </>
          )}
        />
      )}
    </Panel>
  );
}

function AddonsPanel({ envelope, cluster }: Of) {
  return (
    <Panel title="Add-ons" qualifier={count(cluster.addons.length)} isFlush foot={<SourceLine evidence={clusterEvidence(envelope, `Add-ons of ${cluster.name}`, DEFINITION, "addons")} source="account export" />}>
      {cluster.addons.length === 0 ? (
        <Empty title="None is known." />
      ) : (
        <DataTable
          label="Add-ons"
          rows={cluster.addons}
          rowKey={(row) => row.id}
          isTall={cluster.addons.length > 10}
          columns={[
            { key: "name", title: "Add-on", isName: true, cell: (row) => row.name, hint: (row) => row.id },
            { key: "version", title: "Version", width: 140, cell: (row) => row.version ?? <span className="mut">not known</span>, hint: (row) => row.version ?? undefined },
            { key: "status", title: "Status", width: 80, cell: (row) => (row.issues.length > 0 ? row.issues.join(", ") : (row.status?.toLowerCase() ?? "not known")), hint: (row) => row.issues.join(", ") || undefined },
          ]}
        />
      )}
    </Panel>
  );
}

function DependsPanel({ envelope, cluster }: Of) {
  const rows = cluster.depends_on;
  return (
    <Panel title="What it depends on outside itself" qualifier={rows.length < cluster.depends_on_total ? `${count(rows.length)} of ${count(cluster.depends_on_total)}` : count(cluster.depends_on_total)} isFlush foot={<SourceLine evidence={clusterEvidence(envelope, `What ${cluster.name} depends on`, DEFINITION, "depends_on")} source="topology" />}>
      {rows.length === 0 ? (
        <Empty title="Nothing outside itself is known." />
      ) : (
        <DataTable
          label="What it depends on outside itself"
          rows={rows}
          rowKey={(row) => `${row.kind} ${row.id ?? row.name ?? "outside"}`}
          isTall={rows.length > 12}
          columns={[
            { key: "name", title: "Thing", isName: true, cell: (row) => <EntityName id={row.id} name={row.name ?? "outside your scope"} kind={row.kind} />, sort: (row) => row.name, hint: (row) => row.id ?? undefined },
            { key: "relations", title: "By", width: 180, cell: (row) => row.relations.map(words).join(", "), hint: (row) => row.relations.map(words).join(", ") },
            { key: "dependents", title: "Needed by", isNumber: true, width: 88, sort: (row) => row.dependents, cell: (row) => count(row.dependents) },
          ]}
        />
      )}
    </Panel>
  );
}

function CostPanel({ envelope, cluster }: Of) {
  const { cost } = cluster;
  const rows: [string, string][] = [...cost.control_plane.map((one): [string, string] => ["Control plane", one.amount === null ? "no data" : money(one.amount, one.currency)]), ...cost.nodes.map((one): [string, string] => ["Nodes and their volumes", one.amount === null ? "no data" : money(one.amount, one.currency)])];
  return (
    <Panel title="Cost" qualifier={cost.month ? `${month(cost.month)}${cost.is_partial ? ", still to come" : ""}` : undefined} foot={<SourceLine evidence={clusterEvidence(envelope, `Cost of ${cluster.name}`, "Effective cost of the newest month of charges: the control plane, and the instances and volumes of its nodes.", "cost")} text={cost.chargeable > 0 ? `effective · ${count(cost.charged)} of ${count(cost.chargeable)} resources charged` : "effective"} />}>
      {rows.length === 0 ? <p className="sub py-1">{sentence(words(cost.detail ?? "no charge names it"))}</p> : <Facts rows={rows} />}
    </Panel>
  );
}
