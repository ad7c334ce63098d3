// Every page, with an address that shows it in use.
export const PAYMENTS = "service:production/shop/payments";

export const PAGES: [string, string][] = [
  ["overview", "/"],
  ["topology", "/topology?kind=service&kind=database&kind=cache&kind=queue&kind=bucket&kind=external_endpoint"],
  ["topology-groups", "/topology?aggregate_by=team"],
  ["topology-table", "/topology?see=table"],
  ["system-metrics", `/system-metrics?sel=${PAYMENTS}`],
  ["cost", "/cost"],
  ["ingest", "/ingest"],
  ["ingest-entry", "/ingest/38"],
  ["entity", `/entity?id=${PAYMENTS}`],
];
