// From the answer to what is drawn: one application by layers, stores at the right, and the sentence.
import type { Application, ApplicationArchitectureAnswer } from "../../api/application-architecture";
import type { ServiceEdge } from "../../api/service-dependencies";
import type { Envelope } from "../../api/types";
import type { MapEdge, MapGraph, MapNode } from "../../charts/layered/layered-graph";
import { count, lastPart, plural, words } from "../../format/number";
import { evidenceOf } from "../../parts/answered";

export type Architecture = Envelope<ApplicationArchitectureAnswer>;
export const architectureEvidence = evidenceOf<ApplicationArchitectureAnswer>("application-architecture");

export const DEFINITION = "An application is what a rule, organisation data, a label, a tag or the namespace says, else what one entry point dominates in the graph of calls. A layer is the longest distance from where requests enter, a cycle being one step.";

export const RULES: Record<string, string> = { organisation: "stated", part_of: "by its label", tag: "by a tag", namespace: "by its namespace", entry_point: "by its entry point" };

export function architectureSentence(envelope: Architecture): string {
  const { summary, applications } = envelope.data;
  if (summary.applications === 0) return summary.services === 0 ? "No service is known here." : `${plural(summary.services, "service")}, none of an application.`;
  const deep = [...applications].sort((a, b) => b.synchronous_depth - a.synchronous_depth)[0];
  const shared = applications.flatMap((one) => one.stores).filter((one) => one.other_applications.length > 0);
  const stores = new Set(shared.map((one) => one.id)).size;
  return `${plural(summary.applications, "application")} of ${plural(summary.services, "service")}.${deep && deep.synchronous_depth > 0 ? ` ${deep.name} waits deepest, ${plural(deep.synchronous_depth, "call")}.` : ""}${stores > 0 ? ` ${plural(stores, "store is", "stores are")} shared between applications.` : ""}${summary.without_application > 0 ? ` ${plural(summary.without_application, "service")} belong${summary.without_application === 1 ? "s" : ""} to none.` : ""}`;
}

export function applicationSentence(one: Application): string {
  const parts = [`${plural(one.service_count, "service")} in ${plural(one.layers.length, "layer")}, entered at ${one.entry_points.length + one.called_by_others.length === 0 ? "no known place" : plural(new Set([...one.entry_points, ...one.called_by_others]).size, "service")}`];
  if (one.synchronous_depth > 0) parts.push(`calls wait up to ${count(one.synchronous_depth)} deep`);
  if (one.cycles.length > 0) parts.push(`${plural(one.cycles.length, "cycle")} of calls`);
  return `${parts.join("; ")}.`;
}

/** The picture of one application: its own layers, then stores and queues, then what lies outside. */
export function graphOf(one: Application, edges: readonly ServiceEdge[]): MapGraph {
  const parts = new Map(one.services.map((part) => [part.id, part]));
  const nodes: MapNode[] = [];
  const column = (ids: readonly string[], x: number, of: (id: string) => Pick<MapNode, "name" | "detail" | "kind" | "isStore" | "isExternal">) => ids.forEach((id, y) => nodes.push({ id, ...of(id), isGroup: false, size: 1, x, y, change: undefined }));
  const service = (id: string) => {
    const part = parts.get(id);
    const workload = part?.workloads[0];
    return { name: part?.name ?? lastPart(id), detail: workload ? `${count(workload.replicas)}${workload.replicas_wanted === null ? "" : ` of ${count(workload.replicas_wanted)}`} up` : "", kind: "service", isStore: false, isExternal: false };
  };
  const titles = one.layers.map((_, index) => (index === 0 ? "Entries" : plural(index, "call")));
  one.layers.forEach((ids, x) => column(ids.filter((id) => parts.has(id)), x, service));
  let x = one.layers.length;
  const stores = [...one.stores, ...one.queues];
  if (stores.length > 0) {
    const by = new Map(stores.map((store) => [store.id, store]));
    column(stores.map((store) => store.id), x, (id) => ({ name: by.get(id)?.name ?? lastPart(id), detail: [by.get(id)?.engine ?? words(by.get(id)?.kind ?? ""), (by.get(id)?.other_applications.length ?? 0) > 0 ? "shared" : ""].filter(Boolean).join(", "), kind: by.get(id)?.kind ?? "database", isStore: true, isExternal: false }));
    titles.push("Stores and queues");
    x += 1;
  }
  if (one.external_endpoints.length > 0) {
    column(one.external_endpoints, x, (id) => ({ name: lastPart(id), detail: "external", kind: "external_endpoint", isStore: false, isExternal: true }));
    titles.push("Outside");
    x += 1;
  }
  if (one.without_layer.length > 0) {
    column(one.without_layer.filter((id) => parts.has(id)), x, service);
    titles.push("Nothing leads to");
  }
  const drawn = new Set(nodes.map((node) => node.id));
  const lines = edges.filter((edge) => edge.from !== edge.to && drawn.has(edge.from) && drawn.has(edge.to)).map((edge): MapEdge => ({ key: `${edge.from} ${edge.relation} ${edge.to}`, from: edge.from, to: edge.to, kinds: [edge.relation], need: edge.is_asynchronous ? "asynchronous" : edge.need, volume: edge.figures.request_rate.value ?? 0 }));
  // Who uses a store is part of the answer itself.
  const known = new Set(lines.map((edge) => `${edge.from} ${edge.to}`));
  for (const store of stores) {
    for (const client of store.clients) {
      if (drawn.has(client) && !known.has(`${client} ${store.id}`)) lines.push({ key: `${client} uses ${store.id}`, from: client, to: store.id, kinds: ["connects_to"], need: "unknown", volume: 0 });
    }
  }
  const volumes = lines.map((edge) => edge.volume).filter((volume) => volume > 0);
  const height = Math.max(1, ...nodes.map((node) => node.y + 1));
  return { nodes, edges: lines, layers: titles, height, volumes: { least: volumes.length > 0 ? Math.min(...volumes) : 1, most: volumes.length > 0 ? Math.max(...volumes) : 1, unit: "/s" } };
}
