// Parts of the ingest pages: drop-a-file, the commands, what each question still lacks.
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useRef, useState, type DragEvent } from "react";
import { ProblemError, postFile } from "../../api/client";
import type { CountsBy, IntakeEntry, Reject, Status } from "../../api/types";
import { count, counted, middle, plural, words } from "../../format/number";
import { short } from "../../format/time";
import { DataTable } from "../../parts/data-table";
import { Panel } from "../../parts/panel";
import { SourceLine } from "../../parts/source-line";
import { Glyph } from "../../parts/status";
import { contextOf } from "../../state/address";
import { useView } from "../../state/view";
import { COMMANDS, NEEDS, type NeedInfo } from "./formats";

interface Upload {
  name: string;
  state: "waits" | "sends" | "done" | "failed";
  detail: string;
  id?: number;
}

interface Posted {
  /** One for the file, or one for each member of an archive. */
  entries: IntakeEntry[];
  rejects: Reject[];
}

const FIELDS: [string, string, string][] = [
  ["cluster", "Cluster", "name or uid"],
  ["namespace", "Namespace", "for files that name none"],
  ["environment", "Environment", "production"],
  ["account", "Account", "123456789012"],
  ["region", "Region", "eu-west-1"],
  ["observed_at", "Observed at", "2026-11-18T14:00:00Z"],
  ["delivery", "Delivery", "files of one bill"],
];

export function countsText(counts: CountsBy, most = 3): string {
  const sorted = [...counts].sort((a, b) => b[1] - a[1]);
  const said = sorted.slice(0, most).map(([what, number]) => counted(number, what));
  const rest = sorted.slice(most).reduce((sum, [, number]) => sum + number, 0);
  return rest > 0 ? `${said.join(", ")}, ${count(rest)} more` : said.join(", ");
}

function outcomesText(entries: IntakeEntry[]): string {
  const [first] = entries;
  if (!first) return "held nothing to read";
  const rejects = entries.reduce((sum, one) => sum + one.outcome.rejects, 0);
  return entries.length === 1 ? outcomeText(first) : `${plural(entries.length, "member")}; ${plural(rejects, "reject")}`;
}

function outcomeText(entry: IntakeEntry): string {
  const { outcome } = entry;
  if (outcome.is_known) return "known already; nothing changed";
  const parts = [`read ${countsText(outcome.read) || "nothing"}`];
  if (outcome.rejects > 0) parts.push(plural(outcome.rejects, "reject"));
  return `${entry.input.format}: ${parts.join("; ")}`;
}

