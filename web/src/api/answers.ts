// The answers of the three questions: `data` of their envelopes.
import type { CostDays } from "./cost-views";
import type { EntityFact, Measure, Money, RelationFact, Scope } from "./types";

export interface KindCount {
  kind: string;
  count: number;
}

export interface TopologyGroup {
  group: string;
  name: string;
  count: number;
  kinds: KindCount[];
}

export interface GroupRelation {
  from: string;
  kind: string;
  to: string;
  count: number;
}

export interface EntityChange {
  id: string;
  kind: string;
  name: string;
  change: "added" | "removed" | "recreated" | "changed";
  fields: [string, unknown, unknown][];
}

export interface TopologyChanges {
  before: string;
  after: string;
  totals: { change: string; count: number }[];
  entities: EntityChange[];
  relations_added: RelationFact[];
  relations_removed: RelationFact[];
}

export interface LayoutNode {
  id: string;
  x: number;
  y: number;
}

export interface Layout {
  nodes: LayoutNode[];
  layers: string[];
  height: number;
}

export interface TopologyAnswer {
  summary: { entities: number; relations: number; open_references: number; held: number };
  kinds: KindCount[];
  controllers: { controller: string; count: number }[];
  relation_kinds: { relation: string; count: number }[];
  entities: EntityFact[];
  relations: RelationFact[];
  aggregated_by: string | null;
  groups: TopologyGroup[];
  group_relations: GroupRelation[];
  changes: TopologyChanges | null;
  layout: Layout | null;
}

export type HealthStatus = "critical" | "warning" | "unknown" | "healthy";

export interface StatusCounts {
  total: number;
  critical: number;
  warning: number;
  unknown: number;
  healthy: number;
}

export interface CheckResult {
  check: string;
  title: string;
  status: HealthStatus | null;
  reason: string;
  value: Measure;
  limit: number | null;
  signals: string[];
  metrics: string[];
  source: string | null;
  other_sources: string[];
  newest: string | null;
  reported: { quantile: number; min: number; median: number; max: number; series: number; basis: string }[];
  bound: { low: number; high: number } | null;
}

export interface EntityHealth {
  id: string;
  kind: string;
  name: string;
  scope: Scope;
  owner: string | null;
  application: string | null;
  status: HealthStatus;
  reason: string;
  checks: CheckResult[];
  newest: string | null;
}

export interface ThresholdRow {
  check: string;
  title: string;
  definition: string;
  unit: string;
  warning: number | null;
  critical: number | null;
  is_floor: boolean;
}

export interface ChartPoint {
  at: string;
  value: number;
  min: number | null;
  max: number | null;
}

export interface ChartSeries {
  entity: string;
  signal: string | null;
  metric: string;
  labels: Record<string, string>;
  unit: string;
  source: string;
  step_seconds: number;
  points: ChartPoint[];
}

export interface SystemMetricsAnswer {
  counts: StatusCounts;
  by_scope: { dimension: string; value: string; counts: StatusCounts }[];
  entities: EntityHealth[];
  thresholds: ThresholdRow[];
  sources: { source: string; entities: number; series: number; newest: string; age_seconds: number }[];
  series: ChartSeries[] | null;
}

export interface Costs {
  billed: Money;
  effective: Money;
  list: Money;
  contracted: Money;
}

export interface CostGroup {
  values: (string | null)[];
  others: number;
  rows: number;
  costs: Costs;
  share: number | null;
}

export interface CostPoint {
  at: string;
  until: string;
  is_complete: boolean;
  is_provisional: boolean;
  costs: Costs;
  groups: (string | null)[];
}

export interface Mover {
  values: (string | null)[];
  others: number;
  before: string | null;
  after: string | null;
  change: string;
  change_ratio: number | null;
}

export interface Movers {
  before: string;
  after: string;
  amount_before: string;
  amount_after: string;
  change: string;
  movers: Mover[];
}

export interface Unattributed {
  unowned: Costs;
  unowned_share: number | null;
  without_application: Costs;
  without_application_share: number | null;
  untagged: { tag: string; costs: Costs; share: number | null }[];
}

export interface CurrencyCost {
  currency: string;
  rows: number;
  total: Costs;
  categories: { category: string; costs: Costs }[];
  groups: CostGroup[];
  over_time: CostPoint[];
  movers: Movers | null;
  unattributed: Unattributed;
  /** What the settled days show; nothing when asked by billing period. */
  days?: CostDays | null;
}

export interface BillFact {
  format: string;
  billing_account: string;
  billing_period: string;
  name: string;
  exported_at: string;
  rows: number;
  billed: [string, string][];
  state: string;
  reason: string | null;
}

export interface CostAnalysisAnswer {
  basis: keyof Costs;
  period: "charge" | "billing";
  dimensions: string[];
  step: "day" | "month";
  currencies: CurrencyCost[];
  not_counted: { bill: BillFact; reason: string }[];
  counted: BillFact[];
  provisional_from: string | null;
}
