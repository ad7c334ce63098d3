// Parts of a report page: key figures, decisions, lists, the months of the fiscal year, what it rests on.
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { ReportCell, ReportColumn, ReportFigure, ReportGroup, ReportList, ReportRow } from "../../api/reports";
import { count, plural, titled, words } from "../../format/number";
import { dayAndClock, short } from "../../format/time";
import { Glyph } from "../../parts/status";
import { contextOf } from "../../state/address";
import { useEvidence } from "../../state/evidence";
import { useView } from "../../state/view";
import { addressOf, exactOf, figureEvidence, isFigure, isNumberColumn, isWholeColumn, listSource, numberOf, reasonText, reportText, type Report } from "./executive-model";

/** What goes along from report to report. */
const KEPT = ["depth", "fiscal_start", "paper"];

export function ReportLink({ link, children, className = "link" }: { link: string; children: ReactNode; className?: string }) {
  const view = useView();
  const { path, search } = addressOf(link);
  const kept = path.startsWith("/executive") ? Object.fromEntries(KEPT.flatMap((key) => (view.get(key) ? [[key, view.get(key) as string]] : []))) : {};
  return <Link to={path as never} search={{ ...contextOf(view.search), ...kept, ...search } as never} className={className}>{children}</Link>;
}

export function ReportNumber({ report, figure, isChange = false, isWhole = false }: { report: Report; figure: ReportFigure; isChange?: boolean; isWhole?: boolean }) {
  const open = useEvidence();
  const isAbsent = numberOf(figure) === null;
  return (
    <button type="button" className={isAbsent ? "num absent" : "num"} title={`${figure.title}: ${exactOf(figure)}${figure.note ? `; ${figure.note}` : ""}`} onClick={(event) => open(figureEvidence(report, figure), event.currentTarget)}>
      {reportText(figure, isChange, isWhole)}
    </button>
  );
}

const isChanging = (key: string): boolean => key.includes("variance") || key === "net";

export function Groups({ report }: { report: Report }) {
  return (
    <div className="rfigs">
      {report.data.groups.map((group) => <Group key={group.key} report={report} group={group} />)}
    </div>
  );
}

function Group({ report, group }: { report: Report; group: ReportGroup }) {
  const [first, ...rest] = group.figures;
  return (
    <section aria-label={group.title}>
      <h2><ReportLink link={group.link} className="rhead">{group.title}</ReportLink></h2>
      {first && (
        <>
          <div className="rfig"><ReportNumber report={report} figure={first} isChange={isChanging(first.key)} /></div>
          <p className="rsub" title={first.note ?? undefined}>{first.title}{first.note ? `, ${first.note}` : ""}</p>
        </>
      )}
      <div className="kl">
        {rest.slice(0, 5).map((figure) => (
          <div key={figure.key}>
            <span title={figure.note ?? figure.title}>{figure.title}</span>
            <span><ReportNumber report={report} figure={figure} isChange={isChanging(figure.key)} /></span>
          </div>
        ))}
      </div>
    </section>
  );
}

