// Security: open findings worst first, with age, likelihood, way in and target; whose they are; the trend.
import type { SecurityEventsAnswer, SecurityFinding } from "../../api/security-events";
import { useAnswer } from "../../api/queries";
import { length } from "../../format/duration";
import { count, lastPart, plural } from "../../format/number";
import { full } from "../../format/time";
import { Answered } from "../../parts/answered";
import { DataTable } from "../../parts/data-table";
import { ownerText } from "../../parts/entity-name";
import { Figure } from "../../parts/figure";
import { Panel } from "../../parts/panel";
import { SourceLine } from "../../parts/source-line";
import { Empty } from "../../parts/states";
import { Glyph } from "../../parts/status";
import { Tabs, useTab, type TabDef } from "../../parts/tabs";
import { useKeys } from "../../state/keys";
import { useContextParams, useView } from "../../state/view";
import { FindingDetail } from "./finding-detail";
import { dueText, exposureOf, FINDING, likelihoodText, ORDER, partOf, securityEvidence, securitySentence, SEVERITIES, SEVERITY_GLYPH, targetText, type SecurityEvents } from "./security-events-model";
import { AgePanel, GroupsPanel, ListsPanel, RemediationPanel, ScansPanel, SecurityIncidentsPanel, SuppressedPanel, TargetsPanel, TrendPanel } from "./security-events-parts";

const STATES = ["open", "reopened", "fixed", "suppressed", "gone"];

export function SecurityEventsPage() {
  const view = useView();
  const context = useContextParams();
  const query = useAnswer<SecurityEventsAnswer>("security-events", {
    ...context, window: view.get("window"), severity: view.all("severity"), state: view.all("state"), kind: view.all("kind"), entity: view.all("entity"), group_by: view.get("by"), limit: 1_000,
  });
  useKeys({ Escape: () => view.set({ sel: undefined }, { replace: true }) });
  return (
    <Answered title="Security" query={query} what="findings" sentence={securitySentence} filters={<Filters answer={query.data?.data} />} onNearest={(name) => view.set({ entity: [name] })}>
      {(envelope) => (
        <>
          <Totals envelope={envelope} />
          <Tabs tabs={tabsOf(envelope)} label="Parts of the answer" />
          <Body envelope={envelope} />
        </>
      )}
    </Answered>
  );
}

function tabsOf(envelope: SecurityEvents): TabDef[] {
  const { data } = envelope;
  return [
    { key: "findings", title: "Findings", note: count(envelope.truncated.findings ?? data.findings.length) },
    { key: "trend", title: "Trend and targets", note: `${count(data.summary.overdue)} over` },
    { key: "incidents", title: "Incidents and detections", note: count(data.incidents.length) },
    { key: "scans", title: "Scans and what does not count", note: `${count(data.scans.length)}, ${count(data.suppressed.length)}` },
  ];
}

function Body({ envelope }: { envelope: SecurityEvents }) {
  const view = useView();
  const tab = useTab(tabsOf(envelope));
  const chosen = envelope.data.findings.find((one) => one.id === view.get("sel"));
  const close = () => view.set({ sel: undefined }, { replace: true });
  if (tab === "trend") {
    return (
      <>
        <div className="grid-12"><TrendPanel envelope={envelope} /></div>
        <div className="grid-12 cols-2 beside"><TargetsPanel envelope={envelope} /><RemediationPanel envelope={envelope} /></div>
        <div className="grid-12"><AgePanel envelope={envelope} /></div>
      </>
    );
  }
  if (tab === "incidents") return <div className="grid-12"><SecurityIncidentsPanel envelope={envelope} /></div>;
  if (tab === "scans") {
    return (
      <>
        <div className="grid-12"><SuppressedPanel envelope={envelope} /></div>
        <div className="grid-12 cols-wide"><ScansPanel envelope={envelope} /><ListsPanel envelope={envelope} /></div>
      </>
    );
  }
  return (
    <div className={chosen ? "grid-12 cols-wide" : "grid-12"}>
      <div className="grid gap-3 min-w-0">
        <FindingTable envelope={envelope} selected={chosen?.id} isNarrow={chosen !== undefined} />
        <GroupsPanel envelope={envelope} />
      </div>
      {chosen && <FindingDetail key={chosen.id} envelope={envelope} row={chosen} onClose={close} />}
    </div>
  );
}

