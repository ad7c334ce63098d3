// What would help, ranked by the time it saves: why, what it runs, and the button that does it.
import { useState } from "react";
import { useOptimizationApply, type OptimizationAnswer, type OptimizationRecommendation } from "../../api/optimization";
import { count, plural, words } from "../../format/number";
import { dayAndClock } from "../../format/time";
import { Panel } from "../../parts/panel";
import { SourceLine } from "../../parts/source-line";
import { Empty, NoAnswer } from "../../parts/states";
import { Glyph } from "../../parts/status";
import { isApplicable, STORES, took } from "./optimization-format";

/** Those that save most stand open; the rest is a click away. */
const SHOWN = 8;

export function RecommendationsPanel({ answer }: { answer: OptimizationAnswer }) {
  const apply = useOptimizationApply();
  const [isWhole, setWhole] = useState(false);
  const { recommendations, recommendation_total: total } = answer;
  const measured = answer.measured_at === null ? "plans are estimates; none was measured" : `plans measured ${dayAndClock(answer.measured_at)}`;
  return (
    <Panel
      title="Recommendations"
      qualifier={total > recommendations.length ? `${count(recommendations.length)} of ${count(total)}` : plural(total, "recommendation")}
      isFlush
      foot={<SourceLine text={`workload recorded since ${dayAndClock(answer.since)} · ${measured} · the greater saving first`} />}
    >
      {apply.error && <NoAnswer error={apply.error} onRetry={() => apply.reset()} command="ubiquitous optimize --apply" />}
      {recommendations.length === 0 ? (
        <Empty title="Nothing would help.">Every plan is fit for its work; nothing is missing, unused or kept twice.</Empty>
      ) : (
        <ul>
          {recommendations.slice(0, isWhole ? undefined : SHOWN).map((one) => (
            <Recommendation key={one.id} one={one} isBusy={apply.isPending} isOwn={apply.variables === one.id} onApply={() => apply.mutate(one.id)} />
          ))}
          {!isWhole && recommendations.length > SHOWN && (
            <li className="px-3 py-2 border-t border-line">
              <button type="button" className="btn" onClick={() => setWhole(true)}>{`Show ${count(recommendations.length - SHOWN)} more`}</button>
            </li>
          )}
        </ul>
      )}
    </Panel>
  );
}

function Recommendation({ one, isBusy, isOwn, onApply }: { one: OptimizationRecommendation; isBusy: boolean; isOwn: boolean; onApply: () => void }) {
  const saved = one.seconds_saved.value;
  const cost = one.seconds_of_writes.value;
  return (
    <li className="px-3 py-2 border-t border-line first:border-t-0 grid gap-1">
      <div className="flex flex-wrap gap-x-3 gap-y-1 items-baseline">
        <span className="st"><Glyph word={one.hurts_writes ? "off" : saved === null ? "unknown" : "warning"} />{saved === null ? "saving not known" : `saves ${took(saved)}`}</span>
        <span className="font-medium min-w-0 break-words">{one.what}</span>
      </div>
      <p className="sub break-words"><span className="mut">Why: </span>{one.reason}</p>
      <p className="sub break-words"><span className="mut">Do: </span>{one.action}</p>
      {one.steps?.statements.map((step) => <code key={step} className="pre break-all whitespace-pre-wrap">{step}</code>)}
      <div className="flex flex-wrap gap-x-3 gap-y-1 items-baseline">
        <span className="sub mut min-w-0 break-words">
          {[STORES[one.store] ?? one.store, words(one.rule), ...(one.place ? [`${one.place.operator} of ${one.place.statement}`] : []), ...(one.statements.length > 1 ? [`serves ${one.statements.join(", ")}`] : []), ...(cost === null || cost === 0 ? [] : [cost > 0 ? `costs writes ${took(cost)}` : `spares writes ${took(-cost)}`])].join(" · ")}
        </span>
        {isApplicable(one) && (
          <button type="button" className="btn ml-auto" disabled={isBusy} onClick={onApply}>{isBusy && isOwn ? "At work…" : "Apply"}</button>
        )}
      </div>
    </li>
  );
}
