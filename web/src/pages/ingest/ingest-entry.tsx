// One input: what it was, what became of it, and every reject with place, reason and remedy.
import { Link, useParams } from "@tanstack/react-router";
import { useIntakeEntry } from "../../api/queries";
import type { CountsBy } from "../../api/types";
import { count, plural, words } from "../../format/number";
import { full } from "../../format/time";
import { DataTable } from "../../parts/data-table";
import { Panel } from "../../parts/panel";
import { SourceLine } from "../../parts/source-line";
import { Empty, Loading, NoAnswer } from "../../parts/states";
import { Glyph } from "../../parts/status";
import { PageHead } from "../../shell/page-head";

const OBSERVED: Record<string, string> = { content: "the content says so", stated: "stated with the input", file_time: "the file's time", receipt: "when it was received" };

export function IngestEntryPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const query = useIntakeEntry(id);
  if (query.error) {
    return (
      <>
        <PageHead title={`Input ${id}`} />
        <Panel title="Input" isFlush><NoAnswer error={query.error} onRetry={() => void query.refetch()} /></Panel>
      </>
    );
  }
  if (!query.data) {
    return (
      <>
        <PageHead title={`Input ${id}`} />
        <Panel title="Input" isFlush><Loading what="the input" /></Panel>
      </>
    );
  }
  const { entry, rejects } = query.data;
  const { input, outcome } = entry;
  const groups: [string, CountsBy][] = [["read", outcome.read], ["added", outcome.added], ["changed", outcome.changed], ["retired", outcome.retired], ["held", outcome.held]];
  const things = [...new Set(groups.flatMap(([, counts]) => counts.map(([what]) => what)))].sort();
  const of = (counts: CountsBy, what: string) => counts.find(([one]) => one === what)?.[1] ?? 0;
  const total = rejects.reduce((sum, one) => sum + one.count, 0);
  const number = (value: number) => (value === 0 ? <span className="mut">0</span> : count(value));
  return (
    <>
      <PageHead
        title={<span className="font-semibold">{input.name}</span>}
        sentence={outcome.is_known ? "Known already: the same bytes under the same context change nothing." : `${entry.is_finished ? "In" : "Not yet in"}, as ${input.format}. ${outcome.rejects === 0 ? "Nothing was rejected." : `${plural(outcome.rejects, "record was", "records were")} rejected; the rest went in.`}`}
        actions={<Link to={"/ingest" as never} className="btn">All inputs</Link>}
      />
      <div className="grid-12 cols-wide">
        <div className="grid gap-3 min-w-0">
          <Panel title="Rejects" qualifier={plural(outcome.rejects, "record")} isFlush foot={<SourceLine text={total < outcome.rejects ? `${count(total)} of ${count(outcome.rejects)} are kept one by one` : "place, reason and remedy of each"} />}>
            {rejects.length === 0 ? (
              <Empty title="None." />
            ) : (
              <DataTable
                label="Rejects"
                rows={rejects}
                rowKey={(row) => `${row.source} ${row.location} ${row.reason}`}
                isTall={rejects.length > 20}
                columns={[
                  { key: "location", title: "Where", isName: true, cell: (row) => row.location || <span className="mut">the whole</span>, sort: (row) => row.location, hint: (row) => `${row.source} ${row.location}`, width: 220 },
                  { key: "reason", title: "Why, and what mends it", wraps: true, cell: (row) => row.reason, sort: (row) => row.reason, hint: (row) => row.reason },
                  { key: "count", title: "Records", isNumber: true, cell: (row) => count(row.count), sort: (row) => row.count, width: 76 },
                ]}
                phone={(row) => (
                  <>
                    <span className="font-medium">{row.location || "the whole"}</span>
                    <span>{count(row.count)}</span>
                    <span className="d">{row.reason}</span>
                  </>
                )}
              />
            )}
          </Panel>
          <Panel title="What became of it" qualifier={plural(things.length, "kind")} isFlush foot={<SourceLine text={`${plural(outcome.open_references, "reference leads", "references lead")} to nothing yet`} />}>
            {things.length === 0 ? (
              <Empty title="Nothing was read from it." />
            ) : (
              <DataTable
                label="What became of it"
                rows={things}
                rowKey={(row) => row}
                columns={[
                  { key: "what", title: "What", isName: true, cell: (row) => words(row), sort: (row) => row },
                  ...groups.map(([name, counts]) => ({ key: name, title: name, isNumber: true, cell: (row: string) => number(of(counts, row)), sort: (row: string) => of(counts, row), width: 84, foot: count(counts.reduce((sum, [, value]) => sum + value, 0)) })),
                ]}
              />
            )}
          </Panel>
        </div>
        <Panel title="Input" qualifier={<span className="st"><Glyph word={entry.is_finished ? "healthy" : "unknown"} />{entry.is_finished ? "in the stores" : "acknowledged"}</span>}>
          <dl className="kv pb-1">
            <dt>Number</dt><dd>{entry.id}, run {entry.run}</dd>
            <dt>Format</dt><dd>{input.format}</dd>
            <dt>Source</dt><dd>{input.source}</dd>
            <dt>True at</dt><dd>{full(input.observed_at)}; {OBSERVED[input.observed_by] ?? input.observed_by}</dd>
            <dt>Received</dt><dd>{full(input.received_at)}</dd>
            <dt>Content</dt><dd className="font-mono text-11">{input.content_hash}</dd>
          </dl>
        </Panel>
      </div>
    </>
  );
}
