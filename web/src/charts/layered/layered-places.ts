// Where boxes and edges of a layered picture stand, in pixels.
import type { MapGraph, MapNode } from "./layered-graph";

export const BOX = { least: 82, most: 132, widest: 208, height: 36, gap: 24 };
/** A letter of a name, and what stands beside the name in its box. */
const LETTER = { width: 6.4, beside: 28 };
/** More edges than this are drawn half as thick, so that boxes stay the first thing seen. */
const MANY_EDGES = 120;
export const ROW = 46;
export const TOP = 24;

export interface Placed extends MapNode {
  left: number;
  top: number;
  width: number;
}

export interface Drawn {
  path: string;
  /** An edge that does not point right says where it ends. */
  head: string | undefined;
}

/** Within a layer an edge bows out to the right, the farther the longer, in the room beside it. */
const BOW = { least: 10, row: 4, most: 64, edge: 6 };

function bowRoom(rows: number, room: number): number {
  return Math.max(BOW.least, Math.min(BOW.least + rows * BOW.row, BOW.most, room - BOW.edge));
}

export function edgeOf(from: Placed, to: Placed, room: number): Drawn {
  const y1 = from.top + BOX.height / 2;
  const y2 = to.top + BOX.height / 2;
  const head = (x: number, y: number) => `M${x} ${y}l7 -3.5v7z`;
  if (from.x === to.x) {
    const x = from.left + from.width;
    // A cubic reaches three quarters of the way to its handles; it ends off the middle of the box.
    const handle = x + bowRoom(Math.abs(from.y - to.y), room) / 0.75;
    const [start, end] = y1 < y2 ? [y1 + 6, y2 - 6] : [y1 - 6, y2 + 6];
    return { path: `M${x} ${start}C${handle} ${start} ${handle} ${end} ${x + 6} ${end}`, head: head(x, end) };
  }
  if (to.x > from.x) {
    const [x1, x2] = [from.left + from.width, to.left];
    const bend = (x2 - x1) / 2;
    return { path: `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`, head: undefined };
  }
  // Back to the left it runs below the middle, beside what points right.
  const [x1, x2, low] = [from.left, to.left + to.width, BOX.height / 4];
  const bend = (x1 - x2) / 2;
  return { path: `M${x1} ${y1 + low}C${x1 - bend} ${y1 + low} ${x2 + bend} ${y2 + low} ${x2 + 6} ${y2 + low}`, head: head(x2, y2 + low) };
}

/** The length that three of four names keep within. */
function usualLength(graph: MapGraph): number {
  const lengths = graph.nodes.map((node) => node.name.length).sort((a, b) => a - b);
  return lengths[Math.floor(lengths.length * 0.75)] ?? 0;
}

/** Whether many names would be cut in the boxes of a picture beside a table. */
export function hasLongNames(graph: MapGraph): boolean {
  return usualLength(graph) * LETTER.width + LETTER.beside > BOX.most;
}

/** 1 to 5 px, logarithmic: of a count as it is, of a volume between the least and the most drawn. */
export function thickness(volume: number, graph: Pick<MapGraph, "volumes" | "edges">): number {
  return logarithmic(volume, graph.volumes) * (graph.edges.length > MANY_EDGES ? 0.5 : 1);
}

function logarithmic(volume: number, volumes: MapGraph["volumes"]): number {
  if (!volumes) return Math.min(5, 1 + Math.log10(Math.max(1, volume)) * 1.3);
  const { least, most } = volumes;
  if (volume <= 0 || most <= least) return volume > 0 ? 2 : 1;
  return 1 + (4 * Math.log(Math.max(volume, least) / least)) / Math.log(most / least);
}

/** Room right of the last layer, for the edges that bow out of it. */
export function marginOf(graph: MapGraph, layers: number): number {
  const rows = new Map(graph.nodes.filter((node) => node.x === layers - 1).map((node) => [node.id, node.y]));
  let margin = 4;
  for (const edge of graph.edges) {
    const [a, b] = [rows.get(edge.from), rows.get(edge.to)];
    if (a !== undefined && b !== undefined) margin = Math.max(margin, bowRoom(Math.abs(a - b), BOW.most) + BOW.edge);
  }
  return margin;
}

export interface Places {
  placed: Map<string, Placed>;
  layers: number;
  pitch: number;
  wide: number;
  tall: number;
}

export function placesOf(graph: MapGraph, width: number): Places {
  const layers = Math.max(1, graph.layers.length, ...graph.nodes.map((node) => node.x + 1));
  // Boxes shrink before the picture has to scroll.
  const margin = marginOf(graph, layers);
  const most = Math.max(BOX.most, Math.min(BOX.widest, usualLength(graph) * LETTER.width + LETTER.beside));
  const boxWidth = Math.max(BOX.least, Math.min(most, (width - 16 - margin + BOX.gap) / layers - BOX.gap));
  const pitch = Math.max(boxWidth + BOX.gap, layers > 1 ? (width - boxWidth - 10 - margin) / (layers - 1) : 0);
  const bottoms = new Map<number, number>();
  for (const node of graph.nodes) bottoms.set(node.x, Math.max(bottoms.get(node.x) ?? 0, node.y + 1));
  const tallest = Math.max(1, ...bottoms.values());
  const placed = new Map(
    graph.nodes.map((node): [string, Placed] => {
      // A short layer stands in the middle of the tallest.
      const shift = ((tallest - (bottoms.get(node.x) ?? tallest)) * ROW) / 2;
      return [node.id, { ...node, left: 5 + node.x * pitch, top: TOP + 5 + node.y * ROW + shift, width: boxWidth }];
    }),
  );
  return {
    placed, layers, pitch,
    wide: Math.max(width - 2, 8 + pitch * (layers - 1) + boxWidth + margin),
    tall: TOP + Math.max(1, graph.height, ...graph.nodes.map((node) => node.y + 1)) * ROW + 4,
  };
}
