// A panel keeps its place whatever state its answer is in; one that fails never blanks the page.
import { Component, useId, type ReactNode } from "react";

export interface PanelProps {
  title: string;
  qualifier?: ReactNode;
  isFlush?: boolean;
  children: ReactNode;
  foot?: ReactNode;
  className?: string;
  isBusy?: boolean;
}

export function Panel({ title, qualifier, isFlush = false, children, foot, className = "", isBusy = false }: PanelProps) {
  const id = useId();
  return (
    <section className={`panel ${className}`} aria-labelledby={id} aria-busy={isBusy}>
      <header>
        <h2 id={id}>{title}</h2>
        {qualifier !== undefined && <span className="r">{qualifier}</span>}
      </header>
      <div className={isFlush ? "b flush" : "b"}>
        <Fence title={title}>{children}</Fence>
      </div>
      {foot}
    </section>
  );
}

interface FenceState {
  error: Error | null;
}

/** Holds a defect of one panel inside it. */
export class Fence extends Component<{ title: string; children: ReactNode }, FenceState> {
  override state: FenceState = { error: null };
  static getDerivedStateFromError(error: Error): FenceState {
    return { error };
  }
  override render() {
    if (!this.state.error) return this.props.children;
    return (
      <div className="note c" role="alert">
        <span>
          <b className="font-semibold">Cannot be shown.</b> {this.state.error.message}
        </span>
        <button type="button" className="act" onClick={() => this.setState({ error: null })}>
          Try again
        </button>
      </div>
    );
  }
}
