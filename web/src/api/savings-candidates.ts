// The answer of savings_candidates: `data` of its envelope.
import type { DecisionFact } from "./decisions";
import type { Measure, Money, Scope, TimeSpan } from "./types";

export interface SavingsCandidatesAnswer {
  totals: SavingsTotal[];
  candidates: SavingsCandidate[];
  rules: RuleReport[];
  look_back: TimeSpan;
  cost_window: TimeSpan | null;
}

export interface SavingsTotal {
  currency: string;
  saving: Money;
  safe_saving: Money;
  total_cost: Money;
  entities: number;
}

export interface SavingsCandidate {
  target: string;
  rule: string;
  title: string;
  action: SavingsAction;
  entity: CandidateEntity;
  owner: string | null;
  application: string | null;
  evidence: string;
  figures: Figure[];
  evidence_window: TimeSpan | null;
  monthly_cost: MonthlyCost | null;
  cost_reason: string | null;
  cost_detail?: string | null;
  saving: MonthlySaving | null;
  saving_reason: string | null;
  saving_detail?: string | null;
  effort: Grade;
  risk: Grade;
  confidence: string;
  safe: Safety;
  alternatives: string[];
  is_counted: boolean;
  decision: DecisionFact | null;
}

export interface CandidateEntity {
  id: string;
  kind: string;
  name: string;
  scope: Scope;
}

export interface Figure {
  name: string;
  value: Measure;
}

export interface MonthlyCost {
  billed: Money;
  effective: Money;
}

export interface MonthlySaving {
  now: Money;
  after_commitment: Money | null;
  commitment_end: string | null;
  basis: SavingBasis;
  source: string;
}

export type SavingBasis = "computed" | "estimated";

export type SavingsAction = "delete" | "change" | "commit" | "review";

export type Grade = "low" | "medium" | "high";

export type SafeAnswer = "no" | "unknown" | "yes";

export interface Safety {
  answer: SafeAnswer;
  reasons: string[];
}

export interface RuleReport {
  rule: string;
  about: string;
  needs: string;
  is_evaluated: boolean;
  reason: string | null;
  looked_at: number;
  candidates: number;
}
