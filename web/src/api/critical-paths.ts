// The answer of critical_paths: `data` of its envelope.
import type { DecisionFact } from "./decisions";
import type { Measure } from "./types";

export type EntryKind = "configured" | "route" | "rooted" | "job" | "consumer";

export type RiskClass = "capacity" | "placement";

export interface CriticalPathsAnswer {
  summary: CriticalPathsSummary;
  targets: CriticalTarget[];
  physical: SinglePoint[];
  logical: SinglePoint[];
  workload_risks: WorkloadRiskRow[];
  ownership: OwnershipConcentration;
  assumptions: Assumptions;
}

export interface CriticalPathsSummary {
  entry_points: number;
  products: number;
  failed_already: number;
  physical: number;
  logical: number;
  workload_risks: number;
  workloads_capacity: number;
  workloads_placement: number;
  workloads_off: number;
}

export interface EntityRef {
  id: string | null;
  kind: string;
  name: string;
  owner: string | null;
  environment: string | null;
}

export interface CriticalTarget {
  entity: EntityRef;
  entry: EntryKind | null;
  entrances: string[][];
  weight: Measure;
  is_failed: boolean;
  margin: Measure;
  margin_points: EntityRef[];
}

export type PointClass = "capacity" | "placement" | "data" | "network" | "place" | "dependency";

export type Holds = "by_design" | "now";

export interface SinglePoint {
  entity: EntityRef;
  class: PointClass;
  holds: Holds;
  loss: Measure;
  takes_down: EntityRef[];
  fails: number;
  degrades: number;
  path: FailureStep[];
  why: string;
  remedy: string;
  assumed: number;
  inside: InsidePoint[];
  decision?: DecisionFact | null;
}

export interface InsidePoint {
  entity: EntityRef;
  class: PointClass;
}

export interface FailureStep {
  entity: EntityRef;
  by: string | null;
  is_assumed: boolean;
}

export interface WorkloadRiskRow {
  entity: EntityRef;
  namespace: string | null;
  controller: string | null;
  class: RiskClass;
  replicas: number;
  min_alive: number;
  on: EntityRef[];
  remedy: string;
}

export interface OwnershipConcentration {
  owner: EntityRef | null;
  share: Measure;
  is_concentrated: boolean;
}

export interface Assumptions {
  calls: number;
  assumed: number;
  weighted_by: string;
  unknown_groups: UnknownGroup[];
  hosts: number;
  hosts_with_zone: number;
}

export interface UnknownGroup {
  of: string;
  count: number;
}
