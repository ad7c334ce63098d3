// The answer of business_value: `data` of its envelope.
import type { Measure, TimeSpan } from "./types";

export type ValueStep = "day" | "week" | "month";

export interface BusinessValueAnswer {
  step: ValueStep;
  subjects: ValueSubject[];
  requests: ValuePerRequest[];
  savings: ValueSavings;
  downtime: ValueDowntime[];
  automation: ValueAutomation;
  unowned: ValueMoney[];
  compared: TimeSpan | null;
  assumptions: ValueAssumption[];
}

export interface ValueMoney {
  amount: string | null;
  currency: string;
  basis: string | null;
  origin: string;
  rows_without: number;
  reason: string | null;
}

export interface ValueSubject {
  id: string;
  kind: string;
  name: string;
  parent: string | null;
  costs: ValueMoney[];
  cost_reason: string | null;
  metrics: ValueMetric[];
  metrics_reason: string | null;
}

export interface ValueMetric {
  metric: string;
  currency: string | null;
  value_unit: string | null;
  source: string;
  others: string[];
  observed_at: string;
  added_up_from: string[];
  value: string;
  days: number;
  compared: ValueComparison;
  periods: ValuePeriod[];
  change: ValueChange | null;
  trend: ValueTrend;
}

export interface ValueComparison {
  value: string;
  days: number;
  costs: ValueMoney[];
  unit_costs: ValueUnitCost[];
  net: ValueMoney | null;
  return_ratio: Measure;
  return_note: string | null;
}

export interface ValueUnitCost {
  amount: string | null;
  currency: string;
  per: string;
  reason: string | null;
}

export interface ValuePeriod {
  from: string;
  to: string;
  is_complete: boolean;
  value: string;
  days: number;
  compared: ValueComparison;
}

export interface ValueChange {
  before: string;
  after: string;
  value: Measure;
  cost: Measure;
  unit_cost: Measure;
}

export interface ValueTrend {
  periods: number;
  value: Measure;
  unit_cost: Measure;
}

export interface ValuePerRequest {
  entry: string;
  name: string;
  metric: string;
  currency: string | null;
  of: string;
  of_kind: string;
  entries: string[];
  window: TimeSpan | null;
  days: number;
  value: string | null;
  requests: Measure;
  per_request: string | null;
  reason: string | null;
}

export interface ValueSavings {
  totals: RealisedTotal[];
  realised: RealisedSaving[];
  reason: string | null;
}

export interface RealisedTotal {
  currency: string;
  verified: string;
  claimed: string;
  candidates: number;
}

export interface RealisedSaving {
  target: string;
  rule: string;
  entity: string;
  accepted_by: string;
  accepted_at: string;
  done_by: string;
  done_at: string;
  before: TimeSpan;
  since: TimeSpan | null;
  days: number;
  status: RealisedStatus;
  amounts: RealisedAmount[];
  reason: string | null;
}

export type RealisedStatus = "verified" | "claimed";

export interface RealisedAmount {
  currency: string;
  daily_before: string;
  cost_since: string;
  charged_since: string;
  saving: string;
}

export interface ValueDowntime {
  of: string | null;
  name: string | null;
  incidents: number;
  cost: DowntimeCost;
}

export interface ValueAutomation {
  metrics: AutomationHours[];
  reason: string | null;
}

export interface AutomationHours {
  metric: string;
  of: string;
  hours: string | null;
  source: string | null;
  reason: string | null;
}

export interface DowntimeCost {
  amount: string | null;
  currency: string | null;
  reason: string | null;
  method: DowntimeMethod;
  measured: string | null;
  expected: string | null;
  observed: string | null;
  assumed: string | null;
  minutes: number;
  minutes_measured: number;
  minutes_assumed: number;
  minutes_without: number;
  hours_measured: number;
  metric: string | null;
  of: string | null;
  assumptions: ValueAssumption[];
}

export type DowntimeMethod = "measured" | "assumed" | "mixed" | "absent";

export interface ValueAssumption {
  name: string;
  of: string | null;
  value: string;
  unit: string;
  set_by: string;
  set_at: string | null;
  note: string;
}
