// From the answer to what is read: the sentence, engines, when storage is full, words for checks.
import type { DatabaseFill, DatabasePerformance, DatabasePerformanceAnswer } from "../../api/database-performance";
import type { Envelope } from "../../api/types";
import { count, fixed, plural, words } from "../../format/number";
import { evidenceOf } from "../../parts/answered";

export type DatabaseLoads = Envelope<DatabasePerformanceAnswer>;
export const loadEvidence = evidenceOf<DatabasePerformanceAnswer>("database-performance");

export const DEFINITION = "The worst of the checks that could be made, each with its figure and limit; unknown when none could be. Means are over the window, levels are the newest value. What an engine does not report is absent, not 0.";
export const FILL = "When the volume is full if its growth goes on: an 80 % interval from trials on the past. Beyond the horizon, or with too little past, nothing is said.";

export function engineText(row: DatabasePerformance): string {
  return [row.engine ?? "unknown engine", row.version].filter(Boolean).join(" ");
}

export function fillText(full: DatabaseFill): string {
  if (full.days.value === null) return words(full.days.detail ?? full.days.reason ?? "no data");
  const day = (value: number | null) => (value === null ? "later" : count(value));
  const range = full.days_low === null && full.days_high === null ? "" : `, 80 % ${day(full.days_low)}–${day(full.days_high)}`;
  return `${full.days.value < 10 ? fixed(full.days.value, 1) : count(full.days.value)} d${range}`;
}

export function loadSentence(envelope: DatabaseLoads): string {
  const { summary, databases } = envelope.data;
  if (summary.databases === 0) return "No database is known here.";
  if (summary.measured === 0) return `Nothing was measured of ${plural(summary.databases, "database")} in this window.`;
  const worst = databases[0];
  const counts = summary.by_status.filter((one) => one.count > 0 && one.status !== "healthy").map((one) => `${count(one.count)} ${one.status}`);
  return `${worst && worst.status !== "healthy" && worst.status !== "unknown" ? `${worst.name}: ${worst.reason}. ` : ""}${count(summary.measured)} of ${plural(summary.databases, "database")} measured${counts.length > 0 ? `: ${counts.join(", ")}` : ", all healthy"}.`;
}
