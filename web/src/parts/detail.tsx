// What is known of one row: beside the list where there is room, else a drawer over it.
import { useSyncExternalStore, type ReactNode } from "react";
import { Dialog } from "./dialog";
import { Fence } from "./panel";

const WIDE = "(min-width: 1280px)";

export function useIsWide(query = WIDE): boolean {
  return useSyncExternalStore(
    (changed) => {
      const list = window.matchMedia(query);
      list.addEventListener("change", changed);
      return () => list.removeEventListener("change", changed);
    },
    () => window.matchMedia(query).matches,
    () => true,
  );
}

export interface DetailProps {
  title: string;
  /** Beside the title: a status, a tag. */
  mark?: ReactNode;
  sub?: ReactNode;
  onClose: () => void;
  children: ReactNode;
  foot?: ReactNode;
}

export function Detail({ title, mark, sub, onClose, children, foot }: DetailProps) {
  const isWide = useIsWide();
  const body = (
    <>
      <div className="hd">
        <h2>{title}</h2>
        {mark}
        <button type="button" onClick={onClose} aria-label="Esc: close the details">
          Esc
        </button>
      </div>
      {sub && <p className="sub lead">{sub}</p>}
      <Fence title={title}>{children}</Fence>
      {foot}
    </>
  );
  if (!isWide) {
    return (
      <Dialog className="drawer detail" label={title} onClose={onClose}>
        {body}
      </Dialog>
    );
  }
  return (
    <section className="panel detail float" aria-label={title} onKeyDown={(event) => { if (event.key === "Escape") onClose(); }}>
      {body}
    </section>
  );
}

/** One part of the details, under its own small title. */
export function Section({ title, aside, children }: { title?: ReactNode; aside?: ReactNode; children: ReactNode }) {
  return (
    <div className="sec">
      {title !== undefined && (
        <div className="two">
          <h3>{title}</h3>
          {aside !== undefined && <span className="mut text-12">{aside}</span>}
        </div>
      )}
      {children}
    </div>
  );
}

/** Names with their values, one a line; the values at the right. */
export function Facts({ rows }: { rows: [ReactNode, ReactNode, ReactNode?][] }) {
  return (
    <div className="facts">
      {rows.map(([name, value, aside], index) => (
        <div key={index}>
          <span>{name}</span>
          <span>{value}</span>
          {aside !== undefined && <span className="mut">{aside}</span>}
        </div>
      ))}
    </div>
  );
}