export function DropPanel() {
  const client = useQueryClient();
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  const [uploads, setUploads] = useState<Upload[]>([]);
  const [context, setContext] = useState<Record<string, string>>({});
  const change = (name: string, to: Partial<Upload>) => setUploads((all) => all.map((one) => (one.name === name ? { ...one, ...to } : one)));
  const send = async (files: File[]) => {
    setUploads(files.map((file) => ({ name: file.name, state: "waits", detail: "waits" })));
    // One after the other: files of one bill may belong together, and the order is the reader's.
    for (const file of files) {
      change(file.name, { state: "sends", detail: "is read" });
      try {
        const posted = await postFile<Posted>("/api/v1/ingest", { name: file.name, ...context }, file);
        const id = posted.entries[0]?.id;
        change(file.name, { state: "done", detail: outcomesText(posted.entries), ...(id === undefined ? {} : { id }) });
      } catch (error) {
        const detail = error instanceof ProblemError ? (error.problem.detail ?? error.problem.title) : "was not sent";
        change(file.name, { state: "failed", detail });
      }
    }
    void client.invalidateQueries();
  };
  const dropped = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void send([...event.dataTransfer.files]);
  };
  return (
    <Panel title="Bring a file" foot={<SourceLine text="The format is found from the content; nothing leaves this machine." />}>
      <div
        className={isOver ? "drop over" : "drop"}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={dropped}
      >
        <button type="button" className="font-medium text-ink" onClick={() => input.current?.click()}>
          Drop a file
        </button>
        , or choose several
        <input ref={input} type="file" multiple className="hidden" aria-label="Files to ingest" onChange={(event) => { void send([...(event.target.files ?? [])]); event.target.value = ""; }} />
      </div>
      <details className="mt-2 text-12">
        <summary className="text-ink-2 cursor-pointer">What the file does not say itself{Object.values(context).some(Boolean) ? `: ${Object.entries(context).filter(([, value]) => value).map(([key, value]) => `${words(key)} ${value}`).join(", ")}` : ""}</summary>
        <div className="mt-2 grid grid-cols-2 gap-2">
          {FIELDS.map(([name, label, hint]) => (
            <label key={name} className="grid gap-0.5">
              <span className="mut text-11">{label}</span>
              <input className="input" value={context[name] ?? ""} placeholder={hint} onChange={(event) => setContext({ ...context, [name]: event.target.value })} />
            </label>
          ))}
        </div>
      </details>
      {uploads.length > 0 && (
        <ul className="mt-2" aria-live="polite">
          {uploads.map((upload) => (
            <li key={upload.name} className="flex gap-2 py-1 text-12 items-baseline border-t border-line">
              <Glyph word={upload.state === "done" ? "healthy" : upload.state === "failed" ? "critical" : "unknown"} alone />
              <span className="font-medium" title={upload.name}>{middle(upload.name, 30)}</span>
              <span className="text-ink-2 min-w-0 wrap-anywhere">{upload.detail}</span>
              {upload.id !== undefined && (
                <Link to={`/ingest/${upload.id}` as never} className="link ml-auto">
                  Open
                </Link>
              )}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

export function CommandsPanel() {
  return (
    <Panel title="Commands" qualifier="by format" isFlush foot={<SourceLine text={`${COMMANDS.length} ways in · ubiquitous ingest --help has all options`} />}>
      <div className="pre mx-3 my-2 !whitespace-normal">
        <dl className="grid gap-x-4 md:grid-cols-[auto_1fr]">
          {COMMANDS.map((one) => (
            <div key={one.command} className="contents">
              <dt className="wrap-anywhere md:whitespace-nowrap overflow-hidden text-ellipsis select-all">{one.command}</dt>
              <dd className="text-ink-2 font-sans max-md:mb-1.5">{one.what}</dd>
            </div>
          ))}
        </dl>
      </div>
    </Panel>
  );
}

/** Which question still lacks which data, from what is held. */
export function NeedsPanel({ status, entities }: { status: Status | undefined; entities: number | null }) {
  const view = useView();
  const rowsOf = (data: string): number | null => (data === "entities" ? entities : (status?.presence.find((one) => one.data === data)?.rows ?? (status ? 0 : null)));
  const missing = (needs: NeedInfo["needs"]) => needs.filter((one) => rowsOf(one.data) === 0 && (one.or === undefined || rowsOf(one.or) === 0)).map((one) => one.bring).join("; ");
  const rows = NEEDS.map((need) => ({ ...need, lacks: missing(need.needs), more: missing(need.gains) }));
  const ready = rows.filter((row) => row.lacks === "");
  // What lacks nothing and gains nothing needs no line of its own.
  const whole = ready.filter((row) => row.more === "");
  const search = contextOf(view.search) as never;
  return (
    <Panel title="What each question still needs" qualifier={status ? `${ready.length} of ${rows.length} ready` : undefined} isFlush foot={<SourceLine text="from what the stores hold now" />}>
      <DataTable
        label="What each question still needs"
        rows={rows.filter((row) => !whole.includes(row))}
        rowKey={(row) => row.question}
        columns={[
          { key: "question", title: "Question", isName: true, cell: (row) => <Link to={row.path as never} search={search}>{row.question}</Link>, width: 132 },
          { key: "state", title: "State", cell: (row) => <span className="st"><Glyph word={row.lacks === "" ? "healthy" : "unknown"} />{row.lacks === "" ? "ready" : "lacks"}</span>, width: 76 },
          { key: "lacks", title: "Lacks", cell: (row) => row.lacks || <span className="mut">{row.more ? `nothing; says more with ${row.more}` : "nothing"}</span>, hint: (row) => row.lacks || row.more },
        ]}
      />
      {whole.length > 0 && (
        <p className="px-3 py-2 text-12 text-ink-2">
          Ready: {whole.map((row, at) => <span key={row.question}>{at > 0 && ", "}<Link className="link" to={row.path as never} search={search}>{row.question}</Link></span>)}.
        </p>
      )}
    </Panel>
  );
}

export function HeldPanel({ status, entities }: { status: Status; entities: number | null }) {
  const rows = [...status.presence];
  return (
    <Panel title="What is held" qualifier={entities === null ? undefined : `${plural(entities, "entity", "entities")}`} isFlush foot={<SourceLine text={`${plural(status.open_references, "reference leads", "references lead")} nowhere yet · ${plural(status.held, "retirement waits", "retirements wait")} for a decision`} />}>
      <DataTable
        label="Data held"
        rows={rows}
        rowKey={(row) => row.data}
        columns={[
          { key: "data", title: "Data", isName: true, cell: (row) => words(row.data), sort: (row) => row.data },
          { key: "rows", title: "Rows", isNumber: true, cell: (row) => (row.rows === 0 ? <span className="mut">none</span> : count(row.rows)), sort: (row) => row.rows, width: 90 },
          { key: "first", title: "First", isNumber: true, cell: (row) => (row.first ? short(row.first) : <span className="mut">–</span>), sort: (row) => row.first, width: 96 },
          { key: "last", title: "Newest", isNumber: true, cell: (row) => (row.last ? short(row.last) : <span className="mut">–</span>), sort: (row) => row.last, width: 96 },
        ]}
      />
    </Panel>
  );
}
