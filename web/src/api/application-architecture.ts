// The answer of application_architecture: `data` of its envelope.
import type { HealthStatus, StatusCounts } from "./answers";
import type { Measure, Money } from "./types";

export interface ApplicationArchitectureAnswer {
  summary: ArchitectureSummary;
  applications: Application[];
  shared: string[];
  ungrouped: string[];
}

export interface ArchitectureSummary {
  applications: number;
  services: number;
  without_application: number;
  rules: Record<string, number>;
}

export type ApplicationRule = "organisation" | "part_of" | "tag" | "namespace" | "entry_point";

export interface NamedCount {
  name: string;
  services: number;
}

export interface Application {
  id: string;
  name: string;
  rule: ApplicationRule;
  entry_points: string[];
  called_by_others: string[];
  layers: string[][];
  without_layer: string[];
  services: ApplicationPart[];
  service_count: number;
  stores: ApplicationStore[];
  queues: ApplicationStore[];
  external_endpoints: string[];
  calls: string[];
  called_by: string[];
  zones: NamedCount[];
  zones_unknown: number;
  owners: NamedCount[];
  unowned: number;
  languages: NamedCount[];
  languages_unknown: number;
  health: StatusCounts;
  cost: Money[];
  cost_reason: string | null;
  open_incidents: number;
  findings: { severity: string; count: number }[];
  cycles: string[][];
  synchronous_depth: number;
  hot_spots: HotSpot[];
}

export interface ApplicationPart {
  id: string;
  name: string;
  layer: number | null;
  fan_in: number;
  fan_out: number;
  workloads: ApplicationWorkload[];
  zones: string[];
  zones_unknown: number;
  owner: string | null;
  language: string | null;
  health: HealthStatus;
  is_cyclic: boolean;
  requests: Measure;
}

export interface ApplicationWorkload {
  id: string;
  kind: string;
  controller: string | null;
  replicas_wanted: number | null;
  replicas: number;
}

export interface ApplicationStore {
  id: string;
  kind: string;
  name: string;
  engine: string | null;
  clients: string[];
  other_applications: string[];
  is_shared: boolean;
}

export interface HotSpot {
  service: string;
  time_share: Measure;
  fan_in: number;
  fan_out: number;
}
