// Which figure's evidence is open. One drawer serves the whole page.
import { createContext, useContext } from "react";
import type { Envelope } from "../api/types";

export interface EvidenceOf {
  title: string;
  definition: string;
  /** Exact values behind the figure, label and value. */
  inputs?: [string, string][];
  /** Every source that the figure stands on, where the answer names them. */
  sources?: string[];
  envelope: Envelope<unknown>;
  /** Table of the answer that holds the rows. */
  table?: string;
  kebab: string;
}

export const EvidenceContext = createContext<(evidence: EvidenceOf, from: Element) => void>(() => undefined);

export function useEvidence() {
  return useContext(EvidenceContext);
}
