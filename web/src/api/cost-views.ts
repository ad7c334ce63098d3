// The answers of the views of cost_analysis: budget, drivers, commitments, and what days show.
import type { Basis, Measure, Money } from "./types";

export interface CostDays {
  from: string | null;
  settled: string | null;
  days: number;
  anomalies: CostAnomaly[];
  anomalies_reason: string | null;
  anomalies_detail?: string | null;
  trends: CostTrend[];
  forecast: CostForecast | null;
}

export interface CostAnomaly {
  values: (string | null)[];
  is_total: boolean;
  from: string;
  to: string;
  days: number;
  amount: string;
  expected: string | null;
  excess: string | null;
  score: number;
  driver: CostAnomalyDriver | null;
}

export interface CostAnomalyDriver {
  values: (string | null)[];
  excess: string;
}

export interface CostTrend {
  values: (string | null)[];
  is_total: boolean;
  start: string | null;
  end: string | null;
  change_ratio: number | null;
  change: string[] | null;
  p: number | null;
  is_trend: boolean;
  reason: string | null;
  detail?: string | null;
}

export interface CostForecast {
  from: string;
  to: string;
  settled: string;
  actual: string;
  scheduled: CostScheduled[];
  scheduled_to_come: string;
  usage_to_come: string | null;
  amount: string | null;
  low: string | null;
  high: string | null;
  method: string | null;
  tried: number;
  reason: string | null;
  detail?: string | null;
}

export interface CostScheduled {
  category: string;
  frequency: string;
  service: string;
  charged: string;
  expected: string;
}

export interface CostBudgetAnswer {
  at: string;
  budgets: BudgetRow[];
}

export interface BudgetRow {
  unit: string;
  kind: string;
  name: string;
  from: string;
  to: string;
  currency: string;
  basis: Basis;
  has_tax: boolean;
  has_credits: boolean;
  phasing: string;
  source: string;
  amount: string;
  to_date: string | null;
  actual: string;
  rows_without: number;
  variance: string | null;
  variance_ratio: number | null;
  state: string | null;
  forecast: CostForecast;
  forecast_variance: string | null;
  reference: BudgetReference | null;
}

export interface BudgetReference {
  from: string;
  to: string;
  amount: string;
  drivers: CostDriver[];
  skus: CostSkuDriver[];
}

export interface CostDriver {
  driver: string;
  amount: string;
}

export interface CostSkuDriver {
  sku: string;
  service: string;
  unit: string;
  others: number;
  before: string;
  after: string;
  change: string;
  quantity_before: string | null;
  quantity_after: string | null;
  drivers: CostDriver[];
}

export interface CostCommitmentsAnswer {
  currencies: CommitmentCurrency[];
}

export interface CommitmentCurrency {
  currency: string;
  total: CommitmentFigures;
  coverage: Measure;
  coverable: Money;
  coverable_rows_from_list: number;
  commitments: CommitmentRow[];
}

export interface CommitmentRow {
  commitment: string | null;
  provider: string | null;
  figures: CommitmentFigures;
}

export interface CommitmentFigures {
  used: Money;
  unused: Money;
  utilisation: Measure;
  used_without: Money;
  used_rows_from_list: number;
  net_saving: Money;
  net_saving_reason: string | null;
}

export interface CostDriversAnswer {
  basis: Basis;
  from: string;
  to: string;
  reference_from: string;
  reference_to: string;
  currencies: CostDriversCurrency[];
}

export interface CostDriversCurrency {
  currency: string;
  before: string;
  after: string;
  change: string;
  drivers: CostDriver[];
  new_resources: number;
  ended_resources: number;
  skus: CostSkuDriver[];
}

