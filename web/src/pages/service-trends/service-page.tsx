// One service in one column, worst first: what is wrong and since when, its signals on one time axis,
// objectives, what comes next, who needs it and whom it needs, what happened to it.
import { Link } from "@tanstack/react-router";
import type { SystemMetricsAnswer } from "../../api/answers";
import type { ServiceTrendsAnswer } from "../../api/service-trends";
import type { EntityPage, EventFact } from "../../api/types";
import { useAnswer, useEntity } from "../../api/queries";
import { count, plural, words } from "../../format/number";
import { dayAndClock, full, range } from "../../format/time";
import { DataTable } from "../../parts/data-table";
import { Owner } from "../../parts/entity-name";
import { Panel } from "../../parts/panel";
import { SourceLine, sourcesText } from "../../parts/source-line";
import { Answer, AnswerNotes, Empty, Loading, NoAnswer } from "../../parts/states";
import { Glyph, Status, statusRank } from "../../parts/status";
import { PageHead } from "../../shell/page-head";
import { contextOf } from "../../state/address";
import { useContextParams, useView } from "../../state/view";
import { EventsPanel, NeighboursPanel } from "../entity/entity-parts";
import { ForecastPanel } from "./forecast-panel";
import { ObjectivesPanel } from "./objectives-panel";
import { gridOf, TRENDS, trendsEvidence, wrongOf, type ServiceTrends } from "./service-trends-model";
import { SignalStack, SignalSummary } from "./signal-stack";

export function ServicePage() {
  const view = useView();
  const context = useContextParams();
  const id = view.get("id") ?? "";
  const entity = useEntity(id, view.get("as_of"));
  const health = useAnswer<SystemMetricsAnswer>("system-metrics", { as_of: context.as_of, entity: [id] }, id !== "");
  const trends = useAnswer<ServiceTrendsAnswer>("service-trends", { as_of: context.as_of, window: view.get("window"), entity: [id], buckets: 180, limit: 1 }, id !== "");
  if (id === "") return <Empty title="No service is named.">Trends and Services list them.</Empty>;
  if (entity.error && !entity.data) {
    return (
      <>
        <PageHead title={id} />
        <Panel title="Service" isFlush><NoAnswer error={entity.error} onRetry={() => void entity.refetch()} onNearest={(name) => view.go("/service", { id: name })} /></Panel>
      </>
    );
  }
  const page = entity.data;
  if (!page) return <Panel title="Service" isFlush><Loading what="the service" rows={8} /></Panel>;
  const judged = health.data?.data.entities.find((one) => one.id === page.entity.id);
  const events = page.events ?? [];
  const of = (event: string) => events.filter((one) => one.event === event);
  return (
    <>
      <PageHead
        title={<span className="inline-flex items-center gap-2 flex-wrap">{page.entity.name}{judged && <span className="text-13 font-normal"><Status word={judged.status} /></span>}<span className="tag">{words(page.entity.kind)}</span></span>}
        sentence={judged && judged.status !== "healthy" ? judged.reason : undefined}
        actions={
          <>
            <Link to={"/entity" as never} search={{ ...contextOf(view.search), id } as never} className="btn">All that is known</Link>
            <Link to={"/what-if" as never} search={{ ...contextOf(view.search), select: id } as never} className="btn">What if it fails</Link>
          </>
        }
      />
      <p className="sub -mt-2 mb-3"><Owner id={page.entity.owner} /> · {[page.entity.scope.environment, page.entity.scope.namespace].filter(Boolean).join(" / ") || "no place"} · {plural(page.sources.length, "source")}</p>
      {trends.data ? <Sections envelope={trends.data} page={page} judged={judged} events={events} onRetry={() => void trends.refetch()} /> : <Panel title="Signals over time" isFlush><Answer query={trends} what="signals over time">{() => null}</Answer></Panel>}
      <div className="grid-12 cols-2 beside">
        <NeighboursPanel page={page} way="in" />
        <NeighboursPanel page={page} way="out" />
      </div>
      <div className="grid-12 cols-2 beside">
        <EventsPanel title="Changes" rows={of("change")} empty="No change of it is held." />
        <EventsPanel title="Findings" rows={of("finding")} empty="None is held." isNarrow />
      </div>
    </>
  );
}

interface SectionsProps {
  envelope: ServiceTrends;
  page: EntityPage;
  judged: SystemMetricsAnswer["entities"][number] | undefined;
  events: EventFact[];
  onRetry: () => void;
}

