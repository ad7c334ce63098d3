// Beside the map: what a failure takes down, where the time of requests goes, what most traffic needs.
import { useMemo } from "react";
import type { EntityRef } from "../../api/critical-paths";
import { useAnswer } from "../../api/queries";
import type { CriticalPath, PathShares } from "../../api/service-dependencies";
import type { Envelope } from "../../api/types";
import type { WhatIfAnswer } from "../../api/what-if";
import type { MapTone } from "../../charts/layered/layered-graph";
import { CellBar } from "../../charts/small";
import { count, fixed, plural, ratio, withUnit } from "../../format/number";
import { largestRemainder } from "../../format/remainder";
import { DataTable } from "../../parts/data-table";
import { ownerText } from "../../parts/entity-name";
import { Panel } from "../../parts/panel";
import { SourceLine } from "../../parts/source-line";
import { Empty, Loading, NoAnswer } from "../../parts/states";
import { Glyph } from "../../parts/status";
import { useView, type useContextParams } from "../../state/view";
import { dependencyEvidence, namesOf, type Dependencies } from "./service-dependencies-model";
import { impactText } from "./services-page";

interface Lights {
  lit: string | undefined;
  onLight: (id: string | undefined) => void;
}

const PATH = "From the end of a request walk back: of the synchronous calls that end by then the one that ends last owns the time, the rest belongs to its caller. Every instant of a request belongs to one service, so the shares add up to 100 %. Clocks of other hosts are corrected first.";
const SHOWN = 8;

interface ShareRow {
  id: string;
  name: string;
  share: number;
  text: string;
  slow: string;
}

/** Rows whose shown parts add up to the shown total. */
function shareRows(all: PathShares, slowest: PathShares | null, names: Map<string, string>): { rows: ShareRow[]; others: { number: number; text: string; slow: string } | null } {
  const texts = largestRemainder(all.services.map((one) => one.share * 100), 1).map((value) => `${fixed(value, 1)}\u00a0%`);
  const slow = new Map((slowest?.services ?? []).map((one) => [one.service, one.share]));
  const rows = all.services.map((one, index) => ({ id: one.service, name: names.get(one.service) ?? one.service, share: one.share, text: texts[index] ?? "", slow: slowest ? ratio(slow.get(one.service) ?? 0) : "" }));
  if (rows.length <= SHOWN + 1) return { rows, others: null };
  const rest = all.services.slice(SHOWN);
  const sum = (of: (id: string) => number) => rest.reduce((total, one) => total + of(one.service), 0);
  const shownSum = rows.slice(0, SHOWN).reduce((total, row) => total + Number.parseFloat(row.text), 0);
  return { rows: rows.slice(0, SHOWN), others: { number: rest.length, text: `${fixed(100 - shownSum, 1)}\u00a0%`, slow: slowest ? ratio(sum((id) => slow.get(id) ?? 0)) : "" } };
}

export function CriticalPathPanel({ envelope, path, lit, onLight }: { envelope: Dependencies; path: CriticalPath | undefined } & Lights) {
  const names = useMemo(() => namesOf(envelope.data), [envelope]);
  if (!path) {
    return (
      <Panel title="Critical path" isFlush>
        <Empty title="No entry point is known, so no path starts.">Traces tell best; an ingress or a load balancer tells where requests enter.</Empty>
      </Panel>
    );
  }
  const title = `Critical path of ${names.get(path.entry) ?? path.entry}`;
  const evidence = dependencyEvidence(envelope, title, PATH, "critical_paths", [["Requests read", count(path.traces)], ["Incomplete", count(path.incomplete)], ["Spans shifted", count(path.adjusted)]]);
  if (!path.all) return <EstimatedPanel title={title} path={path} names={names} evidence={evidence} />;
  const { rows, others } = shareRows(path.all, path.slowest, names);
  const most = Math.max(0.0001, ...rows.map((row) => row.share));
  return (
    <Panel title={title} isFlush foot={<SourceLine evidence={evidence} source={`${plural(path.traces, "request")}, ${count(path.incomplete)} incomplete, ${plural(path.adjusted, "span")} shifted`} />}>
      <DataTable
        label={title}
        rows={rows}
        rowKey={(row) => row.id}
        lit={lit}
        onLight={onLight}
        order={{ key: "all", isDescending: true }}
        others={others ? [plural(others.number, "other"), "", others.text, others.slow] : undefined}
        columns={[
          { key: "name", title: "Own time on the path", isName: true, cell: (row) => row.name, hint: (row) => row.id, foot: "Total" },
          { key: "bar", title: "", width: 92, cell: (row) => <CellBar value={row.share} of={most} width={76} />, foot: "" },
          { key: "all", title: "All requests", isNumber: true, width: 88, cell: (row) => <span title={String(row.share)}>{row.text}</span>, foot: "100.0\u00a0%" },
          { key: "slow", title: "Slowest 5\u00a0%", isNumber: true, width: 88, cell: (row) => row.slow || <span className="mut">n/a</span>, foot: path.slowest ? "100.0\u00a0%" : "" },
        ]}
      />
    </Panel>
  );
}

