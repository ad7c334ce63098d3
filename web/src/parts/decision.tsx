// Accept or dismiss with a reason, until a day if it should end; whoever changes their mind undoes it.
import { useId, useState, type FormEvent } from "react";
import { useDecide, type DecisionFact } from "../api/decisions";
import { dayAndClock, short } from "../format/time";
import { sentence } from "./states";
import { Glyph } from "./status";

export interface DecisionProps {
  target: string;
  decision: DecisionFact | null | undefined;
  /** What either choice means here. */
  means: { accept: string; dismiss: string };
  /** Whether an end is offered: a risk is accepted for a time. */
  hasEnd?: boolean;
}

type Choice = "accept" | "dismiss" | "undo";

const DONE: Record<string, string> = { accept: "Accepted", dismiss: "Dismissed" };

export function decisionText(decision: DecisionFact): string {
  return `${DONE[decision.action] ?? decision.action} by ${decision.author}, ${dayAndClock(decision.decided_at)}${decision.until ? `, until ${short(decision.until)}` : ""}: ${decision.reason}`;
}

export function Decision({ target, decision, means, hasEnd = false }: DecisionProps) {
  const decide = useDecide();
  const [choice, setChoice] = useState<Choice | null>(null);
  const [reason, setReason] = useState("");
  const [until, setUntil] = useState("");
  const id = useId();
  const isReady = reason.trim() !== "" && !decide.isPending;
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (!choice || !isReady) return;
    decide.mutate({ target, action: choice, reason: reason.trim(), ...(hasEnd && until && choice !== "undo" ? { until } : {}) }, {
      onSuccess: () => {
        setChoice(null);
        setReason("");
        setUntil("");
      },
    });
  };
  return (
    <div className="grid gap-2" role="group" aria-label="Decision">
      {decision && (
        <div className="note a">
          <Glyph word="healthy" />
          <span>
            <b className="font-semibold">{DONE[decision.action] ?? decision.action}</b> by {decision.author}, {dayAndClock(decision.decided_at)}
            {decision.until && `, until ${short(decision.until)}`}: {sentence(decision.reason)}
          </span>
          <button type="button" className="act" onClick={() => setChoice("undo")}>
            Undo
          </button>
        </div>
      )}
      {choice === null ? (
        !decision && (
          <div className="flex flex-wrap gap-2">
            <button type="button" className="btn p" onClick={() => setChoice("accept")}>{means.accept}</button>
            <button type="button" className="btn" onClick={() => setChoice("dismiss")}>{means.dismiss}</button>
          </div>
        )
      ) : (
        <form className="grid gap-2" onSubmit={send}>
          <label className="grid gap-1 text-12" htmlFor={id}>
            <span className="text-ink-2">{choice === "undo" ? "Why it holds no more" : `${choice === "accept" ? means.accept : means.dismiss}: why`}</span>
            <textarea id={id} className="input !h-auto py-1" rows={2} maxLength={2_000} required autoFocus value={reason} onChange={(event) => setReason(event.target.value)} />
          </label>
          {hasEnd && choice !== "undo" && (
            <label className="field">
              Until
              <input type="date" value={until} onChange={(event) => setUntil(event.target.value)} />
              <span>without it, for good</span>
            </label>
          )}
          {decide.error && <p className="text-12 text-crit" role="alert">{sentence(decide.error.problem.detail ?? decide.error.problem.title)}</p>}
          <div className="flex gap-2">
            <button type="submit" className="btn p" disabled={!isReady}>{decide.isPending ? "Sends" : choice === "undo" ? "Undo it" : "Put on record"}</button>
            <button type="button" className="btn" onClick={() => setChoice(null)}>Cancel</button>
          </div>
        </form>
      )}
    </div>
  );
}
