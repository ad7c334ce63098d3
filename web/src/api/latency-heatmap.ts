// The answer of latency_heatmap: `data` of its envelope.
import type { Latency } from "./service-dependencies";
import type { Measure } from "./types";

export type HeatmapGrouping = "service" | "namespace" | "application" | "zone" | "cluster";

export type HeatmapSide = "client" | "server";

export interface LatencyHeatmapAnswer {
  summary: HeatmapSummary;
  by: HeatmapGrouping;
  side: HeatmapSide;
  rows: HeatmapRow[];
  cells: HeatmapCell[];
  hot_pairs: HotPair[];
  zone_crossing: ZoneCrossing;
  reported: ReportedPair[];
}

export interface HeatmapSummary {
  rows: number;
  cells: number;
  calls: Measure;
  error_ratio: Measure;
  is_sampled: boolean;
  calls_unplaced: number;
  calls_ungrouped: number;
}

export interface HeatmapRow {
  id: string;
  name: string;
  members: number;
  calls_made: number;
  calls_answered: number;
  part: number;
}

export interface HeatmapCell {
  row: number;
  column: number;
  pairs: number;
  calls: number;
  request_rate: Measure;
  error_ratio: Measure;
  is_sampled: boolean;
  client_latency: Latency;
  server_latency: Latency;
  network_seconds: Measure;
  zone_crossing: ZoneCrossing;
  sources: string[];
  last_call: string;
}

export interface ZoneCrossing {
  share: Measure;
  crossing: number;
  known: number;
  calls: number;
  coverage: Measure;
}

export interface HotPair {
  from: string;
  to: string;
  calls: number;
  mean_seconds: number;
  time_share: number;
  p95: Measure;
  error_ratio: Measure;
}

export interface ReportedPair {
  from: string;
  to: string;
  side: string;
  quantile: number;
  min: number;
  last: number;
  max: number;
  source: string;
  basis: string;
}
