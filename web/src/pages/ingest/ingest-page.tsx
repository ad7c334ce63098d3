// Ingest: bring a file, the ledger of what came in, what is held and what each question lacks.
import { useIntake, useStatus } from "../../api/queries";
import type { IntakeEntry } from "../../api/types";
import { count, plural, tail } from "../../format/number";
import { ago, dayAndClock, full } from "../../format/time";
import { DataTable } from "../../parts/data-table";
import { Panel } from "../../parts/panel";
import { SourceLine } from "../../parts/source-line";
import { Empty, Loading, NoAnswer } from "../../parts/states";
import { Glyph } from "../../parts/status";
import { PageHead } from "../../shell/page-head";
import { useView } from "../../state/view";
import { CommandsPanel, countsText, DropPanel, HeldPanel, NeedsPanel } from "./ingest-parts";

const PAGE = 100;

function stateOf(entry: IntakeEntry): { word: string; text: string } {
  if (!entry.is_finished) return { word: "unknown", text: "not yet in" };
  if (entry.outcome.is_known) return { word: "off", text: "known already" };
  if (entry.outcome.rejects > 0) return { word: "warning", text: plural(entry.outcome.rejects, "reject") };
  return { word: "healthy", text: "in" };
}

function changeText(entry: IntakeEntry): string {
  const { added, changed, retired, held } = entry.outcome;
  const sum = (counts: [string, number][]) => counts.reduce((total, [, number]) => total + number, 0);
  const parts: string[] = [];
  if (sum(added) > 0) parts.push(`+${count(sum(added))}`);
  if (sum(changed) > 0) parts.push(`${count(sum(changed))} changed`);
  if (sum(retired) > 0) parts.push(`−${count(sum(retired))}`);
  if (sum(held) > 0) parts.push(`${count(sum(held))} held`);
  return parts.join(", ");
}

export function IngestPage() {
  const view = useView();
  const before = view.get("before");
  const intake = useIntake(before, PAGE);
  const status = useStatus();
  const entities = status.data?.entities ?? null;
  const entries = intake.data?.entries ?? [];
  const next = intake.data?.next ?? null;
  const last = entries[0];
  const backlog = status.data?.intake_backlog ?? 0;
  const sentence = !intake.data
    ? undefined
    : last
      ? `${tail(last.input.name, 60)} came in ${ago(last.input.received_at)}${entities === null ? "" : `; ${plural(entities, "entity is", "entities are")} held`}.${backlog > 0 ? ` ${plural(backlog, "input waits", "inputs wait")} to be stored.` : ""}`
      : "Nothing has come in yet. Drop a file, or use a command.";
  return (
    <>
      <PageHead title="Ingest" sentence={sentence} />
      <div className="grid-12 cols-2">
        <DropPanel />
        <NeedsPanel status={status.data} entities={entities} />
      </div>
      <div className="grid-12">
        <Panel
          title="Ledger"
          qualifier={intake.data ? plural(entries.length, "input") + (before ? " before that" : ", newest first") : undefined}
          isFlush
          isBusy={intake.isFetching}
          foot={<SourceLine text="every input that was acknowledged, with what became of it" />}
        >
          {intake.error && !intake.data ? (
            <NoAnswer error={intake.error} onRetry={() => void intake.refetch()} />
          ) : !intake.data ? (
            <Loading what="the ledger" />
          ) : entries.length === 0 ? (
            <Empty title="No input yet." />
          ) : (
            <DataTable
              label="Inputs, newest first"
              rows={entries}
              rowKey={(row) => String(row.id)}
              onOpen={(row) => view.go(`/ingest/${row.id}`)}
              isTall={entries.length > 24}
              columns={[
                { key: "state", title: "State", cell: (row) => { const state = stateOf(row); return <span className="st"><Glyph word={state.word} />{state.text}</span>; }, sort: (row) => row.outcome.rejects, width: 126 },
                { key: "name", title: "Input", isName: true, cell: (row) => tail(row.input.name, 36), sort: (row) => row.input.name, hint: (row) => row.input.name },
                { key: "format", title: "Format", cell: (row) => row.input.format, sort: (row) => row.input.format, width: 116 },
                { key: "source", title: "Source", cell: (row) => row.input.source, sort: (row) => row.input.source, hint: (row) => row.input.source, width: 170 },
                { key: "read", title: "Read", cell: (row) => countsText(row.outcome.read, 2) || <span className="mut">nothing</span>, hint: (row) => countsText(row.outcome.read, 12), width: 200 },
                { key: "change", title: "Changed", cell: (row) => changeText(row) || <span className="mut">nothing</span>, width: 128, hint: changeText },
                { key: "observed", title: "True at", isNumber: true, cell: (row) => <span title={`${full(row.input.observed_at)}, from ${row.input.observed_by}`}>{dayAndClock(row.input.observed_at)}</span>, sort: (row) => row.input.observed_at, width: 100 },
                { key: "received", title: "Received", isNumber: true, cell: (row) => <span title={full(row.input.received_at)}>{dayAndClock(row.input.received_at)}</span>, sort: (row) => row.input.received_at, width: 100 },
              ]}
              phone={(row) => (
                <>
                  <span className="st"><Glyph word={stateOf(row).word} alone /><span className="font-medium truncate">{tail(row.input.name, 34)}</span></span>
                  <span className="mut">{dayAndClock(row.input.received_at)}</span>
                  <span className="d">{row.input.format} · {countsText(row.outcome.read, 2) || stateOf(row).text}</span>
                </>
              )}
            />
          )}
        </Panel>
        <div className="flex gap-2">
          {before && <button type="button" className="btn" onClick={() => view.set({ before: undefined })}>Newest</button>}
          {next !== null && <button type="button" className="btn" onClick={() => view.set({ before: String(next) })}>Older</button>}
        </div>
      </div>
      <div className="grid-12 cols-2">
        <CommandsPanel />
        {status.data && <HeldPanel status={status.data} entities={entities} />}
      </div>
    </>
  );
}