function Filters({ answer }: { answer: SecurityEventsAnswer | undefined }) {
  const view = useView();
  const kinds = [...new Set([...(answer?.findings ?? []).map((one) => one.kind), ...view.all("kind")])].sort();
  const select = (label: string, name: string, options: string[], none: string) => (
    <label className="field">
      {label}
      <select value={view.get(name) ?? ""} onChange={(event) => view.set({ [name]: event.target.value || undefined, sel: undefined })}>
        <option value="">{none}</option>
        {options.map((one) => <option key={one}>{one}</option>)}
      </select>
    </label>
  );
  return (
    <div className="filters noprint" role="search" aria-label="Which findings">
      {select("Severity", "severity", SEVERITIES, "all")}
      {select("State", "state", STATES, "open and reopened")}
      {select("Kind", "kind", kinds, "all")}
      {select("Groups by", "by", ["application", "image", "target", "namespace", "kind", "weakness", "scanner"], "owner")}
      {view.all("entity").map((one) => <button key={one} type="button" className="pill" onClick={() => view.set({ entity: undefined })}>{lastPart(one)} ×</button>)}
    </div>
  );
}

function Totals({ envelope }: { envelope: SecurityEvents }) {
  const { summary, lists } = envelope.data;
  const critical = summary.severities.find((one) => one.severity === "critical");
  const open = summary.open + summary.reopened;
  const cells: [string, number | null, string, string][] = [
    ["Open", open, `${count(summary.reopened)} came back after a fix`, FINDING],
    ["Critical", critical?.open ?? 0, `${count(critical?.fix_available ?? 0)} with a fix`, "Open findings whose worst severity of all scanners is critical."],
    ["Known exploited", lists.known_exploited === 0 ? null : summary.known_exploited, lists.known_exploited === 0 ? "no list is held" : "on the list that is held", "Open findings whose weakness stands in the list of known exploited weaknesses that is held."],
    ["Reached from the internet", summary.exposed, "directly or through calls", "Open findings whose target an outside address reaches: address, route and rules are all read, then the calls from there."],
    ["Past the target", summary.overdue, "by severity, or its date", "Open findings past the days of their severity; known exploited ones past the date of the list."],
    ["Without an owner", summary.unowned, `${count(summary.fix_available)} have a fix`, "Open findings of which no owner is known."],
  ];
  return (
    <dl className="strip mb-3">
      {cells.map(([title, value, aside, definition]) => (
        <div key={title}>
          <dt>{title}</dt>
          <dd className="f"><Figure of={{ value, unit: "count" }} evidence={securityEvidence(envelope, title, definition, "findings")} /></dd>
          <dd className="s">{aside}</dd>
        </div>
      ))}
    </dl>
  );
}

export function SeverityCell({ of }: { of: SecurityFinding["severity"] }) {
  return <span className="st"><Glyph word={SEVERITY_GLYPH[of]} />{of}</span>;
}

