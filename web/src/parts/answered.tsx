// A page that stands on one answer: its head, what stands over the answer, and the answer's states.
import type { ReactNode } from "react";
import type { ProblemError } from "../api/client";
import type { Envelope } from "../api/types";
import { PageHead } from "../shell/page-head";
import type { EvidenceOf } from "../state/evidence";
import { Panel } from "./panel";
import { Answer, AnswerNotes } from "./states";

export interface Asked<T> {
  data: Envelope<T> | undefined;
  error: ProblemError | null;
  isPending: boolean;
  isFetching: boolean;
  refetch: () => unknown;
}

export interface AnsweredProps<T> {
  title: ReactNode;
  query: Asked<T>;
  /** What is read, for the words while it is read. */
  what: string;
  sentence: (envelope: Envelope<T>) => string;
  actions?: ReactNode;
  /** Stands between the head and the answer, whatever the state. */
  filters?: ReactNode;
  onNearest?: (name: string) => void;
  children: (envelope: Envelope<T>) => ReactNode;
}

export function Answered<T>({ title, query, what, sentence, actions, filters, onNearest, children }: AnsweredProps<T>) {
  const envelope = query.data;
  return (
    <>
      <PageHead title={title} sentence={envelope ? sentence(envelope) : undefined} actions={actions} />
      {filters}
      {envelope ? (
        <>
          <AnswerNotes envelope={envelope} onRetry={() => void query.refetch()} />
          {children(envelope)}
        </>
      ) : (
        <Panel title={what.charAt(0).toUpperCase() + what.slice(1)} isFlush>
          <Answer query={query} what={what} {...(onNearest ? { onNearest } : {})}>{() => null}</Answer>
        </Panel>
      )}
    </>
  );
}

/** Makes the evidence of one question's figures. */
export function evidenceOf<T>(kebab: string) {
  return (envelope: Envelope<T>, title: string, definition: string, table: string, inputs?: [string, string][]): EvidenceOf => ({
    title, definition, envelope: envelope as Envelope<unknown>, table, kebab, ...(inputs ? { inputs } : {}),
  });
}
