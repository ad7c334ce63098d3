// What people decide about candidates, risks and checks; an undo is a decision of its own.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { postJson, type ProblemError } from "./client";

export interface DecisionFact {
  action: "accept" | "dismiss" | "done" | "confirm" | "replace" | "add" | "undo";
  author: string;
  reason: string;
  decided_at: string;
  until: string | null;
}

/** `target` is `savings:RULE:ENTITY`, `risk:CLASS:ENTITY` or `check:NAME:ENTITY`. */
export interface DecisionRequest {
  target: string;
  action: DecisionFact["action"];
  reason: string;
  author?: string;
  until?: string;
}

/** Sends a decision; every answer that may show it is asked again. */
export function useDecide() {
  const client = useQueryClient();
  return useMutation<unknown, ProblemError, DecisionRequest>({
    mutationFn: (request) => postJson("/api/v1/decisions", request),
    onSuccess: () => client.invalidateQueries({ queryKey: ["answer"] }),
  });
}
