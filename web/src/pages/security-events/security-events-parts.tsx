// Whose findings are, how old, how they come and go, how targets are kept, what was scanned.
import type { RemediationTime, SecurityGroup, SeverityCounts } from "../../api/security-events";
import { CellBar } from "../../charts/small";
import { length, lengthRange } from "../../format/duration";
import { count, middle, plural, ratio, titled, words } from "../../format/number";
import { dayAndClock, full, range, short } from "../../format/time";
import { DataTable } from "../../parts/data-table";
import { Figure } from "../../parts/figure";
import { Panel } from "../../parts/panel";
import { SourceLine } from "../../parts/source-line";
import { Empty } from "../../parts/states";
import { Glyph } from "../../parts/status";
import { useView } from "../../state/view";
import { FINDING, securityEvidence, SEVERITY_GLYPH, targetText, TIMES, type SecurityEvents } from "./security-events-model";
import { FlowChart } from "./security-trend";

interface PartProps {
  envelope: SecurityEvents;
}

const zero = (value: number) => (value === 0 ? <span className="mut">0</span> : count(value));

export function GroupsPanel({ envelope }: PartProps) {
  const view = useView();
  const { groups, group_by: by } = envelope.data;
  const most = Math.max(1, ...groups.map((row) => row.open));
  const total = envelope.truncated.groups ?? groups.length;
  const number = (key: "critical" | "high" | "medium" | "low" | "known_exploited" | "exposed" | "overdue", title: string, width = 72) => ({ key, title, isNumber: true, width, cell: (row: SecurityGroup) => zero(row[key]), sort: (row: SecurityGroup) => row[key] });
  return (
    <Panel title={`By ${words(by)}`} qualifier={groups.length < total ? `${count(groups.length)} of ${count(total)}` : count(total)} isFlush foot={<SourceLine evidence={securityEvidence(envelope, `Open findings by ${words(by)}`, `${FINDING} One that concerns several counts for each.`, "groups")} source="most critical first" />}>
      {groups.length === 0 ? (
        <Empty title="Nothing is open." />
      ) : (
        <DataTable
          label={`Open findings by ${words(by)}`}
          rows={groups}
          rowKey={(row) => row.key ?? "none"}
          onOpen={(row) => row.key?.includes(":") && view.go("/entity", { id: row.key })}
          isTall={groups.length > 12}
          columns={[
            { key: "name", title: titled(words(by)), isName: true, cell: (row) => (row.key === null ? <span className="mut">{row.name}</span> : middle(row.name, 40)), sort: (row) => row.name, hint: (row) => row.key ?? undefined },
            { key: "bar", title: "", width: 90, cell: (row) => <CellBar value={row.open} of={most} width={74} /> },
            { key: "open", title: "Open", isNumber: true, width: 60, cell: (row) => count(row.open), sort: (row) => row.open },
            number("critical", "Critical"), number("high", "High", 60), number("medium", "Medium"), number("low", "Low", 56), number("known_exploited", "Exploited", 78), number("exposed", "Exposed"), number("overdue", "Over", 56),
            { key: "oldest", title: "Oldest", isNumber: true, width: 70, cell: (row) => length(row.oldest_seconds), sort: (row) => row.oldest_seconds },
          ]}
          phone={(row) => (
            <>
              <span className="font-medium">{row.name}</span>
              <span>{plural(row.open, "finding")}</span>
              <span className="d">{count(row.critical)} critical, {count(row.high)} high, {count(row.known_exploited)} exploited, {count(row.overdue)} past the target</span>
            </>
          )}
        />
      )}
    </Panel>
  );
}

const AGES = ["up to 7 d", "to 30 d", "to 90 d", "to 180 d", "older"];

export function AgePanel({ envelope }: PartProps) {
  const rows = envelope.data.summary.severities;
  const most = Math.max(1, ...rows.flatMap((row) => row.by_age));
  const column = (title: string, index: number) => ({ key: title, title, isNumber: true, width: 130, cell: (row: SeverityCounts) => <><CellBar value={row.by_age[index] ?? 0} of={most} width={52} /> {count(row.by_age[index] ?? 0)}</>, sort: (row: SeverityCounts) => row.by_age[index] ?? 0 });
  return (
    <Panel title="Open by severity and age" isFlush foot={<SourceLine evidence={securityEvidence(envelope, "Open by severity and age", "Open and reopened findings by the time since they were first seen.", "severities")} source="from first seen" />}>
      <DataTable
        label="Open by severity and age"
        rows={rows}
        rowKey={(row) => row.severity}
        columns={[
          { key: "severity", title: "Severity", isName: true, cell: (row) => <span className="st"><Glyph word={SEVERITY_GLYPH[row.severity]} />{row.severity}</span> },
          ...AGES.map(column),
          { key: "open", title: "Open", isNumber: true, width: 70, cell: (row) => count(row.open), sort: (row) => row.open },
        ]}
        phone={(row) => (
          <>
            <span className="font-medium">{row.severity}</span>
            <span>{count(row.open)}</span>
            <span className="d">{AGES.map((age, index) => `${count(row.by_age[index] ?? 0)} ${age}`).join(", ")}</span>
          </>
        )}
      />
    </Panel>
  );
}

