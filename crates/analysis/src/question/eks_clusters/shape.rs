//! The answer of `eks_clusters`.

use model::absence::Absence;
use model::measure::{Measure, Money};
use schemars::JsonSchema;
use serde::Serialize;

use crate::table::{AmiLag, Support, SupportStatus, TableUse};

/// Clusters with what is known of them.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct EksClustersAnswer {
    /// Totals over all clusters that match, also those that the limit cuts.
    pub summary: ClusterSummary,
    /// Clusters, worst health first, then by name and id.
    pub clusters: Vec<Cluster>,
    /// The dated tables that were used.
    pub tables: Vec<TableUse>,
}

/// Totals.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ClusterSummary {
    /// Clusters.
    pub clusters: u64,
    /// Those of EKS.
    pub eks: u64,
    /// EKS clusters by support status, in the order standard, extended, unsupported, unknown.
    pub by_support: Vec<SupportCount>,
    /// Nodes.
    pub nodes: u64,
    /// Pods, finished ones included.
    pub pods: u64,
    /// Workloads, topmost controllers only.
    pub workloads: u64,
}

/// How many clusters have one status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SupportCount {
    /// Status.
    pub status: SupportStatus,
    /// Clusters.
    pub count: u64,
}

/// One cluster.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Cluster {
    /// Canonical id: the ARN for EKS, else the id of what was exported from the cluster.
    pub id: String,
    /// Id under which the cluster's own objects are known, when that is another.
    pub kubernetes_id: Option<String>,
    /// How the two were found to be one cluster: `instances` or `name`.
    pub joined_by: Option<String>,
    /// Name.
    pub name: String,
    /// Whether it is one of EKS.
    pub is_eks: bool,
    /// Account.
    pub account: Option<String>,
    /// Region.
    pub region: Option<String>,
    /// Environment.
    pub environment: Option<String>,
    /// Canonical id of the owner.
    pub owner: Option<String>,
    /// Health and why.
    pub health: ClusterHealth,
    /// Version and settings of the control plane.
    pub control_plane: ControlPlane,
    /// Groups of compute, by kind and name.
    pub compute: Vec<ComputeGroup>,
    /// Nodes.
    pub nodes: NodeSummary,
    /// CPU and memory.
    pub resources: Vec<Resource>,
    /// Pods.
    pub pods: PodSummary,
    /// Topmost controllers by kind.
    pub workloads: Vec<NameCount>,
    /// Kubernetes Services by type.
    pub services: Vec<NameCount>,
    /// Namespaces.
    pub namespaces: u64,
    /// Add-ons, by name.
    pub addons: Vec<Addon>,
    /// What the cluster depends on outside itself, by kind and name; at most 100.
    pub depends_on: Vec<Dependency>,
    /// How many there are.
    pub depends_on_total: u64,
    /// Open findings about the cluster and what is in it, images of its workloads too, by severity, the
    /// worst first.
    pub findings: Vec<NameCount>,
    /// Cost of the newest month of charges.
    pub cost: ClusterCost,
    /// What an upgrade to the next minor version meets.
    pub readiness: Vec<ReadinessCheck>,
    /// Workloads that a check speaks of, by check, namespace and name; at most 500.
    pub workload_checks: Vec<WorkloadCheck>,
    /// How many there are.
    pub workload_checks_total: u64,
}

/// Health of a cluster.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct ClusterHealth {
    /// State.
    pub state: HealthState,
    /// Why, the worst first.
    pub reasons: Vec<String>,
}

/// State of a cluster, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HealthState {
    /// Somebody must act.
    Critical,
    /// Somebody should look.
    Warning,
    /// Not enough is known.
    Unknown,
    /// Nothing speaks against it.
    Healthy,
}

