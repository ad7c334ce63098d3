// The answer of service_trends: `data` of its envelope.
import type { SeriesComparison, SeriesSummary } from "./judged-series";
import type { Latency } from "./service-dependencies";
import type { Measure } from "./types";

export type TrendSignal = "request_rate" | "error_ratio" | "latency_p50" | "latency_p95" | "latency_p99" | "saturation";

export interface ServiceTrendsAnswer {
  summary: TrendsSummary;
  grid: TrendsGrid;
  services: ServiceTrend[];
}

export interface TrendsSummary {
  services: number;
  measured: number;
  rising: number;
  falling: number;
  changes: number;
  anomalies: number;
  burning: number;
  objectives: number;
}

export interface TrendsGrid {
  from: string;
  step_seconds: number;
  buckets: number;
}

export interface ServiceTrend {
  id: string;
  name: string;
  kind: string;
  environment: string | null;
  owner: string | null;
  application: string | null;
  requests: Measure;
  is_sampled: boolean;
  latency: Latency;
  signals: SignalTrend[];
  apdex: TrendsApdex;
  objectives: ObjectiveState[];
  objectives_reason: string | null;
}

export interface SignalTrend {
  signal: TrendSignal;
  unit: string;
  source: string | null;
  metric: string | null;
  basis: string;
  other_sources: string[];
  values: (number | null)[];
  reason: string | null;
  detail?: string | null;
  summary: SeriesSummary;
  comparisons: SeriesComparison[];
  forecast: TrendForecast | null;
  forecast_reason: string | null;
  forecast_detail?: string | null;
}

export interface TrendForecast {
  method: string;
  level: number;
  coverage: number;
  tried: number;
  step_seconds: number;
  points: TrendForecastPoint[];
}

export interface TrendForecastPoint {
  at: string;
  value: number;
  low: number;
  high: number;
}

export interface TrendsApdex {
  value: Measure;
  threshold_seconds: number | null;
  is_interpolated: boolean;
}

export interface ObjectiveState {
  name: string;
  indicator: string;
  target: number;
  bound_seconds: number | null;
  window_seconds: number;
  owner: string | null;
  source: string;
  attainment: Measure;
  is_missed: boolean | null;
  budget_left: Measure;
  events_from: string | null;
  burns: BurnState[];
  verdict: BurnVerdict | null;
}

export type BurnVerdict = "fast" | "slow" | "none";

export interface BurnState {
  long_seconds: number;
  short_seconds: number;
  limit: number;
  long: Measure;
  short: Measure;
  is_burning: boolean | null;
}