export function TrendPanel({ envelope }: PartProps) {
  const { trend } = envelope.data;
  const last = trend[trend.length - 1];
  const sum = (of: "new" | "fixed" | "reopened") => trend.reduce((all, one) => all + one[of], 0);
  return (
    <Panel title="How findings come and go" qualifier={last ? `${count(sum("new"))} new, ${count(sum("reopened"))} came back, ${count(sum("fixed"))} fixed` : undefined} foot={<SourceLine evidence={securityEvidence(envelope, "New, fixed and reopened", `${FINDING} Open is what is open at the end of each period, without what was suppressed then.`, "trend")} source={last ? `${count(trend.length)} periods to ${short(last.to, envelope.as_of)}` : ""} />}>
      {trend.length === 0 ? <Empty title="No scan falls into the window." /> : <FlowChart periods={trend} asOf={envelope.as_of} />}
    </Panel>
  );
}

export function TargetsPanel({ envelope }: PartProps) {
  const rows = envelope.data.targets;
  return (
    <Panel title="Targets" qualifier={plural(envelope.data.summary.overdue, "finding", "findings") + " over"} isFlush foot={<SourceLine evidence={securityEvidence(envelope, "Targets", "Days from first seen within which a finding of a severity is to be mended; known exploited ones by the date of the list. Kept is the share in time of what was fixed in the window or is over.", "targets")} source="fixed in the window, or over now" />}>
      <DataTable
        label="Targets by severity"
        rows={rows}
        rowKey={(row) => row.target}
        columns={[
          { key: "target", title: "For", isName: true, cell: (row) => words(row.target) },
          { key: "days", title: "Within", isNumber: true, width: 82, cell: (row) => (row.days === null ? <span className="mut">its date</span> : plural(row.days, "day")) },
          { key: "open", title: "Open", isNumber: true, width: 56, cell: (row) => zero(row.open) },
          { key: "over", title: "Over", isNumber: true, width: 56, cell: (row) => (row.overdue > 0 ? <b className="font-semibold">{count(row.overdue)}</b> : zero(0)) },
          { key: "soon", title: "In 7 d", isNumber: true, width: 56, cell: (row) => zero(row.due_soon) },
          { key: "late", title: "Fixed in time", isNumber: true, width: 92, cell: (row) => `${count(row.fixed_in_time)} of ${count(row.fixed_in_time + row.fixed_late)}` },
          { key: "kept", title: "Kept", isNumber: true, width: 74, cell: (row) => <Figure of={row.kept} evidence={securityEvidence(envelope, `Target kept, ${words(row.target)}`, "Share in time of what was fixed in the window or is over.", "targets")} text={row.kept.value === null ? "n/a" : ratio(row.kept.value)} /> },
        ]}
        phone={(row) => (
          <>
            <span className="font-medium">{words(row.target)}</span>
            <span>{row.kept.value === null ? "n/a" : ratio(row.kept.value)}</span>
            <span className="d">{row.days === null ? "by the list's date" : `within ${plural(row.days, "day")}`}: {count(row.overdue)} over, {count(row.due_soon)} due in 7 d</span>
          </>
        )}
      />
    </Panel>
  );
}

