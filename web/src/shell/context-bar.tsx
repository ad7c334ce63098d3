// The one context bar: unit, environment, window, as of; the state of the answers; find.
import { useIsFetching, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { useIsNarrowed } from "../api/people";
import type { Envelope } from "../api/types";
import { lastPart, plural } from "../format/number";
import { ago, bar, windowLabel, zoneName } from "../format/time";
import { showChanges, useLive } from "../state/live";
import { useView } from "../state/view";
import { Glyph } from "../parts/status";
import { useEnvironments, useUnits } from "./choices";
import { Menu } from "./menu";
import { PAGES } from "./pages";

const WINDOWS = ["PT15M", "PT1H", "PT6H", "PT24H", "P7D", "P30D", "P90D", "all"];

function Custom({ label, hint, onDone, type = "text" }: { label: string; hint: string; type?: string; onDone: (value: string | undefined) => void }) {
  const [text, setText] = useState("");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() !== "") onDone(text.trim());
      }}
    >
      <label className="grid gap-1">
        <span className="mut">{label}</span>
        <input className="input" type={type} placeholder={hint} value={text} onChange={(event) => setText(event.target.value)} />
      </label>
      <button type="submit" className="btn justify-self-start">
        Set
      </button>
    </form>
  );
}

/** How fresh what is on the page is: the worst of its answers. */
function useFreshness(): { word: string; glyph: string } {
  const client = useQueryClient();
  useIsFetching();
  const queries = client.getQueryCache().findAll({ queryKey: ["answer"], type: "active" });
  const sources = queries.map((query) => (query.state.data as Envelope<unknown> | undefined)?.source);
  if (queries.some((query) => query.state.status === "error")) return { word: "No answer", glyph: "critical" };
  if (sources.includes("stale")) return { word: "Stale", glyph: "warning" };
  if (sources.includes("cached")) return { word: "Cached", glyph: "unknown" };
  return { word: "Live", glyph: "healthy" };
}

/** Changes that wait for the reader, and how old the oldest is. */
function Changes() {
  const live = useLive();
  const client = useQueryClient();
  const [now, setNow] = useState(Date.now);
  const isWaiting = live.count > 0;
  useEffect(() => {
    if (!isWaiting) return;
    setNow(Date.now());
    const tick = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(tick);
  }, [isWaiting, live.count]);
  if (!isWaiting) return null;
  const age = ago(new Date(live.since ?? now).toISOString(), new Date(Math.max(now, live.since ?? now)));
  return (
    <button type="button" className="pill" title="Show them (r)" onClick={() => showChanges(client)}>
      {plural(live.count, "change")}
      <span className="max-md:hidden">, {age}</span>
    </button>
  );
}

export function ContextBar({ onFind, onMenu, isMenuOpen }: { onFind: () => void; onMenu: () => void; isMenuOpen: boolean }) {
  const view = useView();
  const units = useUnits();
  const environments = useEnvironments();
  const fresh = useFreshness();
  const page = PAGES.find((one) => (one.path === "/" ? view.path === "/" : view.path.startsWith(one.path)));
  const now = useMemo(() => new Date().toISOString(), [view.path, view.search]);
  const unit = view.get("unit");
  const everything = useIsNarrowed() ? "everything in view" : "whole estate";
  const environment = view.get("environment");
  const window = view.get("window");
  const asOf = view.get("as_of");
  const isPast = asOf !== undefined && fresh.word === "Live";
  const { lostAt } = useLive();
  const isLost = lostAt !== undefined && asOf === undefined && fresh.word === "Live";
  const place = (["account", "region", "cluster", "namespace"] as const).flatMap((key) => view.all(key).map((value) => ({ key, value })));
  return (
    <header className="bar" aria-label="Context">
      <div className="first">
        <button type="button" className="btn phone-only" aria-expanded={isMenuOpen} onClick={onMenu}>
          Menu
        </button>
        <b className="phone-only font-semibold">{page?.title ?? "Entity"}</b>
        <button type="button" className="find phone-only" onClick={onFind}>
          <span>Find</span>
        </button>
      </div>
      <div className="second">
        <Menu
          title="Unit"
          shown={units.find((one) => one.value === unit)?.label ?? (unit ? lastPart(unit) : everything)}
          current={unit}
          choices={[{ value: undefined, label: everything }, ...units]}
          onChoose={(value) => view.set({ unit: value })}
          custom={(done) => <Custom label="Another unit or product, by id" hint="org:team/payments" onDone={done} />}
        />
        <Menu
          title="Environment"
          shown={environment ?? "all"}
          current={environment}
          choices={[{ value: undefined, label: "all" }, ...environments]}
          onChoose={(value) => view.set({ environment: value })}
          custom={(done) => <Custom label="Another environment" hint="production" onDone={done} />}
        />
        <Menu
          title="Window"
          shown={window ? windowLabel(window, now) : "each page's own"}
          current={window}
          choices={[{ value: undefined, label: "each page's own" }, ...WINDOWS.map((value) => ({ value, label: windowLabel(value) }))]}
          onChoose={(value) => view.set({ window: value })}
          custom={(done) => <Custom label="Start/end, the end not included" hint="2026-11-01/2026-12-01" onDone={done} />}
        />
        <Menu
          title="As of"
          shown={asOf ? bar(asOf) : `now, ${zoneName()}`}
          current={asOf}
          choices={[{ value: undefined, label: "now", hint: "live" }]}
          onChoose={(value) => view.set({ as_of: value })}
          custom={(done) => <Custom label="An instant or a day, in UTC" hint="2026-11-18T14:32:00Z" onDone={done} />}
        />
        {place.map(({ key, value }) => (
          <button key={`${key}-${value}`} type="button" className="pill" title={`${key} ${value}: remove`} onClick={() => view.set({ [key]: view.all(key).filter((one) => one !== value) })}>
            {value} ×
          </button>
        ))}
        <span className="sep" />
        <span className="fresh">
          <span className="live" role="status" title={isLost ? "the connection is lost; it is tried again by itself, and what changed meanwhile follows" : undefined}>
            <Glyph word={isPast ? "off" : isLost ? "warning" : fresh.glyph} />
            {isPast ? "Past" : isLost ? `Not live since ${bar(new Date(lostAt).toISOString())}` : fresh.word}
          </span>
          {asOf === undefined && <Changes />}
        </span>
      </div>
      <span className="sp" />
      <button type="button" className="find max-md:!hidden" onClick={onFind}>
        <span>Find</span>
        <span>⌘K</span>
      </button>
    </header>
  );
}
