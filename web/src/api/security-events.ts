// The answer of security_events: `data` of its envelope.
import type { Measure } from "./types";

export type SecurityGrouping = "owner" | "application" | "image" | "target" | "namespace" | "kind" | "weakness" | "scanner";

export interface SecurityEventsAnswer {
  summary: SecuritySummary;
  findings: SecurityFinding[];
  group_by: SecurityGrouping;
  groups: SecurityGroup[];
  trend: SecurityPeriod[];
  remediation: RemediationTime[];
  targets: RemediationTarget[];
  suppressed: SuppressedFinding[];
  incidents: SecurityIncident[];
  scans: ScanState[];
  lists: SecurityLists;
}

export interface SecuritySummary {
  open: number;
  reopened: number;
  fixed: number;
  suppressed: number;
  gone: number;
  severities: SeverityCounts[];
  known_exploited: number;
  fix_available: number;
  exposed: number;
  overdue: number;
  unowned: number;
}

export interface SeverityCounts {
  severity: FindingSeverity;
  open: number;
  known_exploited: number;
  fix_available: number;
  exposed: number;
  overdue: number;
  by_age: (number)[];
}

export type FindingSeverity = "critical" | "high" | "medium" | "low" | "unknown";

export type FindingState = "open" | "reopened" | "fixed" | "suppressed" | "gone";

export interface SecurityFinding {
  id: string;
  weakness: string;
  aliases: string[];
  kind: string;
  title: string;
  severity: FindingSeverity;
  state: FindingState;
  package: string | null;
  ecosystem: string | null;
  installed_versions: string[];
  fixed_version: string | null;
  places: string[];
  target: string;
  workload: string | null;
  builds: string[];
  entities: string[];
  owners: string[];
  applications: string[];
  scanners: string[];
  first_seen: string;
  last_seen: string;
  open_since: string | null;
  fixed_at: string | null;
  reopened_count: number;
  age_seconds: number;
  fix_available_since: string | null;
  fix_age_seconds: number | null;
  known_exploited: KnownExploitedFact | null;
  exploit_likelihood: ExploitLikelihoodFact | null;
  due: string | null;
  due_by: string | null;
  is_overdue: boolean;
  exposure: FindingExposure;
}

export interface KnownExploitedFact {
  added: string | null;
  due: string | null;
  is_ransomware: boolean;
  action: string | null;
}

export interface ExploitLikelihoodFact {
  probability: number;
  percentile: number;
  scored: string | null;
}

export type FindingExposureVerdict = "exposed" | "possible_not_fully_checked" | "through_calls" | "not_exposed" | "unknown";

export interface FindingExposure {
  verdict: FindingExposureVerdict;
  reason: string;
  path: ExposureStep[];
}

export interface ExposureStep {
  id: string;
  kind: string;
  name: string;
}

export interface SecurityGroup {
  key: string | null;
  name: string;
  open: number;
  critical: number;
  high: number;
  medium: number;
  low: number;
  unknown: number;
  known_exploited: number;
  fix_available: number;
  exposed: number;
  overdue: number;
  oldest_seconds: number;
}

export interface SecurityPeriod {
  from: string;
  to: string;
  new: number;
  fixed: number;
  reopened: number;
  open: number;
  open_severe: number;
}

export interface RemediationTime {
  severity: FindingSeverity | null;
  appeared: number;
  fixed: number;
  censored: number;
  median: Measure;
  median_interval: (number | null)[] | null;
  median_since_fix: Measure;
  mean_fixed: Measure;
  median_fixed: Measure;
}

export interface RemediationTarget {
  target: string;
  days: number | null;
  open: number;
  overdue: number;
  due_soon: number;
  fixed_in_time: number;
  fixed_late: number;
  kept: Measure;
}

export interface SuppressedFinding {
  id: string;
  weakness: string;
  severity: FindingSeverity;
  part: string;
  target: string;
  suppression: FindingSuppression;
}

export interface FindingSuppression {
  by: string;
  author: string | null;
  reason: string | null;
  since: string | null;
  until: string | null;
  source: string | null;
}

export interface SecurityIncident {
  id: string;
  source: string;
  kind: string;
  title: string;
  severity: string | null;
  status: string;
  from: string;
  to: string | null;
  entities: string[];
}

export interface ScanState {
  scanner: string;
  class: string;
  target: string;
  workload: string | null;
  at: string;
  is_complete: boolean;
  listed: number;
  scans: number;
}

export interface SecurityLists {
  known_exploited: number;
  known_exploited_newest: string | null;
  exploit_likelihood: number;
  exploit_likelihood_scored: string | null;
  exclusions: number;
}

