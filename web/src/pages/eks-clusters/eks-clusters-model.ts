// From the answer to what is read: support in words, readiness, shares of capacity.
import type { Cluster, EksClustersAnswer, NameCount, ReadinessCheck, Resource } from "../../api/eks-clusters";
import type { Envelope, Measure } from "../../api/types";
import { count, plural, ratio, withUnit, words } from "../../format/number";
import { evidenceOf } from "../../parts/answered";

export type Clusters = Envelope<EksClustersAnswer>;
export const clusterEvidence = evidenceOf<EksClustersAnswer>("eks-clusters");

export const DEFINITION = "Kubernetes clusters, of EKS and others, with what was exported from the account and from inside. Support comes from the version and a dated table at the instant asked about; the chosen upgrade policy is another thing and stands beside it.";

/** The worst first, as the status language has it. */
export const READINESS: Record<ReadinessCheck["state"], string> = { blocked: "critical", warning: "warning", unknown: "unknown", ready: "healthy" };

export const SUPPORT_GLYPH: Record<string, string> = { standard: "healthy", extended: "warning", unsupported: "critical", unknown: "unknown" };

export function versionText(cluster: Cluster): string {
  const { version, support, version_from: from } = cluster.control_plane;
  if (version === null) return "version not known";
  return [version, support ? `${support.status} support` : cluster.is_eks ? null : "not EKS", from === "kubelets" ? "by kubelets" : null].filter(Boolean).join(", ");
}

export function clustersSentence(envelope: Clusters): string {
  const { summary, clusters } = envelope.data;
  if (summary.clusters === 0) return "No cluster is known here.";
  const worst = clusters[0];
  const reason = worst && worst.health.state !== "healthy" ? `${worst.name}: ${worst.health.reasons[0] ?? worst.health.state}. ` : "";
  const late = summary.by_support.filter((one) => one.count > 0 && (one.status === "extended" || one.status === "unsupported"));
  const support = late.length > 0 ? ` ${late.map((one) => `${count(one.count)} ${one.status === "extended" ? "only under extended support" : "without support"}`).join(", ")}.` : "";
  return `${reason}${plural(summary.clusters, "cluster")}, ${plural(summary.nodes, "node")}, ${plural(summary.pods, "pod")}.${support}`;
}

export function shareOf(part: Measure, whole: Measure): number | null {
  return part.value === null || whole.value === null || whole.value <= 0 ? null : part.value / whole.value;
}

export const resourceOf = (cluster: Cluster, name: string): Resource | undefined => cluster.resources.find((one) => one.resource === name);

/** Amounts of a resource: cores and bytes. */
export function amountText(of: Measure): string {
  return of.value === null ? words(of.detail ?? of.reason ?? "no data") : withUnit(Number(of.value.toPrecision(4)), of.unit);
}

export function partText(part: Measure, whole: Measure): string {
  const share = shareOf(part, whole);
  return share === null ? amountText(part) : `${amountText(part)}, ${ratio(share, 0)}`;
}

export const listText = (rows: NameCount[], none = "none"): string => (rows.length === 0 ? none : rows.map((one) => `${one.name || "not known"} ${count(one.count)}`).join(", "));

export const CHECKS: Record<string, string> = {
  kubelet_skew: "Kubelet skew", addon_compatibility: "Add-on compatibility", removed_apis: "APIs removed in the next version", disruption_budgets: "Disruption budgets", free_addresses: "Free addresses in subnets", webhooks: "Webhooks that fail closed",
  one_replica: "one replica", no_readiness_probe: "no readiness probe", no_requests: "no requests", no_spread: "no spread", autoscaler_at_maximum: "autoscaler at its maximum", all_on_spot: "all on Spot", mutable_tag: "image by a mutable tag",
};
