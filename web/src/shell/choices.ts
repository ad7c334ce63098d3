// What the context bar offers, taken from the estate itself.
import { useQuery } from "@tanstack/react-query";
import { getJson } from "../api/client";
import type { EntityFact, Envelope } from "../api/types";
import { words } from "../format/number";
import type { Choice } from "./menu";

interface Listed {
  entities: EntityFact[];
}

const UNIT_KINDS = ["business_unit", "team", "product"];

/** Owning units and products, when the estate has any. */
export function useUnits(): Choice[] {
  const query = useQuery({
    queryKey: ["choices", "units"],
    queryFn: ({ signal }) => getJson<Envelope<Listed>>("/api/v1/topology", { kind: UNIT_KINDS, aggregate_by: "none", limit: 100 }, signal),
    staleTime: 120_000,
    retry: false,
  });
  const order = (kind: string) => UNIT_KINDS.indexOf(kind);
  return [...(query.data?.data.entities ?? [])]
    .sort((a, b) => order(a.kind) - order(b.kind) || a.name.localeCompare(b.name, "en"))
    .map((one) => ({ value: one.id, label: one.name, hint: words(one.kind) }));
}

/** Environments seen on workloads, instances and databases. */
export function useEnvironments(): Choice[] {
  const query = useQuery({
    queryKey: ["choices", "environments"],
    queryFn: ({ signal }) => getJson<Envelope<Listed>>("/api/v1/topology", { kind: ["workload", "kubernetes_cluster", "database", "instance"], aggregate_by: "none", limit: 500 }, signal),
    staleTime: 120_000,
    retry: false,
  });
  const names = new Set((query.data?.data.entities ?? []).flatMap((one) => (one.scope.environment ? [one.scope.environment] : [])));
  return [...names].sort().map((name) => ({ value: name, label: name }));
}