/// Control plane.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ControlPlane {
    /// Version of Kubernetes.
    pub version: Option<String>,
    /// Where the version is from: `control_plane`, or `kubelets` when only nodes are known.
    pub version_from: Option<String>,
    /// Support of that version on EKS at the instant asked about; null for other clusters.
    pub support: Option<Support>,
    /// Policy chosen for the end of standard support (`STANDARD` or `EXTENDED`); says nothing about
    /// the support that there is.
    pub upgrade_policy: Option<String>,
    /// Platform version of EKS.
    pub platform_version: Option<String>,
    /// Status as EKS says it.
    pub status: Option<String>,
    /// Endpoint of the API server.
    pub endpoint: Option<String>,
    /// Whether it is reached from the VPC.
    pub has_private_endpoint: Option<bool>,
    /// Whether it is reached from the internet.
    pub has_public_endpoint: Option<bool>,
    /// Ranges from which the public endpoint is reached; empty when that was not exported.
    pub public_cidrs: Vec<String>,
    /// Whether everybody on the internet reaches the endpoint.
    pub is_open_to_internet: Option<bool>,
    /// Kinds of log that are written.
    pub logging: Option<Vec<String>>,
    /// How callers are recognised (`API`, `CONFIG_MAP`, `API_AND_CONFIG_MAP`).
    pub authentication_mode: Option<String>,
    /// Whether Secrets are encrypted with a key of the account.
    pub has_secrets_encryption: Option<bool>,
    /// Key that Secrets are encrypted with.
    pub secrets_key: Option<String>,
    /// Issuer for roles of service accounts.
    pub oidc_issuer: Option<String>,
    /// Service accounts with a role (IRSA); null when no service account was exported.
    pub service_accounts_with_role: Option<u64>,
    /// Whether the agent of pod identities is installed; null when no add-on and no workload is known.
    pub has_pod_identity_agent: Option<bool>,
    /// Whether it is protected from deletion.
    pub has_deletion_protection: Option<bool>,
    /// Why fields are null: field and reason, in order of field.
    pub absent: Vec<Absent>,
}

/// Why a field has no value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Absent {
    /// Field.
    pub field: String,
    /// `not_collected` or `not_applicable`.
    pub reason: Absence,
}

/// One group of compute.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ComputeGroup {
    /// `managed`, `self_managed`, `karpenter`, `auto_mode`, `fargate`, `hybrid` or `other`.
    pub kind: String,
    /// Canonical id, when it is an entity.
    pub id: Option<String>,
    /// Name.
    pub name: String,
    /// `ON_DEMAND`, `SPOT`, `mixed`, …
    pub capacity_type: Option<String>,
    /// Fewest nodes.
    pub min: Option<u64>,
    /// Nodes wanted.
    pub desired: Option<u64>,
    /// Most nodes.
    pub max: Option<u64>,
    /// Instance types, in order.
    pub instance_types: Vec<String>,
    /// Type of machine image.
    pub ami_type: Option<String>,
    /// Release of the machine image.
    pub release_version: Option<String>,
    /// How far the image is behind.
    pub ami_lag: Option<AmiLag>,
    /// Why there is no lag.
    pub ami_lag_reason: Option<Absence>,
    /// More of that, for people.
    pub ami_lag_detail: Option<String>,
    /// Version of Kubernetes.
    pub version: Option<String>,
    /// Status as EKS says it.
    pub status: Option<String>,
    /// Problems that EKS names.
    pub issues: Vec<String>,
    /// Nodes that are there.
    pub nodes: u64,
}

/// Nodes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NodeSummary {
    /// All.
    pub total: u64,
    /// Those that are ready.
    pub ready: u64,
    /// Those that take no new pods.
    pub cordoned: u64,
    /// Those whose provider names no EC2 instance (Fargate, hybrid, other clouds).
    pub without_instance: u64,
    /// By zone; an empty name where it is not known.
    pub by_zone: Vec<NameCount>,
    /// By version of the kubelet.
    pub by_kubelet: Vec<NameCount>,
}

/// A name and how many.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct NameCount {
    /// Name.
    pub name: String,
    /// How many.
    pub count: u64,
}

