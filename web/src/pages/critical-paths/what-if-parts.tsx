// Lists of what follows: what fails and through what, what degrades, what comes back and where.
import { useState } from "react";
import type { DegradedRow, FailedRow } from "../../api/what-if";
import { CellBar } from "../../charts/small";
import { count, plural, ratio, words } from "../../format/number";
import { DataTable } from "../../parts/data-table";
import { EntityName, ownerText } from "../../parts/entity-name";
import { MeasureCell, valueOf } from "../../parts/measure-cell";
import { Panel } from "../../parts/panel";
import { SourceLine } from "../../parts/source-line";
import { Empty } from "../../parts/states";
import { Glyph } from "../../parts/status";
import { useView } from "../../state/view";
import { WHAT_IF, whatIfEvidence, type WhatIf } from "./what-if-page";

type When = "at_once" | "after_recovery";
const WHEN: [When, string][] = [["at_once", "at once"], ["after_recovery", "after recovery"]];

function WhenButtons({ when, onWhen }: { when: When; onWhen: (when: When) => void }) {
  return WHEN.map(([one, title]) => (
    <button key={one} type="button" className={one === when ? "font-medium" : "link"} aria-pressed={one === when} onClick={() => onWhen(one)}>{title}</button>
  ));
}

const keyOf = (row: FailedRow | DegradedRow): string => `${row.entity.kind} ${row.entity.id ?? row.entity.name} ${"is_entry" in row && row.is_entry ? "entry" : ""}`;

export function FailedPanel({ envelope }: { envelope: WhatIf }) {
  const view = useView();
  const [when, setWhen] = useState<When>("at_once");
  const outcome = envelope.data[when];
  const rows = outcome.failed;
  return (
    <Panel title="Fails" qualifier={<><WhenButtons when={when} onWhen={setWhen} /><span>{rows.length < outcome.fails ? `${count(rows.length)} listed` : count(rows.length)}</span></>} isFlush foot={<SourceLine evidence={whatIfEvidence(envelope, "What fails", WHAT_IF, "failed")} source="in the order in which it fails; what was taken away is left out" />}>
      {rows.length === 0 ? (
        <Empty title={`Nothing else fails ${when === "at_once" ? "at once" : "after recovery"}.`} />
      ) : (
        <DataTable
          label="What fails"
          rows={rows}
          rowKey={keyOf}
          onOpen={(row) => row.entity.id && view.go("/entity", { id: row.entity.id })}
          isTall={rows.length > 16}
          columns={[
            { key: "effect", title: "Effect", width: 76, cell: () => <span className="st"><Glyph word="critical" />fails</span> },
            { key: "name", title: "Entity", isName: true, sort: (row) => row.entity.name, hint: (row) => row.entity.id ?? undefined, cell: (row) => <>{row.entity.name} <span className="mut">{row.is_entry ? "entry point" : words(row.entity.kind)}</span></> },
            { key: "through", title: "Through", hint: (row) => `${row.why}: ${row.path.join(" → ")}`, cell: (row) => (row.path.length > 1 ? row.path.slice(-4, -1).join(" → ") : <span className="mut">selected</span>) },
            { key: "steps", title: "Steps", isNumber: true, width: 60, sort: (row) => row.path.length, cell: (row) => count(Math.max(0, row.path.length - 1)) },
            { key: "owner", title: "Owner", width: 104, sort: (row) => ownerText(row.entity.owner), cell: (row) => ownerText(row.entity.owner) ?? <span className="mut">no owner</span> },
          ]}
          phone={(row) => (
            <>
              <span className="st"><Glyph word="critical" alone /><span className="font-medium">{row.entity.name}</span></span>
              <span className="mut">{row.is_entry ? "entry point" : words(row.entity.kind)}</span>
              <span className="d">{row.why}</span>
            </>
          )}
        />
      )}
    </Panel>
  );
}

export function DegradedPanel({ envelope }: { envelope: WhatIf }) {
  const view = useView();
  const [when, setWhen] = useState<When>("at_once");
  const rows = envelope.data[when].degraded;
  return (
    <Panel title="Degrades" qualifier={<><WhenButtons when={when} onWhen={setWhen} /><span>{count(rows.length)} listed</span></>} isFlush foot={<SourceLine evidence={whatIfEvidence(envelope, "What degrades", `${WHAT_IF} What lost replicas but holds, or lacks an optional call, degrades.`, "degraded")} source="directly first" />}>
      {rows.length === 0 ? (
        <Empty title={`Nothing degrades ${when === "at_once" ? "at once" : "after recovery"}.`} />
      ) : (
        <DataTable
          label="What degrades"
          rows={rows}
          rowKey={keyOf}
          onOpen={(row) => row.entity.id && view.go("/entity", { id: row.entity.id })}
          isTall={rows.length > 16}
          columns={[
            { key: "effect", title: "Effect", width: 92, cell: () => <span className="st"><Glyph word="degraded" />degrades</span> },
            { key: "name", title: "Entity", isName: true, sort: (row) => row.entity.name, hint: (row) => row.entity.id ?? undefined, cell: (row) => <>{row.entity.name} <span className="mut">{words(row.entity.kind)}</span></> },
            { key: "why", title: "Why", cell: (row) => row.why, hint: (row) => row.why },
            { key: "distance", title: "Steps", isNumber: true, width: 60, sort: (row) => row.distance, cell: (row) => count(row.distance) },
            { key: "owner", title: "Owner", width: 104, sort: (row) => ownerText(row.entity.owner), cell: (row) => ownerText(row.entity.owner) ?? <span className="mut">no owner</span> },
          ]}
          phone={(row) => (
            <>
              <span className="st"><Glyph word="degraded" alone /><span className="font-medium">{row.entity.name}</span></span>
              <span className="mut">{words(row.entity.kind)}</span>
              <span className="d">{row.why}</span>
            </>
          )}
        />
      )}
    </Panel>
  );
}

