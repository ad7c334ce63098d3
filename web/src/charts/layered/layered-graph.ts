// A graph that stands in layers: its shape, what hangs on a node, where an arrow leads from it.

/** What happens to a node or an edge in the case shown. */
export type MapTone = "down" | "fails" | "degrades";

export interface MapNode {
  id: string;
  name: string;
  detail: string;
  kind: string;
  isGroup: boolean;
  isStore: boolean;
  isExternal: boolean;
  size: number;
  x: number;
  y: number;
  change: string | undefined;
  tone?: MapTone | undefined;
  /** A short figure on the corner of the box: its share of the time of a path. */
  badge?: string | undefined;
}

export interface MapEdge {
  key: string;
  from: string;
  to: string;
  kinds: string[];
  need: string;
  volume: number;
  tone?: "path" | MapTone | undefined;
  /** What hover says beyond the kinds. */
  said?: string | undefined;
}

export interface MapGraph {
  nodes: MapNode[];
  edges: MapEdge[];
  layers: string[];
  height: number;
  /** What edges carry, least and most, where their width tells it; else widths tell counts. */
  volumes?: { least: number; most: number; unit: string } | undefined;
}

export interface Lit {
  nodes: Set<string>;
  edges: Set<string>;
}

const tones = (graph: MapGraph) => graph.nodes.some((node) => node.tone !== undefined || node.badge !== undefined);

/** What a case shown concerns; nothing when none is shown. */
export function concerned(graph: MapGraph): Lit | null {
  if (!tones(graph)) return null;
  const nodes = new Set(graph.nodes.filter((node) => node.tone !== undefined || node.badge !== undefined).map((node) => node.id));
  return { nodes, edges: new Set(graph.edges.filter((edge) => edge.tone !== undefined).map((edge) => edge.key)) };
}

/** Everything on a path through a node: all that leads to it and all that it leads to. */
export function pathsThrough(graph: MapGraph, id: string): Lit {
  const nodes = new Set([id]);
  const edges = new Set<string>();
  const ends: ["from" | "to", "from" | "to"][] = [["from", "to"], ["to", "from"]];
  for (const [near, far] of ends) {
    const by = new Map<string, MapEdge[]>();
    for (const edge of graph.edges) by.set(edge[near], [...(by.get(edge[near]) ?? []), edge]);
    const seen = new Set([id]);
    const waiting = [id];
    for (let here = waiting.pop(); here !== undefined; here = waiting.pop()) {
      for (const edge of by.get(here) ?? []) {
        edges.add(edge.key);
        nodes.add(edge[far]);
        if (!seen.has(edge[far])) {
          seen.add(edge[far]);
          waiting.push(edge[far]);
        }
      }
    }
  }
  return { nodes, edges };
}

/** The edges that touch a node, and their ends. */
export function neighbourhood(graph: MapGraph, id: string): Lit {
  const nodes = new Set([id]);
  const edges = new Set<string>();
  for (const edge of graph.edges) {
    if (edge.from !== id && edge.to !== id) continue;
    edges.add(edge.key);
    nodes.add(edge.from).add(edge.to);
  }
  return { nodes, edges };
}

/** Where an arrow leads from a node: along its edges sideways, within its layer up and down. */
export function stepFrom(graph: MapGraph, id: string, arrow: string): string | undefined {
  const here = graph.nodes.find((node) => node.id === id);
  if (!here) return graph.nodes[0]?.id;
  const byId = new Map(graph.nodes.map((node) => [node.id, node]));
  if (arrow === "ArrowUp" || arrow === "ArrowDown") {
    const layer = graph.nodes.filter((node) => node.x === here.x).sort((a, b) => a.y - b.y);
    return layer[layer.indexOf(here) + (arrow === "ArrowDown" ? 1 : -1)]?.id;
  }
  const ends = graph.edges.flatMap((edge) => {
    if (arrow === "ArrowRight" && edge.from === id) return [edge.to];
    if (arrow === "ArrowLeft" && edge.to === id) return [edge.from];
    return [];
  });
  const near = ends.map((end) => byId.get(end)).filter((node) => node !== undefined);
  return near.sort((a, b) => Math.abs(a.y - here.y) - Math.abs(b.y - here.y))[0]?.id;
}
