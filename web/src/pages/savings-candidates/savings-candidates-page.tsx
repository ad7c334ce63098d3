// Savings: what could cost less, largest first, each with its evidence, its safety and a decision.
import { useAnswer } from "../../api/queries";
import type { SavingsCandidate, SavingsCandidatesAnswer } from "../../api/savings-candidates";
import { count, money, plural, ratio, titled } from "../../format/number";
import { range } from "../../format/time";
import { Answered } from "../../parts/answered";
import { decisionText } from "../../parts/decision";
import { DataTable } from "../../parts/data-table";
import { ownerText } from "../../parts/entity-name";
import { Figure } from "../../parts/figure";
import { Panel } from "../../parts/panel";
import { SourceLine } from "../../parts/source-line";
import { Empty } from "../../parts/states";
import { Glyph } from "../../parts/status";
import { useKeys } from "../../state/keys";
import { useContextParams, useView } from "../../state/view";
import { CandidateDetail, RulesPanel } from "./savings-candidates-parts";
import { costOf, ruleText, SAFE, savingOf, savingsEvidence, savingsSentence, savingText, TOTAL, type Savings } from "./savings-candidates-model";

export function SavingsCandidatesPage() {
  const view = useView();
  const context = useContextParams();
  const query = useAnswer<SavingsCandidatesAnswer>("savings-candidates", { ...context, window: view.get("window"), rule: view.all("rule"), safe: view.all("safe"), with_dismissed: view.get("dismissed") === "yes" ? true : undefined, limit: 1_000 });
  const selected = view.get("sel");
  const select = (target: string | undefined) => view.set({ sel: target === selected ? undefined : target }, { replace: true });
  useKeys({ Escape: () => select(undefined) });
  return (
    <Answered title="Savings" query={query} what="savings candidates" sentence={savingsSentence} filters={<Filters envelope={query.data} />}>
      {(envelope) => {
        const chosen = envelope.data.candidates.find((one) => one.target === selected);
        return (
          <>
            <Totals envelope={envelope} />
            <div className={chosen ? "grid-12 cols-wide" : "grid-12"}>
              <div className="grid gap-3 min-w-0">
                <CandidateTable envelope={envelope} selected={selected} onSelect={select} isNarrow={chosen !== undefined} />
                <RulesPanel envelope={envelope} />
              </div>
              {chosen && <CandidateDetail key={chosen.target} envelope={envelope} row={chosen} onSelect={select} onClose={() => select(undefined)} />}
            </div>
          </>
        );
      }}
    </Answered>
  );
}

function Filters({ envelope }: { envelope: Savings | undefined }) {
  const view = useView();
  const rules = (envelope?.data.rules ?? []).map((one) => one.rule);
  const known = [...new Set([...rules, ...view.all("rule")])];
  return (
    <div className="filters noprint" role="search" aria-label="Which candidates">
      <label className="field">
        Rule
        <select value={view.get("rule") ?? ""} onChange={(event) => view.set({ rule: event.target.value || undefined, sel: undefined })}>
          <option value="">all</option>
          {known.map((one) => <option key={one} value={one}>{ruleText(one)}</option>)}
        </select>
      </label>
      <label className="field">
        Safe to do
        <select value={view.get("safe") ?? ""} onChange={(event) => view.set({ safe: event.target.value || undefined, sel: undefined })}>
          <option value="">all</option>
          {Object.values(SAFE).map((one) => <option key={one.word} value={one.word}>{one.word}</option>)}
        </select>
      </label>
      <label className="field">
        <input type="checkbox" className="!h-auto" checked={view.get("dismissed") === "yes"} onChange={(event) => view.set({ dismissed: event.target.checked ? "yes" : undefined })} />
        with dismissed
      </label>
    </div>
  );
}

function Totals({ envelope }: { envelope: Savings }) {
  const { totals, rules, candidates, cost_window: month } = envelope.data;
  const run = rules.filter((one) => one.is_evaluated).length;
  return (
    <>
      {totals.map((one) => {
        const all = Number(one.total_cost.amount ?? 0);
        const part = one.saving.amount !== null && all > 0 ? `${ratio(Number(one.saving.amount) / all)} of the bill` : "share n/a";
        return (
          <dl className="strip mb-3" key={one.currency}>
            <div>
              <dt>Saving a month, {one.currency}</dt>
              <dd className="f"><Figure of={one.saving} evidence={savingsEvidence(envelope, "Saving a month", TOTAL, "totals")} /></dd>
              <dd className="s">{part}</dd>
            </div>
            <div>
              <dt>Of it safe</dt>
              <dd className="f"><Figure of={one.safe_saving} evidence={savingsEvidence(envelope, "Safe saving", `${TOTAL} Safe: covered for the whole look-back, and no path, mount, replication or standby needs it.`, "totals")} /></dd>
              <dd className="s">nothing needs these</dd>
            </div>
            <div>
              <dt>Bill of the month</dt>
              <dd className="f"><Figure of={one.total_cost} evidence={savingsEvidence(envelope, "Bill of the month", "Effective cost of all charges of the month that costs and savings stand on.", "totals")} /></dd>
              <dd className="s">{month ? range(month.from, month.to) : "no month of charges"}, effective</dd>
            </div>
            <div>
              <dt>Entities</dt>
              <dd className="f"><Figure of={{ value: one.entities, unit: "count" }} evidence={savingsEvidence(envelope, "Entities", "Entities with a candidate that counts.", "candidates")} /></dd>
              <dd className="s">{plural(candidates.length, "candidate")}</dd>
            </div>
            <div>
              <dt>Rules that could run</dt>
              <dd className="f"><Figure of={{ value: run, unit: "count" }} evidence={savingsEvidence(envelope, "Rules that could run", "A rule runs when the data it needs is held for the look-back.", "rules")} /></dd>
              <dd className="s">of {count(rules.length)}</dd>
            </div>
          </dl>
        );
      })}
    </>
  );
}

