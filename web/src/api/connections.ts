// How the stores fare, on the wire: `GET /health`.
import { useQuery } from "@tanstack/react-query";
import { getJson, type ProblemError } from "./client";

export interface ConnectionHealth {
  pool: string;
  in_use: number;
  open: number | null;
  open_max: number;
  wait_count: number;
  wait_seconds: number;
  timeout_count: number;
  created_count: number | null;
  closed_count: Record<string, number> | null;
}

export interface StatementHealth {
  name: string;
  count: number;
  error_count: number;
  row_count: number | null;
  total_seconds: number;
  longest_seconds: number;
}

export interface StoreHealth {
  store: string;
  kind: string;
  is_available: boolean;
  latency_ms: number;
  version: number | null;
  reason: string | null;
  connections: ConnectionHealth[];
  statements: StatementHealth[];
}

export interface Health {
  status: string;
  version: string;
  uptime_seconds: number;
  stores: StoreHealth[];
  intake_backlog: number;
}

/** Asked every five seconds: a lost server shows while one looks. */
export function useHealth() {
  return useQuery<Health, ProblemError>({
    queryKey: ["health"],
    queryFn: ({ signal }) => getJson("/health", {}, signal),
    refetchInterval: 5_000,
  });
}
