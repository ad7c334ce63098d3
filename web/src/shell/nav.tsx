// The left side: pages in words; at its foot the last ingest and the state of the stores.
import { Link } from "@tanstack/react-router";
import { useIntake, useStatus } from "../api/queries";
import { useIsNarrowed, useLogout, useMe } from "../api/people";
import { count, plural } from "../format/number";
import { full, short } from "../format/time";
import { contextOf } from "../state/address";
import { nextTheme, setTheme, useTheme } from "../state/theme";
import { useView } from "../state/view";
import { usePages, type PageInfo } from "./pages";

function PageLink({ page, onGo, todo }: { page: PageInfo; onGo: () => void; todo?: number | undefined }) {
  const view = useView();
  const isHere = page.path === "/" ? view.path === "/" : view.path.startsWith(page.path);
  return (
    <Link to={page.path as never} search={contextOf(view.search) as never} className="page" {...(isHere ? { "aria-current": "page" } : {})} onClick={onGo}>
      <span>{page.title}</span>
      {todo !== undefined && todo > 0 && <span className="n" title="to be decided or not yet in">{count(todo)}</span>}
    </Link>
  );
}

export function Nav({ isOpen, onGo, onKeys }: { isOpen: boolean; onGo: () => void; onKeys: () => void }) {
  const status = useStatus();
  const intake = useIntake(undefined, 1);
  const theme = useTheme();
  const me = useMe();
  const logout = useLogout();
  const isNarrowed = useIsNarrowed();
  const pages = usePages();
  const groups = [...new Set(pages.map((page) => page.group))];
  const last = intake.data?.entries[0];
  const todo = (status.data?.held ?? 0) + (status.data?.intake_backlog ?? 0);
  const stores = status.data?.stores ?? [];
  return (
    <nav className={isOpen ? "side open" : "side"} aria-label="Pages">
      <div className="name">Ubiquitous</div>
      {groups.map((group) => (
        <div key={group}>
          {group !== "" && <h2>{group}</h2>}
          {pages.filter((page) => page.group === group).map((page) => (
            <PageLink key={page.path} page={page} onGo={onGo} todo={page.path === "/ingest" ? todo : undefined} />
          ))}
        </div>
      ))}
      <div className="foot">
        {me.data?.account && (
          <div className="flex gap-3">
            <span className="min-w-0 truncate" title={[me.data.role, ...(me.data.units ?? [])].join(", ")}>{me.data.account}</span>
            {me.data.has_session && <button type="button" onClick={() => logout.mutate()}>Log out</button>}
          </div>
        )}
        {isNarrowed ? null : last ? <div title={full(last.input.received_at)}>Last ingest {short(last.input.received_at)}</div> : <div>No ingest yet</div>}
        <div>{isNarrowed ? "A part of the organisation" : status.error ? "Stores: no answer" : status.data ? `${plural(stores.length, "store answers", "stores answer")}` : "\u00a0"}</div>
        <div className="mt-1 flex gap-3">
          <button type="button" onClick={() => setTheme(nextTheme(theme))} title="Theme (t)">
            {theme === "auto" ? "Theme: system" : `Theme: ${theme}`}
          </button>
          <button type="button" onClick={onKeys}>
            Keys ?
          </button>
        </div>
      </div>
    </nav>
  );
}