function EstimatedPanel({ title, path, names, evidence }: { title: string; path: CriticalPath; names: Map<string, string>; evidence: ReturnType<typeof dependencyEvidence> }) {
  const steps = path.estimated?.steps ?? [];
  return (
    <Panel title={title} qualifier="estimated from means" isFlush foot={<SourceLine evidence={evidence} source="no traces: the slowest way through mean times" />}>
      {steps.length === 0 ? (
        <Empty title="Neither traces nor mean times are held." />
      ) : (
        <DataTable
          label={title}
          rows={steps}
          rowKey={(row) => row.services.join()}
          columns={[
            { key: "name", title: "Step", isName: true, cell: (row) => row.services.map((id) => names.get(id) ?? id).join(" ↔ "), hint: (row) => row.services.join(), foot: "Expected" },
            { key: "visits", title: "Visits", isNumber: true, width: 60, cell: (row) => fixed(row.visits, 2), foot: "" },
            { key: "own", title: "Own time", isNumber: true, width: 80, cell: (row) => withUnit(row.own_seconds, "s"), foot: "" },
            { key: "network", title: "Network", isNumber: true, width: 80, cell: (row) => withUnit(row.network_seconds, "s"), foot: withUnit(path.estimated?.seconds ?? 0, "s") },
          ]}
        />
      )}
    </Panel>
  );
}

const IMPACT = "The share of entry traffic whose requests need a service, 0 to 100; counted from traces with Wilson's 95 % interval, else estimated from mean calls per request with bounds.";

export function ImpactPanel({ envelope, lit, onLight, onSelect }: { envelope: Dependencies; onSelect: (id: string) => void } & Lights) {
  const names = useMemo(() => namesOf(envelope.data), [envelope]);
  const rows = envelope.data.impact.filter((one) => one.score.value !== null).slice(0, 15);
  const basis = [...new Set(rows.map((one) => one.basis))].join(" and ");
  return (
    <Panel title="What most requests need" qualifier={rows.length < envelope.data.impact.length ? `${count(rows.length)} of ${count(envelope.data.impact.length)}` : undefined} isFlush foot={<SourceLine evidence={dependencyEvidence(envelope, "Impact", IMPACT, "impact")} source={`${basis || "no traffic"}, of entry traffic`} />}>
      {rows.length === 0 ? (
        <Empty title="No entry traffic is counted.">Traces or call metrics with an entry point are needed.</Empty>
      ) : (
        <DataTable
          label="Impact, greatest first"
          rows={rows}
          rowKey={(row) => row.service}
          lit={lit}
          onLight={onLight}
          onOpen={(row) => onSelect(row.service)}
          order={{ key: "score", isDescending: true }}
          columns={[
            { key: "name", title: "Service", isName: true, cell: (row) => names.get(row.service) ?? row.name, sort: (row) => row.name, hint: (row) => `${names.get(row.service) ?? row.name}, ${row.service}` },
            { key: "bar", title: "", width: 72, cell: (row) => <CellBar value={row.score.value ?? 0} of={100} width={56} /> },
            { key: "score", title: "Impact", isNumber: true, width: 60, sort: (row) => row.score.value, cell: (row) => <span title={impactText(row)}>{fixed(row.score.value ?? 0, 1)}</span> },
            { key: "interval", title: "Between", isNumber: true, width: 92, cell: (row) => (row.high === null ? <span className="mut">n/a</span> : row.low === null ? `≤ ${fixed(row.high, 1)}` : `${fixed(row.low, 1)}–${fixed(row.high, 1)}`) },
          ]}
        />
      )}
    </Panel>
  );
}

export interface Radius {
  envelope: Envelope<WhatIfAnswer>;
  tones: Map<string, MapTone>;
  sentence: string;
}

/** What is asked for a radius, in whatever state it is. */
export type RadiusQuery = ReturnType<typeof useAnswer<WhatIfAnswer>>;

