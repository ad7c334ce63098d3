// From the answer to what is read: the sentence, words for classes, weights as shares.
import type { CriticalPathsAnswer, EntityRef, PointClass, SinglePoint } from "../../api/critical-paths";
import type { Envelope } from "../../api/types";
import { count, plural, ratio } from "../../format/number";
import { evidenceOf } from "../../parts/answered";

export type CriticalPaths = Envelope<CriticalPathsAnswer>;
export const pathsEvidence = evidenceOf<CriticalPathsAnswer>("critical-paths");

export const CLASSES: Record<PointClass, string> = {
  capacity: "a group without a spare member",
  placement: "all members depend on one node, instance, volume or zone",
  data: "a database, or a cache used as a store, without automatic failover to another zone",
  network: "it closes a route or a way out that nothing else serves",
  place: "a place or a provider's service, judged only when asked for",
  dependency: "a required service as a whole; replicas do not help against a bad release",
};

export const LOSS = "x is a single point of failure of t when t is in the closure of {x} and x is not t. Loss is the weight of the entry points that fail with it, of all entry points. Ties go by what is taken down, then id.";

/** A point by its entity; what is outside the scope has no id, so its place in the list stands in. */
export function keyOf(point: SinglePoint, index: number): string {
  return `${point.class} ${point.entity.id ?? `${point.entity.kind} ${index}`}`;
}

export function entriesText(point: SinglePoint, envelope: CriticalPaths): string {
  const { entry_points: all, products } = envelope.data.summary;
  const taken = point.takes_down.length;
  return `${count(taken)} of ${count(all + products)}`;
}

const high = (points: SinglePoint[], least: number) => points.filter((one) => (one.loss.value ?? 0) >= least).length;

export function pathsSentence(envelope: CriticalPaths): string {
  const { summary, physical, logical, targets } = envelope.data;
  if (targets.length === 0) return summary.workload_risks > 0 ? `No entry point is known; ${plural(summary.workload_risks, "workload")} would go with one failure.` : "No entry point is known, so nothing can be taken down.";
  const parts = [`${plural(summary.physical, "physical point")}, ${count(summary.logical)} logical.`];
  const top = physical[0] ?? logical[0];
  if (top) parts.push(`${top.entity.id ? top.entity.name : "Something outside your scope"} takes down ${entriesText(top, envelope)} ${summary.products > 0 ? "entry points and products" : "entry points"}${top.loss.value === null ? "" : `, ${ratio(top.loss.value)} of all ${envelope.data.assumptions.weighted_by}`}.`);
  const many = high(physical, 0.8);
  if (many > 1) parts.push(`${count(many)} of them cost over 80\u00a0% each.`);
  if (summary.failed_already > 0) parts.push(`${plural(summary.failed_already, "entry has", "entries have")} failed already.`);
  return parts.join(" ");
}

export function baseText(envelope: CriticalPaths): string {
  const { assumptions: base } = envelope.data;
  return `weighted by ${base.weighted_by} · ${count(base.assumed)} of ${plural(base.calls, "call")} of unknown need, taken as required`;
}

/** Decisions about a risk name its class and entity. */
export function riskTarget(riskClass: string, entity: EntityRef): string | null {
  return entity.id === null ? null : `risk:${riskClass}:${entity.id}`;
}
