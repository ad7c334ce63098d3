// One candidate with all its evidence, and what every rule looked at.
import type { ReactNode } from "react";
import type { SavingsCandidate } from "../../api/savings-candidates";
import type { Money } from "../../api/types";
import { count, money, plural, words } from "../../format/number";
import { range, short } from "../../format/time";
import { Decision } from "../../parts/decision";
import { Detail, Facts, Section } from "../../parts/detail";
import { DataTable } from "../../parts/data-table";
import { EntityName, Owner } from "../../parts/entity-name";
import { Panel } from "../../parts/panel";
import { SourceLine } from "../../parts/source-line";
import { sentence } from "../../parts/states";
import { Glyph } from "../../parts/status";
import { figureOf, ruleText, SAFE, savingsEvidence, TOTAL, type Savings } from "./savings-candidates-model";

const amount = (of: Money | null | undefined): string => (of?.amount == null ? "no data" : money(of.amount, of.currency));

export function CandidateDetail({ envelope, row, onSelect, onClose }: { envelope: Savings; row: SavingsCandidate; onSelect: (target: string) => void; onClose: () => void }) {
  const { data } = envelope;
  const safe = SAFE[row.safe.answer] ?? SAFE.unknown!;
  const rule = data.rules.find((one) => one.rule === row.rule);
  const window = row.evidence_window ? range(row.evidence_window.from, row.evidence_window.to) : "as the export says, at one instant";
  const others = row.alternatives.flatMap((target) => data.candidates.filter((one) => one.target === target));
  const evidence = savingsEvidence(envelope, row.title, `${rule ? `${ruleText(rule.rule)}: ${rule.about}. Needs ${rule.needs}. ` : ""}${TOTAL}`, "candidates", row.figures.map((one): [string, string] => [words(one.name), figureOf(one.value)]));
  return (
    <Detail
      title={row.entity.name}
      sub={<><EntityName id={row.entity.id} name={words(row.entity.kind)} /> · {[row.entity.scope.account, row.entity.scope.region, row.entity.scope.namespace].filter(Boolean).join(" / ") || "no place"} · <Owner id={row.owner} /></>}
      onClose={onClose}
      foot={<SourceLine evidence={evidence} text={`evidence ${window}${row.saving ? ` · ${row.saving.source}` : ""}`} />}
    >
      <Section title={row.title} aside={ruleText(row.rule)}>
        <p className="sub">{sentence(row.evidence)}</p>
        <Facts rows={row.figures.map((one) => [words(one.name), figureOf(one.value)])} />
      </Section>
      <Section title="A month" aside={data.cost_window ? range(data.cost_window.from, data.cost_window.to) : undefined}>
        <Facts
          rows={[
            ...(row.monthly_cost ? [["Costs now, effective", amount(row.monthly_cost.effective)] as [string, string], ["Costs now, billed", amount(row.monthly_cost.billed)] as [string, string]] : [["Costs now", row.cost_detail ?? "no data"] as [string, string]]),
            ...(row.saving ? [[`The bill falls by, ${row.saving.basis}`, <b className="font-semibold">{amount(row.saving.now)}</b>] as [string, ReactNode]] : [["The bill falls by", <span className="mut">{row.saving_detail ?? "no price"}</span>] as [string, ReactNode]]),
            ...(row.saving?.after_commitment ? [[`After the commitment${row.saving.commitment_end ? ` ends, ${short(row.saving.commitment_end)}` : ""}`, amount(row.saving.after_commitment)] as [string, string]] : []),
          ]}
        />
        {!row.is_counted && <p className="sub mt-1">Not in the total: an alternative on the same entity saves more.</p>}
      </Section>
      <Section title="Safe to do" aside={<span className="st"><Glyph word={safe.glyph} />{safe.word}</span>}>
        <ul className="sub list-disc pl-4">
          {row.safe.reasons.map((reason) => <li key={reason}>{sentence(reason)}</li>)}
        </ul>
        <p className="sub mt-1">Effort {row.effort}, risk {row.risk}, confidence {row.confidence}.</p>
      </Section>
      {others.length > 0 && (
        <Section title="Instead of it" aside={plural(others.length, "alternative")}>
          {others.map((one) => (
            <button key={one.target} type="button" className="rowp !px-0" onClick={() => onSelect(one.target)}>
              <span>{one.title}</span>
              <span>{one.saving ? amount(one.saving.now) : <span className="mut">no price</span>}</span>
            </button>
          ))}
        </Section>
      )}
      <Section title="Decision">
        <Decision target={row.target} decision={row.decision} means={{ accept: "Accept it", dismiss: "Dismiss it" }} />
      </Section>
    </Detail>
  );
}

export function RulesPanel({ envelope }: { envelope: Savings }) {
  const rows = [...envelope.data.rules].sort((a, b) => b.candidates - a.candidates || Number(b.is_evaluated) - Number(a.is_evaluated));
  const run = rows.filter((row) => row.is_evaluated).length;
  const { look_back: back } = envelope.data;
  return (
    <Panel title="Rules" qualifier={`${count(run)} of ${count(rows.length)} could run`} isFlush foot={<SourceLine evidence={savingsEvidence(envelope, "Rules", "Each rule looks at entities of its kind and needs certain data for the whole look-back; without them it does not accuse.", "rules")} text={`look-back ${range(back.from, back.to)} · most candidates first`} />}>
      <DataTable
        label="Rules"
        rows={rows}
        rowKey={(row) => row.rule}
        isTall={rows.length > 22}
        columns={[
          { key: "rule", title: "Rule", isName: true, width: 220, cell: (row) => ruleText(row.rule), sort: (row) => row.rule, hint: (row) => row.about },
          { key: "state", title: "State", width: 98, sort: (row) => Number(row.is_evaluated), cell: (row) => <span className="st"><Glyph word={row.is_evaluated ? "healthy" : "unknown"} />{row.is_evaluated ? "ran" : "lacks data"}</span> },
          { key: "why", title: "Needs, or lacks", cell: (row) => row.reason ?? row.needs, hint: (row) => `${row.about}. Needs ${row.needs}.${row.reason ? ` ${sentence(row.reason)}` : ""}` },
          { key: "looked", title: "Looked at", isNumber: true, width: 82, cell: (row) => count(row.looked_at), sort: (row) => row.looked_at },
          { key: "found", title: "Candidates", isNumber: true, width: 86, cell: (row) => count(row.candidates), sort: (row) => row.candidates },
        ]}
        phone={(row) => (
          <>
            <span className="font-medium">{ruleText(row.rule)}</span>
            <span>{row.is_evaluated ? count(row.candidates) : <span className="mut">lacks data</span>}</span>
            <span className="d">{row.reason ?? row.about}</span>
          </>
        )}
      />
    </Panel>
  );
}
