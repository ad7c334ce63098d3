// From the answer to what is read: the sentence, words for states and measures, lengths of one incident.
import type { IncidentDuration, IncidentDurations, IncidentFigure, IncidentRow, IncidentsAnswer, IncidentTimelineAnswer } from "../../api/incidents";
import type { SuspectsAnswer } from "../../api/suspects";
import type { Envelope } from "../../api/types";
import { lengthRange } from "../../format/duration";
import { count, plural } from "../../format/number";
import { short } from "../../format/time";
import { evidenceOf } from "../../parts/answered";
import type { LengthRange } from "../../parts/range-cell";

export type Incidents = Envelope<IncidentsAnswer>;
export type Timelines = Envelope<IncidentTimelineAnswer>;
export type Suspects = Envelope<SuspectsAnswer>;
export const incidentsEvidence = evidenceOf<IncidentsAnswer>("incidents");
export const timelineEvidence = evidenceOf<IncidentTimelineAnswer>("incidents/timeline");
export const suspectsEvidence = evidenceOf<SuspectsAnswer>("incidents/suspects");

export const MEASURES: { key: keyof IncidentDurations; title: string; means: string }[] = [
  { key: "detect", title: "To detect", means: "detected less started" },
  { key: "acknowledge", title: "To acknowledge", means: "acknowledged less detected" },
  { key: "resolve", title: "To resolve", means: "resolved less started" },
  { key: "resolve_from_detected", title: "To resolve, from detected", means: "resolved less detected" },
];

export const DEFINITION = "Each length uses only incidents that have both of its instants, and says how many; none is replaced by another. An end known as a range keeps both bounds. What is reopened within 30 minutes is the same incident; parts are not counted beside the whole.";
export const SURVIVAL = "Kaplan–Meier median of those that began in the time, open ones counted as lasting at least until now, so that it is not pulled down by leaving out what still lasts.";

export const isOpen = (one: IncidentRow): boolean => one.status !== "resolved";

export function glyphOf(one: IncidentRow): string {
  if (!isOpen(one)) return "healthy";
  return one.status === "mitigated" ? "warning" : "critical";
}

export const harmedText = (one: IncidentRow): string => one.harmed.map((entity) => entity.name).join(", ");

export function rangeOf(of: IncidentFigure): LengthRange {
  return { low: of.low, high: of.high, reason: of.reason };
}

export const intervalText = (of: IncidentFigure): string | null => (of.interval ? lengthRange(of.interval[0] ?? null, of.interval[1] ?? null) : null);

/** How long it lasted, or lasts by now. */
export function lastedOf(one: IncidentRow): LengthRange {
  return one.lasted_seconds ? { low: one.lasted_seconds[0] ?? null, high: one.lasted_seconds[1] ?? null } : { low: null, high: null, reason: "end not known" };
}

/** The four lengths of one incident, each from its own two instants. */
export function lengthsOf(one: IncidentRow): { title: string; means: string; of: LengthRange }[] {
  const between = (from: string | null, to: string | null, latest: string | null = to): LengthRange =>
    from === null || to === null ? { low: null, high: null, reason: "not known" } : { low: (Date.parse(to) - Date.parse(from)) / 1_000, high: (Date.parse(latest ?? to) - Date.parse(from)) / 1_000 };
  const values: Record<keyof IncidentDurations, LengthRange> = {
    detect: between(one.started_at, one.detected_at), acknowledge: between(one.detected_at, one.acknowledged_at),
    resolve: between(one.started_at, one.resolved_at, one.resolved_at_latest), resolve_from_detected: between(one.detected_at, one.resolved_at, one.resolved_at_latest),
  };
  return MEASURES.map(({ key, title, means }) => ({ title, means, of: values[key] }));
}

export function nText(of: IncidentDuration): string {
  return `n = ${count(of.n)}${of.n_range > 0 ? `, ${count(of.n_range)} with an end as a range` : ""}${of.n_without > 0 ? `, ${count(of.n_without)} without both instants` : ""}`;
}

export function incidentsSentence(envelope: Incidents): string {
  const { total, incidents } = envelope.data;
  if (total.count === 0) return "No incident is held for this part of the estate.";
  const first = incidents.find(isOpen);
  const { resolve } = total.durations;
  const median = lengthRange(resolve.median.low, resolve.median.high);
  return `${first ? `${first.id} on ${harmedText(first) || "no known service"} is ${first.status} since ${short(first.began_at, envelope.as_of)}.` : "None is open."} ${plural(total.count, "incident")}${median ? `; half of those resolved took under ${median}, n = ${count(resolve.n)}` : ""}.`;
}
