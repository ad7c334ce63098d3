// The one context bar: unit, environment, window, as of; the state of the answers; find.
import { useIsFetching, useQueryClient } from "@tanstack/react-query";
import { useMemo, useRef, useState } from "react";
import type { Envelope, Status as StoreStatus } from "../api/types";
import { useStatus } from "../api/queries";
import { lastPart, plural } from "../format/number";
import { bar, windowLabel, zoneName } from "../format/time";
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

/** Writes that came in since what is on the page was asked; they wait until the reader wants them. */
function useWaiting(isPast: boolean): number {
  const client = useQueryClient();
  const status = useStatus();
  const history = useRef<{ at: number; status: StoreStatus }[]>([]);
  if (isPast || !status.data) return 0;
  const last = history.current[history.current.length - 1];
  if (last?.status !== status.data) history.current = [...history.current.slice(-200), { at: status.dataUpdatedAt, status: status.data }];
  const shown = client.getQueryCache().findAll({ queryKey: ["answer"], type: "active" });
  const oldest = Math.min(...shown.map((query) => query.state.dataUpdatedAt).filter((at) => at > 0));
  // What the stores were at when the oldest answer of the page came, or first since then.
  const then = [...history.current].reverse().find((one) => one.at <= oldest) ?? history.current[0];
  const differences = status.data.stores.map((store) => store.version - (then?.status.stores.find((one) => one.store === store.store)?.version ?? store.version));
  return differences.reduce((sum, one) => sum + Math.max(0, one), 0);
}

export function ContextBar({ onFind, onMenu, isMenuOpen }: { onFind: () => void; onMenu: () => void; isMenuOpen: boolean }) {
  const view = useView();
  const units = useUnits();
  const environments = useEnvironments();
  const fresh = useFreshness();
  const page = PAGES.find((one) => (one.path === "/" ? view.path === "/" : view.path.startsWith(one.path)));
  const now = useMemo(() => new Date().toISOString(), [view.path, view.search]);
  const unit = view.get("unit");
  const environment = view.get("environment");
  const window = view.get("window");
  const asOf = view.get("as_of");
  const isPast = asOf !== undefined && fresh.word === "Live";
  const waiting = useWaiting(asOf !== undefined);
  const client = useQueryClient();
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
          shown={units.find((one) => one.value === unit)?.label ?? (unit ? lastPart(unit) : "whole estate")}
          current={unit}
          choices={[{ value: undefined, label: "whole estate" }, ...units]}
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
        <span className="live" role="status">
          <Glyph word={isPast ? "off" : fresh.glyph} />
          {isPast ? "Past" : fresh.word}
        </span>
      </div>
      <span className="sp" />
      {waiting > 0 && (
        <button type="button" className="pill max-md:!hidden" title="Show them (r)" onClick={() => void client.invalidateQueries()}>
          {plural(waiting, "change")}
        </button>
      )}
      <button type="button" className="find max-md:!hidden" onClick={onFind}>
        <span>Find</span>
        <span>⌘K</span>
      </button>
    </header>
  );
}
