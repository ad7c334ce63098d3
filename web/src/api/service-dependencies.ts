// The answer of service_dependencies: `data` of its envelope.
import type { Layout } from "./answers";
import type { Measure, Scope } from "./types";

export interface Latency {
  p50: Measure;
  p95: Measure;
  p99: Measure;
}

export interface ServiceDependenciesAnswer {
  summary: DependencySummary;
  services: ServiceNode[];
  edges: ServiceEdge[];
  cycles: string[][];
  entry_points: EntryPoint[];
  impact: ServiceImpact[];
  critical_paths: CriticalPath[];
  layout: Layout | null;
}

export interface DependencySummary {
  services: number;
  edges: number;
  declared_and_observed: number;
  declared_only: number;
  observed_only: number;
  cycles: number;
  traces: number;
  traces_incomplete: number;
  spans_adjusted: number;
  calls_unplaced: number;
}

export type EdgeSet = "declared_and_observed" | "declared_only" | "observed_only";

export interface CallFigures {
  calls: Measure;
  request_rate: Measure;
  error_ratio: Measure;
  is_sampled: boolean;
  source: string | null;
  other_sources: string[];
}

export interface ServiceNode {
  id: string;
  kind: string;
  name: string;
  scope: Scope;
  owner: string | null;
  application: string | null;
  distance: number;
  figures: CallFigures;
  latency: Latency;
  cycle: number | null;
  is_entry: boolean;
  is_client: boolean;
  callers: number;
  callees: number;
  outside: number;
}

export interface ServiceEdge {
  from: string;
  relation: string;
  to: string;
  set: EdgeSet;
  need: string;
  need_source: string;
  is_asynchronous: boolean;
  rule: string | null;
  confidence: string;
  sources: string[];
  figures: CallFigures;
  client_latency: Latency;
  server_latency: Latency;
  network_seconds: Measure;
  first_call: string | null;
  last_seen: string | null;
}

export interface EntryPoint {
  service: string;
  name: string;
  rule: string;
  kind: string;
  through: string[];
  requests: Measure;
  weight: Measure;
}

export interface ServiceImpact {
  service: string;
  name: string;
  score: Measure;
  basis: string;
  traces: number;
  low: number | null;
  high: number | null;
  estimated: Measure;
  estimated_low: number | null;
  estimated_high: number | null;
  entries: EntryImpact[];
}

export interface EntryImpact {
  entry: string;
  share: Measure;
  basis: string;
  hits: number;
  low: number | null;
  high: number | null;
}

export interface CriticalPath {
  entry: string;
  basis: string;
  traces: number;
  incomplete: number;
  adjusted: number;
  all: PathShares | null;
  slowest: PathShares | null;
  estimated: EstimatedPath | null;
}

export interface PathShares {
  traces: number;
  seconds: number;
  services: ServiceShare[];
  operations: OperationShare[];
}

export interface ServiceShare {
  service: string;
  seconds: number;
  share: number;
}

export interface OperationShare {
  service: string;
  operation: string;
  seconds: number;
  share: number;
  traces: number;
}

export interface EstimatedPath {
  seconds: number;
  steps: EstimatedStep[];
}

export interface EstimatedStep {
  services: string[];
  visits: number;
  own_seconds: number;
  network_seconds: number;
}
