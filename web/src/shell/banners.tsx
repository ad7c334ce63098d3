// What holds for the whole page: the past, a demonstration, a program that does not answer.
import { Link } from "@tanstack/react-router";
import { useStatus } from "../api/queries";
import { bar } from "../format/time";
import { Glyph } from "../parts/status";
import { useView } from "../state/view";

export function Banners() {
  const view = useView();
  const status = useStatus();
  const asOf = view.get("as_of");
  const isDemonstration = status.data?.demonstration === true;
  // Who may not read it is told so by a program that answers.
  const isSilent = status.error !== null && ![401, 403].includes(status.error.problem.status);
  if (!asOf && !isDemonstration && !isSilent) return null;
  return (
    <div className="banners">
      {isSilent && (
        <div className="note c" role="alert">
          <Glyph word="critical" />
          <span>
            <b className="font-semibold">The program does not answer.</b> What is shown is what it said last.
          </span>
          <button type="button" className="act" onClick={() => void status.refetch()}>
            Retry
          </button>
        </div>
      )}
      {isDemonstration && (
        <div className="note w">
          <Glyph word="warning" />
          <span>
            <b className="font-semibold">Demonstration.</b> These figures belong to a made-up company.
          </span>
          <Link to={"/ingest" as never} className="act">
            Ingest your own
          </Link>
        </div>
      )}
      {asOf && (
        <div className="note a" role="status">
          <span aria-hidden="true" />
          <span>
            <b className="font-semibold">You look at the past:</b> {bar(asOf)}, with all that is known today.
          </span>
          <button type="button" className="act" onClick={() => view.set({ as_of: undefined })}>
            Back to live
          </button>
        </div>
      )}
    </div>
  );
}
