// Evidence: what a figure means, what it was made from, and how to get it again.
import { useState } from "react";
import { queryOf, type Params } from "../api/client";
import type { Column, CellValue, Table } from "../api/types";
import { count, money, NO_BREAK, plural, words } from "../format/number";
import { dayAndClock, full } from "../format/time";
import type { EvidenceOf } from "../state/evidence";
import { Dialog } from "./dialog";

/** Only what the reader set, or what the program filled in; nothing empty. */
export function givenParams(params: Record<string, unknown>): Params {
  const given: Params = {};
  for (const [key, value] of Object.entries(params)) {
    if (value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0)) continue;
    given[key] = Array.isArray(value) ? value.map(String) : (value as string | number | boolean);
  }
  return given;
}

function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

export function commandOf(kebab: string, params: Params): string {
  // A view of a question is a switch of its command.
  const [question, view] = kebab.split("/");
  const words = question === "reports" ? [`ubiquitous report ${view ?? ""}`] : [`ubiquitous ask ${question}`, ...(view ? [`--${view}`] : [])];
  for (const [key, value] of Object.entries(params)) {
    for (const one of Array.isArray(value) ? value : [value]) words.push(`--${key.replaceAll("_", "-")} ${quoted(String(one))}`);
  }
  words.push("--output json");
  return words.join(" \\\n  ");
}

export function requestOf(kebab: string, params: Params): string {
  return `GET /api/v1/${kebab}${queryOf(params)}`;
}

export function cellText(value: CellValue, column: Column): string {
  if (value === null) return "no data";
  switch (column.cell) {
    case "count":
      return count(Number(value));
    case "amount":
      return money(String(value), column.unit);
    case "instant":
      return dayAndClock(String(value));
    case "flag":
      return value ? "yes" : "no";
    case "number":
      return `${Number(Number(value).toPrecision(6))}`;
    default:
      return String(value);
  }
}

function Copied({ text, label }: { text: string; label: string }) {
  const [isDone, setDone] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setDone(true);
      setTimeout(() => setDone(false), 1_500);
    } catch {
      // Without leave for the clipboard the text itself can still be selected.
    }
  };
  return (
    <button type="button" onClick={() => void copy()} aria-label={label}>
      {isDone ? "Copied" : "Copy"}
    </button>
  );
}

function Rows({ table }: { table: Table }) {
  const shown = table.rows.slice(0, 8);
  const columns = table.columns.map((column, index) => ({ column, index })).slice(0, 4);
  return (
    <div className="scroll">
      <table className="t">
        <thead>
          <tr>
            {columns.map(({ column }) => (
              <th key={column.name} scope="col" className={["count", "number", "amount"].includes(column.cell) ? "r" : ""}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row, at) => (
            <tr key={at}>
              {columns.map(({ column, index }) => (
                <td key={column.name} className={["count", "number", "amount"].includes(column.cell) ? "r" : ""} title={String(row[index] ?? "no data")}>
                  <span className="cut max-w-40">{cellText(row[index] ?? null, column)}</span>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function Evidence({ evidence, isLeft, onClose, onPin }: { evidence: EvidenceOf; isLeft: boolean; onClose: () => void; onPin: (at: string) => void }) {
  const { envelope, kebab } = evidence;
  const params = givenParams(envelope.params);
  const command = commandOf(kebab, params);
  const request = requestOf(kebab, params);
  const table = envelope.tables.find((one) => one.name === evidence.table) ?? envelope.tables[0];
  const { window } = envelope;
  const chosen = { request: "as asked", default: "the question's default", newest_data: "ends at the newest datum", all: "everything held" };
  return (
    <Dialog className={isLeft ? "drawer left" : "drawer"} label={`Evidence for ${evidence.title}`} onClose={onClose}>
      <div className="hd">
        <h2>{evidence.title}</h2>
        <button type="button" onClick={onClose} aria-label="Esc: close evidence">
          Esc
        </button>
      </div>
      <p className="sub px-4 pb-2">
        {envelope.source} · as of {full(envelope.as_of)} · {Math.max(1, Math.round(envelope.took_ms))}{NO_BREAK}ms
      </p>
      <div className="sec">
        <h3>Definition</h3>
        <p className="sub">{evidence.definition}</p>
      </div>
      {evidence.inputs && evidence.inputs.length > 0 && (
        <div className="sec">
          <h3>Inputs</h3>
          <dl className="kv">
            {evidence.inputs.map(([label, value]) => (
              <div key={label} className="contents">
                <dt>{label}</dt>
                <dd className="text-right">{value}</dd>
              </div>
            ))}
          </dl>
        </div>
      )}
      <div className="sec">
        <h3>Sources</h3>
        <dl className="kv">
          {envelope.stores.map((store) => (
            <div key={store.store} className="contents">
              <dt>{store.store} store, version {count(store.version)}</dt>
              <dd className="text-right">{store.newest ? `newest ${dayAndClock(store.newest)}` : "no data"}</dd>
            </div>
          ))}
        </dl>
        {evidence.sources && evidence.sources.length > 0 && (
          <details className="mt-1 text-12" open={evidence.sources.length <= 8}>
            <summary className="cursor-pointer text-ink-2">{plural(evidence.sources.length, "source")}</summary>
            <ul className="mt-1">
              {evidence.sources.map((name) => (
                <li key={name} className="break-all py-px">{name}</li>
              ))}
            </ul>
          </details>
        )}
      </div>
      <div className="sec">
        <h3>Window and coverage</h3>
        {window ? (
          <p className="sub">
            {full(window.from)} to {full(window.to)}, the end not included; {chosen[window.chosen_by]}.
          </p>
        ) : (
          <p className="sub">About one instant, {full(envelope.as_of)}.</p>
        )}
        <dl className="kv mt-1">
          {Object.entries(envelope.coverage).map(([name, covered]) => (
            <div key={name} className="contents">
              <dt>{words(name)}</dt>
              <dd className="text-right">
                {covered.of === 0 ? "nothing concerned" : `${count(covered.with)} of ${count(covered.of)}`}
              </dd>
            </div>
          ))}
        </dl>
        {Object.entries(envelope.truncated).map(([name, total]) => (
          <p key={name} className="sub text-warn">
            {words(name)}: cut, {count(total)} in all.
          </p>
        ))}
      </div>
      <div className="sec">
        <div className="two">
          <h3>Command</h3>
          <Copied text={command} label="Copy as CLI" />
        </div>
        <pre className="pre" tabIndex={0}>{command}</pre>
      </div>
      <div className="sec">
        <div className="two">
          <h3>Request</h3>
          <Copied text={request.replace("GET ", location.origin)} label="Copy as HTTP" />
        </div>
        <pre className="pre" tabIndex={0}>{request}</pre>
      </div>
      {table && table.rows.length > 0 && (
        <div className="sec">
          <h3>
            Rows of {words(table.name)}, {Math.min(8, table.rows.length)} of {count(table.rows.length)}
          </h3>
          <Rows table={table} />
        </div>
      )}
      <div className="sec flex gap-2">
        <button type="button" className="btn" onClick={() => onPin(envelope.as_of)}>
          Pin to this instant
        </button>
        <a className="btn" href={request.replace("GET ", "")} target="_blank" rel="noreferrer">
          Open as JSON
        </a>
      </div>
    </Dialog>
  );
}
