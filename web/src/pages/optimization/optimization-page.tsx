// Optimisation: what would make the stores faster, the statements they spend their time on, and their tables.
import { useOptimization, useOptimizationMeasure, type OptimizationAnswer } from "../../api/optimization";
import { plural } from "../../format/number";
import { Panel } from "../../parts/panel";
import { Empty, Loading, NoAnswer } from "../../parts/states";
import { PageHead } from "../../shell/page-head";
import { isApplicable, took } from "./optimization-format";
import { AppliedPanel, IndexesPanel, StoresPanel, TablesPanel } from "./optimization-tables";
import { RecommendationsPanel } from "./recommendations";
import { StatementsPanel } from "./statements";

function sentenceOf(answer: OptimizationAnswer): string {
  const { recommendations, statements } = answer;
  const saved = recommendations.filter(isApplicable).reduce((sum, one) => sum + (one.seconds_saved.value ?? 0), 0);
  const first = recommendations[0];
  const failing = statements.filter((one) => one.verdict === "fails").length;
  const plans = failing > 0 ? ` ${plural(failing, "plan")} of ${statements.length} ${failing === 1 ? "is" : "are"} not fit for ${failing === 1 ? "its" : "their"} work.` : "";
  if (!first) return statements.length === 0 ? "Nothing has been recorded yet." : `Nothing would help: ${plural(statements.length, "statement")} took ${took(answer.seconds_total)} in all.${plans}`;
  const would = saved > 0 ? `${took(saved)} of the recorded ${took(answer.seconds_total)} can be saved.` : `${plural(answer.recommendation_total, "thing")} to look at.`;
  return `${would} First: ${first.what}.${plans}`;
}

export function OptimizationPage() {
  const optimization = useOptimization();
  const measure = useOptimizationMeasure();
  const answer = optimization.data;
  const action = (
    <button type="button" className="btn p" disabled={measure.isPending} onClick={() => measure.mutate()}>
      {measure.isPending ? "Measures now…" : "Measure now"}
    </button>
  );
  return (
    <>
      <PageHead title="Optimisation" sentence={answer ? sentenceOf(answer) : undefined} actions={action} />
      {measure.error && <div className="mb-3"><NoAnswer error={measure.error} onRetry={() => measure.mutate()} command="ubiquitous optimize --measure" /></div>}
      {!answer ? (
        <Panel title="Recommendations">
          {optimization.error ? <NoAnswer error={optimization.error} onRetry={() => void optimization.refetch()} command="ubiquitous optimize" /> : <Loading what="the plans of the recorded workload" />}
        </Panel>
      ) : answer.statements.length === 0 ? (
        <>
          <Panel title="Workload">
            <Empty title="Nothing has been recorded yet.">
              Measure now: every question is asked once, and what it runs is recorded. Or run <code className="pre">ubiquitous optimize --measure</code>.
            </Empty>
          </Panel>
          <div className="grid-12 mt-3"><StoresPanel answer={answer} /></div>
        </>
      ) : (
        <>
          {optimization.error && <div className="mb-3"><NoAnswer error={optimization.error} onRetry={() => void optimization.refetch()} /></div>}
          <div className="grid-12"><RecommendationsPanel answer={answer} /></div>
          <div className="grid-12"><StatementsPanel answer={answer} /></div>
          <div className="grid-12"><StoresPanel answer={answer} /></div>
          <div className="grid-12"><TablesPanel answer={answer} /></div>
          <div className="grid-12"><IndexesPanel answer={answer} /></div>
          {answer.applied.length > 0 && <div className="grid-12"><AppliedPanel answer={answer} /></div>}
        </>
      )}
    </>
  );
}