export function Decisions({ report }: { report: Report }) {
  const { decisions, decisions_considered: considered } = report.data;
  return (
    <section className="rpart" aria-label="Decisions">
      <h2>{decisions.length === 3 ? "Three decisions" : decisions.length === 0 ? "Decisions" : plural(decisions.length, "decision")} <small>{considered > decisions.length ? `of ${plural(considered, "candidate")}, the most pressing of each kind first` : ""}</small></h2>
      {decisions.length === 0 ? (
        <p className="sub py-1">Nothing that the questions found calls for a decision.</p>
      ) : (
        <table className="t report">
          <thead>
            <tr><th scope="col" className="no" aria-label="Number" /><th scope="col">Decision and why</th><th scope="col" className="r">Money</th><th scope="col">Harm of waiting</th><th scope="col">Risk</th><th scope="col">Evidence</th></tr>
          </thead>
          <tbody>
            {decisions.map((one, at) => (
              <tr key={one.title}>
                <td className="no">{at + 1}</td>
                <td className="wide" data-title="Decision"><ReportLink link={one.link} className="rname">{one.title}</ReportLink><span className="why">{one.why}</span></td>
                <td className="r" data-title="Money"><span className="rmoney"><ReportNumber report={report} figure={one.money} isChange={one.kind === "budget"} /><small>{one.money.title}</small></span></td>
                <td data-title="Harm of waiting" title={one.harm_rule}><span className="st"><Glyph word={one.harm === "high" ? "critical" : one.harm === "medium" ? "warning" : "unknown"} />{one.harm}</span></td>
                <td data-title="Risk">{one.risk ?? <span className="mut">not stated</span>}</td>
                <td data-title="Evidence"><span className="revid">{one.evidence.map((figure) => <span key={figure.key}>{figure.title} <ReportNumber report={report} figure={figure} /></span>)}</span></td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

export function ListPart({ report, list }: { report: Report; list: ReportList }) {
  const cut = list.total > list.rows.length;
  // On the dashboard the months stand beside what moved spend; the fiscal report has them in full.
  const isFolded = list.key === "periods" && report.question === "reports/dashboard" && list.rows.length > 0;
  return (
    <section className={`rpart ${isFolded || list.columns.length <= 2 ? "half" : ""}`} aria-label={list.title}>
      <h2>{list.title} {cut && <small>{count(list.rows.length)} of {count(list.total)}</small>}</h2>
      {list.key === "periods" && list.rows.length > 0 && <PeriodBars list={list} />}
      {list.rows.length === 0 ? (
        <p className="sub py-1">{titled(reasonText(list.reason))}.</p>
      ) : isFolded ? (
        <details className="rfold">
          <summary>Every figure as a table</summary>
          <ListTable report={report} list={list} />
        </details>
      ) : (
        <ListTable report={report} list={list} />
      )}
      <p className="rsrc">{listSource(report, list)}{list.note ? ` · ${list.note}` : ""}</p>
    </section>
  );
}

function ListTable({ report, list }: { report: Report; list: ReportList }) {
  const whole = list.columns.map((_, at) => isWholeColumn(list, at));
  return (
        <table className={list.key === "drivers" ? "t report adds" : "t report"}>
          <thead>
            <tr>
              <th scope="col">{nameOf(list.key)}</th>
              {list.columns.map((column) => <th key={column.key} scope="col" className={isNumberColumn(column.cell) ? "r" : ""}>{column.title}</th>)}
            </tr>
          </thead>
          <tbody>
            {list.rows.map((row) => <Row key={row.key} report={report} row={row} columns={list.columns} whole={whole} />)}
          </tbody>
        </table>
  );
}

const NAMES: Record<string, string> = { units: "Unit", branches: "Branch", periods: "Month", drivers: "Driver", services: "Service", objectives: "Objective", single_points: "Single point", subjects: "Of", savings: "Candidate", kinds: "Kind", clusters: "Cluster" };
const nameOf = (key: string): string => NAMES[key] ?? "Name";

function Row({ report, row, columns, whole }: { report: Report; row: ReportRow; columns: ReportColumn[]; whole: boolean[] }) {
  return (
    <tr>
      <td className="wide">
        <span className={row.status ? "st" : ""}>
          {row.status && <Glyph word={row.status as never} />}
          {row.link ? <ReportLink link={row.link} className="rname">{row.name}</ReportLink> : row.name}
        </span>
      </td>
      {columns.map((column, at) => (
        <td key={column.key} className={isNumberColumn(column.cell) ? "r" : ""} data-title={column.title}>
          <CellOf report={report} cell={row.cells[at]} column={column} isWhole={whole[at] ?? false} />
        </td>
      ))}
    </tr>
  );
}

function CellOf({ report, cell, column, isWhole }: { report: Report; cell: ReportCell | undefined; column: ReportColumn; isWhole: boolean }) {
  if (cell === undefined) return <span className="mut">n/a</span>;
  if (isFigure(cell)) return <ReportNumber report={report} figure={cell} isChange={column.cell === "change" || column.key.includes("variance")} isWhole={isWhole} />;
  if (cell.text === null) return <span className="mut">{reasonText(cell.reason)}</span>;
  return <>{column.cell === "instant" ? short(cell.text, report.as_of, "UTC") : cell.text}</>;
}

const HEIGHT = 110;
const SLOT = 50;

/** Charged, or expected, by month, with the budget as a mark. */
function PeriodBars({ list }: { list: ReportList }) {
  const at = (row: ReportRow, key: string) => {
    const place = list.columns.findIndex((column) => column.key === key);
    const cell = row.cells[place];
    return cell && isFigure(cell) ? numberOf(cell) : null;
  };
  const months = list.rows.map((row) => ({ name: row.name, actual: at(row, "actual"), budget: at(row, "budget"), forecast: at(row, "forecast"), isOver: (row.cells[list.columns.length - 1] as { text?: string }).text === "closed" }));
  const most = Math.max(1, ...months.flatMap((one) => [one.actual ?? 0, one.budget ?? 0, one.forecast ?? 0]));
  const high = (value: number) => Math.max(0, (value / most) * (HEIGHT - 18));
  return (
    <svg className="rbars" viewBox={`0 0 ${SLOT * 12} ${HEIGHT + 18}`} role="img" aria-label="Charged and budgeted by month of the fiscal year; the table below holds every figure">
      <path d={`M0 ${HEIGHT}H${SLOT * 12}`} className="ax" />
      {months.map((one, place) => {
        const left = place * SLOT + 10;
        const expected = !one.isOver && one.forecast !== null ? one.forecast : null;
        return (
          <g key={one.name}>
            {expected !== null && <rect x={left} y={HEIGHT - high(expected)} width={SLOT - 20} height={high(expected)} className="rnext" />}
            {one.actual !== null && <rect x={left} y={HEIGHT - high(one.actual)} width={SLOT - 20} height={high(one.actual)} className="fillbar" />}
            {one.budget !== null && <path d={`M${left - 4} ${HEIGHT - high(one.budget)}h${SLOT - 12}`} className="rmark" />}
            <text x={place * SLOT + SLOT / 2} y={HEIGHT + 14} textAnchor="middle">{one.name.slice(0, 3)}</text>
          </g>
        );
      })}
    </svg>
  );
}

export function Missing({ report }: { report: Report }) {
  const missing = report.data.parts.filter((part) => part.reason !== null && part.reason !== "not_applicable");
  const stale = report.data.parts.filter((part) => part.source === "stale");
  if (missing.length === 0 && stale.length === 0) return null;
  return (
    <div className="grid gap-2 my-2">
      {stale.length > 0 && <div className="note w"><Glyph word="warning" /><span><b className="font-semibold">Stale parts.</b> {stale.map((part) => `${words(part.key)} of ${part.as_of ? dayAndClock(part.as_of) : "an unknown instant"}`).join(", ")}. A store does not answer.</span></div>}
      {missing.length > 0 && <div className="note w"><Glyph word="warning" /><span><b className="font-semibold">Missing parts.</b> {missing.map((part) => `${words(part.key)}: ${reasonText(part.reason)}`).join("; ")}. The rest stands.</span></div>}
    </div>
  );
}

export function Foot({ report }: { report: Report }) {
  const { assumptions } = report.data;
  const own = assumptions.filter((one) => one.set_by === "report");
  const stated = assumptions.filter((one) => one.set_by !== "report");
  return (
    <footer className="rfoot">
      <p><b>Assumed:</b> {own.map((one) => one.text).join("; ")}.</p>
      {stated.length > 0 && (
        <details>
          <summary>{plural(stated.length, "assumption")} of the questions behind it</summary>
          <ul>{stated.map((one) => <li key={`${one.name} ${one.of ?? ""} ${one.text}`}>{words(one.name)}{one.of ? ` of ${one.of}` : ""}: {one.text} (set by {one.set_by})</li>)}</ul>
        </details>
      )}
    </footer>
  );
}
