// Title, one computed sentence, at most three actions.
import type { ReactNode } from "react";

export function PageHead({ title, sentence, actions }: { title: ReactNode; sentence?: ReactNode; actions?: ReactNode }) {
  return (
    <div className="head">
      <h1>{title}</h1>
      {sentence !== undefined && <p>{sentence}</p>}
      {actions && <div className="act noprint">{actions}</div>}
    </div>
  );
}
