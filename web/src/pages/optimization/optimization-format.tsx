// Figures of the page: durations, sizes, absent measures with their reason.
import type { OptimizationMeasure, OptimizationRecommendation } from "../../api/optimization";
import { length } from "../../format/duration";
import { significant, withUnit, words } from "../../format/number";

/** A duration from microseconds up. */
export function took(seconds: number): string {
  if (seconds >= 60) return length(seconds);
  if (seconds >= 1) return withUnit(Number(seconds.toPrecision(3)), "s");
  if (seconds >= 1e-3) return withUnit(Number((seconds * 1e3).toPrecision(3)), "ms");
  return withUnit(Math.max(1, Math.round(seconds * 1e6)), "µs");
}

const SIZES = ["B", "KiB", "MiB", "GiB", "TiB"];

export function size(bytes: number): string {
  const step = bytes === 0 ? 0 : Math.min(SIZES.length - 1, Math.floor(Math.log2(Math.abs(bytes)) / 10));
  return `${significant(bytes / 1024 ** step)} ${SIZES[step]}`;
}

/** A figure, or why there is none. */
export function Absent({ reason }: { reason: string | null }) {
  return <span className="mut">{words(reason ?? "no data")}</span>;
}

export function Figure({ measure, as }: { measure: OptimizationMeasure; as: (value: number) => string }) {
  return measure.value === null ? <Absent reason={measure.reason} /> : <>{as(measure.value)}</>;
}

/** Whether the program does it when told to. */
export function isApplicable(one: OptimizationRecommendation): boolean {
  return one.steps !== null && !one.hurts_writes;
}

export const STORES: Record<string, string> = { embedded: "data folder", neo4j: "Neo4j", postgresql: "PostgreSQL" };

export const none = <span className="mut">–</span>;
