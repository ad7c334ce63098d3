// The layered picture: needs points right. Positions come from the server and stay put.
import { useMemo, useRef, type KeyboardEvent } from "react";
import { useWidth } from "../../charts/width";
import { count, middle, words } from "../../format/number";
import { GlyphAt } from "../../parts/status";
import { neighbourhood, stepFrom, type MapEdge, type MapGraph, type MapNode } from "./topology-graph";

export interface TopologyMapProps {
  graph: MapGraph;
  label: string;
  statuses: Map<string, string>;
  selected: string | undefined;
  lit: string | undefined;
  onSelect: (id: string | undefined) => void;
  onOpen: (node: MapNode) => void;
  onLight: (id: string | undefined) => void;
}

const BOX = { least: 82, most: 132, height: 36, gap: 24 };
const ROW = 46;
const TOP = 24;

interface Placed extends MapNode {
  left: number;
  top: number;
  width: number;
}

interface Drawn {
  path: string;
  /** An edge that does not point right says where it ends. */
  head: string | undefined;
}

/** Within a layer an edge bows out to the right, the farther the longer, in the room beside it. */
const BOW = { least: 10, row: 4, most: 64, edge: 6 };

function bowRoom(rows: number, room: number): number {
  return Math.max(BOW.least, Math.min(BOW.least + rows * BOW.row, BOW.most, room - BOW.edge));
}

