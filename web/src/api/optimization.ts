// How the stores do their work and what would help: `/api/v1/optimization`.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getJson, postJson, type ProblemError } from "./client";

export interface OptimizationMeasure {
  value: number | null;
  unit: string;
  n: number | null;
  reason: string | null;
}

export interface PlanNode {
  depth: number;
  kind: string;
  operator: string;
  table: string | null;
  index: string | null;
  detail: string | null;
  rows_estimated: number | null;
  rows: number | null;
  rows_read: number | null;
  runs: number | null;
  seconds: number | null;
  cost_share: number | null;
  spilled_bytes: number | null;
}

export interface Plan {
  is_measured: boolean;
  seconds: number | null;
  nodes: PlanNode[];
}

export interface OptimizationRecommendation {
  id: string;
  rule: string;
  store: string;
  what: string;
  reason: string;
  action: string;
  statements: string[];
  place: { statement: string; operator: string; table: string | null; detail: string | null; is_measured: boolean } | null;
  seconds_saved: OptimizationMeasure;
  seconds_of_writes: OptimizationMeasure;
  hurts_writes: boolean;
  steps: { statements: string[]; undo: string[] } | null;
}

export type OptimizationVerdict = "passes" | "fails" | "allowed" | "unknown";

export interface OptimizationStatement {
  store: string;
  name: string;
  kind: "read" | "write" | "unplanned";
  count: number;
  error_count: number;
  rows: number | null;
  seconds_total: number;
  share: number;
  seconds_p95: OptimizationMeasure;
  seconds_longest: number;
  parameters: { name: string; value: string }[];
  plan: Plan | null;
  plan_reason: string | null;
  measured_at: string | null;
  verdict: OptimizationVerdict;
  faults: { rule: string; what: string; allowed: string | null }[];
  rows_skipped: number | null;
}

export interface OptimizationTable {
  store: string;
  name: string;
  rows: number | null;
  bytes: number | null;
  index_bytes: number | null;
  index_use: number | null;
  dead_rows: number | null;
  bytes_per_day: OptimizationMeasure;
  rows_per_day: OptimizationMeasure;
  cache_hit: number | null;
  sort_key: string | null;
}

export interface OptimizationIndexUse {
  store: string;
  table: string;
  name: string;
  definition: string;
  scans: number | null;
  bytes: number | null;
  is_constraint: boolean;
  is_valid: boolean;
  statements: string[];
}

export interface OptimizationStore {
  store: string;
  bytes: OptimizationMeasure;
  bytes_max: OptimizationMeasure;
  bytes_per_day: OptimizationMeasure;
  days_until_full: OptimizationMeasure;
  counted_since: string | null;
  reason: string | null;
}

export interface OptimizationApplied {
  id: string;
  store: string;
  at: string;
  steps: { statements: string[]; undo: string[] };
  error: string | null;
  effects: { statement: string; seconds_before: number | null; seconds_after: number | null }[];
  undone_at: string | null;
}

export interface OptimizationAnswer {
  at: string;
  since: string;
  measured_at: string | null;
  seconds_total: number;
  recommendations: OptimizationRecommendation[];
  recommendation_total: number;
  statements: OptimizationStatement[];
  table_statistics: OptimizationTable[];
  index_use: OptimizationIndexUse[];
  stores: OptimizationStore[];
  applied: OptimizationApplied[];
}

const KEY = ["optimization"];

export function useOptimization() {
  return useQuery<OptimizationAnswer, ProblemError>({
    queryKey: KEY,
    queryFn: ({ signal }) => getJson("/api/v1/optimization", {}, signal),
  });
}

function useChange<T>(path: (of: T) => string) {
  const client = useQueryClient();
  return useMutation<OptimizationAnswer, ProblemError, T>({
    mutationFn: (of) => postJson(path(of), {}),
    onSuccess: (answer) => client.setQueryData(KEY, answer),
  });
}

/** Runs each recorded statement once for its plan. */
export function useOptimizationMeasure() {
  return useChange<void>(() => "/api/v1/optimization/measure");
}

/** Does one recommendation. */
export function useOptimizationApply() {
  return useChange<string>((id) => `/api/v1/optimization/apply?id=${encodeURIComponent(id)}`);
}

/** Takes back what was applied last. */
export function useOptimizationUndo() {
  return useChange<void>(() => "/api/v1/optimization/undo");
}