export function RemediationPanel({ envelope }: PartProps) {
  const rows = envelope.data.remediation;
  const time = (of: RemediationTime["median"]) => (of.value === null ? <span className="mut" title={of.detail ?? of.reason ?? undefined}>{of.detail?.startsWith("too few") ? `n = ${count(of.n ?? 0)}` : "n/a"}</span> : <span title={`${of.value} s`}>{length(of.value)}</span>);
  const interval = (row: RemediationTime) => (row.median_interval ? lengthRange(row.median_interval[0] ?? null, row.median_interval[1] ?? null) : null);
  return (
    <Panel title="Time to remediate" qualifier="median" isFlush foot={<SourceLine evidence={securityEvidence(envelope, "Time to remediate", TIMES, "remediation")} source="open ones counted as lasting" />}>
      <DataTable
        label="Time to remediate"
        rows={rows}
        rowKey={(row) => row.severity ?? "all"}
        columns={[
          { key: "severity", title: "Severity", isName: true, cell: (row) => (row.severity ? <span className="st"><Glyph word={SEVERITY_GLYPH[row.severity]} />{row.severity}</span> : "all") },
          { key: "n", title: "Fixed", isNumber: true, width: 92, cell: (row) => `${count(row.fixed)} of ${count(row.appeared)}` },
          { key: "median", title: "Median", isNumber: true, width: 74, cell: (row) => time(row.median) },
          { key: "interval", title: "95 %", isNumber: true, width: 112, cell: (row) => interval(row) ?? <span className="mut">n/a</span> },
          { key: "fix", title: "From the fix", isNumber: true, width: 88, cell: (row) => time(row.median_since_fix) },
          { key: "only", title: "Fixed only", isNumber: true, width: 80, cell: (row) => time(row.median_fixed) },
        ]}
        phone={(row) => (
          <>
            <span className="font-medium">{row.severity ?? "all"}</span>
            <span>{time(row.median)}</span>
            <span className="d">{count(row.fixed)} of {count(row.appeared)} fixed{interval(row) ? `, 95 % ${interval(row)}` : ""}</span>
          </>
        )}
      />
    </Panel>
  );
}

export function SecurityIncidentsPanel({ envelope }: PartProps) {
  const rows = envelope.data.incidents;
  return (
    <Panel title="Security incidents and detections" qualifier={count(rows.length)} isFlush foot={<SourceLine evidence={securityEvidence(envelope, "Security incidents and detections", "Incidents of kind security and what detection tools report, newest first.", "incidents")} source="newest first" />}>
      {rows.length === 0 ? (
        <Empty title="None is held in this window." />
      ) : (
        <DataTable
          label="Security incidents and detections"
          rows={rows}
          rowKey={(row) => `${row.source} ${row.id}`}
          isTall={rows.length > 20}
          columns={[
            { key: "from", title: "Start", width: 110, cell: (row) => <span title={full(row.from)}>{dayAndClock(row.from, envelope.as_of)}</span>, sort: (row) => row.from },
            { key: "title", title: "What", isName: true, cell: (row) => row.title, hint: (row) => `${row.title}, ${row.id}` },
            { key: "kind", title: "Kind", width: 90, cell: (row) => row.kind },
            { key: "severity", title: "Severity", width: 90, cell: (row) => row.severity ?? <span className="mut">none</span> },
            { key: "status", title: "Status", width: 104, cell: (row) => <span className="st"><Glyph word={["open", "acknowledged"].includes(row.status) ? "critical" : "healthy"} />{row.status}</span> },
            { key: "length", title: "Lasted", isNumber: true, width: 82, cell: (row) => (row.to === null ? <span className="mut">open</span> : length((Date.parse(row.to) - Date.parse(row.from)) / 1_000)) },
            { key: "source", title: "Source", width: 150, cell: (row) => row.source, hint: (row) => row.source },
          ]}
          phone={(row) => (
            <>
              <span className="font-medium">{row.title}</span>
              <span className="mut">{dayAndClock(row.from, envelope.as_of)}</span>
              <span className="d">{row.kind}, {row.status}{row.severity ? `, ${row.severity}` : ""}</span>
            </>
          )}
        />
      )}
    </Panel>
  );
}

