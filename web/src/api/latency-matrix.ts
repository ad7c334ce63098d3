// The answer of latency_matrix: `data` of its envelope.
import type { SeriesAnomaly, SeriesSummary } from "./judged-series";
import type { Latency } from "./service-dependencies";
import type { Measure } from "./types";

export type MatrixSide = "client" | "server";

export interface LatencyMatrixAnswer {
  summary: MatrixSummary;
  side: MatrixSide;
  pairs: MatrixPair[];
  asynchronous: MatrixPair[];
  reported: MatrixPair[];
}

export interface MatrixSummary {
  pairs: number;
  judged: number;
  slower: number;
  faster: number;
  failing: number;
  harmed: Measure;
  outside: number;
}

export type MatrixState = "slower" | "faster" | "steady" | "unknown";

export interface MatrixPair {
  from: string;
  from_name: string;
  to: string;
  to_name: string;
  basis: string;
  calls: number | null;
  is_sampled: boolean;
  request_rate: Measure;
  source: string;
  other_sources: string[];
  side: MatrixSide;
  latency: Latency;
  error_ratio: Measure;
  usual: MatrixUsual;
  state: MatrixState;
  reason: string;
  change_ratio: Measure;
  since: string | null;
  since_earliest: string | null;
  since_latest: string | null;
  until: string | null;
  harm: MatrixHarm;
  values: MatrixValues;
  summary: SeriesSummary;
  error_anomalies: SeriesAnomaly[];
}

export interface MatrixUsual {
  latency: Latency;
  error_ratio: Measure;
  calls: number | null;
  made_from: string;
}

export interface MatrixHarm {
  slow: Measure;
  failed: Measure;
  total: Measure;
}

export interface MatrixValues {
  from: string;
  step_seconds: number;
  quantile: number;
  latency: (number | null)[];
  calls: (number | null)[];
  error_ratio: (number | null)[];
}

