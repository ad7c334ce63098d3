// The shapes on the wire that every page shares. `/api/v1` only adds, so a page reads what it knows.

export type AnswerSource = "live" | "cached" | "stale" | "demonstration";

export interface AnswerWindow {
  from: string;
  to: string;
  chosen_by: "request" | "default" | "newest_data" | "all";
}

/** Half-open, `[from, to)`. */
export interface TimeSpan {
  from: string;
  to: string;
}

export interface StoreFreshness {
  store: string;
  version: number;
  newest: string | null;
}

export interface Coverage {
  with: number;
  of: number;
  share: number | null;
}

export interface Warning {
  code: string;
  message: string;
}

export type CellType = "text" | "count" | "number" | "amount" | "instant" | "flag";

export interface Column {
  name: string;
  title: string;
  cell: CellType;
  unit: string;
}

export type CellValue = string | number | boolean | null;

export interface Table {
  name: string;
  columns: Column[];
  rows: CellValue[][];
}

export interface Envelope<T> {
  question: string;
  params: Record<string, unknown>;
  as_of: string;
  window: AnswerWindow | null;
  source: AnswerSource;
  stores: StoreFreshness[];
  coverage: Record<string, Coverage>;
  took_ms: number;
  truncated: Record<string, number>;
  warnings: Warning[];
  next: string | null;
  data: T;
  tables: Table[];
}

export interface Measure {
  value: number | null;
  unit: string;
  basis?: string | null;
  n?: number | null;
  reason?: string | null;
  detail?: string | null;
}

export type Basis = "billed" | "effective" | "list" | "contracted";

export interface Money {
  amount: string | null;
  currency: string;
  basis: Basis;
  origin: string;
  rows: number;
  rows_without: number;
  reason?: string | null;
}

export interface Problem {
  type?: string;
  title: string;
  status: number;
  detail?: string;
  field?: string;
  nearest?: string[];
  store?: string;
  since?: string;
}

export interface Parameter {
  name: string;
  help: string;
}

export interface QuestionInfo {
  name: string;
  kebab: string;
  title: string;
  parameters: Parameter[];
}

export interface DataPresence {
  data: string;
  rows: number;
  first: string | null;
  last: string | null;
}

export interface Status {
  version: string;
  demonstration: boolean;
  stores: StoreFreshness[];
  entities: number;
  relations: number;
  presence: DataPresence[];
  open_references: number;
  held: number;
  intake_backlog: number;
}

export interface Scope {
  account: string | null;
  region: string | null;
  zone: string | null;
  cluster: string | null;
  namespace: string | null;
  environment: string | null;
}

export interface EntityFact {
  id: string;
  kind: string;
  name: string;
  scope: Scope;
  cluster_name: string | null;
  owner: string | null;
  application: string | null;
  labels: Record<string, string>;
  properties: Record<string, unknown>;
  sources: string[];
  first_seen: string | null;
  last_seen: string | null;
  valid_from: string | null;
  valid_to: string | null;
  state: string;
}

export interface RelationFact {
  from: string;
  kind: string;
  to: string;
  evidence: string[];
  need: string;
  need_source: string;
  rule: string | null;
  confidence: string;
  sources: string[];
  properties: Record<string, unknown>;
  valid_from: string | null;
  last_seen: string | null;
}

export interface EventFact {
  event: string;
  external_id: string;
  source: string;
  kind: string;
  title: string;
  status: string | null;
  at: string | null;
  ended_at: string | null;
  count: number;
}

export interface VersionFact {
  source: string;
  observed_at: string;
  labels: Record<string, string>;
  properties: Record<string, unknown>;
}

export interface EntityPage {
  entity: EntityFact;
  aliases: [string, string][];
  sources: { source: string; first_seen: string; last_seen: string }[];
  history: VersionFact[];
  outgoing: RelationFact[];
  incoming: RelationFact[];
  neighbours: EntityFact[];
  relations_cut: number;
  events?: EventFact[];
}

export interface EntityMatch {
  id: string;
  kind: string;
  name: string;
  matched: string | null;
}

export type CountsBy = [string, number][];

export interface InputRecord {
  name: string;
  content_hash: string;
  format: string;
  source: string;
  observed_at: string;
  observed_by: string;
  received_at: string;
}

export interface InputOutcome {
  read: CountsBy;
  added: CountsBy;
  changed: CountsBy;
  retired: CountsBy;
  held: CountsBy;
  open_references: number;
  rejects: number;
  is_known: boolean;
}

export interface IntakeEntry {
  id: number;
  run: string;
  input: InputRecord;
  outcome: InputOutcome;
  is_finished: boolean;
}

export interface Reject {
  source: string;
  location: string;
  reason: string;
  count: number;
}
