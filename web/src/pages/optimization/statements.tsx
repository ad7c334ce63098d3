// The recorded workload, the greater time first, and the plan of the chosen statement.
import { useState } from "react";
import type { OptimizationAnswer, OptimizationStatement, OptimizationVerdict, PlanNode } from "../../api/optimization";
import { CellBar } from "../../charts/small";
import { count, plural, ratio, significant } from "../../format/number";
import { dayAndClock } from "../../format/time";
import { DataTable } from "../../parts/data-table";
import { Panel } from "../../parts/panel";
import { SourceLine } from "../../parts/source-line";
import { Glyph } from "../../parts/status";
import { Figure, none, size, STORES, took } from "./optimization-format";

const GLYPHS: Record<OptimizationVerdict, string> = { passes: "healthy", allowed: "degraded", fails: "warning", unknown: "off" };
const WORDS: Record<OptimizationVerdict, string> = { passes: "fit", allowed: "allowed", fails: "not fit", unknown: "no plan" };

const keyOf = (row: OptimizationStatement) => `${row.store} ${row.name}`;

function noteOf(row: OptimizationStatement): string {
  const faults = row.faults.map((fault) => (fault.allowed === null ? fault.what : `${fault.what}, allowed: ${fault.allowed}`));
  if (faults.length > 0) return faults.join("; ");
  if (row.plan_reason !== null) return row.plan_reason;
  return row.rows_skipped === null ? "nothing amiss" : `${ratio(row.rows_skipped)} of the rows skipped by their order`;
}

export function StatementsPanel({ answer }: { answer: OptimizationAnswer }) {
  const [chosen, setChosen] = useState<string | undefined>(undefined);
  const one = answer.statements.find((row) => keyOf(row) === chosen);
  const most = answer.statements[0]?.seconds_total ?? 1;
  return (
    <>
      <Panel title="Statements" qualifier={plural(answer.statements.length, "statement")} isFlush foot={<SourceLine text={`${took(answer.seconds_total)} in all since ${dayAndClock(answer.since)} · Enter shows the plan`} />}>
        <DataTable
          label="Statements, the greater time first"
          rows={answer.statements}
          rowKey={keyOf}
          selected={chosen}
          onOpen={(row) => setChosen(keyOf(row) === chosen ? undefined : keyOf(row))}
          isTall
          columns={[
            { key: "verdict", title: "Plan", cell: (row) => <span className="st"><Glyph word={GLYPHS[row.verdict]} />{WORDS[row.verdict]}</span>, sort: (row) => row.verdict, width: 96 },
            { key: "name", title: "Statement", isName: true, cell: (row) => row.name, sort: (row) => row.name, hint: (row) => row.name, width: 230 },
            { key: "store", title: "Store", cell: (row) => STORES[row.store] ?? row.store, sort: (row) => row.store, width: 96 },
            { key: "count", title: "Runs", isNumber: true, cell: (row) => count(row.count), sort: (row) => row.count, width: 72 },
            { key: "total", title: "In all", isNumber: true, cell: (row) => took(row.seconds_total), sort: (row) => row.seconds_total, width: 80 },
            { key: "share", title: "", cell: (row) => <CellBar value={row.seconds_total} of={most} width={72} />, width: 92 },
            { key: "p95", title: "p95", isNumber: true, cell: (row) => <Figure measure={row.seconds_p95} as={took} />, sort: (row) => row.seconds_p95.value, width: 80 },
            { key: "rows", title: "Rows", isNumber: true, cell: (row) => (row.rows === null ? none : count(row.rows)), sort: (row) => row.rows, width: 80 },
            { key: "note", title: "What is wrong", cell: noteOf, hint: noteOf },
          ]}
          phone={(row) => (
            <>
              <span className="st"><Glyph word={GLYPHS[row.verdict]} alone /><span className="font-medium">{row.name}</span></span>
              <span>{took(row.seconds_total)}</span>
              <span className="d">{`${count(row.count)} runs · ${noteOf(row)}`}</span>
            </>
          )}
        />
      </Panel>
      {one && <PlanPanel one={one} />}
    </>
  );
}

const number = (value: number | null) => (value === null ? none : count(Math.round(value)));

function PlanPanel({ one }: { one: OptimizationStatement }) {
  const plan = one.plan;
  const how = one.measured_at === null ? "estimated; it did not run" : `measured ${dayAndClock(one.measured_at)}`;
  const values = one.parameters.map((parameter) => `${parameter.name} = ${parameter.value}`).join(", ");
  return (
    <Panel title={`Plan of ${one.name}`} qualifier={how} isFlush foot={<SourceLine text={values === "" ? "no parameters" : `with ${values}`} />}>
      {plan === null ? (
        <p className="px-3 pb-3 sub">{one.plan_reason ?? "There is no plan."}</p>
      ) : (
        <DataTable
          label={`Operators of ${one.name}`}
          rows={plan.nodes.map((node, place) => ({ node, place }))}
          rowKey={(row) => String(row.place)}
          columns={[
            { key: "operator", title: "Operator", isName: true, cell: ({ node }) => <Operator node={node} />, hint: ({ node }) => node.detail ?? undefined, width: 300 },
            { key: "time", title: "Own time", isNumber: true, cell: ({ node }) => (node.seconds === null ? (node.cost_share === null ? none : `~${ratio(node.cost_share)}`) : took(node.seconds)), width: 88 },
            { key: "read", title: "Rows read", isNumber: true, cell: ({ node }) => number(node.rows_read), width: 92 },
            { key: "rows", title: "Rows given", isNumber: true, cell: ({ node }) => number(node.rows), width: 92 },
            { key: "expected", title: "Expected", isNumber: true, cell: ({ node }) => number(node.rows_estimated), width: 92 },
            { key: "runs", title: "Runs", isNumber: true, cell: ({ node }) => (node.runs === null ? none : significant(node.runs)), width: 72 },
            { key: "spill", title: "Spilled", isNumber: true, cell: ({ node }) => (node.spilled_bytes ? size(node.spilled_bytes) : none), width: 80 },
            { key: "detail", title: "Conditions", cell: ({ node }) => node.detail ?? none, hint: ({ node }) => node.detail ?? undefined },
          ]}
          phone={({ node }) => (
            <>
              <span className="font-medium">{node.operator}</span>
              <span>{node.seconds === null ? "" : took(node.seconds)}</span>
              <span className="d">{[node.table, node.index, node.rows_read === null ? null : `${count(Math.round(node.rows_read))} rows read`].filter(Boolean).join(" · ")}</span>
            </>
          )}
        />
      )}
    </Panel>
  );
}

/** Deeper operators stand further in; a plain space keeps the width of its place. */
function Operator({ node }: { node: PlanNode }) {
  const on = [node.index, node.table].filter(Boolean).join(" on ");
  return (
    <span>
      <span aria-hidden="true">{"\u2003".repeat(Math.min(node.depth, 8))}</span>
      {node.operator}
      {on !== "" && <span className="mut">{` ${on}`}</span>}
    </span>
  );
}
