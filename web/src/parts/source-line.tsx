// The line under every panel: window, source and basis, coverage; Evidence at the right.
import type { Envelope } from "../api/types";
import { count, middle, plural, words } from "../format/number";
import { dayAndClock, full, range } from "../format/time";
import { useEvidence, type EvidenceOf } from "../state/evidence";

export interface SourceLineProps {
  evidence?: EvidenceOf | undefined;
  /** Source and basis, in words. */
  source?: string | undefined;
  /** Name in the envelope's coverage that this panel stands on. */
  coverage?: string | undefined;
  /** The whole line as the link, for narrow panels. */
  isNarrow?: boolean;
  /** Instead of everything else. */
  text?: string | undefined;
}

export function windowText(envelope: Envelope<unknown>): string {
  const { window } = envelope;
  if (!window) return `as of ${dayAndClock(envelope.as_of)}`;
  return range(window.from, window.to);
}

/** What those that are covered do or have. */
function coverageWord(name: string): string {
  if (name === "samples") return "report";
  if (name.endsWith("_cost")) return `rows have ${words(name)}`;
  if (name === "owner") return "rows have an owner";
  return words(name);
}

export function coverageText(envelope: Envelope<unknown>, name: string | undefined): { text: string; isPartial: boolean } | null {
  const known = name === undefined ? undefined : envelope.coverage[name];
  if (!known || known.of === 0) return null;
  return { text: `${count(known.with)} of ${count(known.of)} ${coverageWord(name ?? "")}`.trim(), isPartial: known.with < known.of };
}

/** A few short names, or how many; Evidence lists them all. */
export function sourcesText(names: readonly string[], none: string): string {
  if (names.length === 0) return none;
  const listed = names.join(", ");
  return names.length === 1 ? middle(listed, 48) : listed.length <= 48 ? listed : plural(names.length, "source");
}

export function SourceLine({ evidence, source, coverage, isNarrow = false, text }: SourceLineProps) {
  const open = useEvidence();
  const envelope = evidence?.envelope;
  const covered = envelope ? coverageText(envelope, coverage) : null;
  const parts = envelope ? [windowText(envelope), source].filter(Boolean).join(" · ") : (source ?? "");
  const span = envelope?.window ? `${full(envelope.window.from)} to ${full(envelope.window.to)}, half-open` : undefined;
  // What a narrow panel cuts stands in full on hover, with the window to the second.
  const title = [text ?? parts, covered?.text, span].filter(Boolean).join(" · ");
  const line = (
    <>
      {text ?? parts}
      {/* A narrow line keeps its room for what is missing. */}
      {covered && !text && (covered.isPartial || !isNarrow) && (
        <>
          {" · "}
          <span className={covered.isPartial ? "partial" : undefined}>{covered.text}</span>
        </>
      )}
    </>
  );
  if (isNarrow && evidence) {
    return (
      <div className="src">
        <button type="button" className="whole" title={title} onClick={(event) => open(evidence, event.currentTarget)}>
          {line}
        </button>
      </div>
    );
  }
  return (
    <div className="src">
      <span title={title}>{line}</span>
      {evidence && (
        <button type="button" className="noprint" aria-label={`Evidence for ${evidence.title}`} data-evidence onClick={(event) => open(evidence, event.currentTarget)}>
          Evidence
        </button>
      )}
    </div>
  );
}
