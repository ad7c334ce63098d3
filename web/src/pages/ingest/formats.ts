// What can be brought, the command for it, and which question needs it.

export interface FormatInfo {
  command: string;
  what: string;
}

export const COMMANDS: FormatInfo[] = [
  { command: "ubiquitous ingest --cluster NAME DUMP/", what: "Kubernetes lists, manifests or a dump" },
  { command: "ubiquitous ingest --account ID --region R AWS/", what: "AWS CLI output, one file a call" },
  { command: "ubiquitous ingest FOCUS.parquet", what: "bills: FOCUS 1.0 to 1.4, CSV or Parquet" },
  { command: "ubiquitous ingest CUR.csv", what: "bills: AWS Cost and Usage Report" },
  { command: "ubiquitous ingest METRICS.txt", what: "OpenMetrics or Prometheus text" },
  { command: "POST /v1/traces, /v1/metrics, /v1/logs", what: "OTLP over HTTP, protobuf or JSON" },
  { command: "POST /api/v1/write", what: "Prometheus remote write 1.0 and 2.0" },
  { command: "ubiquitous ingest organisation.yaml", what: "units, ownership, budgets, value metrics" },
  { command: "ubiquitous ingest ESTATE.ndjson", what: "our own entities and relations" },
  { command: "ubiquitous inspect FILE", what: "which format a file is, and why" },
  { command: "ubiquitous demo", what: "a made-up company to try" },
];

/** A kind of data, as the stores count it, and what brings it; `entities` is the topology itself. */
interface Need {
  data: string;
  bring: string;
  /** Another kind that does as well. */
  or?: string;
}

const INVENTORY: Need = { data: "entities", bring: "Kubernetes, AWS or our own inventory" };
const SAMPLES: Need = { data: "samples", bring: "OpenMetrics, remote write or OTLP metrics" };
const EDGES: Need = { data: "edges", bring: "traces or service-graph metrics" };
const CHARGES: Need = { data: "charges", bring: "FOCUS or CUR export" };
const CHANGES: Need = { data: "changes", bring: "CloudEvents or rollouts" };

export interface NeedInfo {
  question: string;
  path: string;
  /** Without any of these there is no answer. */
  needs: Need[];
  /** With each of these the answer says more. */
  gains: Need[];
}

/** The sixteen questions, those of the graph first. */
export const NEEDS: NeedInfo[] = [
  { question: "Topology", path: "/topology", needs: [INVENTORY], gains: [] },
  { question: "Clusters", path: "/clusters", needs: [INVENTORY], gains: [SAMPLES, CHARGES] },
  { question: "Dependencies", path: "/dependency-map", needs: [INVENTORY], gains: [EDGES] },
  { question: "Databases", path: "/databases", needs: [INVENTORY], gains: [EDGES] },
  { question: "Savings", path: "/savings", needs: [INVENTORY], gains: [CHARGES, SAMPLES] },
  { question: "Architecture", path: "/architecture", needs: [INVENTORY], gains: [EDGES] },
  { question: "Single points", path: "/single-points", needs: [INVENTORY], gains: [EDGES] },
  { question: "Latency heatmap", path: "/latency-heatmap", needs: [EDGES], gains: [] },
  { question: "Health", path: "/system-metrics", needs: [INVENTORY, SAMPLES], gains: [] },
  { question: "Trends", path: "/trends", needs: [{ data: "samples", or: "edges", bring: "metrics or traces" }], gains: [CHANGES] },
  { question: "Database load", path: "/database-performance", needs: [SAMPLES], gains: [] },
  { question: "Latency over time", path: "/latency-matrix", needs: [EDGES], gains: [] },
  { question: "Cost", path: "/cost", needs: [CHARGES], gains: [{ data: "budgets", bring: "budgets as CSV or YAML" }] },
  { question: "Value", path: "/value", needs: [{ data: "values", bring: "value metrics as CSV or YAML" }], gains: [CHARGES] },
  { question: "Security", path: "/security", needs: [{ data: "findings", bring: "Trivy, SARIF, ASFF or OCSF" }], gains: [INVENTORY] },
  { question: "Incidents", path: "/incidents", needs: [{ data: "incidents", bring: "Alertmanager, PagerDuty or CSV" }], gains: [CHANGES, SAMPLES] },
];
