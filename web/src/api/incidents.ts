// The answer of incidents: `data` of its envelope.
import type { Measure, Money } from "./types";

/** A time in seconds known as a range: from the earlier to the later end that fits what is known. */
export interface IncidentDuration {
  low: number | null;
  high: number | null;
  reason?: string | null;
}

export interface IncidentEntity {
  id: string | null;
  kind: string;
  name: string;
  owner: string | null;
}

export interface Incident {
  id: string;
  source: string;
  title: string;
  severity: string | null;
  state: string;
  services: IncidentEntity[];
  owner: string | null;
  started_at: string | null;
  detected_at: string | null;
  acknowledged_at: string | null;
  mitigated_at: string | null;
  resolved_at: string | null;
  resolved_at_latest: string | null;
  detect: IncidentDuration;
  acknowledge: IncidentDuration;
  resolve: IncidentDuration;
  resolve_from_detected: IncidentDuration;
  parent: string | null;
  children: string[];
  reopened: number;
  recurrence_of: string | null;
  cause: string | null;
  downtime_cost: Money | null;
  downtime_reason: string | null;
}

export interface IncidentStatistic {
  measure: "detect" | "acknowledge" | "resolve" | "resolve_from_detected";
  n: number;
  open: number;
  mean: IncidentDuration;
  median: IncidentDuration;
  p90: IncidentDuration;
  mean_interval: IncidentDuration | null;
  kaplan_meier: { median: Measure; low: number | null; high: number | null };
}

export interface IncidentCurvePoint {
  seconds: number;
  share_open: number;
  low: number | null;
  high: number | null;
  censored: number;
}

export interface IncidentGroup {
  dimension: string;
  value: string;
  incidents: number;
  open: number;
  statistics: IncidentStatistic[];
}

export interface IncidentsAnswer {
  summary: { incidents: number; open: number; children: number; reopened: number; downtime_cost: Money[]; downtime_reason: string | null };
  incidents: Incident[];
  statistics: IncidentStatistic[];
  curve: IncidentCurvePoint[];
  groups: IncidentGroup[];
  recurrence: { title: string; services: IncidentEntity[]; count: number; first: string; last: string; incidents: string[] }[];
  rate_comparison: { before: number; after: number; ratio: Measure; p_value: Measure } | null;
}
