// What lines and boxes of a layered picture mean: only what is drawn.
import { count, significant } from "../../format/number";
import type { MapGraph } from "./layered-graph";
import { thickness } from "./layered-places";

export function MapLegend({ graph }: { graph: MapGraph }) {
  const has = (need: string) => graph.edges.some((edge) => edge.need === need);
  const samples: [string, string, string][] = [];
  if (graph.edges.some((edge) => edge.tone === "path")) samples.push(["path", "4", "critical path, share of time"]);
  if (graph.edges.some((edge) => edge.tone === "fails")) samples.push(["fails", "2", "fails with it"]);
  if (graph.edges.some((edge) => edge.tone === "degrades")) samples.push(["degrades", "2", "degrades"]);
  if (graph.edges.some((edge) => edge.need === "required" || edge.need === "unknown")) samples.push(["", "2", "needs"]);
  if (has("optional")) samples.push(["optional", "2", "optional"]);
  if (has("asynchronous")) samples.push(["asynchronous", "2", "asynchronous"]);
  const places = new Map(graph.nodes.map((node) => [node.id, node.x]));
  const isBack = graph.edges.some((edge) => (places.get(edge.to) ?? 0) <= (places.get(edge.from) ?? 0));
  const most = Math.max(0, ...graph.edges.map((edge) => edge.volume));
  const { volumes } = graph;
  if (volumes && volumes.most > volumes.least) {
    for (const volume of [volumes.least, volumes.most]) samples.push(["", thickness(volume, graph).toFixed(1), `${significant(volume, 2)} ${volumes.unit}`]);
  } else if (!volumes && most > 1) {
    samples.push(["", thickness(1, graph).toFixed(1), "1 relation"], ["", thickness(most, graph).toFixed(1), `${count(most)} relations`]);
  }
  return (
    <div className="legend map mt-2">
      {samples.map(([look, thick, what]) => (
        <span key={what}>
          <svg width="26" height="8" aria-hidden="true">
            <path d="M0 4H26" className={`edge ${look}`} strokeWidth={thick} />
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
