// Loading, error, stale, partial and empty, each in the panel's own place.
import { useEffect, useState, type ReactNode } from "react";
import { ProblemError } from "../api/client";
import type { Envelope } from "../api/types";
import { dayAndClock } from "../format/time";
import { Glyph } from "./status";

function useAfter(milliseconds: number): boolean {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setOver(true), milliseconds);
    return () => clearTimeout(timer);
  }, [milliseconds]);
  return isOver;
}

/** Nothing for 300 ms, then grey blocks of the final shape, from 2 s the step and Cancel. */
export function Loading({ rows = 5, what, onCancel }: { rows?: number; what: string; onCancel?: () => void }) {
  const isShown = useAfter(300);
  const isLong = useAfter(2_000);
  return (
    <div className="px-3 pb-3 pt-1" role="status" aria-label={`loading ${what}`}>
      <div className={isShown ? "" : "invisible"}>
        <div className="sk h-4 w-24" />
        {Array.from({ length: rows }, (_, row) => (
          <div key={row} className="mt-4 flex gap-3">
            <div className="sk h-2 flex-3" />
            <div className="sk h-2 flex-2" />
            <div className="sk h-2 flex-4" />
          </div>
        ))}
      </div>
      <p className={`mt-3 flex text-11 text-ink-3 ${isLong ? "" : "invisible"}`}>
        <span>Reads {what}, still at work</span>
        {onCancel && (
          <button type="button" className="link ml-auto" onClick={onCancel}>
            Cancel
          </button>
        )}
      </p>
    </div>
  );
}

/** No answer: what, which store, since when, what comes next. */
export function NoAnswer({ error, onRetry, command, onNearest }: { error: Error; onRetry: () => void; command?: string; onNearest?: ((name: string) => void) | undefined }) {
  const problem = error instanceof ProblemError ? error.problem : { title: error.message, status: 0 };
  const at = error instanceof ProblemError ? error.at : new Date();
  const isStore = problem.status === 503;
  const hasNearest = (problem.nearest?.length ?? 0) > 0;
  return (
    <div className="px-3 pb-3 pt-1" role="alert">
      <div className="note c">
        <Glyph word="critical" />
        <span>
          <b className="font-semibold">No answer.</b> {hasNearest ? `${(problem.detail ?? problem.title).split("; near it")[0]}.` : sentence(problem.detail ?? problem.title)}
        </span>
      </div>
      <dl className="kv mt-2">
        {problem.field && (
          <>
            <dt>Parameter</dt>
            <dd>{problem.field}</dd>
          </>
        )}
        {hasNearest && (
          <>
            <dt>Nearest names</dt>
            <dd>
              {problem.nearest?.map((name) => (
                <div key={name}>{onNearest ? <button type="button" className="link text-left" onClick={() => onNearest(name)}>{name}</button> : name}</div>
              ))}
            </dd>
          </>
        )}
        {problem.store && (
          <>
            <dt>Store</dt>
            <dd>{problem.store}{problem.since ? `, since ${dayAndClock(problem.since)}` : ""}</dd>
          </>
        )}
        <dt>Tried</dt>
        <dd>{dayAndClock(at.toISOString())}{isStore ? ", again every 30 s" : ""}</dd>
      </dl>
      <div className="mt-2 flex gap-2">
        <button type="button" className="btn" onClick={onRetry}>
          Retry now
        </button>
        {command && (
          <button type="button" className="btn" onClick={() => void navigator.clipboard?.writeText(command)}>
            Copy as CLI
          </button>
        )}
      </div>
    </div>
  );
}

/** What stands over an answer that is not simply live. */
export function AnswerNotes({ envelope, onRetry, without = [] }: { envelope: Envelope<unknown>; onRetry: () => void; without?: string[] }) {
  const notes: ReactNode[] = [];
  if (envelope.source === "stale") {
    notes.push(
      <div className="note w" key="stale">
        <Glyph word="warning" />
        <span>
          <b className="font-semibold">Stale.</b> A store does not answer. Last good answer of {dayAndClock(envelope.as_of)}.
        </span>
        <button type="button" className="act" onClick={onRetry}>
          Retry
        </button>
      </div>,
    );
  }
  const warnings = envelope.warnings.filter((one) => !without.includes(one.code));
  if (warnings.length > 0) {
    notes.push(
      <div className="note w" key="warnings">
        <Glyph word="warning" />
        <span>
          {warnings.map((warning) => <span className="block" key={`${warning.code}-${warning.message}`}>{sentence(warning.message)}</span>)}
        </span>
      </div>,
    );
  }
  if (notes.length === 0) return null;
  return <div className="grid gap-2 mb-3">{notes}</div>;
}

export function sentence(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}

interface Answered<T> {
  data: Envelope<T> | undefined;
  error: Error | null;
  isPending: boolean;
  refetch: () => unknown;
}

/** One answer through all its states. With an old answer in hand, an error stands above it. */
export function Answer<T>({ query, what, children, command, onNearest }: { query: Answered<T>; what: string; command?: string; onNearest?: (name: string) => void; children: (envelope: Envelope<T>) => ReactNode }) {
  if (query.data) return <>{children(query.data)}</>;
  if (query.error) return <NoAnswer error={query.error} onRetry={() => void query.refetch()} onNearest={onNearest} {...(command ? { command } : {})} />;
  return <Loading what={what} />;
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <p className="text-ink-2">{title}</p>
      {children && <div className="sub mt-1 text-ink-3">{children}</div>}
    </div>
  );
}
