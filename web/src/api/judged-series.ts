// What answers say of a series: usual, trend, changes of level, anomalies, comparisons.
import type { Measure } from "./types";

export interface SeriesSummary {
  buckets: number;
  gaps: number;
  mean: Measure;
  deviation: Measure;
  p50: Measure;
  p95: Measure;
  p99: Measure;
  baseline: SeriesBaseline;
  trend: SeriesTrend;
  changes: SeriesChange[];
  changes_reason: string | null;
  changes_detail?: string | null;
  anomalies: SeriesAnomaly[];
}

export interface SeriesBaseline {
  level: Measure;
  deviation: Measure;
  season: string;
  season_strength: number;
  from: string | null;
  to: string | null;
  with_window: boolean;
}

export type SeriesDirection = "rising" | "falling" | "steady";

export interface SeriesTrend {
  direction: SeriesDirection | null;
  change: Measure;
  change_low: number | null;
  change_high: number | null;
  change_ratio: Measure;
  p_adjusted: number | null;
}

export interface SeriesChange {
  at: string;
  earliest: string;
  latest: string;
  before: Measure;
  after: Measure;
  change_ratio: Measure;
}

export interface SeriesAnomaly {
  from: string;
  to: string;
  buckets: number;
  peak_at: string;
  value: Measure;
  expected: Measure;
  score: number;
  reason: string;
}

export interface SeriesComparison {
  period: string;
  from: string;
  to: string;
  value: Measure;
  change_ratio: Measure;
}