function FindingTable({ envelope, selected, isNarrow }: { envelope: SecurityEvents; selected: string | undefined; isNarrow: boolean }) {
  const view = useView();
  const { findings, summary, scans } = envelope.data;
  const total = envelope.truncated.findings ?? findings.length;
  const owner = (row: SecurityFinding) => row.owners.map((one) => ownerText(one)).filter(Boolean).join(", ");
  const columns = [
    { key: "weakness", title: "Finding", isName: true, width: 196, sort: (row: SecurityFinding) => row.weakness, hint: (row: SecurityFinding) => [row.title, ...row.aliases].join(", "), cell: (row: SecurityFinding) => <>{row.weakness}{row.known_exploited && <span className="tag exploited ml-1" title={row.known_exploited.is_ransomware ? "known exploited, also by ransomware" : "known exploited"}>exploited</span>}</> },
    { key: "severity", title: "Severity", width: 90, sort: (row: SecurityFinding) => SEVERITIES.indexOf(row.severity), cell: (row: SecurityFinding) => <SeverityCell of={row.severity} /> },
    { key: "part", title: "Package or place", sort: partOf, hint: (row: SecurityFinding) => [partOf(row), row.title].join(": "), cell: partOf },
    { key: "target", title: "Target", sort: (row: SecurityFinding) => row.target, hint: (row: SecurityFinding) => [row.target, row.workload].filter(Boolean).join(", "), cell: (row: SecurityFinding) => targetText(row) },
    { key: "exposure", title: "Way in", width: isNarrow ? 128 : 150, sort: (row: SecurityFinding) => row.exposure.verdict, hint: (row: SecurityFinding) => row.exposure.reason, cell: (row: SecurityFinding) => <span className="st max-w-full"><Glyph word={exposureOf(row.exposure.verdict).glyph} /><span className="truncate">{exposureOf(row.exposure.verdict).text}</span></span> },
    { key: "epss", title: "EPSS", isNumber: true, width: 62, sort: (row: SecurityFinding) => row.exploit_likelihood?.probability ?? null, cell: (row: SecurityFinding) => likelihoodText(row) ?? <span className="mut">n/a</span> },
    { key: "fix", title: "Fix", width: 94, sort: (row: SecurityFinding) => row.fixed_version, hint: (row: SecurityFinding) => row.fixed_version ?? "no fixed version is known", cell: (row: SecurityFinding) => row.fixed_version ?? <span className="mut">none</span> },
    { key: "owner", title: "Owner", width: 96, sort: owner, hint: (row: SecurityFinding) => row.owners.join(", ") || undefined, cell: (row: SecurityFinding) => owner(row) || <span className="mut">no owner</span> },
    { key: "age", title: "Age", isNumber: true, width: 62, sort: (row: SecurityFinding) => row.age_seconds, cell: (row: SecurityFinding) => <span title={`first seen ${full(row.first_seen)}`}>{length(row.age_seconds)}</span> },
    { key: "due", title: "Target date", isNumber: true, width: 90, sort: (row: SecurityFinding) => row.due, cell: (row: SecurityFinding) => <span className={row.is_overdue ? "font-semibold" : "mut"} title={row.due ? full(row.due) : undefined}>{dueText(row, envelope.as_of)}</span> },
  ];
  return (
    <Panel title="Findings, worst first" qualifier={findings.length < total ? `${count(findings.length)} of ${count(total)}` : count(total)} isFlush foot={<SourceLine evidence={securityEvidence(envelope, "Findings", `${FINDING} ${ORDER}`, "findings")} source={[...new Set(scans.map((one) => one.scanner))].slice(0, 3).join(", ") || "no scan"} coverage={Object.keys(envelope.coverage)[0]} />}>
      {findings.length === 0 ? (
        <Empty title={scans.length === 0 ? "No scan is held here." : `No finding in these states; ${plural(summary.fixed, "is", "are")} fixed.`}>Reports of Trivy, SARIF, Security Hub, OCSF and CycloneDX bring findings; KEV and EPSS lists say what is exploited.</Empty>
      ) : (
        <DataTable
          label="Findings, worst first"
          rows={findings}
          rowKey={(row) => row.id}
          selected={selected}
          onOpen={(row) => view.set({ sel: row.id === selected ? undefined : row.id }, { replace: true })}
          isTall={findings.length > 22}
          columns={columns.filter((column) => !isNarrow || !["target", "owner", "fix", "age"].includes(column.key))}
          phone={(row) => (
            <>
              <span className="font-medium"><span className="st"><Glyph word={SEVERITY_GLYPH[row.severity]} alone />{row.weakness}</span>{row.known_exploited && <span className="tag exploited ml-1">exploited</span>}</span>
              <span className={row.is_overdue ? "font-semibold" : "mut"}>{dueText(row, envelope.as_of)}</span>
              <span className="d">{partOf(row)} in {targetText(row, 40)} · way in: {exposureOf(row.exposure.verdict).text}</span>
            </>
          )}
        />
      )}
    </Panel>
  );
}