export function SuppressedPanel({ envelope }: PartProps) {
  const rows = envelope.data.suppressed;
  return (
    <Panel title="What does not count" qualifier={count(rows.length)} isFlush foot={<SourceLine evidence={securityEvidence(envelope, "Suppressed findings", "A dismissal, a VEX statement or the scanner says that it does not count: who, why and until when. After that day it returns.", "suppressed")} source="worst first" />}>
      {rows.length === 0 ? (
        <Empty title="Nothing is suppressed." />
      ) : (
        <DataTable
          label="What does not count"
          rows={rows}
          rowKey={(row) => row.id}
          isTall={rows.length > 12}
          columns={[
            { key: "weakness", title: "Finding", isName: true, width: 170, cell: (row) => row.weakness, sort: (row) => row.weakness },
            { key: "severity", title: "Severity", width: 90, cell: (row) => <span className="st"><Glyph word={SEVERITY_GLYPH[row.severity]} />{row.severity}</span> },
            { key: "part", title: "In", cell: (row) => `${row.part}, ${middle(row.target, 34)}`, hint: (row) => row.target },
            { key: "by", title: "By", width: 150, cell: (row) => `${row.suppression.by}${row.suppression.author ? `, ${row.suppression.author}` : ""}` },
            { key: "why", title: "Why", cell: (row) => row.suppression.reason ?? <span className="mut">not said</span>, hint: (row) => row.suppression.reason ?? undefined },
            { key: "until", title: "Until", width: 90, cell: (row) => (row.suppression.until === null ? <span className="mut">for good</span> : short(row.suppression.until, envelope.as_of)) },
          ]}
          phone={(row) => (
            <>
              <span className="font-medium">{row.weakness}</span>
              <span className="mut">{row.suppression.until === null ? "for good" : short(row.suppression.until, envelope.as_of)}</span>
              <span className="d">{row.suppression.by}: {row.suppression.reason ?? "no reason is said"}</span>
            </>
          )}
        />
      )}
    </Panel>
  );
}

export function ScansPanel({ envelope }: PartProps) {
  const rows = envelope.data.scans;
  return (
    <Panel title="Newest scans" qualifier={count(envelope.truncated.scans ?? rows.length)} isFlush foot={<SourceLine evidence={securityEvidence(envelope, "Newest scans", "The newest scan of each scanner, class and target. Only a complete one closes what it does not list.", "scans")} source="newest first" />}>
      {rows.length === 0 ? (
        <Empty title="No scan is held here." />
      ) : (
        <DataTable
          label="Newest scans"
          rows={rows}
          rowKey={(row) => `${row.scanner} ${row.class} ${row.target} ${row.workload ?? ""}`}
          isTall={rows.length > 14}
          columns={[
            { key: "target", title: "Target", isName: true, cell: (row) => targetText(row, 46), hint: (row) => [row.target, row.workload].filter(Boolean).join(", ") },
            { key: "scanner", title: "Scanner", width: 110, cell: (row) => row.scanner },
            { key: "class", title: "Class", width: 120, cell: (row) => words(row.class) },
            { key: "complete", title: "Whole", width: 70, cell: (row) => (row.is_complete ? "yes" : <span className="mut">no</span>) },
            { key: "listed", title: "Lists", isNumber: true, width: 60, cell: (row) => count(row.listed), sort: (row) => row.listed },
            { key: "scans", title: "Scans", isNumber: true, width: 60, cell: (row) => count(row.scans) },
            { key: "at", title: "When", isNumber: true, width: 104, cell: (row) => <span title={full(row.at)}>{dayAndClock(row.at, envelope.as_of)}</span>, sort: (row) => row.at },
          ]}
          phone={(row) => (
            <>
              <span className="font-medium break-all">{middle(row.target, 44)}</span>
              <span className="mut">{dayAndClock(row.at, envelope.as_of)}</span>
              <span className="d">{row.scanner}, {words(row.class)}, lists {count(row.listed)}{row.is_complete ? "" : ", not whole"}</span>
            </>
          )}
        />
      )}
    </Panel>
  );
}

export function ListsPanel({ envelope }: PartProps) {
  const { lists, summary } = envelope.data;
  const newest = (text: string | null) => (text === null ? "" : `, newest ${short(text, envelope.as_of)}`);
  return (
    <Panel title="Joined with" foot={<SourceLine evidence={securityEvidence(envelope, "Lists", "Lists that weaknesses are joined with by their name.", "lists")} source={envelope.window ? range(envelope.window.from, envelope.window.to) : "as held"} />}>
      <dl className="kl pb-2">
        <div><dt>Known exploited (KEV)</dt><dd>{lists.known_exploited === 0 ? <span className="mut">not held</span> : `${count(lists.known_exploited)}${newest(lists.known_exploited_newest)}`}</dd></div>
        <div><dt>Likelihood (EPSS)</dt><dd>{lists.exploit_likelihood === 0 ? <span className="mut">not held</span> : `${count(lists.exploit_likelihood)}${newest(lists.exploit_likelihood_scored)}`}</dd></div>
        <div><dt>Whether they apply (VEX)</dt><dd>{lists.exclusions === 0 ? <span className="mut">not held</span> : count(lists.exclusions)}</dd></div>
        <div><dt>Fixed, suppressed, gone</dt><dd>{count(summary.fixed)}, {count(summary.suppressed)}, {count(summary.gone)}</dd></div>
      </dl>
    </Panel>
  );
}
