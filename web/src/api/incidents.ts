// The answers of incidents and of incidents/timeline: `data` of their envelopes.

export type IncidentDimension = "severity" | "service" | "team" | "source";

export type IncidentPeriodStep = "day" | "week" | "month" | "quarter" | "year";

export type IncidentStatus = "open" | "acknowledged" | "mitigated" | "resolved";

export interface IncidentsAnswer {
  total: IncidentGroup;
  rates: IncidentRates;
  step: IncidentPeriodStep;
  periods: IncidentPeriod[];
  breakdowns: IncidentBreakdown[];
  incidents: IncidentRow[];
  recurrence: IncidentRecurrence[];
  downtime: IncidentDowntime;
  parts: number;
  undated: number;
}

export interface IncidentGroup {
  key: string | null;
  name: string;
  count: number;
  began: number;
  ended: number;
  open: number;
  ended_unknown: number;
  reopened: number;
  durations: IncidentDurations;
}

export interface IncidentDurations {
  detect: IncidentDuration;
  acknowledge: IncidentDuration;
  resolve: IncidentDuration;
  resolve_from_detected: IncidentDuration;
}

export interface IncidentDuration {
  n: number;
  n_without: number;
  n_contradictory: number;
  n_range: number;
  mean: IncidentFigure;
  median: IncidentFigure;
  p90: IncidentFigure;
  median_with_open: IncidentFigure;
  n_censored: number;
}

export interface IncidentFigure {
  low: number | null;
  high: number | null;
  unit: string;
  basis: string;
  interval: (number | null)[] | null;
  n: number;
  reason: string | null;
}

export interface IncidentRates {
  count: number;
  days: number;
  count_before: number | null;
  days_before: number | null;
  ratio: number | null;
  p_value: number | null;
  is_different: boolean | null;
  reason: string | null;
}

export interface IncidentPeriod {
  from: string;
  to: string;
  is_complete: boolean;
  group: IncidentGroup;
  rates: IncidentRates;
}

export interface IncidentBreakdown {
  by: IncidentDimension;
  groups: IncidentGroup[];
  groups_total: number;
}

export interface IncidentRow {
  id: string;
  source: string;
  title: string;
  severity: string | null;
  status: IncidentStatus;
  began_at: string | null;
  started_at: string | null;
  detected_at: string | null;
  acknowledged_at: string | null;
  mitigated_at: string | null;
  resolved_at: string | null;
  resolved_at_latest: string | null;
  lasted_seconds: (number)[] | null;
  harmed: IncidentEntity[];
  teams: string[];
  part_of: string | null;
  parts: number;
  alerts: number;
  reopened: number;
  is_recurrence: boolean;
  cause: string | null;
  link: string | null;
}

export interface IncidentEntity {
  id: string | null;
  kind: string | null;
  name: string;
  owner: string | null;
}

export interface IncidentRecurrence {
  id: string | null;
  name: string;
  count: number;
  returned: number;
  share: number;
  days_between: number;
}

export interface IncidentDowntime {
  low_seconds: number;
  high_seconds: number;
  n: number;
  n_without: number;
}

export interface IncidentTimelineAnswer {
  incident: IncidentRow | null;
  entries: IncidentTimelineEntry[];
  entries_total: number;
  related: IncidentRow[];
}

export interface IncidentTimelineEntry {
  at: string;
  kind: string;
  title: string;
  what: string | null;
  id: string | null;
  actor: string | null;
  link: string | null;
  nearness: string | null;
  entities: string[];
  seconds_after: number;
}

