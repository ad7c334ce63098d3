// The picture of an answer: nodes at the server's places, edges between them, as one shape for
// entities and for groups.
import type { Layout, TopologyAnswer, TopologyGroup } from "../../api/answers";
import type { MapEdge, MapGraph, MapNode } from "../../charts/layered/layered-graph";
import { plural, words } from "../../format/number";

const STORES = new Set(["database", "database_cluster", "database_proxy", "cache", "queue", "bucket"]);
const EXTERNAL = new Set(["external_endpoint", "external_service", "endpoint", "unknown"]);
const NEEDS = ["required", "unknown", "optional", "asynchronous"];

function edgesOf(answer: TopologyAnswer, shown: Set<string>): MapEdge[] {
  const isGrouped = answer.aggregated_by !== null;
  const raw = isGrouped
    ? answer.group_relations.map((one) => ({ from: one.from, to: one.to, kind: one.kind, need: "unknown", count: one.count }))
    : answer.relations.map((one) => ({ from: one.from, to: one.to, kind: one.kind, need: one.need, count: 1 }));
  const byEnds = new Map<string, MapEdge>();
  for (const one of raw) {
    if (one.from === one.to || !shown.has(one.from) || !shown.has(one.to)) continue;
    const key = `${one.from}\u0000${one.to}`;
    const known = byEnds.get(key);
    if (known) {
      if (!known.kinds.includes(one.kind)) known.kinds.push(one.kind);
      known.volume += one.count;
      // The strongest need of the relations between two ends is drawn.
      if (NEEDS.indexOf(one.need) < NEEDS.indexOf(known.need)) known.need = one.need;
    } else {
      byEnds.set(key, { key, from: one.from, to: one.to, kinds: [one.kind], need: one.need, volume: one.count });
    }
  }
  return [...byEnds.values()];
}

/** A kind reads as words; whatever else groups have is a name, or none. */
export function groupName({ aggregated_by }: TopologyAnswer, { name }: TopologyGroup): string {
  return (aggregated_by === "kind" ? words(name) : name) || "none";
}

/** The graph that can be drawn; nothing when the answer has no places for it. */
export function graphOf(answer: TopologyAnswer): MapGraph | null {
  const layout: Layout | null = answer.layout;
  if (!layout) return null;
  const places = new Map(layout.nodes.map((node) => [node.id, node]));
  const changes = new Map((answer.changes?.entities ?? []).map((one) => [one.id, one.change]));
  const nodes: MapNode[] = [];
  if (answer.aggregated_by !== null) {
    for (const group of answer.groups) {
      const place = places.get(group.group);
      if (!place) continue;
      nodes.push({
        id: group.group, name: groupName(answer, group), detail: plural(group.count, "entity", "entities"), kind: answer.aggregated_by,
        isGroup: true, isStore: false, isExternal: false, size: group.count, x: place.x, y: place.y, change: undefined,
      });
    }
  } else {
    for (const entity of answer.entities) {
      const place = places.get(entity.id);
      if (!place) continue;
      nodes.push({
        id: entity.id, name: entity.name, detail: words(entity.kind), kind: entity.kind, isGroup: false,
        isStore: STORES.has(entity.kind), isExternal: EXTERNAL.has(entity.kind), size: 1, x: place.x, y: place.y, change: changes.get(entity.id),
      });
    }
  }
  const shown = new Set(nodes.map((node) => node.id));
  return { nodes, edges: edgesOf(answer, shown), layers: layout.layers, height: layout.height };
}
