// From the answer to what is listed and drawn: order of harm, the graph, the case shown on it.
import type { CriticalPath, ServiceDependenciesAnswer, ServiceEdge, ServiceNode } from "../../api/service-dependencies";
import type { Envelope, Measure } from "../../api/types";
import type { MapEdge, MapGraph, MapNode, MapTone } from "../../charts/layered/layered-graph";
import { count, distinctNames, plural, ratio, withUnit } from "../../format/number";
import { figureText } from "../../parts/figure";
import { evidenceOf } from "../../parts/answered";
import { statusRank } from "../../parts/status";

export type Dependencies = Envelope<ServiceDependenciesAnswer>;
export const dependencyEvidence = evidenceOf<ServiceDependenciesAnswer>("service-dependencies");

export const SETS: [ServiceEdge["set"], string][] = [
  ["declared_and_observed", "declared and observed"],
  ["declared_only", "declared only"],
  ["observed_only", "observed only"],
];

const STORES = new Set(["database", "database_cluster", "database_proxy", "cache", "queue", "bucket"]);
const EXTERNAL = new Set(["external_endpoint", "external_service", "endpoint", "unknown"]);
/** Shares under this are too small for a badge; the table lists them all. */
const BADGE_LEAST = 0.005;

export function namesOf(answer: ServiceDependenciesAnswer): Map<string, string> {
  return distinctNames(answer.services);
}

/** Requests that fail each second: what harm is ordered by within one status. */
function harmOf(node: ServiceNode): number {
  return (node.figures.request_rate.value ?? node.figures.calls.value ?? 0) * (node.figures.error_ratio.value ?? 0);
}

/** Worst status first, then what fails most requests, then what most requests need. */
export function worstFirst(answer: ServiceDependenciesAnswer, statuses: Map<string, string>): ServiceNode[] {
  const scores = new Map(answer.impact.map((one) => [one.service, one.score.value ?? 0]));
  const rank = (node: ServiceNode) => statusRank(statuses.get(node.id) ?? "healthy");
  return [...answer.services].sort(
    (a, b) => rank(a) - rank(b) || harmOf(b) - harmOf(a) || (scores.get(b.id) ?? 0) - (scores.get(a.id) ?? 0) || (b.figures.calls.value ?? 0) - (a.figures.calls.value ?? 0) || a.name.localeCompare(b.name, "en"),
  );
}

export function servicesSentence(envelope: Dependencies, statuses: Map<string, string>): string {
  const { summary } = envelope.data;
  if (summary.services === 0) return "No service is known here.";
  const worst = worstFirst(envelope.data, statuses)[0];
  const errors = worst?.figures.error_ratio.value ?? 0;
  const said = worst && errors > 0 ? `${worst.name} fails ${ratio(errors)} of ${worst.figures.request_rate.value === null ? "its requests" : figureText(worst.figures.request_rate)}. ` : "";
  const cycles = summary.cycles > 0 ? ` ${plural(summary.cycles, "cycle")} of calls.` : "";
  return `${said}${plural(summary.services, "service and what they call", "services and what they call")}, ${plural(summary.edges, "edge")}: ${count(summary.declared_and_observed)} declared and observed, ${count(summary.declared_only)} declared only, ${count(summary.observed_only)} observed only.${cycles}`;
}

/** What happens to entities in the case shown. */
export interface MapCase {
  tones: Map<string, MapTone>;
  path: CriticalPath | undefined;
}

function shareBadges(path: CriticalPath | undefined): Map<string, number> {
  const shares = path?.all?.services ?? [];
  if (shares.length > 0) return new Map(shares.map((one) => [one.service, one.share]));
  const steps = path?.estimated?.steps ?? [];
  const total = steps.reduce((sum, step) => sum + step.visits * (step.own_seconds + step.network_seconds), 0);
  return new Map(steps.flatMap((step) => step.services.map((id): [string, number] => [id, total > 0 ? (step.visits * (step.own_seconds + step.network_seconds)) / total : 0])));
}

function edgeTone(edge: ServiceEdge, shown: MapCase, shares: Map<string, number>): MapEdge["tone"] {
  const to = shown.tones.get(edge.to);
  const from = shown.tones.get(edge.from);
  if (to && to !== "degrades" && from) return from === "degrades" ? "degrades" : "fails";
  const onPath = (shares.get(edge.from) ?? 0) > 0 && (shares.get(edge.to) ?? 0) >= BADGE_LEAST && !edge.is_asynchronous && edge.need !== "asynchronous";
  return onPath ? "path" : undefined;
}

const figureOr = (of: Measure): string | undefined => (of.value === null ? undefined : withUnit(of.value, of.unit));

function edgeSaid(edge: ServiceEdge, names: Map<string, string>): string {
  const known = SETS.find(([set]) => set === edge.set)?.[1];
  const parts = [`${names.get(edge.from) ?? edge.from} to ${names.get(edge.to) ?? edge.to}`, edge.need === "unknown" ? "need unknown, drawn as required" : edge.need, figureOr(edge.figures.request_rate), edge.figures.error_ratio.value === null ? undefined : `errors ${ratio(edge.figures.error_ratio.value)}`, edge.client_latency.p95.value === null ? undefined : `p95 ${figureOr(edge.client_latency.p95)}`, known];
  return parts.filter(Boolean).join(", ");
}

/** The graph that can be drawn; nothing when the answer has no places for it. */
export function graphOf(answer: ServiceDependenciesAnswer, shown: MapCase): MapGraph | null {
  if (!answer.layout) return null;
  const places = new Map(answer.layout.nodes.map((node) => [node.id, node]));
  const shares = shareBadges(shown.path);
  const nodes = answer.services.flatMap((one): MapNode[] => {
    const place = places.get(one.id);
    if (!place) return [];
    const share = shares.get(one.id) ?? 0;
    return [{
      id: one.id, name: one.name, detail: figureOr(one.figures.request_rate) ?? "", kind: one.kind, isGroup: false, isStore: STORES.has(one.kind), isExternal: EXTERNAL.has(one.kind), size: 1,
      x: place.x, y: place.y, change: undefined, tone: shown.tones.get(one.id), badge: share >= BADGE_LEAST ? ratio(share) : undefined,
    }];
  });
  const drawn = new Set(nodes.map((node) => node.id));
  const names = namesOf(answer);
  const edges = answer.edges.filter((one) => one.from !== one.to && drawn.has(one.from) && drawn.has(one.to)).map((one): MapEdge => ({
    key: `${one.from} ${one.relation} ${one.to}`, from: one.from, to: one.to, kinds: [one.relation], need: one.is_asynchronous ? "asynchronous" : one.need,
    volume: one.figures.request_rate.value ?? 0, tone: edgeTone(one, shown, shares), said: edgeSaid(one, names),
  }));
  const volumes = edges.map((edge) => edge.volume).filter((volume) => volume > 0);
  return {
    nodes, edges, layers: answer.layout.layers, height: answer.layout.height,
    volumes: { least: volumes.length > 0 ? Math.min(...volumes) : 1, most: volumes.length > 0 ? Math.max(...volumes) : 1, unit: "/s" },
  };
}

/** In words, what edges of unknown need and unseen edges leave open. */
export function openText(answer: ServiceDependenciesAnswer): string {
  const assumed = answer.edges.filter((edge) => edge.need === "unknown").length;
  return `${plural(answer.edges.length, "edge")}, ${count(assumed)} of unknown need`;
}
