// The answer of incidents/suspects: `data` of its envelope.
import type { Measure } from "./types";

export interface SuspectsAnswer {
  incident: string | null;
  symptom: SuspectEntity;
  from: string;
  until: string;
  baseline: SuspectBaseline;
  suspects: Suspect[];
  change_rule: SuspectChangeRule;
  judged: number;
  series: number;
}

export interface SuspectEntity {
  id: string;
  name: string;
  kind: string;
}

export interface SuspectBaseline {
  from: string;
  to: string;
  step_secs: number;
  points: number;
  is_weak: boolean;
  left_out: SuspectLeftOut[];
}

export interface SuspectLeftOut {
  incident: string;
  from: string;
  to: string;
}

export interface SuspectChangeRule {
  before_secs: number;
  half_secs: number;
}

export interface Suspect {
  rank: number;
  entity: SuspectEntity;
  score: number;
  confidence: string;
  path: SuspectEntity[];
  evidence: SuspectEvidence[];
  changes: SuspectChange[];
}

export interface SuspectEvidence {
  clue: string;
  meaning: string;
  strength: number;
  metric: string | null;
  statistic: string | null;
  call: SuspectCall | null;
  expected: Measure;
  observed: Measure;
  distance: number | null;
}

export interface SuspectCall {
  from: string;
  to: string;
}

export interface SuspectChange {
  at: string;
  kind: string;
  title: string;
  source: string;
  weight: number;
}
