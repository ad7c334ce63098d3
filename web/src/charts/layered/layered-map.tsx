// The layered picture: needs points right. Positions come from the server and stay put.
import { memo, useMemo, useRef, type KeyboardEvent } from "react";
import { count, middle, words } from "../../format/number";
import { GlyphAt } from "../../parts/status";
import { useWidth } from "../width";
import { concerned, neighbourhood, pathsThrough, stepFrom, type MapEdge, type MapGraph, type MapNode } from "./layered-graph";
import { BOX, edgeOf, placesOf, thickness, type Drawn, type Placed } from "./layered-places";

export interface LayeredMapProps {
  graph: MapGraph;
  label: string;
  statuses: Map<string, string>;
  selected: string | undefined;
  lit: string | undefined;
  onSelect: (id: string | undefined) => void;
  onOpen: (node: MapNode) => void;
  onLight: (id: string | undefined) => void;
  /** Hover keeps every path through a node instead of its neighbours only. */
  hasPaths?: boolean;
  /** Titles of groups' layers say something only where the layers are of a meaning of their own. */
  hasLayerTitles?: boolean;
}

function Edge({ edge, drawn, width, state }: { edge: MapEdge; drawn: Drawn; width: number; state: string }) {
  return (
    <g>
      <title>{edge.said ?? `${edge.kinds.map(words).join(", ")}${edge.volume > 1 ? `, ${count(edge.volume)}` : ""}`}</title>
      <path d={drawn.path} className={`edge ${edge.need} ${edge.tone ?? ""} ${state}`} strokeWidth={(edge.tone === "path" ? Math.max(4, width) : width).toFixed(1)} />
      {drawn.head && <path d={drawn.head} className={`head ${edge.tone ?? ""} ${state}`} />}
    </g>
  );
}

function shortened(text: string, letters: number): string {
  return text.length > letters ? `${text.slice(0, Math.max(1, letters - 1))}…` : text;
}

function saidOf(node: MapNode, status: string | undefined): string {
  const parts = [node.name, node.isGroup ? node.detail || `${count(node.size)} entities` : words(node.kind), status, node.tone, node.badge && `${node.badge} of the time`, node.change];
  return parts.filter(Boolean).join(", ");
}

interface NodeProps {
  node: Placed;
  status: string | undefined;
  isDim: boolean;
  isSelected: boolean;
  isFirst: boolean;
  on: Pick<LayeredMapProps, "onSelect" | "onOpen" | "onLight">;
}

const Node = memo(function Node({ node, status, isDim, isSelected, isFirst, on }: NodeProps) {
  const { left, top } = node;
  const inset = status ? 20 : 8;
  const letters = Math.floor((node.width - inset - 6) / 6.4);
  const second = [node.detail, node.tone ?? node.change].filter(Boolean).join(" · ");
  const said = saidOf(node, status);
  const classes = ["node", node.isExternal ? "ext" : "", isSelected ? "sel" : "", isDim ? "dim" : "", node.change ?? "", node.tone ?? "", node.badge ? "path" : ""].join(" ");
  return (
    <g className={classes} transform={`translate(${left} ${top})`}>
      <g
        role="button"
        aria-label={said}
        aria-pressed={isSelected}
        tabIndex={isSelected || isFirst ? 0 : -1}
        data-node={node.id}
        onClick={() => on.onSelect(isSelected ? undefined : node.id)}
        onDoubleClick={() => on.onOpen(node)}
        onPointerEnter={() => on.onLight(node.id)}
        onPointerLeave={() => on.onLight(undefined)}
        onFocus={() => on.onLight(node.id)}
        onBlur={() => on.onLight(undefined)}
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
        {node.badge && (
          <g transform={`translate(${node.width - 42} -9)`}>
            <rect className="badge" width="44" height="14" rx="2" />
            <text className="badge-text" x="22" y="11" textAnchor="middle">{node.badge}</text>
          </g>
        )}
      </g>
    </g>
  );
});

export function LayeredMap(props: LayeredMapProps) {
  const { graph, selected, lit, statuses } = props;
  const [box, width] = useWidth(900);
  const svg = useRef<SVGSVGElement>(null);
  const { placed, layers, pitch, wide, tall } = useMemo(() => placesOf(graph, width), [graph, width]);
  const edges = useMemo(() => {
    return graph.edges.flatMap((edge) => {
      const [from, to] = [placed.get(edge.from), placed.get(edge.to)];
      if (!from || !to) return [];
      const room = from.x === layers - 1 ? wide - from.left - from.width : pitch - from.width;
      return [{ edge, drawn: edgeOf(from, to, room), width: thickness(edge.volume, graph) }];
    });
  }, [graph, placed, layers, wide, pitch]);
  const shown = useMemo(() => concerned(graph), [graph]);
  const focus = lit ?? (shown ? undefined : selected);
  const near = useMemo(() => (focus !== undefined && placed.has(focus) ? (props.hasPaths ? pathsThrough : neighbourhood)(graph, focus) : shown), [graph, focus, placed, props.hasPaths, shown]);
  // A case that is shown lasts, so what it does not concern stays legible.
  const isCase = focus === undefined && shown !== null;
  const handlers = useRef(props);
  handlers.current = props;
  const on = useMemo((): NodeProps["on"] => ({ onSelect: (id) => handlers.current.onSelect(id), onOpen: (node) => handlers.current.onOpen(node), onLight: (id) => handlers.current.onLight(id) }), []);
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
  const first = graph.nodes[0]?.id;
  return (
    <div className="map" ref={box}>
      <svg ref={svg} width={wide} height={tall} viewBox={`0 0 ${wide} ${tall}`} role="group" aria-label={props.label} onKeyDown={walk} className={isCase ? "case" : undefined}>
        {(props.hasLayerTitles ?? !graph.nodes.some((node) => node.isGroup)) && graph.layers.map((title, layer) => (
          <text key={`${layer}-${title}`} x={5 + layer * pitch} y="12">
            {shortened(words(title), Math.floor((pitch - 8) / 5.8))}
          </text>
        ))}
        {edges.map(({ edge, drawn, width: thick }) => {
          const isLit = focus !== undefined && near?.edges.has(edge.key) === true;
          return <Edge key={edge.key} edge={edge} drawn={drawn} width={thick} state={`${isLit ? "lit" : ""} ${near !== null && !near.edges.has(edge.key) ? "dim" : ""}`} />;
        })}
        {[...placed.values()].map((node) => (
          <Node key={node.id} node={node} status={statuses.get(node.id)} isDim={near !== null && !near.nodes.has(node.id)} isSelected={selected === node.id} isFirst={node.id === first} on={on} />
        ))}
      </svg>
    </div>
  );
}
