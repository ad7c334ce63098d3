// What if: what fails and what degrades when a selection is taken away, at once and after recovery.
import type { FormEvent, ReactNode } from "react";
import { useAnswer } from "../../api/queries";
import type { WhatIfAnswer, WhatIfOutcome } from "../../api/what-if";
import type { Envelope } from "../../api/types";
import { count, plural, ratio, words } from "../../format/number";
import { Answered, evidenceOf } from "../../parts/answered";
import { DataTable } from "../../parts/data-table";
import { EntityName } from "../../parts/entity-name";
import { MeasureCell } from "../../parts/measure-cell";
import { Panel } from "../../parts/panel";
import { SourceLine } from "../../parts/source-line";
import { Empty, sentence } from "../../parts/states";
import { PageHead } from "../../shell/page-head";
import { useContextParams, useView } from "../../state/view";
import { DegradedPanel, FailedPanel, RecoveryPanel, SurvivorsPanel, UnrecoveredPanel } from "./what-if-parts";

export type WhatIf = Envelope<WhatIfAnswer>;
export const whatIfEvidence = evidenceOf<WhatIfAnswer>("critical-paths/what-if");
export const WHAT_IF = "The selection is expanded to what it covers and taken away. At once: everything that needs it fails or degrades. After recovery: what a controller can replace comes back only if requests fit, volumes and node selectors allow the place, and a group has another zone.";

/** Ways to select; each is one address away. */
const EXAMPLES: [string, string][] = [["zone=NAME", "a zone and what is placed in it"], ["kind=kubernetes_node;name=ip-10-0*", "nodes by name"], ["image=shop/payments*", "what runs an image"], ["label.team=payments", "by a label"], ["owner=org:team/payments", "what a unit owns"]];

function whatIfSentence(envelope: WhatIf): string {
  const { data } = envelope;
  const names = data.selection.map((one) => one.first[0]?.name ?? one.select);
  const what = names.length === 1 ? names[0] : `${names[0]} and ${count(names.length - 1)} more`;
  if (data.selected === 0) return "The selection matches nothing.";
  const { at_once: now, after_recovery: later } = data;
  const loss = (of: WhatIfOutcome) => (of.loss.value === null ? plural(of.entry_points.length, "entry", "entries") : ratio(of.loss.value));
  if (now.entry_points.length === 0) return `Without ${what} no entry fails; ${plural(now.fails, "entity does", "entities do")}, ${count(now.degrades)} more ${now.degrades === 1 ? "degrades" : "degrade"}.`;
  return `Without ${what} ${plural(now.entry_points.length, "entry fails", "entries fail")} at once, ${loss(now)} of the weight; ${later.entry_points.length === 0 ? "none after recovery" : `${count(later.entry_points.length)} still after recovery, ${loss(later)}`}.`;
}

export function WhatIfPage() {
  const view = useView();
  const context = useContextParams();
  const select = view.all("select");
  const query = useAnswer<WhatIfAnswer>("critical-paths/what-if", { as_of: context.as_of, select, state: view.get("state"), limit: 1_000 }, select.length > 0);
  if (select.length === 0) {
    return (
      <>
        <PageHead title="What if" sentence="Choose what is taken away: a thing, a kind, a place, an image, a version, an owner." />
        <SelectionForm select={select} envelope={undefined} />
        <Panel title="Nothing is taken away yet" isFlush>
          <Empty title="Name a thing above, or open What if from any entity's page.">
            <span className="grid gap-1 mt-1">
              {EXAMPLES.map(([term, means]) => <span key={term}><code className="font-mono text-11">{term}</code> {means}</span>)}
            </span>
          </Empty>
        </Panel>
      </>
    );
  }
  return (
    <Answered title="What if" query={query} what="what follows" sentence={whatIfSentence} filters={<SelectionForm select={select} envelope={query.data} />} onNearest={(name) => view.set({ select: [name] })}>
      {(envelope) => (
        <div className="grid-12 cols-wide">
          <div className="grid gap-3 min-w-0">
            <OutcomesPanel envelope={envelope} />
            <FailedPanel envelope={envelope} />
            <DegradedPanel envelope={envelope} />
          </div>
          <div className="grid gap-3 min-w-0">
            <SelectionPanel envelope={envelope} />
            <RecoveryPanel envelope={envelope} />
            <UnrecoveredPanel envelope={envelope} />
            <SurvivorsPanel envelope={envelope} />
            {envelope.data.not_checked.length > 0 && (
              <Panel title="Not looked at" foot={<SourceLine text="these could change the answer" />}>
                <ul className="sub">{envelope.data.not_checked.map((one) => <li key={one} className="py-0.5">{sentence(one)}</li>)}</ul>
              </Panel>
            )}
          </div>
        </div>
      )}
    </Answered>
  );
}

