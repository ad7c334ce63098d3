// The answer of database_connections: `data` of its envelope.
import type { Support, TableUse } from "./eks-clusters";
import type { Measure } from "./types";

export interface DatabaseConnectionsAnswer {
  summary: DatabaseSummary;
  databases: Database[];
  clients: Client[];
  undetermined_hosts: UndeterminedHost[];
  unmatched_endpoints: UnmatchedEndpoint[];
  tables: TableUse[];
}

export interface DatabaseSummary {
  databases: number;
  by_engine: EngineCount[];
  by_usage: UsageCount[];
  sql_server_hosts: number;
  undetermined_hosts: number;
  clients: number;
  unmatched_endpoints: number;
}

export interface EngineCount {
  hosting: string;
  engine: string;
  count: number;
}

export interface UsageCount {
  usage: Usage;
  count: number;
}

export type Usage = "used" | "unused" | "unknown";

export interface Database {
  id: string;
  kind: string;
  name: string;
  hosting: string;
  engine: string | null;
  version: string | null;
  support: Support;
  support_policy: string | null;
  edition: string | null;
  licence_model: string | null;
  class: string | null;
  status: string | null;
  storage: Storage;
  standby: Standby;
  replicas: string[];
  replica_of: string | null;
  member_of: string | null;
  backup_retention_days: number | null;
  endpoints: DatabaseEndpoint[];
  place: DatabasePlace;
  owner: string | null;
  application: string | null;
  detected_by: Sign[];
  confidence: string;
  exposure: Exposure | null;
  connections: Connections;
  proxies: string[];
  clients: number;
  usage: Usage;
  usage_reason: string;
}

export interface Storage {
  storage_type: string | null;
  allocated_gib: number | null;
  max_allocated_gib: number | null;
  iops: number | null;
  is_encrypted: boolean | null;
  key: string | null;
}

export interface Standby {
  kind: string;
  survives_zone: boolean | null;
  detail: string;
}

export interface DatabaseEndpoint {
  host: string;
  port: number | null;
  role: string;
}

export interface DatabasePlace {
  account: string | null;
  region: string | null;
  zones: string[];
  vpc: string | null;
  cluster: string | null;
  namespace: string | null;
  environment: string | null;
}

export interface Sign {
  sign: string;
  detail: string;
  confidence: string;
}

export interface Connections {
  open_max: Measure;
  limit: Measure;
  limit_from: string | null;
  limit_formula: string | null;
  share: Measure;
}

export interface Client {
  database: string;
  id: string | null;
  kind: string;
  name: string | null;
  namespace: string | null;
  owner: string | null;
  evidence: string[];
  confidence: string;
  named_by: string | null;
  endpoint: string | null;
  via: string[];
  need: string;
  last_seen: string | null;
  call_rate: Measure;
  error_ratio: Measure;
  latency_p95: Measure;
  reach: Reach | null;
}

export interface UndeterminedHost {
  id: string;
  name: string;
  platform: string | null;
  usage_operation: string | null;
  reason: string;
}

export interface UnmatchedEndpoint {
  endpoint: string;
  from: string | null;
  engine: string | null;
  why: string;
}

export interface Reach {
  verdict: "reachable" | "possible_not_fully_checked" | "unknown" | "blocked";
  denied_by: string | null;
  missing: string[];
}

export interface ExposureCheck {
  check: string;
  holds: boolean | null;
  detail: string;
}

export interface Exposure {
  port: number;
  verdict: "exposed" | "possible_not_fully_checked" | "not_exposed";
  checks: ExposureCheck[];
}
