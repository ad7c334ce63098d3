// The answer of database_performance: `data` of its envelope.
import type { HealthStatus } from "./answers";
import type { Connections, DatabasePlace } from "./database-connections";
import type { Measure } from "./types";

export interface DatabasePerformanceAnswer {
  summary: DatabasePerformanceSummary;
  databases: DatabasePerformance[];
  parts: DatabasePart[];
  waits: DatabaseWait[];
  statements: DatabaseStatement[];
  clients: DatabaseClientShare[];
  sources: DatabaseSource[];
  limits: DatabaseLimit[];
}

export interface DatabasePerformanceSummary {
  databases: number;
  measured: number;
  by_status: DatabaseStatusCount[];
}

export interface DatabaseStatusCount {
  status: HealthStatus;
  count: number;
}

export interface DatabaseLimit {
  check: string;
  definition: string;
  unit: string;
  warning: number | null;
  critical: number | null;
  is_floor: boolean;
}

export interface DatabasePerformanceCheck {
  check: string;
  status: HealthStatus;
  value: number;
  unit: string;
  limit: number | null;
}

export interface DatabasePerformance {
  id: string;
  kind: string;
  name: string;
  hosting: string;
  engine: string | null;
  version: string | null;
  place: DatabasePlace;
  owner: string | null;
  application: string | null;
  status: HealthStatus;
  reason: string;
  checks: DatabasePerformanceCheck[];
  connections: Connections;
  cpu: Measure;
  memory: Measure;
  reads: Measure;
  writes: Measure;
  read_throughput: Measure;
  write_throughput: Measure;
  read_latency: Measure;
  write_latency: Measure;
  queries: Measure;
  transactions: Measure;
  replica_lag: Measure;
  cache_hit: Measure;
  page_life: Measure;
  locks: DatabaseLocks;
  space: DatabaseSpace;
  slow_statements: Measure;
  clients: number;
  newest: string | null;
}

export interface DatabaseLocks {
  held: Measure;
  blocked_max: Measure;
  waits: Measure;
  deadlocks: Measure;
  deadlock_rate: Measure;
}

export interface DatabaseSpace {
  used: Measure;
  free: Measure;
  size: Measure;
  share: Measure;
  volume: string | null;
  full: DatabaseFill;
}

export interface DatabaseFill {
  days: Measure;
  days_low: number | null;
  days_high: number | null;
  horizon_days: number | null;
  coverage: number | null;
}

export interface DatabasePart {
  database: string;
  name: string;
  read_latency: Measure;
  write_latency: Measure;
  log_read_latency: Measure;
  log_write_latency: Measure;
  reads: Measure;
  writes: Measure;
  transactions: Measure;
  cache_hit: Measure;
  size: Measure;
}

export interface DatabaseWait {
  database: string;
  category: string;
  time: Measure;
  rate: Measure;
  count: Measure;
  share: Measure;
}

export interface DatabaseStatement {
  database: string;
  statement: string;
  text: string | null;
  name: string | null;
  time: Measure;
  calls: Measure;
  mean: Measure;
  share: Measure;
}

export interface DatabaseClientShare {
  database: string;
  id: string | null;
  kind: string;
  name: string | null;
  calls: number;
  share: Measure;
  call_rate: Measure;
  error_ratio: Measure;
  latency_p50: Measure;
  latency_p95: Measure;
  source: string;
}

export interface DatabaseSource {
  database: string;
  source: string;
  signals: string[];
  newest: string;
  age_seconds: number;
}