/// CPU or memory.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Resource {
    /// `cpu` or `memory`.
    pub resource: String,
    /// What the nodes have.
    pub capacity: Measure,
    /// What pods may have of it.
    pub allocatable: Measure,
    /// What pods that are not finished ask for.
    pub requests: Measure,
    /// Most that they may use, of those that state it.
    pub limits: Measure,
    /// What is used, over the window.
    pub used: Measure,
    /// What `used` is summed over: `nodes` or `pods`.
    pub used_from: Option<String>,
    /// Pods that state no request.
    pub pods_without_request: u64,
}

/// Pods.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PodSummary {
    /// All, finished ones included.
    pub total: u64,
    /// By phase.
    pub by_phase: Vec<NameCount>,
    /// Why pods wait or ended badly, by reason.
    pub reasons: Vec<NameCount>,
    /// Restarts of all containers.
    pub restarts: u64,
    /// Pods that wait for a place or for their containers.
    pub pending: u64,
    /// Pods that find no node.
    pub unschedulable: u64,
    /// Running pods that are not ready.
    pub not_ready: u64,
}

/// One add-on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Addon {
    /// Canonical id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Version.
    pub version: Option<String>,
    /// Status.
    pub status: Option<String>,
    /// Problems that EKS names.
    pub issues: Vec<String>,
}

/// What the cluster depends on outside itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Dependency {
    /// Kind.
    pub kind: String,
    /// Name; null outside of what the viewer may see.
    pub name: Option<String>,
    /// Canonical id; null outside of what the viewer may see.
    pub id: Option<String>,
    /// Kinds of relation that lead there, in order.
    pub relations: Vec<String>,
    /// How many things of the cluster lead there.
    pub dependents: u64,
}

/// Cost.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ClusterCost {
    /// First day of the month.
    pub month: Option<jiff::civil::Date>,
    /// Whether charges of the month are still to come at the instant asked about.
    pub is_partial: bool,
    /// Effective cost of the control plane, by currency.
    pub control_plane: Vec<Money>,
    /// Effective cost of the instances of the nodes and of their volumes, by currency.
    pub nodes: Vec<Money>,
    /// Instances and volumes with a charge, of all that the nodes have.
    pub charged: u64,
    /// All that the nodes have.
    pub chargeable: u64,
    /// Why there is no figure.
    pub reason: Option<Absence>,
    /// More of that, for people.
    pub detail: Option<String>,
}

/// One check before an upgrade.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ReadinessCheck {
    /// `kubelet_skew`, `addon_compatibility`, `removed_apis`, `disruption_budgets`,
    /// `free_addresses` or `webhooks`.
    pub check: String,
    /// What it says.
    pub state: ReadinessState,
    /// For people.
    pub detail: String,
    /// What it speaks of, at most 50.
    pub subjects: Vec<String>,
    /// How many there are.
    pub subjects_total: u64,
}

/// What a check says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReadinessState {
    /// It blocks an upgrade.
    Blocked,
    /// It can hurt an upgrade.
    Warning,
    /// What it needs was not read.
    Unknown,
    /// Nothing is in the way.
    Ready,
}

/// One workload that a check speaks of.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct WorkloadCheck {
    /// `one_replica`, `no_readiness_probe`, `no_requests`, `no_spread`, `autoscaler_at_maximum`,
    /// `all_on_spot` or `mutable_tag`.
    pub check: String,
    /// Canonical id.
    pub id: String,
    /// Name.
    pub workload: String,
    /// Namespace.
    pub namespace: Option<String>,
    /// Canonical id of the owner.
    pub owner: Option<String>,
    /// What was seen.
    pub detail: String,
    /// Who dismissed it, when and why; null when nobody did.
    pub dismissed: Option<Dismissal>,
}

/// A check that somebody dismissed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Dismissal {
    /// Who.
    pub author: String,
    /// When.
    pub at: jiff::Timestamp,
    /// Why.
    pub reason: String,
}
