// Whether the data can be trusted: the newest validation, the history, and a run on demand.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getJson, postJson, type ProblemError } from "./client";

export type ValidationStatus = "skipped" | "passed" | "warning" | "failed" | "error";
export type ValidationSeverity = "minor" | "major" | "critical";
export type ValidationAffected = "entity" | "source" | "schema_part" | "journal" | "question";

export interface ValidationCounts {
  passed: number;
  warning: number;
  failed: number;
  error: number;
  skipped: number;
  consequence: number;
}

export interface ValidationFamilySummary {
  family: string;
  title: string;
  score: number | null;
  counts: ValidationCounts;
}

export interface ValidationCheck {
  name: string;
  family: string;
  severity: ValidationSeverity;
  title: string;
  says: string;
  status: ValidationStatus;
  checked: number;
  issues: number;
  reason: string | null;
  caused_by: string | null;
}

export interface ValidationIssue {
  check: string;
  severity: ValidationSeverity;
  status: ValidationStatus;
  what: string;
  action: string;
  affects: ValidationAffected;
  affected: string[];
  affected_total: number;
  caused_by: string | null;
}

export interface ValidationReport {
  at: string;
  took_seconds: number;
  status: ValidationStatus;
  score: number | null;
  weight_run: number;
  weight_total: number;
  counts: ValidationCounts;
  families: ValidationFamilySummary[];
  checks: ValidationCheck[];
  issues: ValidationIssue[];
  issue_total: number;
}

export interface ValidationPast {
  at: string;
  status: ValidationStatus;
  score: number | null;
  counts: ValidationCounts;
  issue_total: number;
}

export interface ValidationAnswer {
  latest: ValidationReport | null;
  history: ValidationPast[];
  schedule_minutes: number | null;
}

export function useValidation() {
  return useQuery<ValidationAnswer, ProblemError>({
    queryKey: ["validation"],
    queryFn: ({ signal }) => getJson("/api/v1/validation", {}, signal),
    refetchInterval: 60_000,
  });
}

/** Validates now; it may take minutes on a large estate. */
export function useValidationRun() {
  const client = useQueryClient();
  return useMutation<ValidationReport, ProblemError>({
    mutationFn: () => postJson("/api/v1/validation/run", {}),
    onSettled: () => client.invalidateQueries({ queryKey: ["validation"] }),
  });
}
