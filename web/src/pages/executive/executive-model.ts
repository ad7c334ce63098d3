// What the report pages work out: texts of figures, evidence of the question behind one, addresses.
import type { ReportAnswer, ReportCell, ReportFigure, ReportList, ReportMoney, ReportPart } from "../../api/reports";
import type { Envelope, Measure } from "../../api/types";
import { count, money, NO_BREAK, plural, ratio, signed, significant, withUnit, words } from "../../format/number";
import { range } from "../../format/time";
import { parseSearch, type Search } from "../../state/address";
import type { EvidenceOf } from "../../state/evidence";

export type Report = Envelope<ReportAnswer>;

export const REPORTS: { path: string; name: string; title: string }[] = [
  { path: "/executive", name: "dashboard", title: "Dashboard" },
  { path: "/executive/fiscal", name: "fiscal", title: "Fiscal analysis" },
  { path: "/executive/value", name: "value", title: "Value" },
  { path: "/executive/infrastructure", name: "infrastructure", title: "Infrastructure" },
];

export const DEPTHS = ["executive", "director", "manager", "engineer"] as const;

export function isReportMoney(value: ReportMoney | Measure): value is ReportMoney {
  return "currency" in value;
}

export function isFigure(cell: ReportCell): cell is ReportFigure {
  return "value" in cell && "sources" in cell;
}

/** The number of a figure, for bars and order only. */
export function numberOf(figure: ReportFigure): number | null {
  const { value } = figure;
  if (isReportMoney(value)) return value.amount === null ? null : Number(value.amount);
  return value.value;
}

/** A reason in the words of the screen. */
export function reasonText(reason: string | null | undefined): string {
  return reason === "not_applicable" ? "n/a" : words(reason ?? "no data");
}

/** As people read it; a change with its sign; whole where its column is. */
export function reportText(figure: ReportFigure, isChange = false, isWhole = false): string {
  const { value } = figure;
  if (isReportMoney(value)) {
    if (value.amount === null) return reasonText(value.reason);
    const text = money(value.amount, value.currency, isWhole);
    return isChange ? signed(text, Number(value.amount)) : text;
  }
  if (value.value === null) return reasonText(value.reason);
  const text = value.unit === "1" ? returnText(value.value) : withUnit(value.value, value.unit);
  return isChange ? signed(text, value.value) : text;
}

/** A ratio in percent; a return of many times as times. */
function returnText(value: number): string {
  return Math.abs(value) >= 10 ? `${Math.abs(value) >= 100 ? count(value) : significant(value)}${NO_BREAK}times` : ratio(value);
}

export function exactOf(figure: ReportFigure): string {
  const { value } = figure;
  if (isReportMoney(value)) return value.amount === null ? reasonText(value.reason) : `${value.amount} ${value.currency}`;
  return value.value === null ? reasonText(value.reason) : `${value.value} ${value.unit === "1" ? "(ratio)" : value.unit}`.trim();
}

const FORMULAS: Record<string, string> = { sum: "the sum of", difference: "the first less the others of", sum_less_last: "all but the last added, less the last, of", ratio: "the first half added over the second half added of", product: "the product of", count: "how many are true of" };

function partEnvelope(report: Report, part: ReportPart | undefined): Envelope<unknown> {
  if (!part) return report as Envelope<unknown>;
  return {
    ...report, question: part.question, params: part.params, as_of: part.as_of ?? report.as_of, window: part.window, source: part.source ?? report.source,
    stores: part.stores, coverage: part.coverage, truncated: part.truncated, warnings: part.warnings, tables: [], data: null,
  };
}

/** The proof of a figure is that of the question behind it. */
export function figureEvidence(report: Report, figure: ReportFigure): EvidenceOf {
  const first = figure.sources[0];
  const part = report.data.parts.find((one) => one.key === first?.part);
  const rule = figure.formula ? `It is ${FORMULAS[figure.formula] ?? figure.formula} ${plural(figure.sources.length, "figure")}, each named below.` : "It is the figure of the question, digit for digit.";
  const inputs: [string, string][] = [["Exact value", exactOf(figure)]];
  const { value } = figure;
  if (isReportMoney(value) && value.interval) inputs.push(["80 % interval", value.interval.join(" to ")]);
  if (figure.note) inputs.push(["Note", figure.note]);
  for (const source of figure.sources.slice(0, 40)) inputs.push([source.part, source.pointer]);
  return { title: figure.title, definition: part ? `${rule} Question: ${words(part.question)}.` : "No question answered this.", inputs, envelope: partEnvelope(report, part), kebab: part ? part.question.replaceAll("_", "-") : report.question };
}

/** Window, source and coverage of the parts that a list stands on. */
export function listSource(report: Report, list: ReportList): string {
  const keys = new Set(list.rows.flatMap((row) => row.cells.filter(isFigure).flatMap((cell) => cell.sources.map((source) => source.part.split("/")[0] ?? ""))));
  const parts = report.data.parts.filter((part) => keys.has(part.key));
  const texts = parts.map((part) => {
    const stale = part.source === "stale" ? ", stale" : "";
    return `${words(part.key)}${part.window ? ` ${range(part.window.from, part.window.to)}` : ""}${stale}`;
  });
  return [list.order, ...texts].join(" · ");
}

/** An address of the answer as path and state. */
export function addressOf(link: string): { path: string; search: Search } {
  const [path, query] = link.split("?");
  return { path: path ?? "/", search: parseSearch(query ?? "") };
}

/** A column of money is whole when one of its amounts is large. */
export function isWholeColumn(list: ReportList, at: number): boolean {
  return list.rows.some((row) => {
    const cell = row.cells[at];
    return cell !== undefined && isFigure(cell) && isReportMoney(cell.value) && Math.abs(Number(cell.value.amount ?? 0)) >= 1_000;
  });
}

export const isNumberColumn = (cell: string): boolean => ["money", "change", "ratio", "count", "measure"].includes(cell);
