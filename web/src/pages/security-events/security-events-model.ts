// From the answer to what is read: the sentence, ages, words for exposure and likelihood.
import type { FindingExposureVerdict, FindingSeverity, SecurityEventsAnswer, SecurityFinding } from "../../api/security-events";
import type { Envelope } from "../../api/types";
import { length } from "../../format/duration";
import { count, lastPart, middle, plural, ratio, words } from "../../format/number";
import { evidenceOf } from "../../parts/answered";

export type SecurityEvents = Envelope<SecurityEventsAnswer>;
export const securityEvidence = evidenceOf<SecurityEventsAnswer>("security-events");

export const SEVERITIES: FindingSeverity[] = ["critical", "high", "medium", "low", "unknown"];

export const FINDING = "A finding is one weakness (CVE and GHSA names merged) in one package or place of one target; the target of an image is its repository and workload. It is fixed only when a later complete scan of the same target by the same scanner does not list it. Two scanners that find it are two sources of one finding.";
export const ORDER = "Known exploited first, then severity, exposure, likelihood of exploitation and age.";
export const TIMES = "Findings that are still open count as lasting at least so long (Kaplan–Meier); means and medians of those fixed leave them out and stand beside it.";

const EXPOSURE: Record<FindingExposureVerdict, { glyph: string; text: string }> = {
  exposed: { glyph: "critical", text: "from the internet" },
  through_calls: { glyph: "warning", text: "through calls" },
  possible_not_fully_checked: { glyph: "unknown", text: "possible, not all read" },
  not_exposed: { glyph: "healthy", text: "none" },
  unknown: { glyph: "unknown", text: "not known" },
};

const WAYS: Record<FindingExposureVerdict, string> = { exposed: "reached from the internet", through_calls: "reached from the internet through calls", possible_not_fully_checked: "perhaps reached from the internet", not_exposed: "not reached from the internet", unknown: "way in not known" };

export const exposureOf = (verdict: FindingExposureVerdict) => EXPOSURE[verdict] ?? EXPOSURE.unknown;

export const SEVERITY_GLYPH: Record<FindingSeverity, string> = { critical: "critical", high: "warning", medium: "degraded", low: "off", unknown: "unknown" };

export function partOf(finding: SecurityFinding): string {
  if (finding.package === null) return finding.places[0] ?? "no package";
  const [version, ...more] = finding.installed_versions;
  return `${finding.package}${version ? ` ${version}` : ""}${more.length > 0 ? ` and ${more.length} more` : ""}`;
}

/** The workload, else the target; of an image the end of its name, where images differ. */
export function targetText({ target, workload }: { target: string; workload: string | null }, most = 34): string {
  return middle(workload ?? (target.startsWith("image://") ? lastPart(target) : target), most);
}

export function likelihoodText(finding: SecurityFinding): string | null {
  return finding.exploit_likelihood === null ? null : ratio(finding.exploit_likelihood.probability, finding.exploit_likelihood.probability < 0.1 ? 2 : 0);
}

/** How long past its date, or how long until then. */
export function dueText(finding: SecurityFinding, asOf: string): string {
  if (finding.due === null) return "no target";
  const away = (Date.parse(finding.due) - Date.parse(asOf)) / 1_000;
  return away < 0 ? `${length(-away)} over` : `in ${length(away)}`;
}

export function securitySentence(envelope: SecurityEvents): string {
  const { summary, findings } = envelope.data;
  const open = summary.open + summary.reopened;
  if (open === 0) return envelope.data.scans.length === 0 ? "No scan is held, so nothing can be said about weaknesses." : `Nothing is open in ${plural(envelope.data.scans.length, "scanned target")}.`;
  const worst = findings[0];
  const parts: string[] = [];
  if (worst) parts.push(`${worst.weakness} in ${partOf(worst)}: ${worst.severity}${worst.known_exploited ? ", known to be exploited" : ""}, ${WAYS[worst.exposure.verdict]}.`);
  const bad = [summary.known_exploited > 0 ? `${count(summary.known_exploited)} known exploited` : "", summary.overdue > 0 ? `${count(summary.overdue)} past the target` : "", summary.exposed > 0 ? `${count(summary.exposed)} reached from the internet` : ""].filter(Boolean);
  parts.push(`${plural(open, "finding is", "findings are")} open${bad.length > 0 ? `: ${bad.join(", ")}` : ""}.`);
  return parts.join(" ");
}

export const groupTitle = (by: string): string => words(by);
