// Who is suspected, most first: the evidence and the way to the symptom of each, and the changes before.
import { useState } from "react";
import type { Suspect, SuspectChange, SuspectEvidence } from "../../api/suspects";
import { CellBar } from "../../charts/small";
import { length } from "../../format/duration";
import { count, fixed, plural, words } from "../../format/number";
import { full, range } from "../../format/time";
import { EntityName } from "../../parts/entity-name";
import { MeasureCell } from "../../parts/measure-cell";
import { Panel } from "../../parts/panel";
import { SourceLine } from "../../parts/source-line";
import { Empty, sentence } from "../../parts/states";
import { suspectsEvidence, type Suspects } from "./incidents-model";

/** Beyond this a distance says no more than that it is great: the baseline hardly moved. */
const DISTANCE_SHOWN = 1000;

export const RULE = "Services ranked by how far their own signals and their calls left what was usual, by where they stand on the ways to the symptom, and by changes before the start. Usual is what up to seven days before show, without known incidents and without the five minutes before the start. Nothing after the incident is read.";

export function ruleText(rule: Suspects["data"]["change_rule"]): string {
  return `A change counts for at most ${length(rule.before_secs)} before the start, its weight halving every ${length(rule.half_secs)}.`;
}

export function SuspectsPanel({ envelope }: { envelope: Suspects }) {
  const { data } = envelope;
  const [open, setOpen] = useState<number | null>(1);
  const most = Math.max(0, ...data.suspects.map((one) => one.score));
  const base = data.baseline;
  return (
    <Panel
      title="Suspects, most first"
      qualifier={`${count(data.suspects.length)} of ${count(data.judged)} judged by ${plural(data.series, "series", "series")}`}
      isFlush
      foot={<SourceLine evidence={suspectsEvidence(envelope, "Suspects", `${RULE} ${ruleText(data.change_rule)}`, "suspects")} text={`${range(data.from, data.until, envelope.as_of)} against ${range(base.from, base.to, envelope.as_of)}, ${plural(base.points, "point")} of ${length(base.step_secs)}${base.left_out.length > 0 ? `, without ${plural(base.left_out.length, "other incident")}` : ""}`} />}
    >
      {base.is_weak && <div className="note w"><span aria-hidden="true" /><span><b className="font-semibold">Weak.</b> What is usual rests on {plural(base.points, "point")}; at least 30 are needed.</span></div>}
      {data.suspects.length === 0 ? (
        <Empty title="Nothing left what was usual.">An empty list is an answer: no signal, call or change before the start stands out.</Empty>
      ) : (
        <ol>
          {data.suspects.map((one) => (
            <SuspectItem key={one.rank} suspect={one} most={most} isOpen={open === one.rank} onToggle={() => setOpen(open === one.rank ? null : one.rank)} envelope={envelope} />
          ))}
        </ol>
      )}
    </Panel>
  );
}

function SuspectItem({ suspect, most, isOpen, onToggle, envelope }: { suspect: Suspect; most: number; isOpen: boolean; onToggle: () => void; envelope: Suspects }) {
  const first = suspect.evidence[0];
  return (
    <li className="border-t border-line first:border-t-0">
      <button type="button" className="suspect" aria-expanded={isOpen} onClick={onToggle}>
        <span className="mut">{suspect.rank}</span>
        <span className="min-w-0">
          <span className="font-medium">{suspect.entity.name}</span> <span className="mut">{words(suspect.entity.kind)}</span>
          <span className="block text-12 text-ink-2">{first ? first.meaning : suspect.changes[0] ? `changed before: ${suspect.changes[0].title}` : "on the way to the symptom"}</span>
        </span>
        <span className="whitespace-nowrap" title="sum of the weighted evidence, comparable within this answer"><CellBar value={suspect.score} of={most} width={60} /> {fixed(suspect.score, 2)} <span className="mut">{suspect.confidence}</span></span>
      </button>
      {isOpen && (
        <div className="px-3 pb-3 grid gap-3">
          <EvidenceTable rows={suspect.evidence} name={suspect.entity.name} />
          {suspect.changes.length > 0 && <ChangeList rows={suspect.changes} start={envelope.data.from} />}
          <div>
            <h3 className="text-12 font-semibold mb-1">How it reaches the symptom</h3>
            {suspect.path.length === 0 ? (
              <p className="sub">The symptom is not known to depend on it.</p>
            ) : suspect.path.length === 1 ? (
              <p className="sub">It is the symptom itself.</p>
            ) : (
              <ol className="chain" aria-label={`The way from ${suspect.entity.name} to the symptom`}>
                {[...suspect.path].reverse().map((step, index, all) => (
                  <li key={index}>
                    {index > 0 && <span className="by">is needed by</span>}
                    <span className={index === all.length - 1 ? "stop last" : "stop"}><EntityName id={step.id} name={step.name} /></span>
                  </li>
                ))}
              </ol>
            )}
          </div>
        </div>
      )}
    </li>
  );
}

function EvidenceTable({ rows, name }: { rows: SuspectEvidence[]; name: string }) {
  if (rows.length === 0) return <p className="sub">No signal of its own left what was usual.</p>;
  const seriesOf = (one: SuspectEvidence) => [one.metric, one.statistic, one.call ? `${one.call.from} to ${one.call.to}` : null].filter(Boolean).join(", ");
  return (
    <div className="scroll">
      <table className="t evidence" aria-label={`Evidence against ${name}`}>
        <thead>
          <tr><th scope="col">Evidence</th><th scope="col" className="r">Usual</th><th scope="col" className="r">In it</th><th scope="col" className="r" title="from what is expected, over the spread of the baseline">Distance</th><th scope="col" className="r" title="what it adds before weighting, 0 to 5">Strength</th></tr>
        </thead>
        <tbody>
          {rows.map((one, index) => (
            <tr key={index}>
              <td>{sentence(one.meaning)}{seriesOf(one) && <span className="mut block text-11 break-all">{seriesOf(one)}</span>}</td>
              <td className="r"><MeasureCell of={one.expected} /></td>
              <td className="r"><MeasureCell of={one.observed} /></td>
              <td className="r">{one.distance === null ? <span className="mut">n/a</span> : Math.abs(one.distance) > DISTANCE_SHOWN ? `> ${count(DISTANCE_SHOWN)}` : fixed(one.distance, 1)}</td>
              <td className="r">{fixed(one.strength, 1)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ChangeList({ rows, start }: { rows: SuspectChange[]; start: string }) {
  return (
    <div>
      <h3 className="text-12 font-semibold mb-1">Changes before the start</h3>
      {rows.map((one) => {
        const before = (Date.parse(start) - Date.parse(one.at)) / 1_000;
        return (
          <p key={`${one.at} ${one.title}`} className="sub flex justify-between gap-3">
            <span>{one.title} <span className="mut">{words(one.kind)}</span></span>
            <span className="mut whitespace-nowrap" title={`${full(one.at)}, ${one.source}`}>{before >= 0 ? `${length(before)} before` : `${length(-before)} after`}, weight {fixed(one.weight, 2)}</span>
          </p>
        );
      })}
    </div>
  );
}
