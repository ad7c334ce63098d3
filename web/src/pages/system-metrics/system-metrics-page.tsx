// Health: how everything is now, worst first, with the reason and the limit.
import type { HealthStatus, StatusCounts, SystemMetricsAnswer } from "../../api/answers";
import { useAnswer } from "../../api/queries";
import type { Envelope } from "../../api/types";
import { count, plural, words } from "../../format/number";
import { dayAndClock, windowLabel } from "../../format/time";
import { Figure } from "../../parts/figure";
import { Panel } from "../../parts/panel";
import { Answer, AnswerNotes } from "../../parts/states";
import { Glyph } from "../../parts/status";
import { PageHead } from "../../shell/page-head";
import { useContextParams, useView } from "../../state/view";
import { ByScopePanel, healthEvidence, SourcesPanel, ThresholdsPanel, WorstPanel } from "./system-metrics-tables";
import { EntityHealthPanels } from "./system-metrics-entity";

const STATUSES: HealthStatus[] = ["critical", "warning", "unknown", "healthy"];

export function healthSentence(envelope: Envelope<SystemMetricsAnswer>): string {
  const { counts, entities } = envelope.data;
  if (counts.total === 0) return "Nothing here has a health to judge.";
  const worst = entities[0];
  if (worst && (worst.status === "critical" || worst.status === "warning")) {
    const more = counts[worst.status] - 1;
    return `${worst.name}: ${worst.reason}.${more > 0 ? ` ${count(more)} more ${more === 1 ? "is" : "are"} ${worst.status}.` : ""}`;
  }
  if (counts.unknown > 0) return `${count(counts.unknown)} of ${plural(counts.total, "entity", "entities")} cannot be judged; ${counts.healthy === 0 ? "none is known to be healthy" : "the rest are healthy"}.`;
  return `All ${plural(counts.total, "entity is", "entities are")} healthy.`;
}

/** When nothing is judged now but signals of an earlier time are held: the newest of them. */
function earlierOf(envelope: Envelope<SystemMetricsAnswer>): string | null {
  const { counts, sources } = envelope.data;
  const newest = [...sources.map((one) => one.newest), ...envelope.data.entities.flatMap((one) => (one.newest ? [one.newest] : []))].sort().pop();
  const end = envelope.window?.from ?? envelope.as_of;
  return !newest || counts.unknown < counts.total || counts.total === 0 || newest >= end ? null : newest;
}

function EarlierNote({ newest }: { newest: string }) {
  const view = useView();
  return (
    <div className="note w mb-3">
      <Glyph word="warning" />
      <span>The newest signal is of {dayAndClock(newest)}, before this window.</span>
      <button type="button" className="act" onClick={() => view.set({ as_of: new Date(new Date(newest).getTime() + 1_000).toISOString() })}>
        Look at that instant
      </button>
    </div>
  );
}

function CountStrip({ envelope, counts }: { envelope: Envelope<SystemMetricsAnswer>; counts: StatusCounts }) {
  const view = useView();
  const chosen = view.all("status");
  return (
    <dl className="strip">
      {STATUSES.map((status) => (
        <div key={status}>
          <dt className="flex items-center gap-1.5">
            <Glyph word={status} /> {status}
          </dt>
          <dd className="f">
            <Figure
              of={{ value: counts[status], unit: "count" }}
              evidence={healthEvidence(envelope, `${status}, ${count(counts[status])}`, `Entities whose worst check is ${status} in the window. An entity without a signal in the window is unknown, never healthy.`)}
            />
            <span className="mut font-normal text-12"> of {count(counts.total)}</span>
          </dd>
          <dd className="s">
            <button type="button" className="link" aria-pressed={chosen.includes(status)} onClick={() => view.set({ status: chosen.includes(status) ? chosen.filter((one) => one !== status) : [...chosen, status] })}>
              {chosen.includes(status) ? "show all" : "only these"}
            </button>
          </dd>
        </div>
      ))}
    </dl>
  );
}

export function SystemMetricsPage() {
  const view = useView();
  const context = useContextParams();
  const selected = view.get("sel");
  const params = { ...context, window: view.get("over"), kind: view.all("kind"), status: view.all("status"), check: view.all("check") };
  const query = useAnswer<SystemMetricsAnswer>("system-metrics", { ...params, limit: 1_000 });
  const envelope = query.data;
  const earlier = envelope ? earlierOf(envelope) : null;
  const select = (id: string | undefined) => view.set({ sel: id === selected ? undefined : id }, { replace: true });
  return (
    <>
      <PageHead title="Health" sentence={envelope ? healthSentence(envelope) : undefined} />
      <Filters envelope={envelope} />
      {envelope && <AnswerNotes envelope={envelope} onRetry={() => void query.refetch()} without={earlier ? ["no_data"] : []} />}
      {earlier && <EarlierNote newest={earlier} />}
      {envelope ? (
        <>
          <CountStrip envelope={envelope} counts={envelope.data.counts} />
          <div className="grid-12 cols-wide">
            <div className="grid gap-3 min-w-0">
              <WorstPanel envelope={envelope} selected={selected} onSelect={select} isBusy={query.isFetching} />
            </div>
            <div className="grid gap-3 min-w-0 beside">
              <ByScopePanel envelope={envelope} />
              <SourcesPanel envelope={envelope} />
            </div>
          </div>
          {selected !== undefined && (
            <div className="mt-3">
              <EntityHealthPanels id={selected} health={envelope.data.entities.find((one) => one.id === selected)} thresholds={envelope.data.thresholds} onClose={() => select(undefined)} />
            </div>
          )}
          <div className="mt-3">
            <ThresholdsPanel envelope={envelope} />
          </div>
        </>
      ) : (
        <Panel title="Worst first" isFlush>
          <Answer query={query} what="health">{() => null}</Answer>
        </Panel>
      )}
    </>
  );
}

function Filters({ envelope }: { envelope: Envelope<SystemMetricsAnswer> | undefined }) {
  const view = useView();
  const kinds = (envelope?.data.by_scope ?? []).filter((one) => one.dimension === "kind").map((one) => one.value);
  const checks = [...new Set((envelope?.data.thresholds ?? []).map((one) => one.check))];
  const lists: [string, string, string[]][] = [["Kind", "kind", kinds], ["Check", "check", checks]];
  return (
    <div className="filters noprint" role="search" aria-label="What is judged">
      {lists.map(([label, name, options]) => (
        <label key={name} className="field">
          {label}
          <select value={view.get(name) ?? ""} onChange={(event) => view.set({ [name]: event.target.value || undefined })}>
            <option value="">all</option>
            {[...new Set([...options, ...view.all(name)])].map((option) => (
              <option key={option} value={option}>
                {words(option)}
              </option>
            ))}
          </select>
        </label>
      ))}
      <label className="field">
        Judged over
        <select value={view.get("over") ?? "PT15M"} onChange={(event) => view.set({ over: event.target.value === "PT15M" ? undefined : event.target.value })}>
          {[...new Set(["PT5M", "PT15M", "PT1H", "PT6H", "PT24H", view.get("over") ?? "PT15M"])].map((one) => (
            <option key={one} value={one}>
              {windowLabel(one)}
            </option>
          ))}
        </select>
      </label>
      <span className="mut text-11">Health has a window of its own; the bar sets that of the charts.</span>
    </div>
  );
}
