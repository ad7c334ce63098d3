// From the answer to what is read: the sentence, words for states and measures, the order of harm.
import type { Incident, IncidentsAnswer, IncidentStatistic } from "../../api/incidents";
import type { SuspectsAnswer } from "../../api/suspects";
import type { Envelope } from "../../api/types";
import { count, money, plural } from "../../format/number";
import { short } from "../../format/time";
import { lengthRange } from "../../format/duration";
import { evidenceOf } from "../../parts/answered";

export type Incidents = Envelope<IncidentsAnswer>;
export type Suspects = Envelope<SuspectsAnswer>;
export const incidentsEvidence = evidenceOf<IncidentsAnswer>("incidents");
export const suspectsEvidence = evidenceOf<SuspectsAnswer>("incidents/suspects");

export const MEASURES: Record<IncidentStatistic["measure"], { title: string; means: string }> = {
  detect: { title: "To detect", means: "detected less started" },
  acknowledge: { title: "To acknowledge", means: "acknowledged less detected" },
  resolve: { title: "To resolve", means: "resolved less started" },
  resolve_from_detected: { title: "To resolve, from detected", means: "resolved less detected" },
};

export const DEFINITION = "Each length uses only incidents that have both of its instants, and says how many. An end known as a range keeps both bounds. What is reopened within 30 minutes is the same incident; children are not counted beside their parent.";
export const SURVIVAL = "Kaplan–Meier: the share of incidents still open after so long, with open ones counted as lasting at least until now. Its median cannot be pulled down by leaving out what still lasts.";

export const isOpen = (one: Incident): boolean => one.resolved_at === null && one.state !== "resolved";

export function glyphOf(one: Incident): string {
  if (!isOpen(one)) return "healthy";
  return /1|crit|high|major/i.test(one.severity ?? "") ? "critical" : "warning";
}

/** Open ones first, then what cost most, then what lasted longest. */
export function worstFirst(rows: readonly Incident[]): Incident[] {
  const cost = (one: Incident) => Number(one.downtime_cost?.amount ?? -1);
  return [...rows].sort((a, b) => Number(isOpen(b)) - Number(isOpen(a)) || cost(b) - cost(a) || (b.resolve.high ?? b.resolve.low ?? 0) - (a.resolve.high ?? a.resolve.low ?? 0) || (b.started_at ?? "").localeCompare(a.started_at ?? ""));
}

export function incidentsSentence(envelope: Incidents): string {
  const { summary, incidents, statistics } = envelope.data;
  if (summary.incidents === 0) return "No incident is held for this part of the estate.";
  const open = incidents.filter(isOpen);
  const first = open[0];
  const resolve = statistics.find((one) => one.measure === "resolve");
  const median = resolve && lengthRange(resolve.median.low, resolve.median.high);
  const parts = [first ? `${first.id} on ${first.services.map((one) => one.name).slice(0, 2).join(", ") || "no known service"} is open since ${short(first.started_at ?? first.detected_at, envelope.as_of)}.` : "None is open."];
  parts.push(`${plural(summary.incidents, "incident")}${median ? `; half of those resolved took under ${median}, n = ${count(resolve?.n ?? 0)}` : ""}.`);
  return parts.join(" ");
}

export function costText(one: Incident): string | null {
  return one.downtime_cost?.amount == null ? null : money(one.downtime_cost.amount, one.downtime_cost.currency);
}
