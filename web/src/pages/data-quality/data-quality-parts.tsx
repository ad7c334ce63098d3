// Parts of the page: families, history, issues and checks.
import type { ValidationCheck, ValidationCounts, ValidationIssue, ValidationPast, ValidationReport, ValidationStatus } from "../../api/validation";
import { CellBar, Sparkline } from "../../charts/small";
import { count, fixed, lastPart, middle, plural, words } from "../../format/number";
import { dayAndClock, full } from "../../format/time";
import { DataTable } from "../../parts/data-table";
import { EntityName } from "../../parts/entity-name";
import { Panel } from "../../parts/panel";
import { SourceLine } from "../../parts/source-line";
import { Empty } from "../../parts/states";
import { Glyph } from "../../parts/status";

/** Glyphs of the five ways in which a check ends. */
const GLYPHS: Record<ValidationStatus, string> = { passed: "healthy", warning: "warning", failed: "critical", error: "critical", skipped: "off" };
const WORDS: Record<ValidationStatus, string> = { passed: "passed", warning: "warning", failed: "failed", error: "not made", skipped: "nothing to check" };
const FAMILIES: Record<string, string> = { cross_store: "Cross-store", schema: "Schema", time_series: "Time series", graph: "Graph", api: "API", performance: "Performance" };

function Ended({ status, alone = false }: { status: ValidationStatus; alone?: boolean }) {
  return <span className="st"><Glyph word={GLYPHS[status]} alone={alone} />{alone ? null : WORDS[status]}</span>;
}

function worst(counts: ValidationCounts): ValidationStatus {
  if (counts.failed > 0) return "failed";
  if (counts.error > 0) return "error";
  if (counts.warning > 0) return "warning";
  return counts.passed > 0 ? "passed" : "skipped";
}

function score(value: number | null): string {
  return value === null ? "–" : fixed(value, 2);
}

function made(report: ValidationReport): string {
  return `checked ${dayAndClock(report.at)} in ${fixed(report.took_seconds, 1)} s`;
}

export function FamiliesPanel({ report }: { report: ValidationReport }) {
  const number = (value: number) => (value === 0 ? <span className="mut">0</span> : count(value));
  return (
    <Panel
      title="Score"
      qualifier={<span className="st"><Glyph word={GLYPHS[report.status]} />{report.status === "failed" ? "a critical check failed" : WORDS[report.status]}</span>}
      isFlush
      foot={<SourceLine text={`${made(report)} · weight ${report.weight_run} of ${report.weight_total} ran · passed 1, warning 0.7, failed 0.3, not made 0`} />}
    >
      <div className="px-3 pb-2">
        <span className="fig">{report.score === null ? <span className="absent">no score</span> : fixed(report.score, 2)}</span>{" "}
        <span className="sub">{report.score === null ? "under half of the weight could be checked" : "of 1.00"}</span>
      </div>
      <DataTable
        label="Families of checks"
        rows={report.families}
        rowKey={(row) => row.family}
        columns={[
          { key: "family", title: "Family", isName: true, cell: (row) => <span className="st"><Glyph word={GLYPHS[worst(row.counts)]} alone />{row.title}</span>, hint: (row) => row.title },
          { key: "score", title: "Score", isNumber: true, cell: (row) => score(row.score), width: 56 },
          { key: "passed", title: "Pass", isNumber: true, cell: (row) => number(row.counts.passed), width: 48 },
          { key: "warning", title: "Warn", isNumber: true, cell: (row) => number(row.counts.warning), width: 48 },
          { key: "failed", title: "Fail", isNumber: true, cell: (row) => number(row.counts.failed + row.counts.error), width: 44 },
          { key: "skipped", title: "Skip", isNumber: true, cell: (row) => number(row.counts.skipped), width: 48 },
        ]}
        phone={(row) => (
          <>
            <span className="st"><Glyph word={GLYPHS[worst(row.counts)]} alone />{row.title}</span>
            <span>{score(row.score)}</span>
          </>
        )}
      />
    </Panel>
  );
}

const HISTORY_ROWS = 8;

export function HistoryPanel({ history, minutes }: { history: ValidationPast[]; minutes: number | null }) {
  const newest = [...history].reverse().slice(0, HISTORY_ROWS);
  const due = minutes === null ? "no schedule" : `every ${plural(minutes, "minute")}`;
  return (
    <Panel title="History" qualifier={plural(history.length, "validation")} isFlush foot={<SourceLine text={`kept with the data, newest ${HISTORY_ROWS} of ${count(history.length)} · ${due}`} />}>
      {history.length > 1 && (
        <div className="px-3 pb-2">
          <Sparkline values={history.map((one) => one.score)} width={320} reference={1} />
        </div>
      )}
      <DataTable
        label="Validations, newest first"
        rows={newest}
        rowKey={(row) => row.at}
        columns={[
          { key: "at", title: "At", cell: (row) => <span title={full(row.at)}>{dayAndClock(row.at)}</span>, width: 112 },
          { key: "status", title: "Result", cell: (row) => <Ended status={row.status} /> },
          { key: "score", title: "Score", isNumber: true, cell: (row) => score(row.score), width: 56 },
          { key: "bar", title: "", cell: (row) => <CellBar value={row.score ?? 0} of={1} width={72} />, width: 92 },
          { key: "issues", title: "Issues", isNumber: true, cell: (row) => count(row.issue_total), width: 56 },
        ]}
      />
    </Panel>
  );
}