function edgeOf(from: Placed, to: Placed, room: number): Drawn {
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

/** 1 to 5 px, logarithmic. */
function thickness(volume: number): number {
  return Math.min(5, 1 + Math.log10(Math.max(1, volume)) * 1.3);
}

function Edge({ edge, drawn, isLit, isDim }: { edge: MapEdge; drawn: Drawn; isLit: boolean; isDim: boolean }) {
  const state = [isLit ? "lit" : "", isDim ? "dim" : ""].join(" ");
  return (
    <g>
      <title>{`${edge.kinds.map(words).join(", ")}${edge.volume > 1 ? `, ${count(edge.volume)}` : ""}`}</title>
      <path d={drawn.path} className={`edge ${edge.need} ${state}`} strokeWidth={thickness(edge.volume).toFixed(1)} />
      {drawn.head && <path d={drawn.head} className={`head ${state}`} />}
    </g>
  );
}

function shortened(text: string, letters: number): string {
  return text.length > letters ? `${text.slice(0, letters - 1)}…` : text;
}

function Node({ node, status, isDim, isSelected, isFirst, props }: { node: Placed; status: string | undefined; isDim: boolean; isSelected: boolean; isFirst: boolean; props: TopologyMapProps }) {
  const { left, top } = node;
  const inset = status ? 20 : 8;
  const letters = Math.floor((node.width - inset - 6) / 6.4);
  const second = node.isGroup ? `${count(node.size)} entities` : node.change ? `${node.detail} · ${node.change}` : node.detail;
  const said = `${node.name}, ${node.isGroup ? `${count(node.size)} entities` : words(node.kind)}${status ? `, ${status}` : ""}${node.change ? `, ${node.change}` : ""}`;
  const classes = ["node", node.isExternal ? "ext" : "", isSelected ? "sel" : "", isDim ? "dim" : "", node.change ?? ""].join(" ");
  return (
    <g className={classes} transform={`translate(${left} ${top})`}>
      <g
        role="button"
        aria-label={said}
        aria-pressed={isSelected}
        tabIndex={isSelected || isFirst ? 0 : -1}
        data-node={node.id}
        onClick={() => props.onSelect(isSelected ? undefined : node.id)}
        onDoubleClick={() => props.onOpen(node)}
        onPointerEnter={() => props.onLight(node.id)}
        onPointerLeave={() => props.onLight(undefined)}
        onFocus={() => props.onLight(node.id)}
        onBlur={() => props.onLight(undefined)}
      >
        <title>{said}</title>
        <rect className="ring" x="-3" y="-3" width={node.width + 6} height={BOX.height + 6} rx="6" />
        {node.isGroup && <rect className="box" x="3" y="-3" width={node.width - 6} height={BOX.height} rx="4" />}
        <rect className="box" width={node.width} height={BOX.height} rx="4" />
      </g>
      {/* What is read stands in the name of the button; this is its picture. */}
      <g aria-hidden="true" pointerEvents="none">
        {node.isStore && <path className="store" d={`M0 3.5H${node.width}`} />}
        {status && <GlyphAt word={status} x={6} y={9} />}
        <text x={inset} y="15" className="l">
          {middle(node.name, letters)}
        </text>
        <text x={inset} y="29">
          {shortened(second, Math.floor((node.width - inset - 6) / 5.8))}
        </text>
      </g>
    </g>
  );
}

/** Room right of the last layer, for the edges that bow out of it. */
function marginOf(graph: MapGraph, layers: number): number {
  const rows = new Map(graph.nodes.filter((node) => node.x === layers - 1).map((node) => [node.id, node.y]));
  let margin = 4;
  for (const edge of graph.edges) {
    const [a, b] = [rows.get(edge.from), rows.get(edge.to)];
    if (a !== undefined && b !== undefined) margin = Math.max(margin, bowRoom(Math.abs(a - b), BOW.most) + BOW.edge);
  }
  return margin;
}

export function TopologyMap(props: TopologyMapProps) {
  const { graph, selected, lit, statuses } = props;
  const [box, width] = useWidth(900);
  const svg = useRef<SVGSVGElement>(null);
  const layers = Math.max(1, graph.layers.length, ...graph.nodes.map((node) => node.x + 1));
  // Boxes shrink before the picture has to scroll.
  const margin = marginOf(graph, layers);
  const boxWidth = Math.max(BOX.least, Math.min(BOX.most, (width - 16 - margin + BOX.gap) / layers - BOX.gap));
  const pitch = Math.max(boxWidth + BOX.gap, layers > 1 ? (width - boxWidth - 10 - margin) / (layers - 1) : 0);
  const wide = Math.max(width - 2, 8 + pitch * (layers - 1) + boxWidth + margin);
  const tall = TOP + Math.max(1, graph.height, ...graph.nodes.map((node) => node.y + 1)) * ROW + 4;
  const placed = useMemo(() => {
    const bottoms = new Map<number, number>();
    for (const node of graph.nodes) bottoms.set(node.x, Math.max(bottoms.get(node.x) ?? 0, node.y + 1));
    const most = Math.max(1, ...bottoms.values());
    return new Map(
      graph.nodes.map((node): [string, Placed] => {
        // A short layer stands in the middle of the tallest.
        const shift = ((most - (bottoms.get(node.x) ?? most)) * ROW) / 2;
        return [node.id, { ...node, left: 5 + node.x * pitch, top: TOP + 5 + node.y * ROW + shift, width: boxWidth }];
      }),
    );
  }, [graph, pitch, boxWidth]);
  const focus = lit ?? selected;
  const near = useMemo(() => (focus !== undefined && placed.has(focus) ? neighbourhood(graph, focus) : null), [graph, focus, placed]);
  const walk = (event: KeyboardEvent) => {
    const id = (event.target as Element).getAttribute("data-node");
    if (id === null) return;
    if (event.key.startsWith("Arrow")) {
      event.preventDefault();
      const to = stepFrom(graph, id, event.key);
      if (to !== undefined) svg.current?.querySelector<SVGGElement>(`[data-node="${CSS.escape(to)}"]`)?.focus();
    } else if (event.key === "Enter") {
      const node = placed.get(id);
      if (node && (id === selected || node.isGroup)) props.onOpen(node);
      else props.onSelect(id);
    } else if (event.key === " ") {
      event.preventDefault();
      props.onSelect(id);
    } else if (event.key === "Escape") {
      props.onSelect(undefined);
    }
  };
  return (
    <div className="map" ref={box}>
      <svg ref={svg} width={wide} height={tall} viewBox={`0 0 ${wide} ${tall}`} role="group" aria-label={props.label} onKeyDown={walk}>
        {/* Of groups the kinds within say nothing about a layer. */}
        {!graph.nodes.some((node) => node.isGroup) && graph.layers.map((title, layer) => (
          <text key={`${layer}-${title}`} x={5 + layer * pitch} y="12">
            {shortened(words(title), Math.floor((pitch - 8) / 5.8))}
          </text>
        ))}
        {graph.edges.map((edge) => {
          const from = placed.get(edge.from);
          const to = placed.get(edge.to);
          if (!from || !to) return null;
          const isLit = focus !== undefined && (edge.from === focus || edge.to === focus);
          const room = from.x === layers - 1 ? wide - from.left - from.width : pitch - from.width;
          return <Edge key={edge.key} edge={edge} drawn={edgeOf(from, to, room)} isLit={isLit} isDim={near !== null && !isLit} />;
        })}
        {[...placed.values()].map((node, index) => (
          <Node key={node.id} node={node} status={statuses.get(node.id)} isDim={near !== null && !near.has(node.id)} isSelected={selected === node.id} isFirst={index === 0} props={props} />
        ))}
      </svg>
    </div>
  );
}

export function MapLegend({ graph }: { graph: MapGraph }) {
  const has = (need: string) => graph.edges.some((edge) => edge.need === need);
  const samples: [string, string, string][] = [];
  if (graph.edges.some((edge) => edge.need === "required" || edge.need === "unknown")) samples.push(["", "2", "needs"]);
  if (has("optional")) samples.push(["optional", "2", "optional"]);
  if (has("asynchronous")) samples.push(["asynchronous", "2", "asynchronous"]);
  const places = new Map(graph.nodes.map((node) => [node.id, node.x]));
  const isBack = graph.edges.some((edge) => (places.get(edge.to) ?? 0) <= (places.get(edge.from) ?? 0));
  const most = Math.max(0, ...graph.edges.map((edge) => edge.volume));
  if (most > 1) samples.push(["", "1", "1 relation"], ["", thickness(most).toFixed(1), `${count(most)} relations`]);
  return (
    <div className="legend map mt-2">
      {samples.map(([need, thick, what]) => (
        <span key={what}>
          <svg width="26" height="8" aria-hidden="true">
            <path d="M0 4H26" className={`edge ${need}`} strokeWidth={thick} />
          </svg>
          {what}
        </span>
      ))}
      {isBack && (
        <span>
          <svg width="26" height="8" aria-hidden="true">
            <path d="M6 4H26" className="edge" strokeWidth="2" />
            <path d="M0 4l7 -3.5v7z" className="head" />
          </svg>
          needs what stands left or beside it
        </span>
      )}
    </div>
  );
}
