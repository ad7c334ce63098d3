// The shapes of a report: figures that stand for figures of questions, each with where it comes from.
import type { AnswerSource, AnswerWindow, Coverage, Measure, StoreFreshness, Warning } from "./types";

export type ReportDepth = "executive" | "director" | "manager" | "engineer";

export interface ReportAnswer {
  depth: ReportDepth;
  subject: ReportSubject;
  period: ReportPeriod;
  fiscal_year: ReportFiscalYear;
  sentences: string[];
  groups: ReportGroup[];
  decisions: ReportDecision[];
  decisions_considered: number;
  lists: ReportList[];
  parts: ReportPart[];
  assumptions: ReportAssumption[];
}

export interface ReportSubject {
  id: string | null;
  kind: string | null;
  name: string;
  above: ReportUnit[];
  below: number;
}

export interface ReportUnit {
  id: string;
  kind: string;
  name: string;
}

export interface ReportPeriod {
  from: string;
  to: string;
  at: string;
  chosen_by: string;
}

export interface ReportFiscalYear {
  from: string;
  to: string;
  start_month: number;
}

export interface ReportGroup {
  key: string;
  title: string;
  figures: ReportFigure[];
  link: string;
}

export interface ReportFigure {
  key: string;
  title: string;
  value: ReportMoney | Measure;
  formula: string | null;
  sources: ReportSource[];
  note: string | null;
}

export interface ReportMoney {
  amount: string | null;
  currency: string;
  basis: string | null;
  origin: string;
  interval: string[] | null;
  reason: string | null;
}

export interface ReportSource {
  part: string;
  pointer: string;
}

export interface ReportList {
  key: string;
  title: string;
  order: string;
  columns: ReportColumn[];
  rows: ReportRow[];
  total: number;
  reason: string | null;
  note: string | null;
}

export interface ReportColumn {
  key: string;
  title: string;
  cell: string;
}

export interface ReportRow {
  key: string;
  name: string;
  link: string | null;
  status: string | null;
  cells: ReportCell[];
}

export type ReportCell = ReportFigure | ReportText;

export interface ReportText {
  text: string | null;
  reason: string | null;
}

export interface ReportDecision {
  kind: string;
  title: string;
  why: string;
  money: ReportFigure;
  harm: string;
  harm_rule: string;
  risk: string | null;
  effort: string | null;
  evidence: ReportFigure[];
  entities: string[];
  owner: string | null;
  link: string;
  target: string | null;
}

export interface ReportPart {
  key: string;
  question: string;
  params: Record<string, unknown>;
  reason: string | null;
  detail: string | null;
  as_of: string | null;
  window: AnswerWindow | null;
  source: AnswerSource | null;
  stores: StoreFreshness[];
  coverage: Record<string, Coverage>;
  truncated: Record<string, number>;
  warnings: Warning[];
}

export interface ReportAssumption {
  name: string;
  of: string | null;
  text: string;
  set_by: string;
  set_at: string | null;
}