/** The first few names, with a door where they are entities. */
function Affected({ issue, most }: { issue: ValidationIssue; most: number }) {
  const shown = issue.affected.slice(0, most);
  const rest = issue.affected_total - shown.length;
  return (
    <>
      {shown.map((one, index) => (
        <span key={one}>
          {index > 0 && ", "}
          {issue.affects === "entity" ? <EntityName id={one} name={lastPart(one)} /> : <span title={one}>{middle(one, 44)}</span>}
        </span>
      ))}
      {rest > 0 && <span className="mut">{shown.length > 0 ? ", " : ""}{count(rest)} more</span>}
    </>
  );
}

export function IssuesPanel({ report }: { report: ValidationReport }) {
  const { issues } = report;
  return (
    <Panel title="Issues" qualifier={report.issue_total > issues.length ? `${count(issues.length)} of ${count(report.issue_total)}` : plural(issues.length, "issue")} isFlush foot={<SourceLine text="roots before consequences, failures before warnings, the graver check first" />}>
      {issues.length === 0 ? (
        <Empty title="Nothing is wrong.">{plural(report.counts.passed, "check")} passed; {plural(report.counts.skipped, "check")} had nothing to look at.</Empty>
      ) : (
        <ul>
          {issues.map((issue, index) => (
            <li key={`${issue.check}-${index}`} className="px-3 py-2 border-t border-line first:border-t-0 grid gap-1">
              <div className="flex flex-wrap gap-x-3 gap-y-1 items-baseline">
                <Ended status={issue.status} />
                <span className="font-medium min-w-0 break-words">{issue.what}</span>
              </div>
              <p className="sub break-words"><span className="mut">Do: </span>{issue.action}</p>
              <p className="sub break-words">
                <span className="mut">{issue.severity} · {words(issue.check)}{issue.caused_by === null ? "" : `, because of ${words(issue.caused_by)}`} · concerns </span>
                <Affected issue={issue} most={6} />
              </p>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function noteOf(check: ValidationCheck): string {
  if (check.caused_by !== null) return `because of ${words(check.caused_by)}; not counted`;
  return check.reason ?? check.says;
}

const RANK: Record<ValidationStatus, number> = { error: 0, failed: 1, warning: 2, passed: 3, skipped: 4 };
const GRAVITY = { critical: 0, major: 1, minor: 2 };

export function ChecksPanel({ report }: { report: ValidationReport }) {
  const rows = [...report.checks].sort((a, b) => RANK[a.status] - RANK[b.status] || GRAVITY[a.severity] - GRAVITY[b.severity]);
  return (
    <Panel title="Checks" qualifier={plural(rows.length, "check")} isFlush foot={<SourceLine text="critical counts 5, major 3, minor 1; what has nothing to check is left out" />}>
      <DataTable
        label="Checks, those that do not pass first"
        rows={rows}
        rowKey={(row) => row.name}
        columns={[
          { key: "status", title: "Result", cell: (row) => <Ended status={row.status} />, sort: (row) => RANK[row.status], width: 132 },
          { key: "title", title: "Check", isName: true, cell: (row) => row.title, sort: (row) => row.title, hint: (row) => row.name, width: 210 },
          { key: "family", title: "Family", cell: (row) => FAMILIES[row.family] ?? words(row.family), sort: (row) => row.family, width: 104 },
          { key: "severity", title: "Severity", cell: (row) => row.severity, sort: (row) => GRAVITY[row.severity], width: 80 },
          { key: "checked", title: "Looked at", isNumber: true, cell: (row) => count(row.checked), sort: (row) => row.checked, width: 84 },
          { key: "issues", title: "Issues", isNumber: true, cell: (row) => count(row.issues), sort: (row) => row.issues, width: 64 },
          { key: "says", title: "Says", cell: noteOf, hint: noteOf, width: 380 },
        ]}
        phone={(row) => (
          <>
            <span className="st"><Glyph word={GLYPHS[row.status]} alone /><span className="font-medium">{row.title}</span></span>
            <span className="mut">{row.severity}</span>
            <span className="d">{noteOf(row)}</span>
          </>
        )}
      />
    </Panel>
  );
}