function Safe({ row }: { row: SavingsCandidate }) {
  const safe = SAFE[row.safe.answer] ?? SAFE.unknown!;
  return <span className="st" title={row.safe.reasons.join("; ") || safe.means}><Glyph word={safe.glyph} />{safe.word}</span>;
}

function CandidateTable({ envelope, selected, onSelect, isNarrow }: { envelope: Savings; selected: string | undefined; onSelect: (target: string) => void; isNarrow: boolean }) {
  const { candidates, rules, cost_window: month } = envelope.data;
  const total = envelope.truncated.candidates ?? candidates.length;
  const source = month ? `cost of ${range(month.from, month.to)}, effective, as billed` : "no settled month of charges";
  return (
    <Panel
      title="Candidates, largest saving first"
      qualifier={candidates.length < total ? `${count(candidates.length)} of ${count(total)}` : count(candidates.length)}
      isFlush
      foot={<SourceLine evidence={savingsEvidence(envelope, "Savings candidates", TOTAL, "candidates")} source={source} coverage={Object.keys(envelope.coverage)[0]} />}
    >
      {candidates.length === 0 ? (
        <Empty title={rules.some((one) => one.is_evaluated) ? "Nothing here could cost less, as far as the rules see." : "No rule had the data that it needs."}>The rules below say what each of them looked at and what it lacks.</Empty>
      ) : (
        <DataTable
          label="Candidates, largest saving first"
          rows={candidates}
          rowKey={(row) => row.target}
          selected={selected}
          onOpen={(row) => onSelect(row.target)}
          order={{ key: "saving", isDescending: true }}
          isTall={candidates.length > 24}
          columns={[
            { key: "entity", title: "Entity", isName: true, width: isNarrow ? 150 : 220, sort: (row: SavingsCandidate) => row.entity.name, hint: (row: SavingsCandidate) => `${row.entity.name}, ${row.entity.kind}, ${row.entity.id}`, cell: (row: SavingsCandidate) => <>{row.entity.name} <span className="mut">{row.entity.kind.replaceAll("_", " ")}</span></> },
            { key: "title", title: "What could be done", sort: (row: SavingsCandidate) => row.rule, hint: (row: SavingsCandidate) => `${row.title}: ${row.evidence}`, cell: (row: SavingsCandidate) => <>{row.title}{row.decision && <span className="tag ml-1" title={decisionText(row.decision)}>{row.decision.action === "dismiss" ? "dismissed" : "accepted"}</span>}</> },
            { key: "safe", title: "Safe", width: 90, sort: (row: SavingsCandidate) => ["yes", "unknown", "no"].indexOf(row.safe.answer), cell: (row: SavingsCandidate) => <Safe row={row} /> },
            { key: "effort", title: "Effort", width: 66, sort: (row: SavingsCandidate) => ["low", "medium", "high"].indexOf(row.effort), cell: (row: SavingsCandidate) => row.effort },
            { key: "risk", title: "Risk", width: 66, sort: (row: SavingsCandidate) => ["low", "medium", "high"].indexOf(row.risk), cell: (row: SavingsCandidate) => row.risk },
            { key: "confidence", title: "Confidence", width: 84, sort: (row: SavingsCandidate) => row.confidence, cell: (row: SavingsCandidate) => row.confidence },
            { key: "owner", title: "Owner", width: 110, sort: (row: SavingsCandidate) => ownerText(row.owner), hint: (row: SavingsCandidate) => row.owner ?? undefined, cell: (row: SavingsCandidate) => ownerText(row.owner) ?? <span className="mut">no owner</span> },
            { key: "cost", title: "Cost / mo", isNumber: true, width: 86, sort: costOf, cell: (row: SavingsCandidate) => (costOf(row) === null ? <span className="mut" title={row.cost_detail ?? undefined}>n/a</span> : money(costOf(row) ?? 0, row.monthly_cost?.effective.currency ?? "")) },
            { key: "saving", title: "Saving / mo", isNumber: true, width: 108, sort: savingOf, cell: (row: SavingsCandidate) => (savingOf(row) === null ? <span className="mut" title={row.saving_detail ?? undefined}>n/a</span> : <span className={row.is_counted ? "" : "mut"} title={row.is_counted ? undefined : "an alternative on the same entity counts instead"}>{savingText(row)}{row.saving?.basis === "estimated" ? " est." : ""}</span>) },
          ].filter((column) => !isNarrow || !["owner", "confidence", "effort"].includes(column.key))}
          phone={(row) => (
            <>
              <span className="font-medium">{row.entity.name}</span>
              <span>{savingOf(row) === null ? <span className="mut">no price</span> : savingText(row)}</span>
              <span className="d">{titled(row.title)} · safe: {row.safe.answer}</span>
            </>
          )}
        />
      )}
    </Panel>
  );
}