function Sections({ envelope, page, judged, events, onRetry }: SectionsProps) {
  const view = useView();
  const { data } = envelope;
  const ends = gridOf(data.grid);
  const service = data.services.find((one) => one.id === page.entity.id) ?? data.services[0];
  const isTable = view.get("see") === "table";
  const onTable = (value: boolean) => view.set({ see: value ? "table" : undefined }, { replace: true });
  return (
    <div className="grid gap-3">
      <AnswerNotes envelope={envelope} onRetry={onRetry} />
      <WrongPanel envelope={envelope} service={service} judged={judged} events={events} />
      <Panel
        title="Requests, errors, duration, saturation"
        qualifier={<><span className="max-md:hidden">brush to set the window</span><button type="button" className="link" aria-pressed={isTable} onClick={() => onTable(!isTable)} title="v">{isTable ? "Picture" : "Table"}</button></>}
        isFlush={isTable}
        foot={<SourceLine evidence={trendsEvidence(envelope, `Signals of ${page.entity.name}`, TRENDS, "services")} text={`${range(ends.from, ends.to, envelope.as_of)} · ${count(data.grid.buckets)} buckets · ${service ? sourcesText([...new Set(service.signals.flatMap((one) => (one.source ? [one.source] : [])))], "no source") : "no source"}`} coverage={Object.keys(envelope.coverage)[0]} />}
      >
        {service ? <SignalStack service={service} grid={data.grid} events={events} isTable={isTable} onTable={onTable} /> : <Empty title="No signal of it is held in this window." />}
      </Panel>
      {service && (
        <>
          <Panel title="What each signal does" qualifier="usual, trend, against before" isFlush foot={<SourceLine evidence={trendsEvidence(envelope, `What each signal of ${service.name} does`, TRENDS, "services")} text={`${range(ends.from, ends.to, envelope.as_of)} · p-values adjusted over the answer`} />}>
            <SignalSummary service={service} />
          </Panel>
          <div className="grid-12 cols-2 !mt-0">
            <ObjectivesPanel envelope={envelope} service={service} />
            <ForecastPanel envelope={envelope} service={service} />
          </div>
        </>
      )}
    </div>
  );
}

interface WrongRow {
  key: string;
  glyph: string;
  rank: number;
  what: string;
  detail: string;
  since: string | null;
  source: string;
  open?: (() => void) | undefined;
}

function WrongPanel({ envelope, service, judged, events }: Omit<SectionsProps, "page" | "onRetry"> & { service: ServiceTrends["data"]["services"][number] | undefined }) {
  const view = useView();
  const end = gridOf(envelope.data.grid).to;
  const incidents: WrongRow[] = events.filter((one) => one.event === "incident" && one.ended_at === null).map((one) => ({ key: `incident ${one.external_id}`, glyph: "critical", rank: -1, what: one.external_id, detail: one.title, since: one.at, source: one.source, open: () => view.go("/incident", { id: one.external_id }) }));
  const checks: WrongRow[] = (judged?.checks ?? []).filter((one) => one.status === "critical" || one.status === "warning").map((one) => ({ key: `check ${one.check}`, glyph: one.status ?? "unknown", rank: one.status === "critical" ? 0.5 : 4.5, what: one.title, detail: one.reason, since: null, source: one.source ?? "health" }));
  const found: WrongRow[] = (service ? wrongOf(service, end) : []).map((one) => ({ ...one, source: service?.signals.find((signal) => signal.signal === one.signal)?.source ?? "objective" }));
  const rows = [...incidents, ...checks, ...found].sort((a, b) => a.rank - b.rank || statusRank(a.glyph) - statusRank(b.glyph));
  return (
    <Panel title="What is wrong, worst first" qualifier={rows.length === 0 ? undefined : count(rows.length)} isFlush foot={<SourceLine evidence={trendsEvidence(envelope, "What is wrong", `Open incidents, failing checks of health, then what left what is usual. ${TRENDS}`, "services")} source="incidents, health and trends" />}>
      {rows.length === 0 ? (
        <Empty title={service && service.requests.value !== null ? "Nothing: every check passes and every signal is as usual." : "Nothing is known: no signal was measured in this window."} />
      ) : (
        <DataTable
          label="What is wrong, worst first"
          rows={rows}
          rowKey={(row) => row.key}
          onOpen={(row) => row.open?.()}
          isTall={rows.length > 12}
          columns={[
            { key: "what", title: "What", isName: true, width: 280, cell: (row) => <span className="st max-w-full"><Glyph word={row.glyph} /><span className="truncate">{row.what}</span></span>, hint: (row) => row.what },
            { key: "detail", title: "Measured", cell: (row) => row.detail, hint: (row) => row.detail },
            { key: "since", title: "Since", width: 130, cell: (row) => (row.since === null ? <span className="mut">–</span> : <span title={full(row.since)}>{dayAndClock(row.since, envelope.as_of)}</span>), sort: (row) => row.since },
            { key: "source", title: "Source", width: 190, cell: (row) => row.source, hint: (row) => row.source },
          ]}
          phone={(row) => (
            <>
              <span className="font-medium"><span className="st !whitespace-normal"><Glyph word={row.glyph} alone />{row.what}</span></span>
              <span className="mut">{row.since === null ? "" : dayAndClock(row.since, envelope.as_of)}</span>
              <span className="d">{row.detail}</span>
            </>
          )}
        />
      )}
    </Panel>
  );
}
