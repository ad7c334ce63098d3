// One finding: why it matters, the way in, since when, what mends it, and what is decided about it.
import type { ReactNode } from "react";
import type { SecurityFinding } from "../../api/security-events";
import { length } from "../../format/duration";
import { lastPart, middle, ratio, words } from "../../format/number";
import { dayAndClock, short } from "../../format/time";
import { Decision } from "../../parts/decision";
import { Detail, Facts, Section } from "../../parts/detail";
import { EntityName } from "../../parts/entity-name";
import { SourceLine } from "../../parts/source-line";
import { sentence } from "../../parts/states";
import { Glyph } from "../../parts/status";
import { dueText, exposureOf, FINDING, partOf, securityEvidence, type SecurityEvents } from "./security-events-model";
import { SeverityCell } from "./security-events-page";

export function FindingDetail({ envelope, row, onClose }: { envelope: SecurityEvents; row: SecurityFinding; onClose: () => void }) {
  const exposure = exposureOf(row.exposure.verdict);
  const likelihood = row.exploit_likelihood;
  const kev = row.known_exploited;
  const day = (text: string | null) => (text === null ? "not known" : short(text, envelope.as_of));
  return (
    <Detail
      title={row.weakness}
      mark={<SeverityCell of={row.severity} />}
      sub={<>{sentence(row.title)} {words(row.kind)}{row.aliases.length > 0 && `, also ${row.aliases.join(", ")}`}</>}
      onClose={onClose}
      foot={<SourceLine evidence={securityEvidence(envelope, `${row.weakness} in ${partOf(row)}`, FINDING, "findings")} text={`found by ${row.scanners.join(", ")} · seen last ${dayAndClock(row.last_seen, envelope.as_of)}`} />}
    >
      <Section title="Way in" aside={<span className="st"><Glyph word={exposure.glyph} />{exposure.text}</span>}>
        <p className="sub">{sentence(row.exposure.reason)}</p>
        {row.exposure.path.length > 0 && (
          <ol className="chain mt-1" aria-label="The way in, from the outside">
            {row.exposure.path.map((step, index) => (
              <li key={`${step.id} ${index}`}>
                {index > 0 && <span className="by">leads to</span>}
                <span className={index === row.exposure.path.length - 1 ? "stop last" : "stop"}><EntityName id={step.id} name={step.name} kind={step.kind} /></span>
              </li>
            ))}
          </ol>
        )}
      </Section>
      <Section title="Is it exploited" aside={kev ? "known exploited" : undefined}>
        <Facts
          rows={[
            ["Known exploited", kev ? `yes, listed ${day(kev.added)}${kev.is_ransomware ? ", also by ransomware" : ""}` : "not on the list held"],
            ...(kev?.action ? [["What the list asks", kev.action] as [string, string]] : []),
            ["Likelihood within 30 days (EPSS)", likelihood ? `${ratio(likelihood.probability, 2)}, above ${ratio(likelihood.percentile, 2)} of all` : <span className="mut">no score held</span>],
            ...(likelihood?.scored ? [["Scored", day(likelihood.scored)] as [string, string]] : []),
          ]}
        />
      </Section>
      <Section title="Since when" aside={<span className={row.is_overdue ? "font-semibold text-ink" : ""}>{dueText(row, envelope.as_of)}</span>}>
        <Facts
          rows={[
            ["First seen", `${dayAndClock(row.first_seen, envelope.as_of)}, ${length(row.age_seconds)} ago`],
            ["State", `${row.state}${row.reopened_count > 0 ? `, came back ${row.reopened_count} times` : ""}`],
            ...(row.open_since ? [["Open without a break since", day(row.open_since)] as [string, string]] : []),
            ...(row.fixed_at ? [["First scan without it", day(row.fixed_at)] as [string, string]] : []),
            ["To be mended by", row.due ? `${day(row.due)}, by ${words(row.due_by ?? "severity")}` : "no target"],
          ]}
        />
      </Section>
      <Section title="What mends it">
        <Facts
          rows={[
            ["In", partOf(row)],
            ["Fixed version", row.fixed_version ?? <span className="mut">none is known</span>],
            ...(row.fix_available_since ? [["A fix exists since", `${day(row.fix_available_since)}${row.fix_age_seconds === null ? "" : `, ${length(row.fix_age_seconds)}`}`] as [string, string]] : []),
            ["Target", <span key="target" className="break-all">{row.target}</span>],
            ...(row.workload ? [["Runs in", row.workload] as [string, string]] : []),
            ...(row.builds.length > 0 ? [["Seen in builds", <span key="builds" title={row.builds.join("\n")}>{row.builds.slice(0, 3).map((one) => middle(one, 24)).join(", ")}{row.builds.length > 3 ? ` and ${row.builds.length - 3} more` : ""}</span>] as [string, ReactNode]] : []),
            ...row.places.slice(0, 3).map((one): [string, ReactNode] => ["Place", <span key={one} className="break-all">{one}</span>]),
            ...row.entities.slice(0, 4).map((one): [string, ReactNode] => ["Concerns", <EntityName key={one} id={one} name={lastPart(one)} />]),
            ...row.owners.slice(0, 3).map((one): [string, ReactNode] => ["Owner", <EntityName key={one} id={one} name={lastPart(one)} />]),
          ]}
        />
      </Section>
      <Section title="Decision">
        <Decision target={row.id} decision={null} means={{ accept: "Accept the risk", dismiss: "Dismiss it" }} hasEnd />
      </Section>
    </Detail>
  );
}