/** What a failure of one entity takes down by design, from the what-if view. */
export function useRadius(id: string | undefined, context: ReturnType<typeof useContextParams>): { radius: Radius | null; asked: RadiusQuery } {
  const query = useAnswer<WhatIfAnswer>("critical-paths/what-if", { as_of: context.as_of, select: id ? [id] : [], state: "by_design", limit: 5_000 }, id !== undefined);
  const radius = useMemo(() => {
    if (id === undefined || !query.data || query.data.data.selection[0]?.select !== id) return null;
    const { at_once: now } = query.data.data;
    const tones = new Map<string, MapTone>();
    for (const row of now.degraded) if (row.entity.id) tones.set(row.entity.id, "degrades");
    for (const row of now.failed) if (row.entity.id) tones.set(row.entity.id, "fails");
    tones.set(id, "down");
    const name = query.data.data.selection[0]?.first[0]?.name ?? id;
    const loss = now.loss.value === null ? plural(now.entry_points.length, "entry fails", "entries fail") : `entries worth ${ratio(now.loss.value)} of the weight fail`;
    return { envelope: query.data, tones, sentence: now.entry_points.length === 0 ? `If ${name} fails, no entry does.` : `If ${name} fails, ${loss}.` };
  }, [id, query.data]);
  return { radius, asked: query };
}

interface RadiusRow {
  key: string;
  entity: EntityRef;
  effect: MapTone;
  through: string;
}

const EFFECTS: Record<MapTone, [string, string]> = { down: ["critical", "down"], fails: ["critical", "fails"], degrades: ["degraded", "degrades"] };

/** Services and stores first: pods and nodes that go along are counted, not listed here. */
export function RadiusPanel({ envelope, id, radius, asked, lit, onLight, onClose }: { envelope: Dependencies; id: string; radius: Radius | null; asked: RadiusQuery; onClose: () => void } & Lights) {
  const view = useView();
  const known = new Set(envelope.data.services.map((one) => one.id));
  const name = envelope.data.services.find((one) => one.id === id)?.name ?? radius?.envelope.data.selection[0]?.first[0]?.name ?? id;
  const now = radius?.envelope.data.at_once;
  const isShown = (entity: EntityRef) => entity.id !== null && entity.id !== id && known.has(entity.id);
  const failed = (now?.failed ?? []).filter((row) => isShown(row.entity) && !row.is_entry).map((row): RadiusRow => ({ key: row.entity.id ?? "", entity: row.entity, effect: "fails", through: row.path.length > 2 ? (row.path[row.path.length - 2] ?? "") : "selected" }));
  const degraded = (now?.degraded ?? []).filter((row) => isShown(row.entity)).map((row): RadiusRow => ({ key: row.entity.id ?? "", entity: row.entity, effect: "degrades", through: row.why }));
  const rows = [...failed, ...degraded.filter((row) => !failed.some((one) => one.key === row.key))];
  const definition = "What fails and what degrades when it fails, with every replica up: the least fixed point over needs and groups. A need that nobody states counts as required and is counted.";
  return (
    <Panel
      title={`Blast radius of ${name}`}
      qualifier={
        <>
          <span>{now ? `${count(failed.length)} fail, ${count(rows.length - failed.length)} degrade` : ""}</span>
          <button type="button" className="mut" onClick={onClose} aria-label="Esc: clear the selection">Esc</button>
        </>
      }
      isFlush
      foot={radius && now && <SourceLine evidence={{ ...dependencyEvidence(envelope, `Blast radius of ${name}`, definition, "failed"), envelope: radius.envelope as Envelope<unknown>, kebab: "critical-paths/what-if" }} source={`by design · ${count(now.assumed)} needs assumed`} />}
    >
      {!radius && asked.error ? (
        <NoAnswer error={asked.error} onRetry={() => void asked.refetch()} />
      ) : !radius ? (
        <Loading what="what follows" rows={4} />
      ) : rows.length === 0 ? (
        <Empty title={`Nothing shown here needs ${name}.`} />
      ) : (
        <DataTable
          label={`Blast radius of ${name}`}
          rows={rows}
          rowKey={(row) => row.key}
          lit={lit}
          onLight={onLight}
          onOpen={(row) => view.go("/entity", { id: row.key })}
          isTall={rows.length > 12}
          columns={[
            { key: "name", title: "Entity", isName: true, cell: (row) => row.entity.name, sort: (row) => row.entity.name, hint: (row) => row.entity.id ?? undefined },
            { key: "effect", title: "Effect", width: 88, sort: (row) => row.effect, cell: (row) => <span className="st"><Glyph word={EFFECTS[row.effect][0]} />{EFFECTS[row.effect][1]}</span> },
            { key: "through", title: "Through", width: 104, cell: (row) => row.through, hint: (row) => row.through },
            { key: "owner", title: "Owner", width: 84, sort: (row) => ownerText(row.entity.owner), cell: (row) => ownerText(row.entity.owner) ?? <span className="mut">none</span> },
          ]}
        />
      )}
      {radius && (
        <div className="px-3 py-2 border-t border-line flex gap-2">
          <button type="button" className="btn" onClick={() => view.go("/what-if", { select: [id] })}>What if, with recovery</button>
          <button type="button" className="btn" onClick={() => view.go("/entity", { id })}>Open its page</button>
        </div>
      )}
    </Panel>
  );
}
