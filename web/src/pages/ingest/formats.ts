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

export interface NeedInfo {
  question: string;
  path: string;
  /** Kinds of data that it needs; `entities` is the topology itself. */
  needs: { data: string; bring: string }[];
}

export const NEEDS: NeedInfo[] = [
  { question: "Topology", path: "/topology", needs: [{ data: "entities", bring: "Kubernetes, AWS or our own inventory" }] },
  {
    question: "Health", path: "/system-metrics",
    needs: [
      { data: "entities", bring: "an inventory to judge" },
      { data: "samples", bring: "OpenMetrics, remote write or OTLP metrics" },
    ],
  },
  { question: "Cost analysis", path: "/cost", needs: [{ data: "charges", bring: "FOCUS or CUR export" }] },
];
