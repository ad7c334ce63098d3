// The answer of eks_clusters: `data` of its envelope.
import type { Measure, Money } from "./types";

export interface TableUse {
  name: string;
  rows: number;
  checked: string | null;
  is_replaced: boolean;
}

export type SupportStatus = "standard" | "extended" | "unsupported" | "unknown";

export interface Support {
  status: SupportStatus;
  standard_support_end: string | null;
  extended_support_end: string | null;
  source: string | null;
  checked: string | null;
  reason: string | null;
}

export interface AmiLag {
  releases: number;
  days: number;
  newest: string;
}

export interface EksClustersAnswer {
  summary: ClusterSummary;
  clusters: Cluster[];
  tables: TableUse[];
}

export interface ClusterSummary {
  clusters: number;
  eks: number;
  by_support: SupportCount[];
  nodes: number;
  pods: number;
  workloads: number;
}

export interface SupportCount {
  status: SupportStatus;
  count: number;
}

export interface Cluster {
  id: string;
  kubernetes_id: string | null;
  joined_by: string | null;
  name: string;
  is_eks: boolean;
  account: string | null;
  region: string | null;
  environment: string | null;
  owner: string | null;
  health: ClusterHealth;
  control_plane: ControlPlane;
  compute: ComputeGroup[];
  nodes: NodeSummary;
  resources: Resource[];
  pods: PodSummary;
  workloads: NameCount[];
  services: NameCount[];
  namespaces: number;
  addons: Addon[];
  depends_on: Dependency[];
  depends_on_total: number;
  findings: NameCount[];
  cost: ClusterCost;
  readiness: ReadinessCheck[];
  workload_checks: WorkloadCheck[];
  workload_checks_total: number;
}

export interface ClusterHealth {
  state: HealthState;
  reasons: string[];
}

export type HealthState = "critical" | "warning" | "unknown" | "healthy";

export interface ControlPlane {
  version: string | null;
  version_from: string | null;
  support: Support | null;
  upgrade_policy: string | null;
  platform_version: string | null;
  status: string | null;
  endpoint: string | null;
  has_private_endpoint: boolean | null;
  has_public_endpoint: boolean | null;
  public_cidrs: string[];
  is_open_to_internet: boolean | null;
  logging: string[] | null;
  authentication_mode: string | null;
  has_secrets_encryption: boolean | null;
  secrets_key: string | null;
  oidc_issuer: string | null;
  service_accounts_with_role: number | null;
  has_pod_identity_agent: boolean | null;
  has_deletion_protection: boolean | null;
  absent: Absent[];
}

export interface Absent {
  field: string;
  reason: string;
}

export interface ComputeGroup {
  kind: string;
  id: string | null;
  name: string;
  capacity_type: string | null;
  min: number | null;
  desired: number | null;
  max: number | null;
  instance_types: string[];
  ami_type: string | null;
  release_version: string | null;
  ami_lag: AmiLag | null;
  ami_lag_reason: string | null;
  ami_lag_detail?: string | null;
  version: string | null;
  status: string | null;
  issues: string[];
  nodes: number;
}

export interface NodeSummary {
  total: number;
  ready: number;
  cordoned: number;
  without_instance: number;
  by_zone: NameCount[];
  by_kubelet: NameCount[];
}

export interface NameCount {
  name: string;
  count: number;
}

export interface Resource {
  resource: string;
  capacity: Measure;
  allocatable: Measure;
  requests: Measure;
  limits: Measure;
  used: Measure;
  used_from: string | null;
  pods_without_request: number;
}

export interface PodSummary {
  total: number;
  by_phase: NameCount[];
  reasons: NameCount[];
  restarts: number;
  pending: number;
  unschedulable: number;
  not_ready: number;
}

export interface Addon {
  id: string;
  name: string;
  version: string | null;
  status: string | null;
  issues: string[];
}

export interface Dependency {
  kind: string;
  name: string | null;
  id: string | null;
  relations: string[];
  dependents: number;
}

export interface ClusterCost {
  month: string | null;
  is_partial: boolean;
  control_plane: Money[];
  nodes: Money[];
  charged: number;
  chargeable: number;
  reason: string | null;
  detail?: string | null;
}

export interface ReadinessCheck {
  check: string;
  state: ReadinessState;
  detail: string;
  subjects: string[];
  subjects_total: number;
}

export type ReadinessState = "blocked" | "warning" | "unknown" | "ready";

export interface WorkloadCheck {
  check: string;
  id: string;
  workload: string;
  namespace: string | null;
  owner: string | null;
  detail: string;
  dismissed: Dismissal | null;
}

export interface Dismissal {
  author: string;
  at: string;
  reason: string;
}