function SelectionForm({ select, envelope }: { select: string[]; envelope: WhatIf | undefined }) {
  const view = useView();
  const nameOf = (one: string) => envelope?.data.selection.find((part) => part.select === one)?.first[0]?.name ?? one;
  const add = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const text = String(new FormData(event.currentTarget).get("select") ?? "").trim();
    event.currentTarget.reset();
    if (text !== "" && !select.includes(text)) view.set({ select: [...select, text] });
  };
  return (
    <div className="filters noprint" role="search" aria-label="What is taken away">
      <form className="field" onSubmit={add}>
        <label className="field">
          Take away
          <input name="select" className="w-64" placeholder="name, id, or zone=use1-az1" />
        </label>
        <button type="submit" className="btn">Add</button>
      </form>
      <label className="field">
        Seen from
        <select value={view.get("state") ?? "now"} onChange={(event) => view.set({ state: event.target.value === "now" ? undefined : event.target.value })}>
          <option value="now">now: what is not ready has failed</option>
          <option value="by_design">by design: every replica up</option>
        </select>
      </label>
      {select.map((one) => (
        <button key={one} type="button" className="pill max-w-full" title={`${one}: put back`} onClick={() => view.set({ select: select.filter((other) => other !== one) })}>
          <span className="truncate">{nameOf(one)}</span>&nbsp;×
        </button>
      ))}
    </div>
  );
}

function OutcomesPanel({ envelope }: { envelope: WhatIf }) {
  const { at_once: now, after_recovery: later, failed_already: before } = envelope.data;
  const number = (of: WhatIfOutcome, pick: (of: WhatIfOutcome) => number) => count(pick(of));
  const kinds = [...new Set([...now.fails_by_kind, ...later.fails_by_kind].map((one) => one.kind))];
  const kindCount = (of: WhatIfOutcome, kind: string) => of.fails_by_kind.find((one) => one.kind === kind)?.count ?? 0;
  const rows: [string, ReactNode, ReactNode, boolean][] = [
    ["Entries that fail", number(now, (of) => of.entry_points.length), number(later, (of) => of.entry_points.length), true],
    ["Loss", <MeasureCell key="a" of={now.loss} />, <MeasureCell key="b" of={later.loss} />, true],
    ["Products that fail", number(now, (of) => of.products.length), number(later, (of) => of.products.length), true],
    ["Entities that fail", number(now, (of) => of.fails), number(later, (of) => of.fails), true],
    ...kinds.map((kind): [string, string, string, boolean] => [words(kind), count(kindCount(now, kind)), count(kindCount(later, kind)), false]),
    ["Entities that degrade", number(now, (of) => of.degrades), number(later, (of) => of.degrades), true],
    ["Degrade because what they need does", number(now, (of) => of.degrades_indirectly), number(later, (of) => of.degrades_indirectly), true],
    ["Calls of unknown need on the way", number(now, (of) => of.assumed), number(later, (of) => of.assumed), true],
  ];
  return (
    <Panel title="What follows" qualifier={before > 0 ? `${count(before)} had failed before` : undefined} isFlush foot={<SourceLine evidence={whatIfEvidence(envelope, "What follows", WHAT_IF, "outcomes")} source="topology" />}>
      <DataTable
        label="What follows"
        rows={rows.map(([name, once, after, isMain]) => ({ name, once, after, isMain }))}
        rowKey={(row) => row.name}
        columns={[
          { key: "name", title: "If it is taken away", cell: (row) => <span className={row.isMain ? "" : "mut pl-4"}>{row.name}</span> },
          { key: "once", title: "At once", isNumber: true, width: 130, cell: (row) => row.once },
          { key: "after", title: "After recovery", isNumber: true, width: 130, cell: (row) => row.after },
        ]}
      />
      {now.entry_points.length > 0 && (
        <ul className="chips px-3 py-2 border-t border-line" aria-label="Entries that fail at once">
          {now.entry_points.slice(0, 16).map((one, index) => <li key={one.id ?? index} className="fails"><EntityName id={one.id} name={one.name} /></li>)}
          {now.entry_points.length > 16 && <li>{count(now.entry_points.length - 16)} more</li>}
        </ul>
      )}
    </Panel>
  );
}

function SelectionPanel({ envelope }: { envelope: WhatIf }) {
  const { selection, selected } = envelope.data;
  return (
    <Panel title="Taken away" qualifier={plural(selected, "entity", "entities")} isFlush foot={<SourceLine evidence={whatIfEvidence(envelope, "Taken away", "What each part of the selection means, with what it covers: of an image the pods and instances that run it, of a zone what is placed in it, of a cluster its nodes.", "selection")} source="topology" />}>
      {selected === 0 ? (
        <Empty title="Nothing matches.">Names may end with * for any rest; terms are joined by a semicolon.</Empty>
      ) : (
        <DataTable
          label="Taken away"
          rows={selection}
          rowKey={(row) => row.select}
          columns={[
            { key: "what", title: "Selection", isName: true, cell: (row) => (row.first.length === 1 && row.first[0] ? <EntityName id={row.first[0].id} name={row.first[0].name} kind={row.first[0].kind} /> : row.select), hint: (row) => `${row.select}: ${row.first.map((one) => one.name).join(", ")}` },
            { key: "count", title: "Entities", isNumber: true, width: 80, cell: (row) => count(row.entities) },
          ]}
        />
      )}
    </Panel>
  );
}
