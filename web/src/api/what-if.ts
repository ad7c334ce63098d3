// The answer of critical_paths/what_if: `data` of its envelope.
import type { EntityRef } from "./critical-paths";
import type { Measure } from "./types";

export interface WhatIfAnswer {
  selection: SelectedPart[];
  selected: number;
  failed_already: number;
  at_once: WhatIfOutcome;
  after_recovery: WhatIfOutcome;
  recoveries: Recovery[];
  unrecovered: Unrecovered[];
  survivors: Survivor[];
  not_checked: string[];
}

export interface SelectedPart {
  select: string;
  entities: number;
  first: EntityRef[];
}

export interface WhatIfOutcome {
  loss: Measure;
  entry_points: EntityRef[];
  products: EntityRef[];
  fails: number;
  fails_by_kind: KindTotal[];
  degrades: number;
  degrades_indirectly: number;
  assumed: number;
  failed: FailedRow[];
  degraded: DegradedRow[];
}

export interface KindTotal {
  kind: string;
  count: number;
}

export interface FailedRow {
  entity: EntityRef;
  is_entry: boolean;
  path: string[];
  why: string;
}

export interface DegradedRow {
  entity: EntityRef;
  distance: number;
  why: string;
}

export interface Recovery {
  entity: EntityRef;
  by: EntityRef;
  to: EntityRef | null;
  delay: Measure;
}

export interface Unrecovered {
  entity: EntityRef;
  reason: string;
}

export interface Survivor {
  entity: EntityRef;
  replicas_left: number | null;
  replicas: number | null;
  cpu_requests: Measure;
  memory_requests: Measure;
  peak: Measure;
}
