// Data quality: whether the figures on the other pages can be trusted, what is wrong, and what to do.
import { useValidation, useValidationRun, type ValidationReport } from "../../api/validation";
import { plural } from "../../format/number";
import { ago } from "../../format/time";
import { Panel } from "../../parts/panel";
import { Empty, Loading, NoAnswer } from "../../parts/states";
import { Glyph } from "../../parts/status";
import { PageHead } from "../../shell/page-head";
import { ChecksPanel, FamiliesPanel, HistoryPanel, IssuesPanel } from "./data-quality-parts";

/** Two schedules without a result: what is shown is no longer of now. */
const LATE = 2;

function sentenceOf(report: ValidationReport): string {
  const { counts, issues } = report;
  const bad = counts.failed + counts.error + counts.warning;
  const first = issues[0];
  if (bad === 0 || !first) return `All ${counts.passed} checks that could be made pass.`;
  const more = report.issue_total > 1 ? ` ${plural(report.issue_total - 1, "issue")} more.` : "";
  return `${plural(bad, "check")} of ${counts.passed + bad} ${bad === 1 ? "does" : "do"} not pass. First: ${first.what}.${more}`;
}

function isLate(report: ValidationReport, minutes: number | null): boolean {
  return minutes !== null && Date.now() - new Date(report.at).getTime() > LATE * minutes * 60_000;
}

export function DataQualityPage() {
  const validation = useValidation();
  const run = useValidationRun();
  const report = validation.data?.latest ?? null;
  const action = (
    <button type="button" className="btn p" disabled={run.isPending} onClick={() => run.mutate()}>
      {run.isPending ? "Checks now…" : "Check now"}
    </button>
  );
  const head = report ? sentenceOf(report) : validation.data ? "Nothing has been checked yet." : undefined;
  return (
    <>
      <PageHead title="Data quality" sentence={head} actions={action} />
      {run.error && <div className="mb-3"><NoAnswer error={run.error} onRetry={() => run.mutate()} command="ubiquitous validate" /></div>}
      {!validation.data ? (
        <Panel title="Result">
          {validation.error ? <NoAnswer error={validation.error} onRetry={() => void validation.refetch()} command="ubiquitous validate --last" /> : <Loading what="the last validation" />}
        </Panel>
      ) : !report ? (
        <Panel title="Result">
          <Empty title="Nothing has been checked yet.">
            Check now, or run <code className="pre">ubiquitous validate</code>. While the program serves it checks {validation.data.schedule_minutes === null ? "nothing by itself" : `every ${plural(validation.data.schedule_minutes, "minute")}`}.
          </Empty>
        </Panel>
      ) : (
        <>
          {validation.error && <div className="mb-3"><NoAnswer error={validation.error} onRetry={() => void validation.refetch()} /></div>}
          {isLate(report, validation.data.schedule_minutes) && (
            <div className="note w mb-3">
              <Glyph word="warning" />
              <span><b className="font-semibold">Old.</b> The last validation was made {ago(report.at)}; one is due every {plural(validation.data.schedule_minutes ?? 0, "minute")}.</span>
              <button type="button" className="act" onClick={() => run.mutate()}>Check now</button>
            </div>
          )}
          <div className="grid-12 cols-2">
            <FamiliesPanel report={report} />
            <HistoryPanel history={validation.data.history} minutes={validation.data.schedule_minutes} />
          </div>
          <div className="grid-12"><IssuesPanel report={report} /></div>
          <div className="grid-12"><ChecksPanel report={report} /></div>
        </>
      )}
    </>
  );
}