export function RecoveryPanel({ envelope }: { envelope: WhatIf }) {
  const rows = envelope.data.recoveries;
  return (
    <Panel title="Comes back" qualifier={count(rows.length)} isFlush foot={<SourceLine evidence={whatIfEvidence(envelope, "What comes back", "What a controller replaces or a standby takes over, where requests fit the room that is left; delays are the stated ones, pods on a lost node 5 minutes or their tolerations.", "recoveries")} source="soonest first" />}>
      {rows.length === 0 ? (
        <Empty title="Nothing is put back by itself." />
      ) : (
        <DataTable
          label="What comes back"
          rows={rows}
          rowKey={(row) => row.entity.id ?? `${row.entity.kind} ${row.entity.name}`}
          isTall={rows.length > 10}
          columns={[
            { key: "name", title: "Entity", isName: true, cell: (row) => <EntityName id={row.entity.id} name={row.entity.name} />, hint: (row) => `${row.entity.name}, put back by ${row.by.name}` },
            { key: "to", title: "On", width: 130, cell: (row) => row.to?.name ?? <span className="mut">as it was</span>, hint: (row) => row.to?.id ?? undefined },
            { key: "delay", title: "After", isNumber: true, width: 76, sort: (row) => valueOf(row.delay), cell: (row) => <MeasureCell of={row.delay} /> },
          ]}
        />
      )}
    </Panel>
  );
}

export function UnrecoveredPanel({ envelope }: { envelope: WhatIf }) {
  const rows = envelope.data.unrecovered;
  if (rows.length === 0) return null;
  return (
    <Panel title="Does not come back" qualifier={plural(rows.length, "entity", "entities")} isFlush foot={<SourceLine evidence={whatIfEvidence(envelope, "What does not come back", WHAT_IF, "unrecovered")} source="with the reason" />}>
      <DataTable
        label="What does not come back"
        rows={rows}
        rowKey={(row) => row.entity.id ?? `${row.entity.kind} ${row.entity.name}`}
        isTall={rows.length > 10}
        columns={[
          { key: "name", title: "Entity", isName: true, cell: (row) => <EntityName id={row.entity.id} name={row.entity.name} />, hint: (row) => row.entity.id ?? undefined },
          { key: "reason", title: "Why", cell: (row) => row.reason, hint: (row) => row.reason },
        ]}
      />
    </Panel>
  );
}

export function SurvivorsPanel({ envelope }: { envelope: WhatIf }) {
  const rows = envelope.data.survivors;
  const share = (value: number | null) => (value === null ? null : <><CellBar value={value} of={1} width={32} className={value > 1 ? "over" : "fillbar"} /> {ratio(value, 0)}</>);
  return (
    <Panel title="What carries on" qualifier={count(rows.length)} isFlush foot={<SourceLine evidence={whatIfEvidence(envelope, "What carries on", "Nodes that take pods over, and what lost replicas and holds: requests after recovery as a share of what can be allocated, measured peak against what is left.", "survivors")} source="fullest first" />}>
      {rows.length === 0 ? (
        <Empty title="Nothing takes over." />
      ) : (
        <DataTable
          label="What carries on"
          rows={rows}
          rowKey={(row) => row.entity.id ?? `${row.entity.kind} ${row.entity.name}`}
          isTall={rows.length > 10}
          columns={[
            { key: "name", title: "Entity", isName: true, cell: (row) => <EntityName id={row.entity.id} name={row.entity.name} />, hint: (row) => `${row.entity.name}, ${words(row.entity.kind)}` },
            { key: "left", title: "Left", isNumber: true, width: 58, cell: (row) => (row.replicas === null ? <span className="mut">node</span> : `${count(row.replicas_left ?? 0)} of ${count(row.replicas)}`) },
            { key: "cpu", title: "CPU", isNumber: true, width: 84, sort: (row) => valueOf(row.cpu_requests), cell: (row) => share(row.cpu_requests.value) ?? <MeasureCell of={row.cpu_requests} /> },
            { key: "memory", title: "Memory", isNumber: true, width: 84, sort: (row) => valueOf(row.memory_requests), cell: (row) => share(row.memory_requests.value) ?? <MeasureCell of={row.memory_requests} /> },
          ]}
        />
      )}
    </Panel>
  );
}
